# SPDX-License-Identifier: Apache-2.0
"""Whoever refuses automatic decisions (개인정보 보호법 제37조의2) is judged by people: nothing rings by itself."""

from __future__ import annotations

from dure.city import reviews
from dure.city.models import Case, Person


def refused(case: Case) -> bool:
    """Whether somebody who lives where ``case`` is about refuses that care decides about them automatically."""
    if case.household_id is None:
        return False
    return reviews.refusers_of(Person.objects.filter(household=case.household_id, left_at=None), "care")
