# SPDX-License-Identifier: Apache-2.0
"""Who looks after how many, and sharing people out: first shown, then done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dure.city import people, rules
from dure.city.errors import Invalid
from dure.city.models import Case, CaseStatus, Role, User
from dure.city.people import PersonRecord, Purpose
from dure.city.roles import areas_of, open_to, user_of
from dure.services.care import overview
from dure.services.care.actions.sharing import hand_out, share_out
from dure.services.care.models import Enrolment
from dure.services.care.rules import CareRules

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
    loads = overview.worker_loads(user)
    context: dict[str, object] = {"loads": loads, "limit": _limit(), "of": "", "NOBODY": NOBODY}
    chosen = request.GET.get("of", "")
    names = {load.worker.username: load.worker for load in loads if load.worker}
    if chosen == NOBODY or chosen in names:
        charges, more = _charges(user, names.get(chosen))
        context |= {
            "of": chosen,
            "worker": names.get(chosen),
            "charges": charges,
            "more": more,
            "all": "all" in request.GET,
            "others": [load for load in loads if load.worker and load.worker.username != chosen],
        }
    return render(request, "care/workers.html", context)


@require_POST
@open_to(Role.WELFARE_OFFICER)
def share(request: HttpRequest) -> HttpResponse:
    """What sharing the chosen people (``person``) among the chosen workers (``to``) would come to. Changes nothing."""
    user = user_of(request)
    of = request.POST.get("of", NOBODY)
    loads = {load.worker.username: load for load in overview.worker_loads(user) if load.worker}
    to = [name for name in request.POST.getlist("to") if name in loads and name != of]
    charges = _chosen(user, request.POST, loads[of].worker if of in loads else None)
    if not charges or not to:
        messages.error(request, _("나눌 분과 맡을 생활지원사를 고르세요."))
        return redirect(_address(of))
    users = {one.pk: one for name in to if (one := loads[name].worker)}
    counts = {one.pk: loads[one.username].people for one in users.values()}
    given = share_out(
        [(one.record.ref, one.enrolment.household.area_id) for one in charges],
        counts,
        {pk: set(areas_of(one, *WORKERS).values_list("pk", flat=True)) for pk, one in users.items()},
        limit=_limit(),
        near=_near(users),
    )
    context = {
        "of": of,
        "changes": _changes(users, counts, charges, given),
        "pairs": [f"{ref}:{users[pk].username}" for ref, pk in given.items()],
        "left_out": [one.record for one in charges if one.record.ref not in given],
        "limit": _limit(),
        "back": _address(of),
    }
    return render(request, "care/share.html", context)


@require_POST
@open_to(Role.WELFARE_OFFICER)
def give(request: HttpRequest) -> HttpResponse:
    """Do what was shown (``give``: person:worker). Who has moved on meanwhile stays where they are."""
    user = user_of(request)
    of = request.POST.get("of", NOBODY)
    names = {load.worker.username: load.worker for load in overview.worker_loads(user) if load.worker}
    mine = {one.person.ref for one in overview.enrolments_of(user).select_related("person")}
    wanted: dict[UUID, User] = {}
    for pair in request.POST.getlist("give")[:AT_ONCE]:
        ref, _colon, name = pair.partition(":")
        if (number := _number(ref)) in mine and number is not None and name in names:
            wanted[number] = names[name]
    try:
        given, left = hand_out(wanted, before=names.get(of), actor=user)
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


def _limit() -> int:
    return rules.load(CareRules, "care").people_per_worker


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
