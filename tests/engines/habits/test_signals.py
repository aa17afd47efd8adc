# SPDX-License-Identifier: Apache-2.0
"""Phone, water, a door: what each says depends on its own habit, and all of it adds up."""

from __future__ import annotations

import numpy as np
import pytest

from dure.engines.habits import Level, Readings, Watch, silent_together, storage
from dure.engines.habits.signals import Signals

from .made_homes import DAY, MIDNIGHT, SLOT, as_rows, feed, living, silent

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


def test_common_silence_is_what_chance_does_not_make_and_a_quiet_holiday_is_none() -> None:
    expected, used = [11.0, 12.0, 40.0, 40.0, 10_000.0, 10_000.0], [0, 0, 3, 5, 5_000, 900]
    assert silent_together(expected, used).tolist() == [False, True, True, False, False, True]


def test_meter_and_telephone_in_one_step_are_as_one_half_hour_after_another() -> None:
    """Homes that go out with and without their telephone, an absence, silences; a gap in each signal."""
    homes, days = 4, 26
    rng = np.random.default_rng(5)
    kwh = silent(living(homes, days), 21 * DAY + 12, 25 * DAY)
    kwh[2, 300:340] = np.nan
    awake = np.abs(np.arange(days * DAY) % DAY - 30) < 14
    used = (rng.random(kwh.shape) < 0.4 * awake).astype(float)
    used[0, 22 * DAY :], used[1, 400:420], used[3] = 0.0, np.nan, used[3] * (np.arange(days * DAY) % 5 == 0)
    home = np.arange(homes)
    one, turns = Watch(homes, "Asia/Seoul"), Watch(homes, "Asia/Seoul")
    both, after_another = [], []
    for day in range(days):
        part = slice(day * DAY, (day + 1) * DAY)
        when = np.tile([at(slot) for slot in range(part.start, part.stop)], homes)
        power = Readings(np.repeat(home, DAY), when, kwh[:, part].ravel(), np.full(len(when), SLOT))
        both += as_rows(one.feed_both(power, "phone", used[:, part].ravel()))
        for slot in range(part.start, part.stop):
            feed_one = feed(turns, kwh[:, slot : slot + 1], slot)
            after_another += as_rows(feed_one) + as_rows(
                turns.feed_signal("phone", home, np.full(homes, at(slot)), used[:, slot])
            )
    assert both == after_another
    assert {row[1] for row in both} > {0}, "alarms opened in more homes than one"
    assert one.to_bytes() == turns.to_bytes()


def test_half_hour_that_is_told_of_several_times_counts_once(learned: bytes) -> None:
    once, often = Watch.from_bytes(learned), Watch.from_bytes(learned)
    slot = DAYS * DAY + 20
    once.feed_signal("phone", [0], [at(slot)], [3.0])
    for count in (1.0, 2.0, 0.0):
        often.feed_signal("phone", [0], [at(slot)], [count])
    assert once.to_bytes() == often.to_bytes()


def test_evidence_names_each_kind_and_forgets_what_it_said_when_there_is_life_again(learned: bytes) -> None:
    watch = Watch.from_bytes(learned)
    watch.homes.evidence[:] = 0
    watch.homes.proof[:] -= 2 * DAY
    for slot in range(DAYS * DAY + 20, DAYS * DAY + 24):
        for kind in ("phone", "door", "water"):
            watch.feed_signal(kind, [0], [at(slot)], [0.0])
    said = {one.kind: one for one in watch.explain(0).signals}
    assert {kind: one.hours_silent for kind, one in said.items()} == {"phone": 2.0, "door": 2.0, "water": 2.0}
    assert said["water"].nats == 0, "a dripping tap says nothing"
    assert said["phone"].nats > 0
    assert said["phone"].nats + said["door"].nats == pytest.approx(watch.explain(0).nats, abs=0.05)
    assert said["phone"].last_at == at((DAYS - 1) * DAY + 43)
    watch.feed_signal("door", [0], [at(DAYS * DAY + 24)], [1.0])
    assert all(one.nats == one.hours_silent == 0 for one in watch.explain(0).signals)


def test_state_of_the_version_before_keeps_its_habits() -> None:
    rows = np.zeros(2, [("day", np.uint16), ("rate", np.uint8, (24,)), ("days", np.uint8)])
    rows["rate"][:, 9], rows["days"] = 200, 40
    columns = {f"phone.{name}": rows[name] for name in ("day", "rate", "days")}
    old = storage.pack("signals", 1, columns, {"n": 2, "kinds": ["phone"]})
    kept = Signals.from_bytes(old)
    assert kept.kinds["phone"].home.tolist() == [0, 1]
    assert kept.kinds["phone"].rows["rate"][:, 9].tolist() == [200, 200]
    assert Signals.from_bytes(kept.to_bytes()).to_bytes() == kept.to_bytes()
