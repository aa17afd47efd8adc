# SPDX-License-Identifier: Apache-2.0
"""Asking about automatic decisions (PIPA art. 37-2): who may, until when it is answered, by whom, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dure.city import cases, clock, people, reviews
from dure.city.cases import escalate_overdue
from dure.city.errors import Conflict, Invalid, NotAllowed, NotFound
from dure.city.family import let_in
from dure.city.findings import open_finding
from dure.city.models import (
    AskedAs,
    AuditEntry,
    Case,
    CaseEvent,
    CaseStatus,
    ConsentPurpose,
    Finding,
    Level,
    Person,
    Review,
    ReviewKind,
    ReviewResult,
    Role,
    User,
)
from tests.city.casework import notices, open_care_case
from tests.conftest import StandingClock
from tests.factories import City, Home, make_home, make_user

pytestmark = pytest.mark.django_db
CONSENTS = (ConsentPurpose.POWER_WATCH, ConsentPurpose.FAMILY_SHARE)


@pytest.fixture
def home(city: City, standing_clock: StandingClock) -> Home:
    made = make_home(city.dongs[0], consents=CONSENTS)
    User.objects.filter(pk=city.users[Role.CITIZEN].pk).update(person=made.person)
    return made


@pytest.fixture
def elder(city: City, home: Home) -> User:
    return User.objects.get(pk=city.users[Role.CITIZEN].pk)


@pytest.fixture
def officer(city: City) -> User:
    return city.users[Role.WELFARE_OFFICER]


def finding_about(home: Home) -> Finding:
    return open_finding(
        service="care",
        kind="unlike_habit",
        level=Level.ALERT,
        score=3.0,
        reason={"ko": "까닭", "en": "reason"},
        evidence={},
        engine="habits",
        engine_version="1",
        found_at=clock.now(),
        area=home.household.area,
        household=home.household,
    )


def asked(home: Home, by: User, kind: ReviewKind = ReviewKind.REVIEW, finding: Finding | None = None) -> Review:
    return reviews.ask(home.person, service="care", kind=kind, actor=by, finding=finding, text="왜 그랬나요?")


def test_request_is_a_case_of_the_area_s_team_that_is_due_in_30_days(city: City, home: Home, elder: User) -> None:
    finding = finding_about(home)
    review = asked(home, elder, finding=finding)
    case = review.case
    assert (case.team, case.due_at) == (city.team, clock.now() + timedelta(days=30))
    assert (case.kind, case.household, case.service) == ("review", None, "care")
    assert (review.asked_as, review.finding) == (AskedAs.SELF, finding)
    entry = AuditEntry.objects.get(tag="city:review:asked")
    assert (entry.actor, entry.subject) == ("user:citizen", f"person:{home.person.ref}")
    assert "왜 그랬나요" not in str(AuditEntry.objects.values_list("detail", flat=True))


def test_asking_again_while_it_is_open_is_the_same_request(home: Home, elder: User) -> None:
    assert asked(home, elder) == asked(home, elder)
    assert asked(home, elder, ReviewKind.EXPLANATION) != asked(home, elder)
    assert Case.objects.count() == 2


def test_family_asks_while_they_may_see_the_person_and_staff_where_they_work(city: City, home: Home) -> None:
    contact = people.add_contact(home.person, name="김하나", phone="010-1234-5678", relation="딸", actor="tests")
    daughter = let_in(contact, "daughter", actor="tests").user
    assert asked(home, daughter).asked_as == AskedAs.FAMILY
    assert reviews.reviews_by(daughter).count() == 1
    worker = city.users[Role.CARE_WORKER]
    assert asked(home, worker, ReviewKind.EXPLANATION).asked_as == AskedAs.STAFF
    people.withdraw_consent(home.person, ConsentPurpose.FAMILY_SHARE, actor="tests")
    assert reviews.reviews_by(daughter).count() == 0
    strangers = [
        daughter,
        make_user("far", Role.CARE_WORKER, area=city.dongs[1]),
        make_user("stranger", Role.CITIZEN),
        make_user("kin", Role.FAMILY),
        city.users[Role.PLANNER],
    ]
    for stranger in strangers:
        with pytest.raises(NotAllowed):
            asked(home, stranger, ReviewKind.REFUSAL)


def test_what_is_asked_about_must_be_about_them(city: City, home: Home, elder: User) -> None:
    other = make_home(city.dongs[0])
    with pytest.raises(Invalid, match="finding"):
        asked(home, elder, finding=finding_about(other))
    with pytest.raises(Invalid, match="service"):
        reviews.ask(home.person, service="no-such", kind=ReviewKind.REVIEW, actor=elder)
    with pytest.raises(Invalid, match="text"):
        reviews.ask(home.person, service="care", kind=ReviewKind.REVIEW, actor=elder, text="가" * 4001)


def test_answer_is_by_name_in_words_and_closes_the_case(home: Home, elder: User, officer: User) -> None:
    finding = finding_about(home)
    review = asked(home, elder, finding=finding)
    with pytest.raises(Invalid, match="text"):
        reviews.answer(review, result=ReviewResult.STOPPED, text="  ", actor=officer)
    with pytest.raises(Invalid, match="result"):
        reviews.answer(review, result=ReviewResult.EXPLAINED, text="그랬습니다", actor=officer)
    reviews.answer(review, result=ReviewResult.STOPPED, text="잘못 보았습니다. 그만두었습니다.", actor=officer)
    (opened,) = reviews.open_reviews(elder, reviews.reviews_by(elder))
    assert (opened.answer, opened.review.answered_by) == ("잘못 보았습니다. 그만두었습니다.", officer)
    case, finding = Case.objects.get(pk=review.case_id), Finding.objects.get(pk=finding.pk)
    assert (case.status, case.outcome, finding.ended_at) == (CaseStatus.CLOSED, "review_stopped", clock.now())
    with pytest.raises(Conflict):
        reviews.answer(review, result=ReviewResult.UPHELD, text="다시", actor=officer)


def test_only_who_works_on_the_area_s_cases_answers_or_reads(city: City, home: Home, elder: User) -> None:
    review = asked(home, elder)
    far = make_user("far", Role.WELFARE_OFFICER, area=city.dongs[1])
    for nobody in (far, elder, city.users[Role.PLANNER]):
        with pytest.raises((NotFound, NotAllowed)):
            reviews.answer(review, result=ReviewResult.UPHELD, text="말씀", actor=nobody)
        with pytest.raises(NotFound):
            reviews.access_review(nobody, review.ref)
    before = AuditEntry.objects.count()
    assert reviews.access_review(city.users[Role.WELFARE_OFFICER], review.ref).text == "왜 그랬나요?"
    (read,) = AuditEntry.objects.filter(seq__gt=before)
    assert (read.tag, read.subject) == ("city:review:read", f"person:{home.person.ref}")


def test_time_is_extended_twice_at_most_with_a_reason_and_never_when_it_is_over(
    home: Home, elder: User, officer: User, standing_clock: StandingClock
) -> None:
    review, begun = asked(home, elder), clock.now()
    with pytest.raises(Invalid, match="reason"):
        reviews.extend(review, reason="", actor=officer)
    reviews.extend(review, reason="전력 회사의 답을 기다립니다.", actor=officer)
    reviews.extend(review, reason="아직 기다립니다.", actor=officer)
    assert Case.objects.get(pk=review.case_id).due_at == begun + timedelta(days=90)
    with pytest.raises(Conflict):
        reviews.extend(review, reason="한 번 더", actor=officer)
    (opened,) = reviews.open_reviews(elder, reviews.reviews_by(elder))
    assert opened.extension_reason == "아직 기다립니다."
    other = asked(home, elder, ReviewKind.EXPLANATION)
    standing_clock.move(days=31)
    with pytest.raises(Conflict):
        reviews.extend(other, reason="늦었습니다", actor=officer)


def test_late_request_grows_loud(home: Home, elder: User, officer: User, standing_clock: StandingClock) -> None:
    review = asked(home, elder)
    standing_clock.move(days=30, minutes=1)
    assert escalate_overdue() == 1
    case = Case.objects.get(pk=review.case_id)
    assert (case.level, notices(case)) == (Level.ALERT, ["overdue"])
    assert reviews.access_review(officer, review.ref).late


def test_refusal_holds_from_the_moment_it_is_said_until_it_is_upheld_or_taken_back(
    city: City, home: Home, elder: User, officer: User
) -> None:
    open_case = open_care_case(city.dongs[0], city.team, household=home.household)
    refusal = asked(home, elder, ReviewKind.REFUSAL)
    assert reviews.refuses(home.person, "care")
    assert not reviews.refuses(make_home(city.dongs[0]).person, "care")
    note = CaseEvent.objects.filter(case=open_case, kind="note").latest("id")
    assert "거부하셨습니다" in note.text.open()
    reviews.answer(refusal, result=ReviewResult.STOPPED, text="이제 사람이 봅니다.", actor=officer)
    assert reviews.refuses(home.person, "care")
    reviews.withdraw(refusal, actor=elder)
    assert not reviews.refuses(home.person, "care")
    again = asked(home, elder, ReviewKind.REFUSAL)
    assert reviews.refusers_of(Person.objects.filter(pk=home.person.pk), "care")
    reviews.answer(again, result=ReviewResult.UPHELD, text="목숨이 걸린 일이라 그대로 둡니다.", actor=officer)
    assert not reviews.refuses(home.person, "care")


def test_request_that_is_taken_back_closes_its_case(home: Home, elder: User, officer: User) -> None:
    review = asked(home, elder)
    reviews.withdraw(review, actor=elder)
    reviews.withdraw(review, actor=elder)
    case = Case.objects.get(pk=review.case_id)
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, "review_withdrawn")
    with pytest.raises(Conflict):
        reviews.answer(review, result=ReviewResult.UPHELD, text="늦었습니다", actor=officer)
    assert AuditEntry.objects.filter(tag="city:review:withdrawn").count() == 1
    assert not cases.visible_cases(elder).filter(kind="review").exists()
