# SPDX-License-Identifier: Apache-2.0
"""The officer's page of what the engine decided and what people made of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dure.city import cases, clock, findings, reviews
from dure.city.models import AuditEntry, Case, Level, ReviewKind, ReviewResult, Role, User
from dure.services.care.actions.alarms import activity_returned, alarm
from dure.services.care.models import Enrolment
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import enrolled_many

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]
REASON = {"ko": "08시면 28일 중 25일은 전기를 쓰셨습니다.", "en": "On 25 of 28 days power was used at 8."}


def noticed(enrolment: Enrolment, level: Level = Level.ATTENTION) -> Case:
    finding = alarm(
        enrolment, level=level, score=3.0, reason=REASON, evidence={}, engine_version="test", at=clock.now()
    )
    return finding.cases.get()


def seen(user: User, **asked: str | int) -> Any:
    client = Client()
    client.force_login(user)
    return client.get("/decisions/", asked).context["found"]


@pytest.fixture
def decided(city: City, standing_clock: StandingClock) -> list[Case]:
    """Five: well by phone, false alarm, overruled, passed by itself, and one whose review changed it."""
    worker, officer = city.users[Role.CARE_WORKER], city.users[Role.WELFARE_OFFICER]
    homes = enrolled_many(city, range(1, 6))
    found = [noticed(home, Level.ALERT if number == 2 else Level.ATTENTION) for number, home in enumerate(homes)]
    cases.close(found[0], actor=worker, outcome="well_by_phone")
    cases.close(found[1], actor=worker, outcome="false_alarm")
    cases.overrule(found[2], Level.INTEREST, actor=officer, reason="여행 중이심")
    activity_returned(homes[3], at=clock.now())
    review = reviews.ask(
        homes[4].person, service="care", kind=ReviewKind.REVIEW, actor=worker, finding=found[4].findings.get()
    )
    reviews.answer(review, result=ReviewResult.CHANGED, text="집에 계셨습니다.", actor=officer)
    return found


def test_people_s_outcome_stands_beside_each_decision_and_what_they_overturned_is_counted(
    city: City, decided: list[Case]
) -> None:
    found = seen(city.users[Role.WELFARE_OFFICER])
    assert (found.total, found.judged, found.overturned) == (5, 4, 3)
    assert (round(found.rate.value, 2), found.rate.low > 0.29) == (0.75, True)
    rows = {row.case.number: row for row in found.rows}
    assert [rows[case.number].overruled for case in decided] == [False, True, True, False, True]
    assert rows[decided[1].number].became == ["잘못된 알림"]
    assert rows[decided[4].number].review == "사람이 판단을 바꿈"


def test_decisions_are_found_by_area_level_and_day(
    city: City, decided: list[Case], standing_clock: StandingClock
) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    assert [seen(officer, level=3).total, seen(officer, level=4).total] == [1, 0]
    assert seen(officer, area=city.dongs[1].code).total == 0
    assert [seen(officer, since="2026-11-03").total, seen(officer, until="2026-11-02").total] == [0, 5]
    assert len(seen(officer, overturned="on").rows) == 3
    assert seen(officer, level="many", since="tomorrow").total == 5
    assert seen(officer, since="0001-01-01", until="9999-12-31").total == 5


def test_only_the_officer_s_areas_are_shown_and_the_look_is_on_each_home_s_chain(
    city: City, decided: list[Case]
) -> None:
    far = make_user("far", Role.WELFARE_OFFICER, area=city.dongs[1])
    assert seen(far).total == 0
    assert not AuditEntry.objects.filter(tag="city:decisions:read", actor="user:far").exists()
    seen(city.users[Role.WELFARE_OFFICER])
    (entry,) = AuditEntry.objects.filter(tag="city:decisions:read")
    assert set(entry.detail["refs"]) == {str(case.household.ref) for case in decided if case.household}


def test_every_service_s_decisions_are_there_and_nobody_s_own_act(city: City, decided: list[Case]) -> None:
    """A fall that a device noticed is a decision of ours; pressing for help is not."""
    officer, home = city.users[Role.WELFARE_OFFICER], decided[0].household
    assert home is not None
    for kind in ("fall", "sos"):
        findings.open_finding(
            service="monitoring", kind=kind, level=Level.SEVERE, score=1, reason=REASON, evidence={},
            engine="vitals", engine_version="1", found_at=clock.now(), area=home.area, household=home,
        )  # fmt: skip
    assert seen(officer).total == 6
    (fall,) = seen(officer, service="monitoring").rows
    assert fall.finding.kind == "fall"
    assert seen(officer, service="care").total == 5
