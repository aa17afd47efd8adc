# SPDX-License-Identifier: Apache-2.0
"""Every page there is, and who looks at it: for the checks of each page and for the screenshots."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A page by a short name; ``user`` None is a visitor; ``expects`` is the status it answers with.

    ``{open}`` and ``{closed}`` in the address stand for the numbers of an open and a closed case.
    """

    name: str
    address: str
    user: str | None = None
    expects: int = 200


PLACES = (
    Place("login", "/accounts/login/"),
    Place("offline", "/offline/"),
    Place("missing", "/no-such-page/", expects=404),
    Place("refused", "/board/", user="citizen", expects=403),
    Place("home", "/", user="administrator"),
    Place("home-nothing", "/", user="nobody"),
    Place("board", "/board/", user="welfare_officer"),
    Place("board-filtered", "/board/?level=4&mine=on", user="welfare_officer"),
    Place("board-empty", "/board/", user="planner"),
    Place("case", "/cases/{open}/", user="welfare_officer"),
    Place("case-closed", "/cases/{closed}/", user="welfare_officer"),
    Place("case-unknown", "/cases/2026-999999/", user="welfare_officer", expects=404),
    Place("logout", "/accounts/logout/", user="welfare_officer"),
    Place("password", "/accounts/password/change/", user="welfare_officer"),
    Place("reauthenticate", "/accounts/reauthenticate/", user="welfare_officer"),
    Place("mfa", "/accounts/2fa/", user="welfare_officer"),
    Place("totp", "/accounts/2fa/totp/activate/", user="welfare_officer"),
    Place("passkeys", "/accounts/2fa/webauthn/", user="welfare_officer"),
    Place("passkey-add", "/accounts/2fa/webauthn/add/", user="welfare_officer"),
)
CASE_LINKS = {"open": "/board/", "closed": "/board/?state=closed"}
"""Where the address of such a case is found."""
