# SPDX-License-Identifier: Apache-2.0
"""A city of any size lives on two cores: slower, and with a shorter past."""

from __future__ import annotations

import pytest

from dure.web.demo.size import (
    LONGEST_HISTORY,
    MOST_A_SECOND,
    MOST_HISTORY,
    READINGS_A_DAY,
    USUAL_SPEED,
    days_of_history,
    usual_speed,
)


def test_a_small_city_lives_a_day_in_24_minutes_and_has_35_days_behind_it() -> None:
    assert (usual_speed(200), days_of_history(200)) == (USUAL_SPEED, LONGEST_HISTORY)


@pytest.mark.parametrize("homes", [5_000, 20_000, 60_000, 138_000])
def test_a_big_one_sends_no_more_than_two_cores_take(homes: int) -> None:
    assert usual_speed(homes) * homes * READINGS_A_DAY / 86_400 <= MOST_A_SECOND
    assert days_of_history(homes) * homes * READINGS_A_DAY <= MOST_HISTORY


def test_170_000_homes_have_a_day_behind_them_and_still_live_faster_than_we() -> None:
    assert (usual_speed(170_000), days_of_history(170_000)) == (7.0, 1)
