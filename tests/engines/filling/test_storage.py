# SPDX-License-Identifier: Apache-2.0
"""The filter's state as bytes, and over other bins."""

from __future__ import annotations

import numpy as np
import pytest

from dure.engines.filling import Filling
from dure.engines.filling.storage import StateError, from_bytes, to_bytes, with_rows


def made(bins: int = 3, hours: int = 60) -> Filling:
    """After some days of readings, the last bin's sensor silent."""
    filling, chance = Filling(bins), np.random.default_rng(5)
    for hour in range(hours):
        readings = np.clip((hour * 3.0 + 20 * np.arange(bins)) % 100 + chance.normal(0, 2, bins), 0, 100)
        readings[-1] = np.nan
        filling.step(hour % 168, readings)
    return filling


def same(a: object, b: object) -> bool:
    return bool(np.array_equal(np.asarray(a, float), np.asarray(b, float), equal_nan=True))


def test_everything_survives_the_record() -> None:
    filling = made()
    again = from_bytes(to_bytes(filling))
    assert again.sensor == filling.sensor
    for of, other in ((filling, again), (filling.shape, again.shape)):
        names = vars(of).keys() - {"sensor", "shape", "passed"}  # what passed is of the step just made, not a state
        assert {name for name in names if not same(vars(of)[name], vars(other)[name])} == set()


@pytest.mark.parametrize("change", [lambda data: b"\x09" + data[1:], lambda data: data[:-40], lambda _: b""])
def test_what_is_no_state_is_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(StateError):
        from_bytes(change(to_bytes(made(1, 2))))


def test_rows_follow_their_bins_and_a_new_bin_is_one_of_its_city() -> None:
    filling = made()
    other = with_rows(filling, [2, None, 0])
    assert same(other.level[[0, 2]], filling.level[[2, 0]])
    assert same(other.shape.shapes[2], filling.shape.shapes[0])
    assert same(other.shape.shapes[1], filling.shape.city)
    assert np.isinf(other.silent[1])
    assert other.rate[1] > 0
