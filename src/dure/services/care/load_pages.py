# SPDX-License-Identifier: Apache-2.0
"""Who looks after how many, and sharing people out: first shown, then done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dure.city import people
from dure.city.errors import Invalid
from dure.city.models import Case, CaseStatus, Role, User
from dure.city.people import PersonRecord, Purpose
from dure.city.roles import areas_of, open_to, user_of
from dure.services.care import overview
from dure.services.care.actions.sharing import hand_out, share_out
from dure.services.care.loads import (
    OFFERED,
    WorkerLoad,
    load_of,
    offered_for,
    overload,
    people_per_worker,
    unassigned,
    workers_page,
)
from dure.services.care.models import Enrolment

NOBODY = "none"
"""Stands in an address for those whom nobody looks after."""
AT_ONCE = 300
"""People shown, and shared out, at once."""
WORKERS = (Role.CARE_WORKER, Role.WELFARE_OFFICER)


@dataclass(frozen=True)
class Charge:
    """Somebody who is looked after, opened, with the level of their open case (0: none)."""

    record: PersonRecord
    enrolment: Enrolment
    level: int


@dataclass(frozen=True)
class Change:
    """What a worker would have: before and after, and whom they would get."""

    worker: User
    before: int
    after: int
    gets: list[PersonRecord]


@require_safe
@open_to(Role.WELFARE_OFFICER)
def workers(request: HttpRequest) -> HttpResponse:
    """Every worker with how many they have; ``?of=`` shows one's people (``all``: with all of them chosen)."""
    user = user_of(request)
    named = request.GET.get("q", "").strip()
    page, loads = workers_page(user, named=named, number=request.GET.get("page"))
    nobody = unassigned(user)
    context: dict[str, object] = {
        "loads": ([nobody] if nobody and page.number == 1 and not named else []) + loads,
        "page": page,
        "named": named,
        "overload": overload(user),
        "limit": people_per_worker(),
        "of": "",
        "NOBODY": NOBODY,
    }
    chosen = request.GET.get("of", "")
    load = load_of(user, chosen)
    if chosen == NOBODY or load is not None:
        worker = load.worker if load else None
        charges, more = _charges(user, worker)
        context |= {
            "of": chosen,
            "worker": worker,
            "charges": charges,
            "more": more,
            "all": "all" in request.GET,
            "others": offered_for(user, {one.enrolment.household.area for one in charges}, but=worker),
        }
    return render(request, "care/workers.html", context)


@require_POST
@open_to(Role.WELFARE_OFFICER)
def share(request: HttpRequest) -> HttpResponse:
    """What sharing the chosen people (``person``) among the chosen workers (``to``) would come to. Changes nothing."""
    user = user_of(request)
    of = request.POST.get("of", NOBODY)
    loads = _loads_by_name(user, [name for name in request.POST.getlist("to")[:OFFERED] if name != of])
    to, giver = list(loads), load_of(user, of)
    charges = _chosen(user, request.POST, giver.worker if giver else None)
    if not charges or not to:
        messages.error(request, _("나눌 분과 맡을 생활지원사를 고르세요."))
        return redirect(_address(of))
    users = {one.pk: one for name in to if (one := loads[name].worker)}
    counts = {one.pk: loads[one.username].people for one in users.values()}
    given = share_out(
        [(one.record.ref, one.enrolment.household.area_id) for one in charges],
        counts,
        {pk: set(areas_of(one, *WORKERS).values_list("pk", flat=True)) for pk, one in users.items()},
        limit=people_per_worker(),
        near=_near(users),
    )
    context = {
        "of": of,
        "changes": _changes(users, counts, charges, given),
        "pairs": [f"{ref}:{users[pk].username}" for ref, pk in given.items()],
        "left_out": [one.record for one in charges if one.record.ref not in given],
        "limit": people_per_worker(),
        "back": _address(of),
    }
    return render(request, "care/share.html", context)


