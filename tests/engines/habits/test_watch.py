# SPDX-License-Identifier: Apache-2.0
"""The promises of the engine's door: any grouping, any restart, any order give the same alarms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.engines.habits import NO_CURRENT, STUCK, HabitRules, Homes, Level, StateError, Watch
from dure.engines.habits.homes import FIELDS

from .made_homes import DAY, MIDNIGHT, SLOT, as_rows, ends, feed, living, silent

HOMES, DAYS = 4, 34
QUIET_FROM, QUIET_TO = 30 * DAY + 16, 33 * DAY
KWH = silent(living(HOMES, DAYS), QUIET_FROM, QUIET_TO)
KWH[3, 20 * DAY : 21 * DAY] = np.nan


@pytest.fixture(scope="module")
def whole() -> Watch:
    watch = Watch(HOMES, "Asia/Seoul")
    watch.whole = as_rows(feed(watch, KWH))  # type: ignore[attr-defined]
    return watch


@pytest.fixture(scope="module")
def before_silence() -> bytes:
    watch = Watch(HOMES, "Asia/Seoul")
    feed(watch, KWH[:, : 30 * DAY])
    return watch.to_bytes()


def test_a_silence_opens_one_alarm_per_home_and_life_closes_it(whole: Watch) -> None:
    rows = whole.whole  # type: ignore[attr-defined]
    onset = MIDNIGHT + QUIET_FROM * SLOT
    opened = [(at, home) for at, home, before, _, _ in rows if before == Level.NONE and at > onset]
    assert sorted(home for _, home in opened) == [0, 1, 2, 3]
    assert all(at <= onset + 24 * 3600 for at, _ in opened)
    closed = [at for at, _, _, after, _ in rows if after == Level.NONE and at > onset]
    assert len(closed) == HOMES
    assert all(at > MIDNIGHT + QUIET_TO * SLOT for at in closed)


@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(1, KWH.shape[1] - 1), max_size=4), restart=st.booleans())
def test_any_grouping_and_any_restart_give_the_same_alarms_and_state(
    whole: Watch, cuts: list[int], restart: bool
) -> None:
    watch, rows, start = Watch(HOMES, "Asia/Seoul"), [], 0
    for stop in [*sorted(cuts), KWH.shape[1]]:
        rows += as_rows(feed(watch, KWH[:, start:stop], start))
        start = stop
        if restart:
            watch = Watch.from_bytes(watch.to_bytes())
    assert sorted(rows) == whole.whole  # type: ignore[attr-defined]
    assert watch.to_bytes() == whole.to_bytes()


@settings(max_examples=8, deadline=None)
@given(cut=st.integers(29 * DAY, KWH.shape[1] - 1))
def test_cutting_the_future_off_changes_no_earlier_alarm(whole: Watch, cut: int) -> None:
    rows = as_rows(feed(Watch(HOMES, "Asia/Seoul"), KWH[:, :cut]))
    known = [row for row in whole.whole if row[0] <= MIDNIGHT + cut * SLOT]  # type: ignore[attr-defined]
    assert rows == known


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(HOMES)))
def test_order_of_homes_does_not_matter(whole: Watch, order: list[int]) -> None:
    rows = as_rows(feed(Watch(HOMES, "Asia/Seoul"), KWH[order]))
    renamed = sorted((at, order[home], before, after, score) for at, home, before, after, score in rows)
    assert renamed == whole.whole  # type: ignore[attr-defined]


def test_repeated_readings_change_nothing(before_silence: bytes) -> None:
    once, twice = Watch.from_bytes(before_silence), Watch.from_bytes(before_silence)
    rows, rows_twice = [], []
    for start in range(30 * DAY, 32 * DAY, 6):
        part = KWH[:, start : start + 6]
        rows += as_rows(feed(once, part, start))
        rows_twice += as_rows(feed(twice, part, start)) + as_rows(feed(twice, part, start))
        home = np.repeat(np.arange(HOMES), 24)
        old = KWH[:, start - 24 : start]
        again = twice.feed(home, np.tile(ends(old, start - 24), HOMES), old.ravel(), np.full(old.size, SLOT))
        assert not len(again)
    assert rows_twice == rows
    assert twice.to_bytes() == once.to_bytes()


@settings(max_examples=20, deadline=None)
@given(missing=st.lists(st.tuples(st.integers(0, HOMES - 1), st.integers(0, 47)), max_size=80))
def test_missing_readings_never_add_evidence(before_silence: bytes, missing: list[tuple[int, int]]) -> None:
    watch = Watch.from_bytes(before_silence)
    day = np.full((HOMES, DAY), np.nan)
    evidence = watch.homes.evidence.copy()
    feed(watch, day, 30 * DAY)
    assert np.array_equal(watch.homes.evidence, evidence)

    holes = Watch.from_bytes(before_silence)
    part = KWH[:, 30 * DAY + 16 : 31 * DAY + 16].copy()
    full = Watch.from_bytes(before_silence)
    feed(full, part, 30 * DAY + 16)
    for home, slot in missing:
        part[home, slot] = np.nan
    feed(holes, part, 30 * DAY + 16)
    assert (holes.homes.silence <= full.homes.silence).all()


def test_a_missing_row_and_a_row_without_value_are_the_same(before_silence: bytes) -> None:
    part = KWH[:, 30 * DAY : 31 * DAY].copy()
    part[:, 10:30] = np.nan
    rows, values = Watch.from_bytes(before_silence), Watch.from_bytes(before_silence)
    feed(values, part, 30 * DAY)
    keep = ~np.isnan(part)
    home, column = np.nonzero(keep)
    rows.feed(home, ends(part, 30 * DAY)[column], part[keep], np.full(len(home), SLOT))
    assert rows.to_bytes() == values.to_bytes()


def test_silence_of_the_whole_feeder_opens_nothing(before_silence: bytes) -> None:
    watch = Watch.from_bytes(before_silence)
    assert not len(feed(watch, np.full((HOMES, 3 * DAY), np.nan), 30 * DAY))
    watch = Watch.from_bytes(before_silence)
    assert not len(feed(watch, np.zeros((HOMES, 3 * DAY)), 30 * DAY))  # a power cut: the refrigerators too
    assert (watch.homes.flags & NO_CURRENT).all()
    back = KWH[:, 29 * DAY : 30 * DAY]
    assert not len(feed(watch, back, 33 * DAY))
    assert not (watch.homes.flags & NO_CURRENT).any()


def test_a_stuck_meter_is_said_and_stops_counting(before_silence: bytes) -> None:
    watch = Watch.from_bytes(before_silence)
    feed(watch, np.full((HOMES, 30), 0.041), 30 * DAY)
    assert (watch.homes.flags & STUCK).all()
    evidence = watch.homes.evidence.copy()
    feed(watch, np.full((HOMES, 2 * DAY), 0.041), 30 * DAY + 30)
    assert np.array_equal(watch.homes.evidence, evidence)


def test_a_late_proof_takes_the_evidence_back(before_silence: bytes) -> None:
    hole, width = 30 * DAY + 30, 46
    part = silent(KWH[:, 30 * DAY : 31 * DAY], 0, DAY)[:, :width]
    part[:, 30] = np.nan
    watch = Watch.from_bytes(before_silence)
    feed(watch, part, 30 * DAY)
    gathered, silence = watch.homes.evidence.copy(), watch.homes.silence.copy()
    assert (gathered > 0).all()
    late = watch.feed([0, 1], [MIDNIGHT + (hole + 1) * SLOT] * 2, [0.9, 0.035], [SLOT, SLOT])
    assert watch.homes.evidence[0] < gathered[0]
    assert watch.homes.silence[0] == width - 31
    assert silence[0] > width - 31
    assert np.array_equal(watch.homes.evidence[1:], gathered[1:])  # a late quiet reading proves nothing
    assert all(after == Level.NONE for after in late.after)
    state = watch.to_bytes()
    watch.feed([0], [MIDNIGHT + (hole + 1) * SLOT], [0.9], [SLOT])
    assert watch.to_bytes() == state


def test_a_proof_from_elsewhere_closes_the_alarm_and_starts_anew(before_silence: bytes) -> None:
    watch = Watch.from_bytes(before_silence)
    quiet = silent(KWH, 30 * DAY + 16, 33 * DAY)[:, 30 * DAY + 16 : 32 * DAY]
    feed(watch, quiet, 30 * DAY + 16)
    assert (watch.homes.level > 0).all()
    changes = watch.prove([2], [MIDNIGHT + 32 * DAY * SLOT])
    assert (changes.home.tolist(), changes.after.tolist()) == ([2], [Level.NONE])
    assert watch.homes.evidence[2] == 0
    assert watch.homes.level.tolist()[:2] != [0, 0]


def test_a_silent_phone_counts_only_where_it_is_a_habit() -> None:
    watch = Watch(2, "Asia/Seoul")
    kwh = living(2, 20)
    for day in range(20):
        feed(watch, kwh[:, day * DAY : (day + 1) * DAY], day * DAY)
        for slot in range(16, 44):
            at = MIDNIGHT + (day * DAY + slot + 1) * SLOT
            watch.feed_phone([0, 1], [at, at], [2.0, np.nan])
    watch.homes.evidence[:] = 0
    at = MIDNIGHT + (20 * DAY + 21) * SLOT
    watch.feed_phone([0, 1], [at, at], [0.0, 0.0])
    assert watch.homes.evidence[0] > 0
    assert watch.homes.evidence[1] == 0
    watch.feed_phone([0], [at + SLOT], [1.0])
    assert watch.homes.evidence[0] == 0


def test_a_new_home_is_under_the_fixed_rule_and_says_so() -> None:
    watch = Watch(1, "Asia/Seoul")
    kwh = silent(living(1, 8), 5 * DAY, 8 * DAY)
    changes = feed(watch, kwh)
    assert changes.before.tolist()[0] == Level.NONE
    evidence = changes.evidence[0]
    assert evidence is not None
    assert not evidence.by_own_habit
    assert evidence.hours_silent == HabitRules().fixed_rule_hours[0]


def test_one_home_alone_is_watched_from_its_learning_on() -> None:
    watch = Watch(1, "Asia/Seoul")
    changes = feed(watch, silent(living(1, 31), 29 * DAY, 31 * DAY))
    assert len(changes)
    assert changes.evidence[0] is not None
    assert changes.evidence[0].by_own_habit
    assert changes.at[0] > MIDNIGHT + 29 * DAY * SLOT


@pytest.mark.parametrize("minutes", [5, 15, 60])
def test_other_intervals_find_the_same_silence(minutes: int) -> None:
    kwh = silent(living(2, 33), 30 * DAY + 16, 33 * DAY)
    seconds = minutes * 60
    if minutes < 30:
        parts = SLOT // seconds
        values = np.repeat(kwh / parts, parts, axis=1)
    else:
        values = kwh.reshape(2, -1, 2).sum(2)
    at = MIDNIGHT + (np.arange(values.shape[1]) + 1) * seconds
    watch = Watch(2, "Asia/Seoul")
    changes = watch.feed(
        np.repeat([0, 1], values.shape[1]), np.tile(at, 2), values.ravel(), np.full(values.size, seconds)
    )
    onset = MIDNIGHT + (30 * DAY + 16) * SLOT
    opened = [int(at) for at, before in zip(changes.at, changes.before, strict=True) if before == 0]
    assert len(opened) == 2
    assert all(onset < at <= onset + 30 * 3600 for at in opened)


def test_clock_changes_do_not_disturb() -> None:
    spring = 1_727_532_000  # 2024-09-29 00:00 in Sydney, eight days before the clocks go forward
    kwh = living(3, 40)
    at = spring - 20 * 86_400 + (np.arange(kwh.shape[1]) + 1) * SLOT
    watch = Watch(3, "Australia/Sydney")
    changes = watch.feed(np.repeat(np.arange(3), len(at)), np.tile(at, 3), kwh.ravel(), np.full(kwh.size, SLOT))
    assert not len(changes)
    assert (watch.homes.learned_days >= 38).all()


def test_homes_join_and_leave(before_silence: bytes) -> None:
    watch = Watch.from_bytes(before_silence)
    watch.append(2)
    assert len(watch) == HOMES + 2
    watch.keep([False, True, True, True, False, True])
    alone = Watch.from_bytes(before_silence)
    changes, expected = (
        feed(watch, KWH[1:, 30 * DAY :], 30 * DAY),
        feed(alone, KWH[:, 30 * DAY :], 30 * DAY),
    )
    first = {int(home) + 1: int(at) for home, at, b in zip(changes.home, changes.at, changes.before, strict=True) if not b}
    assert first.keys() == {1, 2, 3}
    assert len(expected) >= 3


def test_judge_only_homes_do_not_steer(before_silence: bytes) -> None:
    watch = Watch.from_bytes(before_silence)
    watch.set_judge_only(np.arange(HOMES))
    thresholds, home_days = watch.budget.thresholds, watch.budget.home_days.copy()
    changes = feed(watch, KWH[:, 30 * DAY :], 30 * DAY)
    assert (changes.before == 0).sum() == HOMES
    assert (watch.budget.home_days <= home_days + 1).all()
    assert watch.budget.given.sum() == 0
    assert watch.budget.thresholds != (0.0, 0.0, 0.0)
    assert len(thresholds) == 3


def test_bad_input_is_named() -> None:
    watch = Watch(2, "Asia/Seoul")
    with pytest.raises(ValueError, match="home"):
        watch.feed([2], [MIDNIGHT], [0.1], [SLOT])
    with pytest.raises(ValueError, match="kwh"):
        watch.feed([0], [MIDNIGHT], [-0.1], [SLOT])
    with pytest.raises(ValueError, match="interval"):
        watch.feed([0], [MIDNIGHT], [0.1], [0])
    with pytest.raises(ValueError, match="same length"):
        watch.feed([0, 1], [MIDNIGHT], [0.1], [SLOT])
    assert not len(watch.feed([], [], [], []))


def test_damaged_and_foreign_state_is_refused(before_silence: bytes) -> None:
    with pytest.raises(StateError, match="damaged"):
        Watch.from_bytes(before_silence[:-1] + bytes([before_silence[-1] ^ 1]))
    with pytest.raises(StateError, match="not a state"):
        Watch.from_bytes(b"something else")
    with pytest.raises(StateError, match="expected watch"):
        Watch.from_bytes(Homes.new(1).to_bytes())


def test_state_of_170_000_homes_stays_below_100_mb() -> None:
    assert Homes.new(10).nbytes * 17_000 < 100e6
    assert list(FIELDS) == list(Homes.__slots__)
