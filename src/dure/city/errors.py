# SPDX-License-Identifier: Apache-2.0
"""One base for everything a person or a machine did that we cannot accept, each with its HTTP status.

Every error carries Korean and English words and, where one is to blame, the name of the field.
"""

from __future__ import annotations

from collections.abc import Collection


class DureError(Exception):
    """Base of all errors meant for a caller. ``ko`` and ``en`` are shown as they are."""

    status = 400

    def __init__(self, ko: str, en: str, *, field: str | None = None) -> None:
        super().__init__(en if field is None else f"{field}: {en}")
        self.ko, self.en, self.field = ko, en, field

    def in_language(self, language: str) -> str:
        """The message in ``language`` ("ko" or anything else for English), as a sentence on a page begins."""
        return self.ko if language.startswith("ko") else self.en[:1].upper() + self.en[1:]

    def as_dict(self) -> dict[str, str | None]:
        """The one shape in which every door answers an error."""
        return {"field": self.field, "message": self.en, "message_ko": self.ko}


class Invalid(DureError):
    """The input is wrong; ``field`` says which."""

    status = 422


def require_one_of(known: Collection[str], value: object, field: str) -> None:
    """Raise Invalid naming ``field`` and what is known, unless ``value`` is one of it."""
    if value not in known:
        words = ", ".join(known)
        raise Invalid(f"다음 가운데 하나여야 합니다: {words}", f"must be one of {words}", field=field)


class NotAllowed(DureError):
    """The caller may not do this (role, area, purpose or key)."""

    status = 403


class NotFound(DureError):
    """There is no such thing, or the caller may not know that there is."""

    status = 404


class Conflict(DureError):
    """The thing has moved on: a status change that is not allowed from here, or a stale page."""

    status = 409


class Unavailable(DureError):
    """We cannot keep what was sent right now (database down, disk full): nothing was acknowledged; send again."""

    status = 503
