# SPDX-License-Identifier: Apache-2.0
"""How much may come through the citizens' pages: from one address, and from all of them.

The count of an address lives in this process only and is of real time: no address is written down, and a city's faster
clock changes nothing. Many phones share one address of their carrier, so it is wide; what one address is refused the
telephone still takes. The count of the whole city is of what is in the record, so it holds for all processes.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from django.http import HttpRequest

from dure.city import clock, rules
from dure.city.errors import DureError
from dure.services.complaints.models import Complaint, Door
from dure.services.complaints.rules import DeskRules

MOST_ADDRESSES = 50_000
"""Addresses that are counted at once; with more, those not seen for longest are forgotten first."""


class TooMany(DureError):
    """The address, or the city, has sent enough for now."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "지금은 들어오는 것이 너무 많아 받지 못했습니다. 적으신 것은 그대로 있으니 10분쯤 뒤에 다시 보내 주세요. "
            "급하면 시청으로 전화해 주세요.",
            "too much is coming in, so this was not taken. What you wrote is still here: send it again in ten minutes "
            "or so. If it is urgent, call the city.",
        )


@dataclass
class Limit:
    """So many within ``window`` from one address (an IPv6 network of 64 bits counts as one)."""

    window: timedelta
    _seen: dict[str, deque[datetime]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, request: HttpRequest, most: int) -> None:
        """Count one. Raises TooMany after ``most``."""
        now = clock.real_now()
        with self._lock:
            key = _address(request)
            times = self._seen.pop(key, None) or deque()
            while times and times[0] <= now - self.window:
                times.popleft()
            self._seen[key] = times
            if len(self._seen) > MOST_ADDRESSES:
                del self._seen[next(iter(self._seen))]
            if len(times) >= most:
                raise TooMany
            times.append(now)

    def forget(self) -> None:
        """Count from nothing."""
        with self._lock:
            self._seen.clear()


said = Limit(timedelta(minutes=10))
"""Complaints and words added."""
proofs = Limit(timedelta(minutes=10))
hints = Limit(timedelta(minutes=1))
MOST_PROOFS = 20
"""Tries of a number and PIN; each number has its own limit besides."""
MOST_HINTS = 240
"""Questions that the page asks while somebody types; a refused one costs them only the suggestion."""


def count_complaint(request: HttpRequest) -> None:
    """One more by the page. Raises TooMany, also where the whole city has sent too many within a minute."""
    count_words(request)
    since = clock.now() - timedelta(minutes=1)
    most = rules.load(DeskRules, "complaints").page_in_a_minute
    if Complaint.objects.filter(door=Door.WEB, received_at__gt=since).count() >= most:
        raise TooMany


def count_words(request: HttpRequest) -> None:
    """One more word by the page. Raises TooMany."""
    said.take(request, rules.load(DeskRules, "complaints").page_from_address)


def count_proof(request: HttpRequest) -> None:
    """One more try of a PIN. Raises TooMany."""
    proofs.take(request, MOST_PROOFS)


def count_hint(request: HttpRequest) -> None:
    """One more question while typing. Raises TooMany."""
    hints.take(request, MOST_HINTS)


def _address(request: HttpRequest) -> str:
    said = ip_address(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - not a bind address
    return str(ip_network((said, 64), strict=False)) if isinstance(said, IPv6Address) else str(said)
