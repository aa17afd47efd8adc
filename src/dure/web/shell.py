# SPDX-License-Identifier: Apache-2.0
"""The page shell: who is here and where they can go."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from dure.city import clock


def context(request: HttpRequest) -> dict[str, Any]:
    """For every template: the city's time, its speed when it is not real time, and the reader's roles."""
    return {
        "city_now": clock.now(),
        "clock_speed": clock.speed(),
        "roles": getattr(request, "roles", frozenset()),
    }
