# SPDX-License-Identifier: Apache-2.0
"""The complaint desk's HTTP API: lines of calls under way, and what became of complaints."""

from __future__ import annotations

from ninja import Router

from dure.services.complaints import call_api, told_api

router = Router(tags=["complaints"])
router.add_router("", call_api.router)
router.add_router("", told_api.router)
