# SPDX-License-Identifier: Apache-2.0
"""What made homes use and made people do: deterministic, plausible, and silent when it must be."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from dure.simulator.diary import travelling, trips_during
from dure.simulator.emergencies import HELPLESS_SLOTS, SILENT_KINDS, Emergencies, Emergency, EmergencyKind
from dure.simulator.made_homes import MadeHomes
from dure.simulator.pace import SLOTS_PER_DAY
from dure.simulator.phones import Phones
from dure.simulator.residents import Residents, make_residents
from dure.simulator.spans import Spans, painted

HOMES = 1000
JANUARY, APRIL, NOVEMBER = ((date(2026, month, 15) - date(1970, 1, 1)).days for month in (1, 4, 11))


def emergencies(residents: Residents, per_day: float = 0.0, live_from: int = APRIL * SLOTS_PER_DAY) -> Emergencies:
    return Emergencies(residents.seed, len(residents), per_day, live_from, lambda home, slot: True)


class GivenEmergencies(Emergencies):
    """Exactly these."""

    def __init__(self, residents: Residents, given: list[Emergency]) -> None:
        super().__init__(residents.seed, len(residents), 0.0, 0, lambda home, slot: True)
        self._given = given

    def before(self, slot: int) -> list[Emergency]:
        return [one for one in self._given if one.begin < slot]


@pytest.fixture(scope="module")
def residents() -> Residents:
    return make_residents(11, HOMES, 10)


def test_a_day_can_be_made_again_alone(residents: Residents) -> None:
    first = MadeHomes(residents, emergencies(residents))
    second = MadeHomes(residents, emergencies(residents))
    second.kwh(APRIL + 5)
    assert np.array_equal(first.kwh(APRIL), second.kwh(APRIL))
    assert not np.array_equal(first.kwh(APRIL), first.kwh(APRIL + 1))


def test_a_home_is_the_same_in_a_larger_city() -> None:
    small, large = (make_residents(11, size, 10) for size in (50, 80))
    for kind in (Phones, MadeHomes):
        in_small, in_large = kind(small, emergencies(small)), kind(large, emergencies(large))
        method = "counts" if kind is Phones else "kwh"
        assert np.array_equal(getattr(in_small, method)(APRIL), getattr(in_large, method)(APRIL)[:50])


def test_a_one_person_home_uses_what_one_expects(residents: Residents) -> None:
    homes = MadeHomes(residents, emergencies(residents))
    for day in (JANUARY, APRIL, NOVEMBER):
        grid = homes.kwh(day)
        lived_in = ~travelling(residents, day).any(axis=1)
        assert 4.0 < grid[lived_in].sum(axis=1).mean() < 8.0
        assert 0.02 < np.median(grid[:, 4:8]) < 0.08
        assert np.mean(grid == 0) < 0.01
        assert grid.min() >= 0
        assert grid.max() < 5
    assert homes.kwh(JANUARY).sum() > 1.1 * homes.kwh(APRIL).sum()


def test_mornings_and_evenings_stand_out_from_the_night(residents: Residents) -> None:
    usual = np.mean([MadeHomes(residents, emergencies(residents)).kwh(APRIL + day) for day in range(5)], axis=(0, 1))
    night, breakfast, dinner = usual[4:8].mean(), usual[13:16].mean(), usual[36:39].mean()
    assert breakfast > 2 * night
    assert dinner > 2 * night


def test_a_traveller_leaves_only_what_is_always_on(residents: Residents) -> None:
    day = next(day for day in range(APRIL, APRIL + 30) if travelling(residents, day).all(axis=1).sum() >= 5)
    gone = travelling(residents, day).all(axis=1)
    grid = MadeHomes(residents, emergencies(residents)).kwh(day)
    assert grid[gone].sum(axis=1).mean() < 0.7 * grid[~gone].sum(axis=1).mean()


@pytest.mark.parametrize("kind", SILENT_KINDS)
def test_an_emergency_looks_like_its_kind(residents: Residents, kind: EmergencyKind) -> None:
    begin, load = JANUARY * SLOTS_PER_DAY + 15, 0.1 if kind is EmergencyKind.LEFT_ON else 0.0
    at_home = ~travelling(residents, JANUARY).any(axis=1) & ~travelling(residents, JANUARY + 1).any(axis=1)
    homes = np.flatnonzero(at_home)[:20]
    given = [Emergency(int(home), kind, begin, load) for home in homes]
    usual, struck = (
        MadeHomes(residents, emergencies(residents)),
        MadeHomes(residents, GivenEmergencies(residents, given)),
    )
    first, quiet = struck.kwh(JANUARY), struck.kwh(JANUARY + 1)
    untouched = ~np.isin(np.arange(HOMES), homes)
    assert np.array_equal(first[untouched], usual.kwh(JANUARY)[untouched])
    assert np.array_equal(first[homes, :15], usual.kwh(JANUARY)[homes, :15])
    assert quiet[homes].sum() < 0.75 * usual.kwh(JANUARY + 1)[homes].sum() + 20 * 24 * load
    if kind is EmergencyKind.CLEAN:
        assert quiet[homes].max() < 0.2
    if kind is EmergencyKind.LEFT_ON:
        assert quiet[homes].min() >= 0.05


def test_timers_run_on_only_in_their_kind(residents: Residents) -> None:
    totals = {}
    for kind in (EmergencyKind.CLEAN, EmergencyKind.TIMERS):
        given = [Emergency(home, kind, JANUARY * SLOTS_PER_DAY, 0.0) for home in range(100)]
        totals[kind] = MadeHomes(residents, GivenEmergencies(residents, given)).kwh(JANUARY)[:100].sum(axis=1)
    more = totals[EmergencyKind.TIMERS] - totals[EmergencyKind.CLEAN]
    assert np.all(more >= 0)
    assert 40 <= np.sum(more > 0.1) <= 70  # about 55 % of homes heat by a timer


def test_the_phone_is_silent_with_one_who_lies_helpless_and_goes_along_on_a_trip(residents: Residents) -> None:
    usual = Phones(residents, emergencies(residents))
    talker = int(np.argmax(usual.counts(APRIL).sum(axis=1)))
    one = Emergency(talker, EmergencyKind.CLEAN, APRIL * SLOTS_PER_DAY, 0.0)
    assert Phones(residents, GivenEmergencies(residents, [one])).counts(APRIL)[talker].sum() == 0
    day = next(day for day in range(APRIL, APRIL + 30) if travelling(residents, day).all(axis=1).sum() >= 5)
    assert usual.counts(day)[travelling(residents, day).all(axis=1)].sum() > 0
    assert usual.counts(APRIL)[:, 2:4].mean() < 0.1 * usual.counts(APRIL)[:, 9:19].mean()


def test_emergencies_come_at_their_rate_and_the_first_day_is_arranged(residents: Residents) -> None:
    start = APRIL * SLOTS_PER_DAY
    drawn = emergencies(residents, 1.2, start).before(start + 400 * SLOTS_PER_DAY)
    assert abs(len(drawn) / 400 - 1.2) < 0.2
    first, second = drawn[0], drawn[1]
    assert 2 <= first.begin - start <= 5
    assert first.kind is EmergencyKind.CLEAN
    assert 14 <= second.begin - start <= 20
    assert {one.kind for one in drawn} == set(SILENT_KINDS)
    assert all(0.04 <= one.load_kw <= 0.2 for one in drawn if one.kind is EmergencyKind.LEFT_ON)


def test_emergencies_are_the_same_however_they_are_asked_for(residents: Residents) -> None:
    start = APRIL * SLOTS_PER_DAY
    at_once = emergencies(residents, 3.0, start).before(start + 20 * SLOTS_PER_DAY)
    step_by_step = emergencies(residents, 3.0, start)
    for day in range(20):
        step_by_step.before(start + day * SLOTS_PER_DAY)
    assert step_by_step.before(start + 20 * SLOTS_PER_DAY) == at_once


def test_nobody_falls_at_home_while_travelling(residents: Residents) -> None:
    start = APRIL * SLOTS_PER_DAY
    at_home = Emergencies(1, HOMES, 5.0, start, lambda home, slot: home % 2 == 0)
    assert all(one.home % 2 == 0 for one in at_home.before(start + 20 * SLOTS_PER_DAY))


def test_one_home_has_one_emergency_at_a_time() -> None:
    drawn = Emergencies(1, 3, 5.0, 0, lambda home, slot: True).before(60 * SLOTS_PER_DAY)
    for home in range(3):
        own = [one for one in drawn if one.home == home]
        assert all(after.begin >= before.end for before, after in pairwise(own))
        assert all(one.found - one.begin == HELPLESS_SLOTS for one in own)


def test_trips_take_as_much_of_life_as_they_should(residents: Residents) -> None:
    away = np.mean([travelling(residents, day).mean() for day in range(APRIL, APRIL + 60)])
    assert 0.015 < away < 0.08
    trips = trips_during(residents, APRIL, APRIL + 59)
    watched = residents.phone_watched[trips.home]
    assert not trips.variant[~watched].any()
    assert 0.25 < trips.variant[watched].mean() < 0.55


def test_spans_are_painted_on_their_slots_only() -> None:
    spans = Spans(*(np.asarray(values) for values in ([0, 0, 2], [46, 94, 50], [49, 100, 52], [0, 0, 0])))
    first, second = painted(spans, 3, 0), painted(spans, 3, 1)
    assert np.flatnonzero(first[0]).tolist() == [46, 47]
    assert np.flatnonzero(second[0]).tolist() == [0, 46, 47]
    assert np.flatnonzero(second[2]).tolist() == [2, 3]
    assert not first[1:].any()
