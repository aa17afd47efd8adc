# SPDX-License-Identifier: Apache-2.0
"""Consents given, renewed and taken back; what is not agreed to is not looked at."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dure.city import cases
from dure.city.errors import Invalid, NotAllowed
from dure.city.models import AuditEntry, Case, CaseStatus, Consent, ConsentPurpose, Finding, Role
from dure.services.care.actions.consents import How, SaidBy, agree, take_back
from dure.services.care.models import Enrolment
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import Living, enrolled, judge, open_case

pytestmark = pytest.mark.django_db
POWER = ConsentPurpose.POWER_WATCH


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    return enrolled(city)


def silent_home(enrolment: Enrolment, clock: StandingClock) -> None:
    """Three weeks of life and two days of nothing."""
    living = Living(enrolment)
    living.send(clock.now - timedelta(days=23), clock.now - timedelta(days=2))
    living.send(clock.now - timedelta(days=2), clock.now, alive=False)


def test_home_without_consent_is_not_judged(city: City, enrolment: Enrolment, standing_clock: StandingClock) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    take_back(enrolment, POWER, said_by=SaidBy.SELF, how=How.PHONE, actor=officer)
    silent_home(enrolment, standing_clock)
    judge()
    assert not Finding.objects.exists()
    assert not Case.objects.exists()


def test_home_whose_consent_ran_out_is_not_judged(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    Consent.objects.filter(purpose=POWER).update(expires_at=standing_clock.now)
    silent_home(enrolment, standing_clock)
    judge()
    assert not Finding.objects.exists()


def test_home_is_judged_again_from_the_new_consent_on(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    take_back(enrolment, POWER, said_by=SaidBy.SELF, how=How.PHONE, actor=officer)
    assert agree(enrolment, [POWER], last_day=date(2027, 6, 1), said_by=SaidBy.SELF, how=How.PAPER, actor=officer) == 1
    silent_home(enrolment, standing_clock)
    judge()
    assert open_case(enrolment) is not None


def test_taking_back_ends_what_was_found_and_leaves_the_case_to_people(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    silent_home(enrolment, standing_clock)
    judge()
    officer = city.users[Role.WELFARE_OFFICER]
    for left in (1, 0):
        assert take_back(enrolment, POWER, said_by=SaidBy.GUARDIAN, how=How.PAPER, actor=officer) == left
    assert not Finding.objects.filter(ended_at=None).exists()
    case = Case.objects.get()
    assert case.status == CaseStatus.OPEN
    assert "동의를 거두셨습니다" in cases.thread(officer, case)[-1].text
    told = AuditEntry.objects.get(tag="care:consent:taken_back")
    assert told.detail == {"purpose": "power_watch", "said_by": "guardian", "how": "paper"}


def test_phone_is_looked_at_only_with_its_own_consent(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    take_back(enrolment, ConsentPurpose.PHONE_WATCH, said_by=SaidBy.SELF, how=How.VISIT, actor=officer)
    silent_home(enrolment, standing_clock)
    judge()
    assert open_case(enrolment) is not None


def test_renewing_twice_is_one_consent(city: City, enrolment: Enrolment) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    said = {"last_day": date(2028, 3, 31), "said_by": SaidBy.SELF, "how": How.VISIT, "actor": officer}
    both = [POWER, ConsentPurpose.FAMILY_SHARE]
    assert agree(enrolment, both, **said) == 2  # type: ignore[arg-type]
    assert agree(enrolment, both, **said) == 0  # type: ignore[arg-type]
    newest = Consent.objects.filter(purpose=POWER).latest("expires_at")
    assert (newest.last_day, newest.how, newest.recorded_by) == (date(2028, 3, 31), "self:visit", officer)


def test_consent_that_ends_before_it_begins_is_refused(city: City, enrolment: Enrolment) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    with pytest.raises(Invalid, match="expires_at"):
        agree(enrolment, [POWER], last_day=date(2026, 11, 1), said_by=SaidBy.SELF, how=How.PAPER, actor=officer)


def test_worker_of_another_area_may_not(city: City, enrolment: Enrolment) -> None:
    stranger = make_user("stranger", Role.CARE_WORKER, area=city.dongs[1])
    with pytest.raises(NotAllowed):
        take_back(enrolment, POWER, said_by=SaidBy.SELF, how=How.PHONE, actor=stranger)
