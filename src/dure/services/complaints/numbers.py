# SPDX-License-Identifier: Apache-2.0
"""The number and the PIN by which a citizen follows a complaint."""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

from django.db.models import F

from dure.city.clock import SEOUL
from dure.city.sealed import blind_index
from dure.services.complaints.models import ComplaintNumber

PIN_DIGITS = 8
"""With some tries an hour, guessing one of 10⁸ takes centuries."""


def next_number(at: datetime) -> str:
    """``C-2026-000123``: the year in Korea and the next number of it, in the transaction of the complaint."""
    year = at.astimezone(SEOUL).year
    ComplaintNumber.objects.get_or_create(year=year)
    ComplaintNumber.objects.filter(year=year).update(last=F("last") + 1)
    return f"C-{year}-{ComplaintNumber.objects.get(year=year).last:06d}"


def pin_for(client_id: UUID) -> str:
    """The PIN of the complaint that was sent under ``client_id``: made with a key that is not in the database, so
    that it need not be kept to be said again to who sends again because the answer was lost."""
    return f"{int(blind_index(f'complaint-pin:{client_id}'), 16) % 10**PIN_DIGITS:0{PIN_DIGITS}d}"


def digest_of(number: str, pin: str) -> str:
    """What is kept of a PIN. Keyed, so nobody who has the database alone tries all of them."""
    return blind_index(f"complaint-pin-of:{number}:{pin}")


def fits(kept: str, number: str, pin: str) -> bool:
    """Whether ``pin`` is the one; takes as long whether it is or not."""
    return hmac.compare_digest(kept, digest_of(number, "".join(pin.split())))
