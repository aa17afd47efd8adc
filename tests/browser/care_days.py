# SPDX-License-Identifier: Apache-2.0
"""What the people of care's city do day by day: plans, a template, an elder with a page of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from typing import TYPE_CHECKING

from tests.browser.pages import ELDER, FAMILY, STRANGER

if TYPE_CHECKING:
    from dure.city.models import User
    from dure.services.care.models import Enrolment

ELDERS_HOME, MISSED_HOME = 1, 8


def ask_about_decisions(homes: Sequence[Enrolment], officer: User) -> None:
    """The elder asks for an explanation that is answered; family and staff ask what waits, one of it late."""
    from dure.city import clock, reviews
    from dure.city.models import ReviewKind, ReviewResult, User

    now = clock.now()
    elder, daughter = User.objects.get(username=ELDER), User.objects.get(username=FAMILY)
    person = homes[ELDERS_HOME].person
    explained = reviews.ask(person, service="care", kind=ReviewKind.EXPLANATION, actor=elder, text="왜 전화가 왔나요?")
    reviews.answer(explained, result=ReviewResult.EXPLAINED, actor=officer,
                   text="아침에 전기를 쓰신 것이 보이지 않아 안부를 여쭈었습니다.")  # fmt: skip
    finding = person.household.findings.order_by("-found_at").first()
    reviews.ask(person, service="care", kind=ReviewKind.REVIEW, actor=elder, finding=finding, text="집에 있었습니다.")
    with clock.frozen(now - timedelta(days=32)):
        reviews.ask(homes[2].person, service="care", kind=ReviewKind.REFUSAL, actor=officer)
    reviews.ask(homes[0].person, service="care", kind=ReviewKind.EXPLANATION, actor=daughter)


def plan_days(homes: Sequence[Enrolment], officer: User) -> None:
    """One person's day under way, another's with medicine missed this morning."""
    from dure.city import clock, family, people
    from dure.city.models import Consent, ConsentPurpose, Role
    from dure.services.care.actions import calls, daily, occasions
    from dure.services.care.actions.daily import Spec
    from dure.services.care.models import Call, ConfirmBy, RoutineKind
    from tests.factories import make_user

    now = clock.now()
    medicine = Spec(RoutineKind.MEDICINE, "혈압약", time(6, 0), dose="2알", repeats=0)
    lunch = Spec(RoutineKind.MEAL, "점심 식사", time(12, 0), confirm_by=ConfirmBy.BUTTON)
    greeting = Spec(RoutineKind.GREETING, "아침 인사", time(6, 30))
    exercise = Spec(RoutineKind.EXERCISE, "복지관에서 하는 느린 체조와 걷기", time(15, 0), weekdays="67")
    daily.set_template("보통 날", [medicine, lunch], actor=officer)
    elder, other = homes[ELDERS_HOME].person, homes[MISSED_HOME].person
    make_user(ELDER, Role.CITIZEN, display_name="박누리", person=elder)
    make_user(STRANGER, Role.FAMILY, display_name="박누리")
    make_user(FAMILY, Role.FAMILY, display_name="박누리")
    for home in homes[:3]:
        person, until = home.person, now + timedelta(days=300)
        people.grant_consent(person, ConsentPurpose.FAMILY_SHARE, expires_at=until, how="등록 서류", actor="tests")
        family.let_in(person.contacts.order_by("position")[0], FAMILY, actor=officer)
    dawn = now.astimezone(clock.SEOUL).replace(hour=5, minute=0, second=0, microsecond=0)
    Consent.objects.filter(person__in=(elder, other)).update(granted_at=dawn)
    with clock.frozen(dawn):
        for person in (elder, other):
            people.grant_consent(
                person, ConsentPurpose.DAILY_CARE, expires_at=now + timedelta(days=300), how="등록 서류", actor="tests"
            )
        for spec in (greeting, lunch, exercise):
            daily.add_routine(elder, spec, actor=officer)
        daily.add_routine(other, medicine, actor=officer)
    for minutes in (61, 91, 95, 100):
        with clock.frozen(dawn + timedelta(minutes=minutes)):
            calls.end_unanswered()
            occasions.make_due()
            occasions.run_due()
            for call in Call.objects.filter(person=elder, state="ringing"):
                calls.answer_call(call.ref, "1", by="tests")
