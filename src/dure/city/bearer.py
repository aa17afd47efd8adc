# SPDX-License-Identifier: Apache-2.0
"""Machines prove who they are at the HTTP API with ``Authorization: Bearer <key>``."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from dure.city.devices import Holder, holder_of
from dure.city.errors import NotAllowed


class MachineKey(HttpBearer):
    """ninja authentication: ``request.auth`` is the key's Holder. With ``feed_kind``, only a key of such a feed."""

    def __init__(self, feed_kind: str | None = None) -> None:
        super().__init__()
        self.feed_kind = feed_kind

    def authenticate(self, request: HttpRequest, token: str) -> Holder | None:
        """The holder, or None (401) for an unknown or revoked key. Raises NotAllowed for a key of another kind."""
        holder = holder_of(token)
        if holder is not None and self.feed_kind not in (None, holder.feed.kind):
            raise NotAllowed(
                f"‘{self.feed_kind}’ 공급원의 열쇠가 필요합니다", f"this needs a key of a {self.feed_kind!r} feed"
            )
        return holder
