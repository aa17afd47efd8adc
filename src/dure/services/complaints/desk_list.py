# SPDX-License-Identifier: Apache-2.0
"""What waits at the desk: one row a case, with the first citizen's (masked) words and how many said the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from dure.city import clock
from dure.city.cases import visible_cases
from dure.city.models import Case, User
from dure.services.complaints.law_clock import LawClock, clocks
from dure.services.complaints.models import Complaint, Department, Door, Pause, Transfer, TransferState

SERVICE = "complaints"
PAGE = 40
"""Rows of one page of the list."""
MOST_OF_ONE = 20
"""Other complaints of the same person that are shown."""
WHOSE = ("", "mine", "team", "nobody", "sent")
"""Everybody's; mine; my teams'; nobody's yet; what was sent to my department and waits for its word."""


@dataclass(frozen=True)
class Filters:
    """What to show; a word that is none of these shows everything."""

    whose: str = ""
    door: str = ""
    undecided: bool = False
    late: bool = False

    @classmethod
    def of(cls, asked: dict[str, str]) -> Filters:
        """From an address."""
        whose, door = asked.get("whose", ""), asked.get("door", "")
        return cls(
            whose if whose in WHOSE else "",
            door if door in Door.values else "",
            undecided=asked.get("undecided", "") == "on",
            late=asked.get("late", "") == "on",
        )


@dataclass(frozen=True)
class Waiting:
    """A row. ``complaint`` came first, ``citizens`` said it; ``sent``: the hand-over whose answer is owed;
    ``returned``: the last one, where that department said that it is not theirs."""

    case: Case
    complaint: Complaint
    citizens: int
    clock: LawClock
    sent: Transfer | None
    returned: Transfer | None


def open_cases(user: User) -> QuerySet[Case]:
    """The open cases of the desk that ``user`` may see."""
    return visible_cases(user).filter(service=SERVICE, closed_at=None)


def filtered(user: User, filters: Filters) -> QuerySet[Case]:
    """Those of them that are asked for, the gravest first and among equals what is due first."""
    mine = user.teams.values("pk")
    to_us = Transfer.objects.filter(case=OuterRef("pk"), state=TransferState.SENT, to_department__team__in=mine)
    conditions = {
        "": Q(),
        "mine": Q(assignee=user),
        "team": Q(team__in=mine),
        "nobody": Q(assignee=None),
        "sent": Q(Exists(to_us)),
    }[filters.whose]
    if filters.door:
        conditions &= Q(complaints__door=filters.door)
    if filters.undecided:
        conditions &= Q(complaints__department=None)
    if filters.late:
        conditions &= Q(_late())
    found = open_cases(user).filter(conditions)
    return found.filter(complaints__isnull=False).distinct().order_by("-level", "due_at", "pk")


def _late() -> Exists:
    """A citizen of the case waits longer than the law's period, and the city does not wait for them."""
    owed = Complaint.objects.filter(case=OuterRef("pk"), answered_at=None, withdrawn_at=None, due_at__lt=clock.now())
    return Exists(owed.exclude(Exists(Pause.objects.filter(complaint=OuterRef("pk"), to_at=None))))


def page_of(cases: QuerySet[Case], number: str | None) -> tuple[Page[Any], list[Waiting]]:
    """One page of them, and its rows."""
    complaints = Complaint.objects.select_related("topic", "department").prefetch_related("pauses").order_by("pk")
    transfers = Transfer.objects.select_related("to_department").order_by("at", "pk")
    rows = cases.select_related("area", "team", "assignee").prefetch_related(
        Prefetch("complaints", complaints), Prefetch("transfers", transfers, to_attr="moves")
    )
    page = Paginator(rows, PAGE).get_page(number)
    return page, [_row(case) for case in page.object_list]


def _row(case: Case) -> Waiting:
    complaints = list(case.complaints.all())
    waiting = [one for one in complaints if one.answered_at is None and one.withdrawn_at is None] or complaints
    soonest = min(waiting, key=lambda one: one.due_at)
    moves: list[Transfer] = case.moves  # type: ignore[attr-defined]
    last = moves[-1] if moves else None
    sent = last if last and last.state == TransferState.SENT else None
    returned = last if last and last.state == TransferState.REFUSED else None
    return Waiting(case, complaints[0], len(complaints), clocks([soonest])[soonest.pk], sent, returned)


def of_same_person(user: User, complaint: Complaint) -> list[Complaint]:
    """What the same person has said besides, as far as ``user`` may see it, the newest first."""
    if not complaint.reporter_index:
        return []
    found = Complaint.objects.filter(reporter_index=complaint.reporter_index, case__in=visible_cases(user))
    return list(found.exclude(pk=complaint.pk).order_by("-received_at", "-pk")[:MOST_OF_ONE])


def figures(user: User) -> dict[str, int]:
    """How many wait, are mine, are nobody's, and wait for my department's word."""
    mine = user.teams.values("pk")
    to_us = Transfer.objects.filter(state=TransferState.SENT, to_department__team__in=mine, case__closed_at=None)
    counted = open_cases(user).aggregate(
        open=Count("pk"), mine=Count("pk", filter=Q(assignee=user)), nobody=Count("pk", filter=Q(assignee=None))
    )
    return {**counted, "sent": to_us.count(), "late": open_cases(user).filter(_late()).count()}


def departments() -> QuerySet[Department]:
    """Whom a complaint can be given to."""
    return Department.objects.filter(retired_at=None).order_by("code")
