# SPDX-License-Identifier: Apache-2.0
"""The live forecast: causal, kept across restarts and changes of bins, and going on where a sensor is silent."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from dure.city import clock, readings
from dure.city.models import Quality, Series
from dure.services.waste import forecast
from dure.services.waste.actions.bins import enrol, retire
from dure.services.waste.models import BinForecast, Forecast
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.waste.street import EMPTY, FULL, Street, spec

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def street(city: City, standing_clock: StandingClock) -> Street:
    return Street(city, bins=3)


def fill(street: Street, number: int, start: datetime, percents: list[float]) -> None:
    """Hourly levels from ``start`` on, stored as the door stores them."""
    series = Series.objects.get(device=street.bins[number].device, name="distance")
    rows = [
        (series.pk, start + place * HOUR, EMPTY - (EMPTY - FULL) / 100 * percent, int(Quality.GOOD))
        for place, percent in enumerate(percents)
    ]
    readings.store(readings.ReadingBatch.of(rows))


def state() -> bytes:
    return bytes(Forecast.objects.get().data)


def levels() -> dict[str, float]:
    return dict(BinForecast.objects.values_list("bin__code", "level"))


def test_what_comes_later_changes_nothing_before_and_is_not_looked_at_again(street: Street) -> None:
    now = clock.now()
    fill(street, 1, now - 47 * HOUR, [min(2.0 * hour, 95) for hour in range(48)])
    assert forecast.step(now - 6 * HOUR) == 42
    before, said = state(), levels()
    assert 75 < said["bin-0001"] < 90
    fill(street, 2, now - 9 * HOUR, [5.0] * 3)
    assert forecast.step(now - 6 * HOUR + timedelta(minutes=59)) == 0
    assert (state(), levels()) == (before, said)
    assert forecast.step(now) == 6
    assert levels()["bin-0002"] > 80, "the readings came when their hours had been stepped"
    soon = BinForecast.objects.get(bin__code="bin-0001")
    assert soon.chances == sorted(soon.chances)
    assert soon.full_at is not None


def test_restart_in_the_middle_repeats_and_loses_nothing(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    fill(street, 1, now - 29 * HOUR, [3.0 * (hour % 20) for hour in range(30)])
    assert forecast.step(now) == 30
    whole = forecast.load().filling
    Forecast.objects.all().delete()

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(forecast.BinForecast.objects, "bulk_create", stopped)
        with pytest.raises(KeyboardInterrupt):
            forecast.step(now)
    assert Forecast.objects.get().at == now - 6 * HOUR, "the first day is kept, the second was stopped"
    assert forecast.step(now) == 6
    again = forecast.load().filling
    assert np.array_equal(whole.weight, again.weight)
    assert np.array_equal(whole.mean, again.mean)


def test_bins_come_and_go_and_damage_is_learned_anew(street: Street) -> None:
    now = clock.now()
    for number in (1, 2, 3):
        fill(street, number, now - 11 * HOUR, [10.0 * number + hour for hour in range(12)])
    forecast.step(now - HOUR)
    retire(street.bins[1], actor="tests")
    new = enrol(spec(4), actor="tests")
    forecast.step(now)
    said = levels()
    assert said.keys() == {"bin-0002", "bin-0003", "bin-0004"}
    assert (abs(said["bin-0002"] - 31) < 6, abs(said["bin-0003"] - 41) < 6) == (True, True)
    row = Forecast.objects.get()
    assert row.bins[-1] == new.pk
    row.data = bytes(row.data)[:-9] + b"damaged!!"
    row.save()
    assert forecast.step(now) == 12
    assert abs(levels()["bin-0002"] - 31) < 6
