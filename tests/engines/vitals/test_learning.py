# SPDX-License-Identifier: Apache-2.0
"""A person's own weeks say what is usual for them, within what may be learned at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.engines.vitals import (
    LEAST_DAYS,
    LIMIT_OF_LEARNING,
    Range,
    Readings,
    Source,
    Sustained,
    Vital,
    judge,
    learn,
)

RULE = Sustained()
DAY = 86_400
START = 20_000 * DAY


def weeks(days: int, mean: float, spread: float, *, seed: int = 1, ill: tuple[int, ...] = ()) -> Readings:
    """Days of a reading every five minutes; on ``ill`` days 40 above."""
    chance = np.random.default_rng(seed)
    at = START + np.arange(days * 288, dtype=np.int64) * 300
    value = chance.normal(mean, spread, len(at)) + 40.0 * np.isin((at - START) // DAY, ill)
    return Readings(at, value, np.ones(len(at), bool))


def learned(vital: Vital, readings: Readings) -> Range:
    found = learn(vital, readings, RULE)
    assert found is not None
    return found


def test_a_slow_heart_is_learned_as_slow() -> None:
    usual = learned(Vital.HEART_RATE, weeks(28, 56, 3))
    assert usual.source is Source.LEARNED
    assert usual.days == 28
    assert 41 <= usual.low < 52
    assert 58 < usual.high < 68


def test_one_day_of_fever_in_four_weeks_does_not_move_the_edge() -> None:
    well, ill = learned(Vital.HEART_RATE, weeks(28, 60, 3)), learned(Vital.HEART_RATE, weeks(28, 60, 3, ill=(9,)))
    assert ill.high - well.high < 2, "and not 40"


def test_spikes_are_not_learned() -> None:
    readings = weeks(28, 60, 2)
    readings.value[::17] = 200
    assert learned(Vital.HEART_RATE, readings).high < 75


@pytest.mark.parametrize("days", [0, 1, LEAST_DAYS - 1])
def test_too_few_days_teach_nothing(days: int) -> None:
    assert learn(Vital.HEART_RATE, weeks(days, 60, 3), RULE) is None


def test_days_without_usable_readings_are_no_days() -> None:
    readings = weeks(28, 60, 3)
    readings.usable[10 * 288 :] = False
    assert learn(Vital.HEART_RATE, readings, RULE) is None


def test_illness_of_weeks_is_never_learned_as_well() -> None:
    assert learned(Vital.HEART_RATE, weeks(28, 105, 8)).high == 110
    assert learned(Vital.BREATHING, weeks(28, 20, 3)).high == 20
    assert learn(Vital.SPO2, weeks(28, 88, 1), RULE) is None, "beyond the limit altogether: a clinician must say"


def test_nobody_has_too_much_oxygen() -> None:
    usual = learned(Vital.SPO2, weeks(28, 96, 0.5))
    assert usual.high == 100
    assert 94 <= usual.low < 96


@given(st.floats(45, 105), st.floats(0, 8), st.integers(0, 1_000))
def test_what_was_learned_lies_within_the_limit_and_holds_the_middle_of_the_days(
    mean: float, spread: float, seed: int
) -> None:
    usual = learned(Vital.HEART_RATE, weeks(LEAST_DAYS, mean, spread, seed=seed))
    floor, ceiling = LIMIT_OF_LEARNING[Vital.HEART_RATE]
    assert floor <= usual.low < mean < usual.high <= ceiling


def test_departures_of_a_person_who_is_well_are_few() -> None:
    """Learned from four weeks, then judged every five minutes of the next: told on one day of it at most."""
    usual = learned(Vital.HEART_RATE, weeks(28, 62, 5))
    later = weeks(7, 62, 5, seed=2)
    told = set()
    for end in range(RULE.of, 7 * 288):
        part = slice(end - 5, end)
        window = Readings(later.at[part], later.value[part], later.usable[part])
        if judge(Vital.HEART_RATE, window, usual, RULE, int(later.at[end - 1])).way:
            told.add(end // 288)
    assert len(told) <= 1
