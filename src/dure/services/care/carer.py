# SPDX-License-Identifier: Apache-2.0
"""Which worker looks after a home: care shares homes out, other services ask dure.city.carers."""

from __future__ import annotations

from dure.city.models import Household, User
from dure.services.care.models import Enrolment


def worker_of(household: Household) -> User | None:
    """The home's worker, or None where nobody has it, or it is not in care."""
    enrolled = Enrolment.objects.filter(household=household, ended_at=None).select_related("worker").first()
    return enrolled.worker if enrolled else None
