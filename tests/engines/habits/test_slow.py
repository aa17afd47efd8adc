# SPDX-License-Identifier: Apache-2.0
"""Slow change: found where it is, not found where it is not, and never an alarm."""

from __future__ import annotations

import numpy as np
import pytest

from dure.engines.habits import Homes, Level, SlowChange, Watch, storage, words
from dure.engines.habits.homes import FIELDS
from dure.engines.habits.slow import KINDS

from .made_homes import DAY, SLOT, Floats, feed, living, silent

HOMES, BEFORE, DAYS = 6, 60, 76
SINCE = BEFORE * DAY


def changed_after(kwh: Floats, change: str) -> Floats:
    """The same homes, other than they were from day 60 on."""
    new, rng = kwh.copy(), np.random.default_rng(7)
    later = new[:, SINCE:]
    if change == "less":
        quiet = silent(kwh, SINCE, kwh.shape[1])[:, SINCE:]
        rests = rng.random((len(kwh), later.shape[1] // 4)) < 0.5  # every second stretch of two hours
        later[:] = np.where(np.repeat(rests, 4, axis=1), quiet, later)
    elif change == "nights":
        night = np.arange(later.shape[1]) % DAY < 10
        later[:, night] += np.round(0.4 * rng.random((len(kwh), int(night.sum()))), 3)
    elif change == "drift":
        later[:] = np.roll(kwh, 6, axis=1)[:, SINCE:]  # everything three hours later
    return new


def watched(kwh: Floats) -> Watch:
    watch = Watch(len(kwh), "Asia/Seoul")
    feed(watch, kwh)
    return watch


@pytest.mark.parametrize("change", KINDS)
def test_each_kind_of_change_is_found_within_a_fortnight_and_raises_no_alarm(change: str) -> None:
    watch = watched(changed_after(living(HOMES, DAYS), change))
    found = watch.slow_changes(np.arange(HOMES))
    assert found.begun[change].all(), (found.recent[change], found.usual[change])
    assert not found.over[change].any()
    assert (watch.homes.level == Level.NONE).all()
    one = found.of(change, 0)
    assert one.days == 14
    for lang in words.LANGUAGES:
        assert "14" in words.slow_reason(one, lang) or change == "drift"
        assert words.slow_would_change(one, lang)


def test_nothing_is_found_where_nothing_changed_nor_while_the_usual_is_not_known() -> None:
    watch = watched(living(HOMES, DAYS))
    found = watch.slow_changes(np.arange(HOMES))
    assert not any(mask.any() for mask in found.begun.values())
    assert {kind: mask.tolist() for kind, mask in found.over.items()} == {kind: [True] * HOMES for kind in KINDS}
    young = watched(changed_after(living(HOMES, DAYS), "less")[:, SINCE - 20 * DAY :])
    assert not any(mask.any() for mask in young.slow_changes(np.arange(HOMES)).begun.values())


def test_absences_and_missing_days_are_not_less_activity() -> None:
    away = silent(living(HOMES, DAYS), SINCE + 4 * DAY, SINCE + 12 * DAY)
    assert not watched(away).slow_changes(np.arange(HOMES)).begun["less"].any()
    gone = living(HOMES, DAYS)
    gone[:, SINCE + 5 * DAY : SINCE + 10 * DAY] = np.nan
    found = watched(gone).slow_changes(np.arange(HOMES))
    assert (found.days == 9).all()
    assert not found.begun["less"].any()


def test_it_is_over_when_life_is_as_it_was() -> None:
    kwh = changed_after(living(HOMES, DAYS + 15), "less")
    kwh[:, DAYS * DAY :] = living(HOMES, DAYS + 15)[:, DAYS * DAY :]
    watch = Watch(HOMES, "Asia/Seoul")
    feed(watch, kwh[:, : DAYS * DAY])
    assert watch.slow_changes(np.arange(HOMES)).begun["less"].all()
    feed(watch, kwh[:, DAYS * DAY :], DAYS * DAY)
    found = watch.slow_changes(np.arange(HOMES))
    assert found.over["less"].all()
    assert not found.begun["less"].any()


def test_grouping_and_a_restart_change_nothing() -> None:
    kwh = changed_after(living(2, DAYS), "less")
    whole, parts = watched(kwh), Watch(2, "Asia/Seoul")
    for start in range(0, DAYS * DAY, 1001):
        feed(parts, kwh[:, start : start + 1001], start)
        parts = Watch.from_bytes(parts.to_bytes())
    assert parts.to_bytes() == whole.to_bytes()


def test_clock_changes_shift_no_routine() -> None:
    """84 days around the end of summer time in Sydney: people live by the clock on the wall."""
    autumn = 1_712_412_000  # 2024-04-07 00:00 there, the day on which clocks go back
    days = 84
    kwh = living(3, days + 1)
    start, local = autumn - 70 * 86_400, 70 * DAY + 6
    kwh = np.concatenate([kwh[:, :local], kwh[:, local - 2 : local], kwh[:, local:]], axis=1)  # the hour lived twice
    at = start + (np.arange(kwh.shape[1]) + 1) * SLOT
    watch = Watch(3, "Australia/Sydney")
    watch.feed(np.repeat(np.arange(3), len(at)), np.tile(at, 3), kwh.ravel(), np.full(kwh.size, SLOT))
    found = watch.slow_changes(np.arange(3))
    assert not any(mask.any() for mask in found.begun.values())
    assert (np.abs(found.recent["drift"] - found.usual["drift"]) < 1).all()


def test_state_of_the_version_before_goes_on_and_learns_slow_change_anew() -> None:
    watch = watched(living(2, 30))
    slow = ("active_days", "nights", "usual", "middle", "active_spread")
    new = [name for name in FIELDS if name.startswith(slow) and name != "usual"]
    old = {name: watch.homes.rows[name] for name in FIELDS if name not in new}
    homes = Homes.from_bytes(storage.pack("homes", 3, old))
    assert np.array_equal(homes.histogram, watch.homes.histogram)
    assert (homes.active_days == 255).all()
    assert (homes.usual_days == 0).all()


def test_words_name_the_figures() -> None:
    less = SlowChange("less", 3.0, 6.0, 14, 60, 5.0, 4.5)
    assert "6.0시간에서 3.0시간으로 50%" in words.slow_reason(less, "ko")
    assert "4.5시간 넘게" in words.slow_would_change(less, "ko")
    assert "50% less" in words.slow_reason(less, "en")
    drift = SlowChange("drift", 16.2, 14.0, 14, 60, 5.0)
    assert "14:00쯤에서 16:10쯤" in words.slow_reason(drift, "ko")
