# SPDX-License-Identifier: Apache-2.0
"""Who looks after a home. The service that shares homes out among workers says so; the others only ask."""

from __future__ import annotations

from collections.abc import Callable

from dure.city.models import Household, User

Lookup = Callable[[Household], User | None]
_lookups: list[Lookup] = []


def register(lookup: Lookup) -> None:
    """Let ``lookup`` be asked for the worker of a home; registering it again changes nothing."""
    if lookup not in _lookups:
        _lookups.append(lookup)


def carer_of(household: Household) -> User | None:
    """The worker who looks after the home, if any service knows one who still works here."""
    found = (lookup(household) for lookup in _lookups)
    return next((user for user in found if user is not None and user.is_active), None)
