# SPDX-License-Identifier: Apache-2.0
"""The days of some of the demo's people: greetings and medicine, which they are asked about by telephone."""

from __future__ import annotations

from datetime import date, time, timedelta

from dure.city import clock, family, people
from dure.city.models import Consent, ConsentPurpose, Person, User
from dure.services.care.actions.daily import Spec, add_routine, set_template
from dure.services.care.models import RoutineKind

DAY = (
    Spec(RoutineKind.GREETING, "아침 인사", time(8, 0)),
    Spec(RoutineKind.MEDICINE, "혈압약", time(8, 30), dose="1정"),
    Spec(RoutineKind.MEAL, "점심 식사", time(12, 30), weekdays="135"),
    Spec(RoutineKind.GREETING, "저녁 인사", time(19, 30)),
)
DAILY = (ConsentPurpose.AI_CALL, ConsentPurpose.DAILY_CARE)
HISTORY_TAKES = timedelta(hours=8)
"""City time, generously, until a new demo has taken in what was before it."""
MOST_PEOPLE = 200
"""However large the city is: each costs the start of the demo some hundredths of a second."""


def plan_days(actor: str) -> int:
    """Give a day to everybody who agreed to daily care, the citizen who signs in among them; how many."""
    officer = User.objects.get(username="officer")
    set_template("보통 날", DAY, actor=officer)
    citizen = Person.objects.filter(user__username="citizen").first()
    if citizen is not None:
        _agree(citizen, actor)
        _let_family_in(citizen, actor)
    agreed = Consent.objects.filter(purpose=ConsentPurpose.DAILY_CARE, withdrawn_at=None)
    chosen = Person.objects.filter(pk__in=agreed.values("person")).select_related("household__area").order_by("id")
    for person in chosen[:MOST_PEOPLE]:
        _agree(person, actor)
        for spec in DAY:
            add_routine(person, spec, from_day=_first_day(spec), actor=actor)
    return min(chosen.count(), MOST_PEOPLE)


def _first_day(spec: Spec) -> date:
    """Today what is hours away, the rest from tomorrow: nobody answers a telephone while the history still comes in."""
    soon = clock.now().astimezone(clock.SEOUL) + HISTORY_TAKES
    return soon.date() if spec.at > soon.time() else soon.date() + timedelta(days=1)


def _let_family_in(person: Person, actor: str) -> None:
    """The demo's family sees how the demo's citizen is."""
    _agree(person, actor, ConsentPurpose.FAMILY_SHARE)
    contact = person.contacts.first()
    if contact is None:
        contact = people.add_contact(person, name="이하나", phone="010-0000-0000", relation="딸", actor=actor)
    family.let_in(contact, "family", actor=actor)


def _agree(person: Person, actor: str, *purposes: ConsentPurpose) -> None:
    """To these, by default daily care and its calls, where they have not."""
    for purpose in purposes or DAILY:
        if not people.has_consent(person, purpose, clock.now()):
            until = clock.now() + timedelta(days=365)
            people.grant_consent(person, purpose, expires_at=until, how="등록 서류", actor=actor)
