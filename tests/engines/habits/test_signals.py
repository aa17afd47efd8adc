# SPDX-License-Identifier: Apache-2.0
"""Phone, water, a door: what each says depends on its own habit, and all of it adds up."""

from __future__ import annotations

import pytest

from dure.engines.habits import Level, Watch

from .made_homes import DAY, MIDNIGHT, SLOT, feed, living, silent

DAYS = 20


def at(slot: int) -> int:
    return MIDNIGHT + (slot + 1) * SLOT


@pytest.fixture(scope="module")
def learned() -> bytes:
    """Two homes of 20 days: the first has a phone and a door used by day and a tap that never stops dripping."""
    watch, kwh = Watch(2, "Asia/Seoul"), living(2, DAYS)
    for slot in range(DAYS * DAY):
        feed(watch, kwh[:, slot : slot + 1], slot)
        by_day = 2.0 if 16 <= slot % DAY < 44 else 0.0
        for kind, count in (("phone", by_day), ("door", by_day), ("water", 1.0)):
            watch.feed_signal(kind, [0], [at(slot)], [count])
    return watch.to_bytes()


def after_an_hour(watch: Watch, counts: dict[str, float]) -> int:
    """Evidence of the first home after a silent hour in the morning with these signals."""
    watch.homes.evidence[:] = 0
    watch.homes.proof[:] -= 2 * DAY
    for slot in (DAYS * DAY + 20, DAYS * DAY + 21):
        for kind, count in counts.items():
            watch.feed_signal(kind, [0], [at(slot)], [count])
    return int(watch.homes.evidence[0])


def test_silences_of_several_kinds_add_up(learned: bytes) -> None:
    phone = after_an_hour(Watch.from_bytes(learned), {"phone": 0.0})
    both = after_an_hour(Watch.from_bytes(learned), {"phone": 0.0, "door": 0.0})
    assert 0 < phone < both


def test_a_missing_count_is_nothing_and_an_unknown_kind_has_no_habit(learned: bytes) -> None:
    assert after_an_hour(Watch.from_bytes(learned), {"phone": float("nan"), "steps": 0.0}) == 0


def test_a_tap_that_always_drips_neither_proves_life_nor_misses_it(learned: bytes) -> None:
    watch = Watch.from_bytes(learned)
    quiet = silent(living(2, DAYS + 3), DAYS * DAY, (DAYS + 3) * DAY)[:, DAYS * DAY :]
    for slot in range(2 * DAY):
        feed(watch, quiet[:, slot : slot + 1], DAYS * DAY + slot)
        watch.feed_signal("water", [0], [at(DAYS * DAY + slot)], [1.0])
    assert (watch.homes.level > Level.NONE).all()
    assert after_an_hour(Watch.from_bytes(learned), {"water": 0.0}) == 0


def test_a_used_phone_closes_an_alarm(learned: bytes) -> None:
    watch = Watch.from_bytes(learned)
    quiet = silent(living(2, DAYS + 3), DAYS * DAY, (DAYS + 3) * DAY)[:, DAYS * DAY :]
    feed(watch, quiet[:, : 2 * DAY], DAYS * DAY)
    changes = watch.feed_signal("phone", [0, 1], [at(DAYS * DAY + 2 * DAY)] * 2, [1.0, float("nan")])
    assert changes.home.tolist() == [0]
    assert watch.homes.level.tolist()[0] == Level.NONE
    assert watch.homes.level[1] > Level.NONE


def test_signals_go_with_their_homes(learned: bytes) -> None:
    watch = Watch.from_bytes(learned)
    parts = [Watch.from_bytes(watch.part(start, start + 1).to_bytes()) for start in (0, 1)]
    assert Watch.joined(parts).to_bytes() == watch.to_bytes()
    watch.append(1)
    watch.keep([False, True, True])
    assert after_an_hour(watch, {"phone": 0.0}) == 0
    assert after_an_hour(parts[0], {"phone": 0.0}) > 0
