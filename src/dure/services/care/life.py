# SPDX-License-Identifier: Apache-2.0
"""Signs of life that a person gave or found: a call they answered, a tap, a worker who spoke with them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Max

from dure.city import clock
from dure.city.models import Case, Household
from dure.services.care import habit_state
from dure.services.care.models import ALIVE, WELL, Call, CallState, ConfirmedHow, Enrolment, Occasion


def signs_of_life(since: datetime, household: Household | None = None) -> dict[int, datetime]:
    """By home (its id) the newest sign of life at or after ``since``: a case closed because they are well, a call with
    an end that somebody must be there for, their own tap at what they had to do today."""
    of = {} if household is None else {"household": household}
    cases = Case.objects.filter(service="care", outcome__in=WELL, closed_at__gte=since, **of)
    of = {f"person__{name}": value for name, value in of.items()}
    calls = Call.objects.filter(state=CallState.ANSWERED, outcome__in=ALIVE, ended_at__gte=since, **of)
    of = {f"routine__{name}": value for name, value in of.items()}
    taps = Occasion.objects.filter(how=ConfirmedHow.BUTTON, ended_at__gte=since, **of)
    found: dict[int, datetime] = {}
    for rows in (
        cases.exclude(household=None).order_by().values_list("household").annotate(at=Max("closed_at")),
        calls.order_by().values_list("person__household").annotate(at=Max("ended_at")),
        taps.order_by().values_list("routine__person__household").annotate(at=Max("ended_at")),
    ):
        for home, at in rows:
            found[home] = max(at, found.get(home, at))
    return found


def last_sign_of_life(enrolment: Enrolment) -> datetime | None:
    """When anything last told of life in the home: what the engine saw, or what a person gave or found, whichever is
    newer; None while nothing has."""
    seen = habit_state.explain(enrolment.row)
    moments = [datetime.fromtimestamp(seen.silent_since, UTC)] if seen and seen.silent_since else []
    moments += signs_of_life(enrolment.enrolled_at, enrolment.household).values()
    return min(max(moments), clock.now()) if moments else None
