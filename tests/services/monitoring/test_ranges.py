# SPDX-License-Identifier: Apache-2.0
"""What is usual for a person: learned from the record, overridden by a clinician, and whose word counts when."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from dure.city import people, readings
from dure.city.errors import Conflict, Invalid, NotAllowed
from dure.city.models import AuditEntry, ConsentPurpose, Finding, Role, Team
from dure.city.readings import ReadingBatch
from dure.engines.vitals import Source, Vital
from dure.services.monitoring.actions.devices import give, take_back
from dure.services.monitoring.actions.ranges import learn_due, ranges_of, set_range
from dure.services.monitoring.models import PersonalDevice, UsualRange
from tests.conftest import StandingClock
from tests.factories import City, make_feed, make_home, make_user
from tests.services.monitoring.wearing import Wearing, judge, wearing

pytestmark = pytest.mark.django_db


@pytest.fixture
def worn(city: City, standing_clock: StandingClock) -> Wearing:
    return wearing(city)


def live(worn: Wearing, standing_clock: StandingClock, *, days: int = 20, mean: float = 62) -> None:
    """Let so many days pass in which the heart beats about ``mean``, a reading every ten minutes."""
    series = worn.given["wearable"].device.series.get(name="heart_rate")
    start, chance = standing_clock.now, np.random.default_rng(3)
    readings.store(
        ReadingBatch.of(
            (series.pk, start + timedelta(minutes=10 * n), round(float(chance.normal(mean, 3)), 1), 0)
            for n in range(days * 144)
        )
    )
    standing_clock.move(days=days)


def usual(worn: Wearing, at: datetime) -> tuple[Source, float]:
    found = ranges_of([worn.person.pk], at)[worn.person.pk, Vital.HEART_RATE]
    return found.source, found.high


def test_learned_from_own_weeks_once_a_day_and_then_judged_by(worn: Wearing, standing_clock: StandingClock) -> None:
    assert learn_due() == 1
    assert usual(worn, standing_clock.now) == (Source.PUBLISHED, 90)
    live(worn, standing_clock)
    assert learn_due() == 1
    source, high = usual(worn, standing_clock.now)
    assert source is Source.LEARNED
    assert 62 < high < 80
    assert learn_due() == 0
    entry = AuditEntry.objects.get(tag="monitoring:range:learned")
    assert entry.detail["refs"] == [str(worn.person.ref)]
    standing_clock.move(minutes=30)
    worn.say("heart_rate", *[85] * 5, until=standing_clock.now)
    judge()
    finding = Finding.objects.get()
    assert (finding.level, finding.cases.count()) == (1, 0), "unlike the person, well by NEWS2: for a person to read"
    assert "이분의 평소 범위" in finding.reason["ko"]


def test_nothing_is_learned_of_somebody_who_does_not_agree(worn: Wearing, standing_clock: StandingClock) -> None:
    live(worn, standing_clock)
    people.withdraw_consent(worn.person, ConsentPurpose.HEALTH_WATCH, actor="tests")
    assert learn_due() == 0
    assert not UsualRange.objects.exists()


def test_clinicians_range_goes_before_the_learned_one_until_its_day(
    worn: Wearing, standing_clock: StandingClock, city: City
) -> None:
    live(worn, standing_clock)
    learn_due()
    until = standing_clock.now + timedelta(days=10)
    set_range(
        worn.person, Vital.HEART_RATE, low=45, high=100, clinician="이의사", reason="약", valid_until=until,
        actor=city.users[Role.WELFARE_OFFICER],
    )  # fmt: skip
    assert usual(worn, standing_clock.now) == (Source.CLINICIAN, 100)
    assert usual(worn, until)[0] is Source.LEARNED
    standing_clock.move(minutes=30)
    worn.say("heart_rate", *[95] * 5, until=standing_clock.now)
    judge()
    assert not Finding.objects.exists()
    standing_clock.move(minutes=30)
    worn.say("heart_rate", *[104] * 5, until=standing_clock.now)
    judge()
    assert "의료진(이의사)이 정한 범위(45–100회/분)" in Finding.objects.get().reason["ko"]


def test_who_works_elsewhere_sets_nothing(worn: Wearing, standing_clock: StandingClock, city: City) -> None:
    elsewhere = make_user("elsewhere", Role.WELFARE_OFFICER, area=city.dongs[1])
    with pytest.raises(NotAllowed):
        set_range(
            worn.person, Vital.HEART_RATE, low=45, high=100, clinician="이의사", reason="약",
            valid_until=standing_clock.now + timedelta(days=1), actor=elsewhere,
        )  # fmt: skip


def test_device_is_given_once_and_on_the_chain(worn: Wearing) -> None:
    again = give(worn.person, feed=worn.feed, code=worn.code(), kind="wearable", actor="tests")
    assert again == worn.given["wearable"]
    assert AuditEntry.objects.filter(tag="monitoring:device:given").count() == 1
    take_back(again, actor="tests")
    take_back(again, actor="tests")
    assert AuditEntry.objects.filter(tag="monitoring:device:taken_back").count() == 1
    assert give(worn.person, feed=worn.feed, code=worn.code(), kind="wearable", actor="tests").ended_at is None


@pytest.mark.parametrize("case", ["kind", "consent", "team", "members"])
def test_nobody_is_watched_without_consent_or_whom_nobody_answers_for(
    city: City, standing_clock: StandingClock, case: str
) -> None:
    consents = () if case == "consent" else (ConsentPurpose.HEALTH_WATCH,)
    home = make_home(city.dongs[0], consents=consents)
    if case == "team":
        Team.objects.all().delete()
    if case == "members":
        city.team.members.set([city.users[Role.CONTROL_OPERATOR]])
    kind = "tricorder" if case == "kind" else "wearable"
    with pytest.raises(Invalid if case in {"kind", "consent"} else Conflict) as refused:
        give(home.person, feed=make_feed("wear", "wearables"), code="band-1", kind=kind, actor="tests")
    assert refused.value.field == (case if case in {"kind", "consent"} else None)
    assert not PersonalDevice.objects.exists()
