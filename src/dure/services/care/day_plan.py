# SPDX-License-Identifier: Apache-2.0
"""A person's day: their routines and what came of each, opened for somebody who may know it.

What somebody takes and how much is health data: staff open it by role and area (dure.city.people), every reading is on
the audit chain, and nothing is planned without the person's consent to daily care (actions/daily.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dure.city import audit, clock, people, rules
from dure.city.errors import NotFound
from dure.city.models import ConsentPurpose, Person, User
from dure.city.people import PersonRecord, Purpose
from dure.services.care.models import EVERY_DAY, Occasion, OccasionState, Routine
from dure.services.care.rules import CareRules

SUNDAY = pgettext_lazy("요일", "일")
"""Said apart from 일 as the unit of days."""
DAYS = dict(zip(EVERY_DAY, (_("월"), _("화"), _("수"), _("목"), _("금"), _("토"), SUNDAY), strict=True))


@dataclass(frozen=True, repr=False)
class Item:
    """One routine with its texts opened and its occasion of the day, if its time has come."""

    routine: Routine
    title: str
    dose: str
    occasion: Occasion | None
    doable: bool = False
    """Whether it may be said now that it was done today."""

    @property
    def days(self) -> str:
        """On which days, in words."""
        days = self.routine.weekdays
        said = [] if days == EVERY_DAY else [" ".join(str(DAYS[one]) for one in days)]
        return " · ".join(said if self.routine.on_holidays else [*said, str(_("공휴일은 쉼"))])

    def __repr__(self) -> str:
        return f"<Item {self.routine.ref}>"


@dataclass(frozen=True, repr=False)
class DayPlan:
    """One person's day in the order of its times, and the routines that another day has."""

    record: PersonRecord
    day: date
    items: list[Item]
    other: list[Item]
    may_be_asked: bool
    """Whether the person agreed to daily care."""

    def __repr__(self) -> str:
        return f"<DayPlan {self.record.ref} {self.day}>"


def day_plan(user: User, ref: UUID, day: date | None = None) -> DayPlan:
    """The day of a person whom staff may open. Raises NotAllowed or NotFound."""
    return _plan(user, people.access_person(user, ref, Purpose.WELL_BEING_CHECK), day, Purpose.WELL_BEING_CHECK)


def own_day_plan(user: User, day: date | None = None) -> DayPlan:
    """The citizen's own day. Raises NotAllowed or NotFound."""
    return _plan(user, people.access_own(user), day, Purpose.OWN)


def routine_of(user: User, ref: UUID) -> Item:
    """One routine that is not ended, opened for staff. Raises NotAllowed or NotFound."""
    routine = Routine.objects.filter(ref=ref, ended_at=None).select_related("person__household__area", "series").first()
    if routine is None:
        raise NotFound("그런 일과가 없습니다", "there is no such routine")
    people.access_person(user, routine.person.ref, Purpose.WELL_BEING_CHECK)
    _record(user, routine.person, Purpose.WELL_BEING_CHECK)
    return _item(routine, None)


def _plan(user: User, record: PersonRecord, day: date | None, purpose: Purpose) -> DayPlan:
    at = day or clock.today()
    person = Person.objects.get(ref=record.ref)
    _record(user, person, purpose)
    found = Occasion.objects.filter(routine__person=person, day=at).select_related("case", "confirmed_by")
    held = {one.routine_id: one for one in found}
    current = Q(ended_at=None) & (Q(to_day=None) | Q(to_day__gte=at))
    routines = Routine.objects.filter(current | Q(pk__in=held), person=person).select_related("series")
    early = timedelta(hours=rules.load(CareRules, "care", record.area).daily_before_hours)
    items = [
        _item(one, held.get(one.pk), _doable(one, held.get(one.pk), at, early)) for one in routines.order_by("at", "pk")
    ]
    return DayPlan(
        record=record,
        day=at,
        items=[one for one in items if one.occasion or is_on(one.routine, at)],
        other=[one for one in items if not (one.occasion or is_on(one.routine, at))],
        may_be_asked=people.has_consent(person, ConsentPurpose.DAILY_CARE, clock.now()),
    )


def missed_today(people: list[int]) -> dict[int, list[Occasion]]:
    """What these people (by id) missed today, without what it is: nothing is opened."""
    found = Occasion.objects.filter(routine__person__in=people, day=clock.today(), state=OccasionState.MISSED)
    missed: dict[int, list[Occasion]] = {}
    for one in found.select_related("routine").order_by("due_at"):
        missed.setdefault(one.routine.person_id, []).append(one)
    return missed


def is_on(routine: Routine, day: date) -> bool:
    """Whether the routine's plan names this day."""
    begun = routine.from_day <= day and (routine.to_day is None or day <= routine.to_day)
    return begun and routine.ended_at is None and str(day.isoweekday()) in routine.weekdays


def _doable(routine: Routine, occasion: Occasion | None, day: date, early: timedelta) -> bool:
    if occasion is not None:
        return occasion.state != OccasionState.CONFIRMED and day == clock.today()
    return is_on(routine, day) and due_at(routine, day) - early <= clock.now()


def due_at(routine: Routine, day: date) -> datetime:
    """When the routine's time of that day is, in UTC."""
    return datetime.combine(day, routine.at, clock.SEOUL).astimezone(UTC)


@transaction.atomic(durable=True)
def _record(user: User, person: Person, purpose: Purpose) -> None:
    audit.record("care:plan:read", actor=user, subject=f"person:{person.ref}", purpose=purpose)


def _item(routine: Routine, occasion: Occasion | None, doable: bool = False) -> Item:
    return Item(routine, routine.title.open(), routine.dose.open() if routine.dose else "", occasion, doable)


def words_for_call(routine: Routine) -> dict[str, str]:
    """What a call about this routine says; the asking is on the audit chain by the caller (``care:occasion:asked``)."""
    return {"what": " ".join(text.open() for text in (routine.title, routine.dose) if text)}
