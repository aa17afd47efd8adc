# SPDX-License-Identifier: Apache-2.0
"""The page shell: who is here, what time it is in the city, and where the reader can go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from dure.city import clock, navigation
from dure.city.models import Role

STYLESHEETS = ("tokens", "base", "shell", "components", "forms", "work", "plans", "hand")


MOST_WAYS = 5
"""As many fit beside each other; with more, all but the first four stand in a menu."""


@dataclass(frozen=True)
class Way:
    """A navigation entry on a page: ``here`` where the reader already stands."""

    label: str
    address: str
    icon: str
    about: str
    here: bool


def ways(request: HttpRequest, roles: frozenset[Role]) -> list[Way]:
    """Where a reader with ``roles`` can go; the longest address that the page lies under is ``here``."""
    found = [(entry, reverse(entry.url_name)) for entry in navigation.entries_for(roles)]
    under = [address for _, address in found if request.path.startswith(address)]
    here = max(under, key=len, default=None)
    return [Way(str(entry.label), address, entry.icon, str(entry.about), address == here) for entry, address in found]


def context(request: HttpRequest) -> dict[str, Any]:
    """For every template: the city's time, its speed when it is not real time, the reader's roles and ways."""
    roles: frozenset[Role] = getattr(request, "roles", frozenset())
    found = ways(request, roles)
    return {
        "city_now": clock.now(),
        "clock_speed": clock.speed(),
        "newest_event": getattr(request, "newest_event", ""),
        "roles": roles,
        "role_names": sorted(str(role.label) for role in roles),
        "ways": found,
        "ways_more": found[MOST_WAYS - 1 :] if len(found) > MOST_WAYS else [],
        "stylesheets": [static(f"css/{name}.css") for name in STYLESHEETS],
    }
