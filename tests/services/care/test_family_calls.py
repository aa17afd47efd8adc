# SPDX-License-Identifier: Apache-2.0
"""Who agreed to it has family rung when they do not answer; what family says helps the worker and closes nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from dure.city import devices, people, tasks
from dure.city.cases import thread
from dure.city.models import AttemptResult, Case, CaseStatus, Channel, ConsentPurpose, EscalationAttempt, Level, Role
from dure.services.care.actions.alarms import alarm
from dure.services.care.actions.calls import answer_call, end_unanswered
from dure.services.care.actions.ringing import on_the_line
from dure.services.care.life import signs_of_life
from dure.services.care.models import FAMILY, Call, CallOutcome, Enrolment
from tests.conftest import StandingClock
from tests.factories import City, make_feed
from tests.services.care.living import enrolled

pytestmark = pytest.mark.django_db
DAUGHTER = {"name": "김하나", "phone": "010-0000-5001", "relation": "딸"}
SON = {"name": "김두리", "phone": "010-0000-5002", "relation": "아들"}


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    """Somebody with two children who are to be told."""
    return enrolled(city, consents=["power_watch", "ai_call", "family_share"], contacts=[DAUGHTER, SON])


def unanswered(enrolment: Enrolment, clock: StandingClock) -> Case:
    """A case in which the person was rung twice in vain; whatever follows that is tried."""
    why = {"ko": "조용합니다", "en": "silent"}
    found = alarm(enrolment, level=Level.ATTENTION, score=3, reason=why, evidence={}, engine_version="1", at=clock.now)
    for _ in range(5):
        run()
        clock.move(minutes=10)
    run()
    return found.cases.get()


def run() -> None:
    """What the worker does."""
    end_unanswered()
    tasks.run_escalations()


def tried() -> list[tuple[str, str]]:
    return list(EscalationAttempt.objects.order_by("pk").values_list("channel", "result"))


def family_call() -> Call:
    return Call.objects.filter(script=FAMILY).latest("pk")


def test_family_is_rung_in_their_order_after_the_person(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    unanswered(enrolment, standing_clock)
    own = (Channel.AI_CALL, AttemptResult.NO_ANSWER)
    assert tried() == [own, own, (Channel.FAMILY_CALL, AttemptResult.PENDING)]
    telephone = devices.issue_key(make_feed("telephony", "telephony"), actor="tests")
    headers = {"Authorization": f"Bearer {telephone}"}
    (rung,) = Client().get("/api/v1/calls", headers=headers).json()["calls"]
    assert (rung["script"], rung["phone"]) == ("family", "01000005001")
    for private in ("김순자", "전기", "약"):
        assert private not in rung["text"]["ko"], "whoever picks up hears no name and no reason"
    for _ in range(2):
        standing_clock.move(minutes=2)
        run()
    assert family_call().contact == enrolment.person.contacts.get(position=2)
    for _ in range(4):
        standing_clock.move(minutes=2)
        run()
    assert tried()[-1][0] == Channel.WORKER_CALL


@pytest.mark.parametrize(("key", "outcome"), [("1", CallOutcome.TOLD), ("2", CallOutcome.VOUCHED)])
def test_what_family_says_is_told_the_worker_and_closes_nothing(
    key: str, outcome: CallOutcome, enrolment: Enrolment, standing_clock: StandingClock, city: City
) -> None:
    case = unanswered(enrolment, standing_clock)
    call = answer_call(family_call().ref, key, by="feed:telephone")
    assert call.outcome == outcome
    assert tried()[-1] == (Channel.FAMILY_CALL, AttemptResult.REACHED)
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN
    assert signs_of_life(enrolment.enrolled_at) == {}, "their word is no sign of life of hers"
    said = next(one for one in reversed(thread(city.users[Role.WELFARE_OFFICER], case)) if "outcome" in one.data)
    assert (said.data["channel"], said.data["outcome"]) == ("family_call", outcome)
    assert "가족이" in (said.text or "")
    standing_clock.move(minutes=5)
    run()
    assert tried()[-1][0] == Channel.WORKER_CALL


def test_family_who_asks_for_help_makes_the_case_severe(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    case = unanswered(enrolment, standing_clock)
    answer_call(family_call().ref, said="문을 두드려도 대답이 없어요 119 불러 주세요", by="feed:telephone")
    case.refresh_from_db()
    assert case.level == Level.SEVERE


@pytest.mark.parametrize("without", ["consent", "contact"])
def test_without_consent_or_family_the_step_is_passed_over_at_once(
    without: str, city: City, standing_clock: StandingClock
) -> None:
    agreed = ["power_watch", "ai_call"] + ["family_share"] * (without == "contact")
    enrolment = enrolled(city, consents=agreed, contacts=[DAUGHTER] * (without == "consent"))
    unanswered(enrolment, standing_clock)
    assert tried()[2][0] == Channel.WORKER_CALL
    assert not Call.objects.filter(script=FAMILY).exists()


def test_consent_withdrawn_while_it_rings_takes_the_number_away(
    enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    unanswered(enrolment, standing_clock)
    people.withdraw_consent(enrolment.person, ConsentPurpose.FAMILY_SHARE, actor="tests")
    telephone = devices.issue_key(make_feed("telephony", "telephony"), actor="tests")
    answer = Client().get("/api/v1/calls", headers={"Authorization": f"Bearer {telephone}"})
    assert answer.json() == {"calls": []}


def test_the_persons_own_line_stays_free(enrolment: Enrolment, standing_clock: StandingClock) -> None:
    """While her daughter is rung about a missed call, she herself can be rung about her medicine."""

    unanswered(enrolment, standing_clock)
    assert family_call().state == "ringing"
    assert not on_the_line(enrolment.person)