@require_POST
@open_to(Role.WELFARE_OFFICER)
def give(request: HttpRequest) -> HttpResponse:
    """Do what was shown (``give``: person:worker). Who has moved on meanwhile stays where they are."""
    user = user_of(request)
    of = request.POST.get("of", NOBODY)
    pairs = [pair.partition(":") for pair in request.POST.getlist("give")[:AT_ONCE]]
    loads = _loads_by_name(user, {name for _ref, _colon, name in pairs})
    asked = [number for ref, _colon, _name in pairs if (number := _number(ref))]
    mine = set(overview.enrolments_of(user).filter(person__ref__in=asked).values_list("person__ref", flat=True))
    wanted: dict[UUID, User] = {}
    for ref, _colon, name in pairs:
        if (number := _number(ref)) in mine and number is not None and name in loads and (to := loads[name].worker):
            wanted[number] = to
    giver = load_of(user, of)
    try:
        given, left = hand_out(wanted, before=giver.worker if giver else None, actor=user)
    except Invalid as error:
        messages.error(request, error.in_language(request.LANGUAGE_CODE))
        return redirect(_address(of))
    told = ngettext("%(n)d분의 담당을 바꾸었습니다.", "%(n)d분의 담당을 바꾸었습니다.", given) % {"n": given}
    messages.success(request, told)
    if left:
        more = ngettext(
            "그 사이 담당이 바뀐 %(n)d분은 그대로 두었습니다.", "그 사이 담당이 바뀐 %(n)d분은 그대로 두었습니다.", left
        )
        messages.warning(request, more % {"n": left})
    return redirect(_address(of))


def _loads_by_name(user: User, names: Collection[str]) -> dict[str, WorkerLoad]:
    """Those of ``names`` who are workers of the officer's areas."""
    return {name: load for name in names if (load := load_of(user, name))}


def _address(of: str) -> str:
    return f"{reverse('care:workers')}?of={of}"


def _number(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _charges(user: User, worker: User | None) -> tuple[list[Charge], int]:
    """A worker's people (None: those nobody has) by area and name, and how many more there are."""
    theirs = overview.enrolments_of(user).filter(worker=worker).order_by("household__area__name", "pk")
    shown = list(theirs.select_related("person", "household__area")[:AT_ONCE])
    return _open(user, shown), max(0, theirs.count() - len(shown))


def _chosen(user: User, sent: QueryDict, worker: User | None) -> list[Charge]:
    refs = [number for text in sent.getlist("person")[:AT_ONCE] if (number := _number(text))]
    theirs = overview.enrolments_of(user).filter(worker=worker, person__ref__in=refs)
    return _open(user, list(theirs.select_related("person", "household__area")))


def _open(user: User, enrolments: Sequence[Enrolment]) -> list[Charge]:
    """Their names, as one entry on the chain."""
    wanted = people.Person.objects.filter(pk__in=[one.person_id for one in enrolments])
    records = {one.ref: one for one in people.access_people(user, wanted, Purpose.WELL_BEING_CHECK)}
    now_open = Case.objects.filter(service="care", household__in=[one.household_id for one in enrolments])
    levels = dict(now_open.exclude(status=CaseStatus.CLOSED).order_by("level").values_list("household", "level"))
    charges = [
        Charge(records[one.person.ref], one, levels.get(one.household_id, 0))
        for one in enrolments
        if one.person.ref in records
    ]
    return sorted(charges, key=lambda one: (one.record.area.name, one.record.name))


def _near(users: Mapping[int, User]) -> Counter[tuple[int, int]]:
    """How many each has in each area already."""
    found = Enrolment.objects.filter(worker__in=users, ended_at=None).values_list("worker", "household__area")
    return Counter((worker, area) for worker, area in found if worker is not None)


def _changes(
    users: Mapping[int, User], counts: Mapping[int, int], charges: Sequence[Charge], given: Mapping[UUID, int]
) -> list[Change]:
    records = {one.record.ref: one.record for one in charges}
    gets: dict[int, list[PersonRecord]] = {pk: [] for pk in users}
    for ref, pk in given.items():
        gets[pk].append(records[ref])
    found = [Change(users[pk], counts[pk], counts[pk] + len(new), new) for pk, new in gets.items()]
    return sorted(found, key=lambda one: str(one.worker))
