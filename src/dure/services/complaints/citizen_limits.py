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

from dure.city import clock
from dure.city.errors import DureError
from dure.services.complaints.models import Complaint, Door

CITY_PER_MINUTE = 60
"""Complaints by the page within a minute; more are no citizens."""
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
    """At most ``most`` within ``window`` from one address (an IPv6 network of 64 bits counts as one)."""

    most: int
    window: timedelta
    _seen: dict[str, deque[datetime]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, request: HttpRequest) -> None:
        """Count one. Raises TooMany."""
        now = clock.real_now()
        with self._lock:
            key = _address(request)
            times = self._seen.pop(key, None) or deque()
            while times and times[0] <= now - self.window:
                times.popleft()
            self._seen[key] = times
            if len(self._seen) > MOST_ADDRESSES:
                del self._seen[next(iter(self._seen))]
            if len(times) >= self.most:
                raise TooMany
            times.append(now)

    def forget(self) -> None:
        """Count from nothing."""
        with self._lock:
            self._seen.clear()


complaints = Limit(20, timedelta(minutes=10))
"""Complaints and words added, from one address."""
proofs = Limit(20, timedelta(minutes=10))
"""Tries of a number and PIN from one address; each number has its own limit besides."""
hints = Limit(240, timedelta(minutes=1))
"""Questions that the page asks while somebody types; a refused one costs them only the suggestion."""


def require_room_in_the_city() -> None:
    """Raise TooMany where the page has brought CITY_PER_MINUTE complaints within the last minute."""
    since = clock.now() - timedelta(minutes=1)
    if Complaint.objects.filter(door=Door.WEB, received_at__gt=since).count() >= CITY_PER_MINUTE:
        raise TooMany


def _address(request: HttpRequest) -> str:
    said = ip_address(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - not a bind address
    return str(ip_network((said, 64), strict=False)) if isinstance(said, IPv6Address) else str(said)
