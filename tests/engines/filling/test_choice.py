# SPDX-License-Identifier: Apache-2.0
"""Going now is worth what overflows until later, less what waiting saves."""

from __future__ import annotations

import numpy as np
import pytest

from dure.engines.filling import Choice, Paths, Price, value_of_going

DAILY = tuple(range(24, 169, 24))


def chosen(level: float, a_day: float, opportunities: tuple[int, ...] = DAILY, price: float = 0.25) -> Choice:
    """Of one bin that fills as evenly as the clock."""
    fallen = (a_day / 24 * np.arange(1, 169, dtype=np.float32))[None, None, :]
    return value_of_going(Paths(np.full((1, 1), level, np.float32), fallen), opportunities, Price(price))


def test_bin_that_overflows_before_the_next_decision_is_visited_and_says_when() -> None:
    choice = chosen(80, 36)

    assert choice.go[0]
    assert choice.must[0]
    assert (choice.full_in[0], choice.chance[0]) == (14, 1)


def test_bin_that_lasts_until_the_next_decision_waits() -> None:
    choice = chosen(60, 36)

    assert not choice.go[0]
    assert choice.worth[0] < 1


def test_a_second_decision_in_the_day_lets_a_bin_wait() -> None:
    assert chosen(70, 36).go[0]
    assert not chosen(70, 36, (8, *DAILY)).go[0]


def test_same_overflow_is_worth_more_at_a_slow_bin() -> None:
    """An hour of overflow either way; going a day early costs the slow bin a small part of its interval."""
    slow, fast = chosen(100 - 20 / 24 * 23, 20), chosen(100 - 90 / 24 * 23, 90)

    assert slow.full_in[0] == fast.full_in[0] == 23
    assert slow.worth[0] > fast.worth[0]


def test_dearer_overflow_never_makes_a_bin_worth_less() -> None:
    worth = [chosen(75, 30, price=price).worth[0] for price in (0.05, 0.2, 1.0)]

    assert worth == sorted(worth)


@pytest.mark.parametrize("opportunities", [(), (0, 24), (24, 24), (24, 400)])
def test_opportunities_that_are_none(opportunities: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="opportunities are"):
        chosen(50, 30, opportunities)


def bursts(level: float, chance: float, amount: float, samples: int = 400) -> Choice:
    """Of one bin into which, on one day in so many, ``amount`` points fall at once, at noon."""
    days = np.random.default_rng(5).random((1, samples, 7)) < chance
    fallen = np.cumsum(np.repeat(days * amount, 24, axis=2) * (np.arange(168) % 24 == 12), axis=2)
    return value_of_going(Paths(np.full((1, samples), level, np.float32), fallen.astype(np.float32)), DAILY, Price(1))


def test_nobody_goes_to_an_empty_bin_however_it_may_be_filled_tomorrow() -> None:
    assert bursts(0, 0.15, 100).worth[0] == 0
    assert bursts(0, 0.9, 100).worth[0] == 0


def test_rare_bursts_are_worth_a_visit_where_one_would_overflow() -> None:
    assert bursts(65, 0.2, 40).go[0]
    assert not bursts(55, 0.2, 40).go[0]
