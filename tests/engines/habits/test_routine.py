# SPDX-License-Identifier: Apache-2.0
"""The own time of a routine: on a real sensor home, and on made ones where the truth is known."""

from __future__ import annotations

import csv
import gzip
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.engines.habits.routine import RULES, deadline, own_time
from tests.conftest import SHARED_DATA

CASAS = SHARED_DATA / "care" / "casas_single_resident_first20d.csv.gz"
PLANS = {"Morning_Meds": 8 * 60 + 30, "Evening_Meds": 22 * 60 + 45}
DELAYS = st.lists(st.floats(-240, 240), min_size=RULES.enough, max_size=28)


def openings(activity: str) -> list[float]:
    """Each day's first opening of the box, in minutes after the plan's time."""
    if not CASAS.exists():
        pytest.skip("no sensor home beside the repository")
    first: dict[str, datetime] = {}
    with gzip.open(CASAS, "rt") as file:
        for row in csv.DictReader(file):
            if row["activity"] == activity:
                first.setdefault(row["ts"][:10], datetime.fromisoformat(row["ts"]))
    return [at.hour * 60 + at.minute - PLANS[activity] for _, at in sorted(first.items())]


@pytest.mark.parametrize("activity", PLANS)
def test_missed_medicine_of_a_real_home_is_noticed_in_time_and_false_notices_are_rare(activity: str) -> None:
    delays = openings(activity)
    assert len(delays) == 20
    promised = float(np.quantile(delays, 0.95, method="higher")) + 60
    notices = [deadline(delays[:day], grace_minutes=30) for day in range(len(delays))]
    assert all(notice <= promised for notice in notices), "each missed day by the own 95 % time + 1 h"
    false = sum(done > notice for done, notice in zip(delays, notices, strict=True))
    assert false * 30 / len(delays) <= 1


def test_plan_and_grace_hold_until_there_is_a_week() -> None:
    assert own_time([100.0] * (RULES.enough - 1), grace_minutes=30) == 30
    assert own_time([100.0] * RULES.enough, grace_minutes=30) == 100


@given(DELAYS)
def test_own_time_is_one_of_the_days_and_most_days_are_before_it(delays: list[float]) -> None:
    own = own_time(delays, 30)
    assert own in delays
    assert np.mean(np.asarray(delays) <= own) >= 0.95
    assert deadline(delays, 30) == own + 60


@given(DELAYS)
def test_order_of_the_days_does_not_matter_and_a_shift_shifts_it(delays: list[float]) -> None:
    shuffled = sorted(delays)
    assert own_time(shuffled, 30) == own_time(delays, 30)
    assert own_time([one + 15 for one in delays], 30) == pytest.approx(own_time(delays, 30) + 15)


def test_one_late_day_of_twenty_eight_does_not_make_every_day_late() -> None:
    assert own_time([0.0] * 27 + [240.0], 30) == 0.0
