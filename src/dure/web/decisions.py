# SPDX-License-Identifier: Apache-2.0
"""What programs decided about people, why, and what people made of it: so that their errors are seen and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from dure.city import audit, clock, outcomes, reviews
from dure.city.models import Case, CaseEvent, CaseEventKind, Finding, Review, ReviewResult, Role, User
from dure.city.roles import areas_of, everywhere
from dure.services.care.estimates import Estimate, wilson_share

PAGE = 50
OVERSEER = Role.WELFARE_OFFICER
"""Who answers for what programs decide about the people of an area."""


@dataclass(frozen=True)
class Wanted:
    """Which decisions: of a service, of an area (its code), of a level, found from one day to another (Korea, both
    included)."""

    service: str = ""
    area: str = ""
    level: int | None = None
    since: date | None = None
    until: date | None = None
    overturned: bool = False


@dataclass(frozen=True)
class Decision:
    """One finding; ``became``: how its cases ended, ``overruled`` whether people judged otherwise, ``review`` what a
    request about it came to; ``case`` the newest of its cases."""

    finding: Finding
    case: Case | None
    became: list[str]
    overruled: bool
    review: str


@dataclass(frozen=True)
class Decisions:
    """One page of them, and how often people who looked judged otherwise; ``rate`` None where nobody looked."""

    page: Page[Finding]
    rows: list[Decision]
    total: int
    judged: int
    overturned: int
    rate: Estimate | None


def decisions_of(user: User, wanted: Wanted, number: str | None) -> Decisions:
    """The decisions about the people whom ``user`` answers for, the newest first. The look is on the audit chain."""
    found = _found(user, wanted)
    counted = found.aggregate(
        n=Count("pk"),
        n_judged=Count("pk", filter=Q(by_people=True) | Q(overturned=True)),
        n_overturned=Count("pk", filter=Q(overturned=True)),
    )
    total, judged, overturned = counted["n"], counted["n_judged"], counted["n_overturned"]
    paginator = Paginator(_drawn(found.filter(overturned=True) if wanted.overturned else found), PAGE)
    paginator.count = overturned if wanted.overturned else total  # known: not to be counted again
    page = paginator.get_page(number)
    _record(user, list(page.object_list))
    return Decisions(
        page=page,
        rows=[_decision(one) for one in page.object_list],
        total=total,
        judged=judged,
        overturned=overturned,
        rate=wilson_share(overturned, judged) if judged else None,
    )


def _found(user: User, wanted: Wanted) -> QuerySet[Any]:
    found = Finding.objects.filter(reviews.decided(), household__isnull=False)
    if not everywhere(user, OVERSEER):
        found = found.filter(household__area__in=areas_of(user, OVERSEER))
    if wanted.service:
        found = found.filter(service=wanted.service)
    if wanted.area:
        found = found.filter(household__area__code=wanted.area)
    if wanted.level is not None:
        found = found.filter(level=wanted.level)
    if wanted.since is not None:
        found = found.filter(found_at__gte=_midnight(wanted.since))
    if wanted.until is not None:
        found = found.filter(found_at__lt=_midnight(wanted.until) + timedelta(days=1))
    its_cases = Case.objects.filter(findings=OuterRef("pk"))
    overruled = CaseEvent.objects.filter(case__findings=OuterRef("pk"), kind=CaseEventKind.OVERRULED)
    reviewed = Review.objects.filter(finding=OuterRef("pk")).exclude(result="")
    reversed_by = reviewed.filter(result__in=(ReviewResult.CHANGED, ReviewResult.STOPPED))
    return found.annotate(
        by_people=Q(Exists(its_cases.exclude(outcome="").exclude(_ended(outcomes.by_platform)))) | Q(Exists(reviewed)),
        overturned=Q(Exists(its_cases.filter(_ended(outcomes.false_alarms))))
        | Q(Exists(overruled))
        | Q(Exists(reversed_by)),
    )


def _ended(how: Callable[[str], frozenset[str]]) -> Q:
    """Cases that ended in one of those outcomes of their own service."""
    each = (Q(service=name, outcome__in=how(name)) for name in reviews.services())
    return Q(*each, _connector=Q.OR)


def _drawn(found: QuerySet[Any]) -> QuerySet[Any]:
    cases = Prefetch("cases", Case.objects.order_by("-opened_at"))
    answered = Prefetch("reviews", Review.objects.order_by("-asked_at"))
    return found.select_related("household__area").prefetch_related(cases, answered).order_by("-found_at", "-pk")


def _decision(finding: Finding) -> Decision:
    cases, reviews = list(finding.cases.all()), list(finding.reviews.all())
    return Decision(
        finding=finding,
        case=cases[0] if cases else None,
        became=[outcomes.label(one.service, one.outcome) for one in cases if one.outcome],
        overruled=finding.overturned,  # type: ignore[attr-defined]
        review=reviews[0].get_result_display() or reviews[0].get_kind_display() if reviews else "",
    )


@transaction.atomic
def _record(user: User, shown: list[Finding]) -> None:
    refs = list(dict.fromkeys(one.household.ref for one in shown if one.household is not None))
    if refs:
        audit.record("city:decisions:read", actor=user, subject=audit.about("household", refs), detail={"refs": refs})


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.SEOUL)
