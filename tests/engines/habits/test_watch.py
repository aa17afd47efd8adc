# SPDX-License-Identifier: Apache-2.0
"""The promises of the engine's door: any grouping, any restart, any order give the same alarms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.engines.habits import NO_CURRENT, STUCK, HabitRules, Homes, Level, StateError, Watch, ready
from dure.engines.habits.signal_kernel import run
from dure.engines.machine_code import MachineCode

from .made_homes import DAY, MIDNIGHT, SLOT, as_rows, ends, feed, living, silent

HOMES, LEARNED, DAYS = 4, 26, 31
START = LEARNED * DAY
QUIET_FROM, QUIET_TO = START + DAY + 16, START + 3 * DAY
KWH = silent(living(HOMES, DAYS), QUIET_FROM, QUIET_TO)
KWH[3, START + 6 : START + 30] = np.nan
LIVE = KWH[:, START:]


@pytest.fixture(scope="module")
def learned() -> bytes:
    """State of four homes after 26 days of their usual life."""
    watch = Watch(HOMES, "Asia/Seoul")
    feed(watch, KWH[:, :START])
    return watch.to_bytes()


@pytest.fixture(scope="module")
def whole(learned: bytes) -> tuple[list[tuple[Any, ...]], bytes]:
    """Changes and final state of the days with the silence, fed at once."""
    watch = Watch.from_bytes(learned)
    return as_rows(feed(watch, LIVE, START)), watch.to_bytes()


def test_a_silence_opens_one_alarm_per_home_and_life_closes_it(whole: tuple[list[tuple[Any, ...]], bytes]) -> None:
    onset = MIDNIGHT + QUIET_FROM * SLOT
    opened = [(at, home) for at, home, before, _, _ in whole[0] if before == Level.NONE and at > onset]
    assert sorted(home for _, home in opened) == [0, 1, 2, 3]
    assert all(at <= onset + 24 * 3600 for at, _ in opened)
    closed = [at for at, _, _, after, _ in whole[0] if after == Level.NONE and at > onset]
    assert len(closed) == HOMES
    assert all(at > MIDNIGHT + QUIET_TO * SLOT for at in closed)


def test_two_hours_of_ordinary_life_close_an_alarm_however_long_the_silence_was(learned: bytes) -> None:
    watch, evening = Watch.from_bytes(learned), START + 4 * DAY + 36
    quiet = silent(living(HOMES, 5 + LEARNED), START, evening)
    feed(watch, quiet[:, START:evening], START)
    assert (watch.homes.level > 0).all()
    feed(watch, living(HOMES, 5 + LEARNED)[:, evening : evening + 5], evening)
    assert (watch.homes.level == 0).all()


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(1, LIVE.shape[1] - 1), max_size=4), restart=st.booleans())
def test_any_grouping_and_any_restart_give_the_same_alarms_and_state(
    learned: bytes, whole: tuple[list[tuple[Any, ...]], bytes], cuts: list[int], restart: bool
) -> None:
    watch, rows, start = Watch.from_bytes(learned), [], 0
    for stop in [*sorted(cuts), LIVE.shape[1]]:
        rows += as_rows(feed(watch, LIVE[:, start:stop], START + start))
        start = stop
        if restart:
            watch = Watch.from_bytes(watch.to_bytes())
    assert sorted(rows) == whole[0]
    assert watch.to_bytes() == whole[1]


@settings(max_examples=10, deadline=None)
@given(cut=st.integers(1, LIVE.shape[1] - 1))
def test_cutting_the_future_off_changes_no_earlier_alarm(
    learned: bytes, whole: tuple[list[tuple[Any, ...]], bytes], cut: int
) -> None:
    rows = as_rows(feed(Watch.from_bytes(learned), LIVE[:, :cut], START))
    assert rows == [row for row in whole[0] if row[0] <= MIDNIGHT + (START + cut) * SLOT]


@settings(max_examples=3, deadline=None)
@given(order=st.permutations(range(HOMES)))
def test_order_of_homes_does_not_matter(order: list[int]) -> None:
    days = slice(0, (LEARNED - 6) * DAY)
    kwh = silent(KWH[:, days], 17 * DAY, 19 * DAY)
    expected = as_rows(feed(Watch(HOMES, "Asia/Seoul"), kwh))
    rows = as_rows(feed(Watch(HOMES, "Asia/Seoul"), kwh[order]))
    assert len(expected) >= HOMES
    assert sorted((at, order[home], *rest) for at, home, *rest in rows) == expected


def test_repeated_readings_change_nothing(learned: bytes) -> None:
    once, twice = Watch.from_bytes(learned), Watch.from_bytes(learned)
    rows, rows_twice = [], []
    for start in range(START, START + 2 * DAY, 12):
        part = KWH[:, start : start + 12]
        rows += as_rows(feed(once, part, start))
        rows_twice += as_rows(feed(twice, part, start)) + as_rows(feed(twice, part, start))
        home = np.repeat(np.arange(HOMES), 24)
        old = KWH[:, start - 24 : start]
        again = twice.feed(home, np.tile(ends(old, start - 24), HOMES), old.ravel(), np.full(old.size, SLOT))
        assert not len(again)
    assert rows_twice == rows
    assert twice.to_bytes() == once.to_bytes()


@settings(max_examples=6, deadline=None)
@given(missing=st.sets(st.tuples(st.integers(0, HOMES - 1), st.integers(0, 11)), max_size=24))
def test_missing_readings_never_add_evidence(learned: bytes, missing: set[tuple[int, int]]) -> None:
    watch = Watch.from_bytes(learned)
    feed(watch, LIVE[:, :64], START)  # eight hours into the silence
    part = LIVE[:, 64:76].copy()
    for home, slot in missing:
        part[home, slot] = np.nan
    for slot in range(12):
        evidence, silence = watch.homes.evidence.copy(), watch.homes.silence.copy()
        feed(watch, part[:, slot : slot + 1], START + 64 + slot)
        gone = np.isnan(part[:, slot])
        assert np.array_equal(watch.homes.evidence[gone], evidence[gone])
        assert np.array_equal(watch.homes.silence[gone], silence[gone])


def test_a_missing_row_and_a_row_without_value_are_the_same(learned: bytes) -> None:
    part = KWH[:, START : START + DAY].copy()
    part[:, 10:30] = np.nan
    rows, values = Watch.from_bytes(learned), Watch.from_bytes(learned)
    feed(values, part, START)
    keep = ~np.isnan(part)
    home, column = np.nonzero(keep)
    rows.feed(home, ends(part, START)[column], part[keep], np.full(len(home), SLOT))
    assert rows.to_bytes() == values.to_bytes()


def test_silence_of_the_whole_feeder_opens_nothing(learned: bytes) -> None:
    watch = Watch.from_bytes(learned)
    assert not len(feed(watch, np.full((HOMES, 3 * DAY), np.nan), START))
    watch = Watch.from_bytes(learned)
    assert not len(feed(watch, np.zeros((HOMES, 3 * DAY)), START))  # a power cut: the refrigerators too
    assert (watch.homes.flags & NO_CURRENT).all()
    back = KWH[:, START - DAY : START]
    assert not len(feed(watch, back, START + 3 * DAY))
    assert not (watch.homes.flags & NO_CURRENT).any()


def test_a_stuck_meter_is_said_and_stops_counting(learned: bytes) -> None:
    watch = Watch.from_bytes(learned)
    feed(watch, np.full((HOMES, 30), 0.041), START)
    assert (watch.homes.flags & STUCK).all()
    evidence = watch.homes.evidence.copy()
    feed(watch, np.full((HOMES, 2 * DAY), 0.041), START + 30)
    assert np.array_equal(watch.homes.evidence, evidence)


def test_a_late_proof_takes_the_evidence_back(learned: bytes) -> None:
    hole, width = START + 30, 46
    part = silent(KWH[:, START : START + DAY], 0, DAY)[:, :width]
    part[:, 30] = np.nan
    watch = Watch.from_bytes(learned)
    feed(watch, part, START)
    gathered, silence = watch.homes.evidence.copy(), watch.homes.silence.copy()
    assert (gathered > 0).all()
    late = watch.feed([0, 1], [MIDNIGHT + (hole + 1) * SLOT] * 2, [0.9, 0.035], [SLOT, SLOT])
    assert watch.homes.evidence[0] < gathered[0]
    assert watch.homes.silence[0] == width - 32  # the first after the hole has nothing to compare with
    assert silence[0] > width - 32
    assert np.array_equal(watch.homes.evidence[1:], gathered[1:])  # a late quiet reading proves nothing
    assert all(after == Level.NONE for after in late.after)
    state = watch.to_bytes()
    watch.feed([0], [MIDNIGHT + (hole + 1) * SLOT], [0.9], [SLOT])
    assert watch.to_bytes() == state


def test_a_proof_from_elsewhere_closes_the_alarm_and_starts_anew(learned: bytes) -> None:
    watch = Watch.from_bytes(learned)
    quiet = silent(KWH, START + 16, START + 3 * DAY)[:, START + 16 : START + 2 * DAY]
    feed(watch, quiet, START + 16)
    assert (watch.homes.level > 0).all()
    changes = watch.prove([2], [MIDNIGHT + (START + 2 * DAY) * SLOT])
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
            watch.feed_signal("phone", [0, 1], [at, at], [2.0, np.nan])
    watch.homes.evidence[:] = 0
    at = MIDNIGHT + (20 * DAY + 21) * SLOT
    watch.feed_signal("phone", [0, 1], [at, at], [0.0, 0.0])
    assert watch.homes.evidence[0] > 0
    assert watch.homes.evidence[1] == 0
    watch.feed_signal("phone", [0], [at + SLOT], [1.0])
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
    kwh = silent(living(2, 30), 27 * DAY + 16, 30 * DAY)
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
    onset = MIDNIGHT + (27 * DAY + 16) * SLOT
    opened = [int(at) for at, before in zip(changes.at, changes.before, strict=True) if before == 0 and at > onset]
    assert len(opened) == 2
    assert all(at <= onset + 30 * 3600 for at in opened)


def test_clock_changes_do_not_disturb() -> None:
    spring = 1_727_532_000  # 2024-09-29 00:00 in Sydney, eight days before the clocks go forward
    kwh = living(3, 40)
    at = spring - 20 * 86_400 + (np.arange(kwh.shape[1]) + 1) * SLOT
    watch = Watch(3, "Australia/Sydney")
    changes = watch.feed(np.repeat(np.arange(3), len(at)), np.tile(at, 3), kwh.ravel(), np.full(kwh.size, SLOT))
    assert not len(changes)
    assert (watch.homes.learned_days >= 38).all()


def test_homes_join_and_leave(learned: bytes) -> None:
    watch = Watch.from_bytes(learned)
    watch.append(2)
    assert len(watch) == HOMES + 2
    watch.keep([False, True, True, True, False, True])
    alone = Watch.from_bytes(learned)
    changes, expected = (
        feed(watch, KWH[1:, START:], START),
        feed(alone, LIVE, START),
    )
    first = {
        int(home) + 1: int(at) for home, at, b in zip(changes.home, changes.at, changes.before, strict=True) if not b
    }
    assert first.keys() == {1, 2, 3}
    assert len(expected) >= 3


def test_parts_joined_are_the_whole_and_a_part_explains_its_homes_as_the_whole_does(learned: bytes) -> None:
    whole = Watch.from_bytes(learned)
    feed(whole, LIVE, START)
    parts = [Watch.from_bytes(whole.part(*cut).to_bytes()) for cut in ((0, 1), (1, 3), (3, 4))]
    assert Watch.joined(parts).to_bytes() == whole.to_bytes()
    assert parts[1].explain(1) == whole.explain(2)


def test_judge_only_homes_do_not_steer(learned: bytes) -> None:
    watch = Watch.from_bytes(learned)
    watch.set_judge_only(np.arange(HOMES))
    changes = feed(watch, LIVE, START)
    assert (changes.before == 0).sum() == HOMES
    steering = Watch.from_bytes(learned)
    feed(steering, LIVE, START)
    assert watch.budget.given.sum() < steering.budget.given.sum()
    assert (watch.budget.home_days < steering.budget.home_days).all()


def test_area_with_a_budget_of_its_own_is_steered_by_it_and_the_others_as_without_it(learned: bytes) -> None:
    calm = replace(HabitRules(), alarms_per_1000=(0.01, 0.005, 0.001))
    own, alone = Watch.from_bytes(learned), Watch.from_bytes(learned)
    own.share_budgets({"area": (calm, [1, 3])})
    opened = {home for _, home, before, _, _ in as_rows(feed(own, LIVE, START)) if before == 0}
    assert opened == {0, 2}
    alone.keep([True, False, True, False])
    assert as_rows(feed(alone, LIVE[[0, 2]], START))
    assert own.budget.to_bytes() == alone.budget.to_bytes(), "the city's budget knows of its own homes only"
    assert own.explain(1).threshold is None
    assert own.budget_of(1).thresholds[0] > 3 * own.budget_of(0).thresholds[0]

    again = Watch.from_bytes(own.to_bytes())
    again.share_budgets({"area": (calm, [1, 3])})
    assert again.to_bytes() == own.to_bytes()
    assert again.budget_of(3).to_bytes() == own.budgets["area"].to_bytes()
    again.share_budgets({})
    assert list(again.budgets) == [""]


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


def test_damaged_and_foreign_state_is_refused(learned: bytes) -> None:
    with pytest.raises(StateError, match="damaged"):
        Watch.from_bytes(learned[:-1] + bytes([learned[-1] ^ 1]))
    with pytest.raises(StateError, match="not a state"):
        Watch.from_bytes(b"something else")
    with pytest.raises(StateError, match="expected watch"):
        Watch.from_bytes(Homes.new(1).to_bytes())


def test_state_of_170_000_homes_stays_below_100_mb() -> None:
    assert Homes.new(10).nbytes * 17_000 < 100e6


def test_new_home_with_an_hourly_meter_is_under_the_same_fixed_rule() -> None:
    kwh = silent(living(2, 8), 5 * DAY, 8 * DAY).reshape(2, -1, 2).sum(2)
    at = MIDNIGHT + (np.arange(kwh.shape[1]) + 1) * 3600
    watch = Watch(2, "Asia/Seoul")
    changes = watch.feed(np.repeat([0, 1], len(at)), np.tile(at, 2), kwh.ravel(), np.full(kwh.size, 3600))
    assert sorted(changes.home[changes.before == 0].tolist()) == [0, 1]
    hours = HabitRules().fixed_rule_hours
    for evidence in changes.evidence:
        assert evidence is not None
        assert not evidence.by_own_habit
        assert evidence.hours_silent == pytest.approx(hours[Level(evidence.level) - 2], abs=1)
    onset = MIDNIGHT + 5 * DAY * SLOT
    first = [int(at) for at, before in zip(changes.at, changes.before, strict=True) if before == 0]
    assert all(hours[0] - 6 <= (at - onset) / 3600 <= hours[0] + 2 for at in first), "from the evening before on"


def test_what_was_made_ready_compiles_no_more() -> None:
    """Whoever judges inside a transaction keeps nobody waiting for a compiler."""
    ready()
    dispatcher: Any = cast("MachineCode", run).code
    known = list(dispatcher.signatures)
    assert known
    watch = Watch(3, "Asia/Seoul")
    at = np.arange(96) * 1800 + 1_790_000_000 // 1800 * 1800
    for interval, kwh in ((1800, 0.2), (3600, np.nan)):
        watch.feed(np.full(96, 1), at, np.full(96, kwh), np.full(96, interval))
    watch.feed_signal("water", np.full(96, 2), at, np.ones(96))
    watch.prove([1], [at[-1]])
    assert list(dispatcher.signatures) == known
