# SPDX-License-Identifier: Apache-2.0
"""How many people each worker looks after, in a city of any size: counted and cut to a page by the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from dure.city import cases, rules
from dure.city.models import Area, User
from dure.services.care.models import Enrolment
from dure.services.care.overview import WorkerLoad, enrolments_of, workers_of
from dure.services.care.rules import CareRules

PAGE = 60
"""Workers on one page."""
OFFERED = 50
"""Workers among whom somebody chooses at once."""
SHOWN_NAME = Coalesce(NullIf(F("display_name"), Value("")), F("username"), output_field=CharField())
"""As ``str(user)``."""


@dataclass(frozen=True)
class Overload:
    """Workers with more people than the city's rule: how many, and the most that one of them has."""

    workers: int
    most: int
    limit: int


def people_per_worker() -> int:
    """The most people that one worker should look after."""
    return rules.load(CareRules, "care").people_per_worker


def overload(user: User) -> Overload | None:
    """Who has too many in the areas of an officer; None where nobody has."""
    limit = people_per_worker()
    counts = enrolments_of(user).exclude(worker=None).order_by().values("worker").annotate(n=Count("id"))
    most = list(counts.filter(n__gt=limit).order_by("-n").values_list("n", flat=True))
    return Overload(len(most), most[0], limit) if most else None


def too_many_of(worker: User) -> Overload | None:
    """The same for a worker's own page."""
    limit = people_per_worker()
    n = Enrolment.objects.filter(worker=worker, ended_at=None).count()
    return Overload(1, n, limit) if n > limit else None


def workers_page(user: User, *, named: str = "", number: str | None = None) -> tuple[Page[User], list[WorkerLoad]]:
    """A page of the workers of an officer's areas, those with the most people first, with their loads; ``named``: whose
    name has this in it."""
    found = _counted(user)
    if named:
        found = found.filter(Q(display_name__icontains=named) | Q(username__icontains=named))
    page = Paginator(found.order_by("-people", "shown", "pk"), PAGE).get_page(number)
    return page, loads_of(user, list(page.object_list))


def unassigned(user: User) -> WorkerLoad | None:
    """Those whom nobody looks after, as a load of nobody; None where everybody has somebody."""
    n = enrolments_of(user).filter(worker=None).count()
    return WorkerLoad(None, n, 0, people_per_worker()) if n else None


def load_of(user: User, username: str) -> WorkerLoad | None:
    """One worker's load; None for somebody who is no worker of the officer's areas."""
    found = list(_counted(user).filter(username=username))
    return loads_of(user, found)[0] if found else None


def offered_for(user: User, areas: Collection[Area], *, but: User | None = None) -> list[WorkerLoad]:
    """Workers who could look after somebody in ``areas``: those who know the place first, then those with the fewest
    people; at most OFFERED, without ``but``."""
    there = Enrolment.objects.filter(worker=OuterRef("pk"), household__area__in=areas, ended_at=None)
    found = _counted(user).exclude(pk=but.pk if but else None)
    near = list(found.filter(Exists(there)).order_by("people", "pk")[:OFFERED])
    known = {one.pk for one in near}
    others = found.exclude(pk__in=known).order_by("people", "pk")[: OFFERED - len(near)]
    return loads_of(user, [*near, *others])


def loads_of(user: User, workers: Collection[User]) -> list[WorkerLoad]:
    """The loads of these workers in their order; only people and cases of the officer's areas count."""
    people = _by_worker(enrolments_of(user).filter(worker__in=workers), "worker")
    visible = cases.visible_cases(user).filter(service="care", closed_at=None, assignee__in=workers)
    busy, limit = _by_worker(visible, "assignee"), people_per_worker()
    return [WorkerLoad(one, people.get(one.pk, 0), busy.get(one.pk, 0), limit) for one in workers]


def _by_worker(found: QuerySet[Any], name: str) -> dict[int, int]:
    return dict(found.order_by().values_list(name).annotate(n=Count("id")))


def _counted(user: User) -> QuerySet[Any]:
    """The workers of an officer's areas, and whoever else looks after people there, each with ``people``."""
    theirs = enrolments_of(user).exclude(worker=None).order_by()
    either = Q(pk__in=workers_of(user).values("pk")) | Q(pk__in=theirs.values("worker"))
    of_each = theirs.filter(worker=OuterRef("pk")).values("worker").annotate(n=Count("id")).values("n")
    return User.objects.filter(either).annotate(people=Coalesce(Subquery(of_each), 0), shown=SHOWN_NAME)
