# SPDX-License-Identifier: Apache-2.0
"""Which silence of a signal is the network's: intervals of any length are compared like for like."""

from __future__ import annotations

import numpy as np
import pytest

from dure.engines.habits import Watch
from dure.services.care.half_hours import Columns, half_hours
from dure.services.care.together import believed
from tests.factories import City

pytestmark = pytest.mark.django_db
HOMES = 60
END = 1_795_233_600
"""2026-11-21 13:00 in Korea."""


@pytest.fixture
def watch() -> Watch:
    """Homes whose telephones are used nine half hours of ten by day."""
    made = Watch(HOMES, "Asia/Seoul")
    made.signals.of("phone", np.arange(HOMES))
    rows = made.signals.kinds["phone"].rows
    rows["rate"][:, 7:22], rows["days"] = 230, 30
    return made


def hour(active: int) -> Columns:
    """One hour of every telephone, of which so many were used."""
    value = (np.arange(HOMES) < active).astype(float)
    return Columns(np.arange(HOMES), np.full(HOMES, END), value, np.full(HOMES, 3600), np.arange(HOMES))


def areas(city: City) -> dict[int, int]:
    return dict.fromkeys(range(HOMES), city.dongs[0].pk)


def test_an_hour_in_which_some_are_silent_is_believed_to_its_end(watch: Watch, city: City) -> None:
    told = hour(active=30)
    assert believed(watch, "phone", told, areas(city)).value.tolist() == told.value.tolist()
    known = half_hours(told, {})
    assert (known.active.sum(), known.silent.sum()) == (30, 2 * 30), (
        "an hour with use tells of one half hour, one without of both"
    )


def test_an_hour_in_which_all_are_silent_is_the_networks(watch: Watch, city: City, standing_clock: object) -> None:
    assert np.isnan(believed(watch, "phone", hour(active=0), areas(city)).value).all()
    assert believed(watch, "phone", hour(active=1), areas(city)).value[0] == 1.0


def test_what_does_not_end_its_half_hour_is_no_silence_yet(watch: Watch, city: City) -> None:
    homes = np.arange(HOMES)
    part = Columns(homes, np.full(HOMES, END - 1500), np.zeros(HOMES), np.full(HOMES, 300), homes)
    assert believed(watch, "phone", part, areas(city)).value.tolist() == [0.0] * HOMES
