# SPDX-License-Identifier: Apache-2.0
"""Slow change, from readings to the officer's list: a finding to read, and nothing that rings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from dure.city import readings
from dure.city.models import Case, Finding, Level, Role
from dure.city.readings import ReadingBatch
from dure.services.care import tasks
from dure.services.care.actions.away import declare_away
from dure.services.care.actions.slow import read_slow_changes
from dure.services.care.models import AwaySource
from tests.conftest import StandingClock
from tests.engines.habits.made_homes import DAY, Floats, living
from tests.engines.habits.test_slow import BEFORE, changed_after
from tests.factories import City
from tests.services.care.living import HALF_HOUR, Living, enrolled, judge

pytestmark = pytest.mark.django_db
DAYS = 90
END = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)
"""Midnight in Seoul."""


def lived(clock: StandingClock, home: Living, kwh: Floats, first_day: int, last_day: int) -> None:
    """Half hours of these days of ninety, the last of which ends at END; it is the end of the last of them."""
    start = END - timedelta(days=DAYS)
    clock.stand_at(start + timedelta(days=last_day))
    columns = range(first_day * DAY, last_day * DAY)
    readings.store(
        ReadingBatch.of((home.enrolment.power_id, start + n * HALF_HOUR, float(kwh[0, n]), 0) for n in columns)
    )
    judge()


@pytest.fixture
def home(city: City, standing_clock: StandingClock) -> Living:
    return Living(enrolled(city))


def test_fewer_active_hours_are_a_finding_to_read_and_end_by_themselves(
    home: Living, standing_clock: StandingClock, city: City, client: Client
) -> None:
    usual = living(1, DAYS)
    kwh = changed_after(usual, "less")
    kwh[:, 76 * DAY :] = usual[:, 76 * DAY :]
    lived(standing_clock, home, kwh, 0, BEFORE)
    assert read_slow_changes() == 0
    lived(standing_clock, home, kwh, BEFORE, 76)
    assert read_slow_changes() == 1
    assert read_slow_changes() == 0, "again changes nothing"
    finding = Finding.objects.get(kind="slow_less")
    assert finding.level == Level.INTEREST
    assert "줄었습니다" in finding.reason["ko"]
    assert "% less" in finding.reason["en"]
    assert finding.evidence["recent"] < finding.evidence["limit"] < finding.evidence["usual"]
    assert set(finding.evidence["what_would_change_it"]) == {"ko", "en"}
    assert not Case.objects.exists(), "it is nobody's alarm"
    client.force_login(city.users[Role.WELFARE_OFFICER])
    page = client.get(reverse("care:board")).content.decode()
    assert finding.reason["ko"] in page
    assert "이번 주" in page

    lived(standing_clock, home, kwh, 76, DAYS)
    tasks.read_slow_changes()
    assert not Finding.objects.filter(kind="slow_less", ended_at=None).exists()


def test_home_said_to_be_away_is_not_listed(home: Living, standing_clock: StandingClock) -> None:
    kwh = changed_after(living(1, 76), "less")
    kwh = np.concatenate([kwh[:, : (DAYS - 76) * DAY], kwh], axis=1)
    lived(standing_clock, home, kwh, 0, DAYS)
    now = standing_clock.now
    declare_away(
        home.enrolment.household, starts_at=now, ends_at=now + timedelta(days=3), said_by=AwaySource.FAMILY,
        actor="tests",
    )  # fmt: skip
    assert read_slow_changes() == 0
    standing_clock.move(hours=1)
    assert not Finding.objects.exists()


def test_home_whose_data_stopped_is_not_judged(home: Living, standing_clock: StandingClock) -> None:
    kwh = changed_after(living(1, 76), "less")
    lived(standing_clock, home, np.concatenate([kwh[:, : (DAYS - 76) * DAY], kwh], axis=1), 0, DAYS)
    standing_clock.move(hours=49)
    assert read_slow_changes() == 0
