# SPDX-License-Identifier: Apache-2.0
"""What is known beforehand of an hour: where and how long it counts, what it does to a forecast, who may say it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dure.city import clock
from dure.city.errors import Invalid
from dure.city.models import Membership, Role
from dure.services.waste import forecast
from dure.services.waste.actions.influences import InfluenceSpec, cancel, tell
from dure.services.waste.enrolment import tell_influences
from dure.services.waste.influences import times_usual
from dure.services.waste.models import Bin, BinForecast, Influence
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.waste.street import Street
from tests.services.waste.test_forecast import fill

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def street(city: City, standing_clock: StandingClock) -> Street:
    """Of which the second bin stands a kilometre from the others."""
    street = Street(city, bins=3)
    Bin.objects.filter(pk=street.bins[2].pk).update(lat=street.bins[2].lat + 0.01)
    return street


def market(**change: Any) -> InfluenceSpec:
    start = clock.now().replace(minute=0, second=0, microsecond=0) + HOUR
    usual: dict[str, Any] = {"name": "야시장", "starts_at": start, "ends_at": start + 2 * HOUR, "percent": 300}
    return InfluenceSpec(**usual | change)


def test_hours_count_by_how_much_of_them_it_lasts_and_several_are_multiplied(street: Street) -> None:
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    here = street.bins[1]
    near = {"lon": here.lon, "lat": here.lat, "radius_m": 20}
    rain = tell(market(name="비", kind="weather", percent=50, starts_at=now, ends_at=now + HOUR / 2), actor="test")
    tell(market(**near), actor="test")
    tell(market(area=here.area.code, starts_at=now + HOUR, ends_at=now + 2 * HOUR, percent=200), actor="test")
    bins = list(Bin.objects.order_by("pk"))
    row, other = (bins.index(street.bins[number]) for number in (1, 2))
    times = times_usual(bins, now, 4)
    assert times[row].tolist() == [0.75, 6.0, 3.0, 1.0]
    assert times[other].tolist() == [0.75, 2.0, 1.0, 1.0]
    cancel(rain, actor="test")
    assert times_usual(bins, now, 4)[row, 0] == 1.0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "parade"}, "kind"),
        ({"percent": 1001}, "percent"),
        ({"ends_at": None}, "ends_at"),
        ({"area": "9999999999"}, "area"),
        ({"radius_m": 100}, "radius_m"),
        ({"lon": 127.0, "lat": 95.0, "radius_m": 100}, "lon"),
        ({"code": "야시장"}, "code"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_field(street: Street, change: dict[str, Any], field: str) -> None:
    if "ends_at" in change:
        change = {"ends_at": clock.now() - HOUR}
    with pytest.raises(Invalid) as wrong:
        tell(market(**change), actor="test")
    assert wrong.value.field == field
    assert not Influence.objects.exists()


def test_an_event_to_come_makes_its_bins_full_sooner(street: Street) -> None:
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    for number in (1, 2):
        fill(street, number, now - 71 * HOUR, [float(hour % 24 * 1.5) for hour in range(72)])
    here = street.bins[1]
    place = {"lon": here.lon, "lat": here.lat, "radius_m": 5}
    tell(market(starts_at=now, ends_at=now + 12 * HOUR, percent=500, **place), actor="test")
    forecast.step(now)
    soon = {one.bin_id: one.chances[1] for one in BinForecast.objects.all()}
    assert soon[here.pk] > soon[street.bins[2].pk] + 0.3


def test_a_file_told_twice_changes_nothing_and_a_bad_line_is_refused_by_itself(street: Street, tmp_path: Path) -> None:
    at = clock.now()
    good = {"code": "rain-1", "name": "비", "kind": "weather", "percent": 60}
    good |= {"starts_at": at.isoformat(), "ends_at": (at + HOUR).isoformat()}
    path = tmp_path / "weather.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in (good, good | {"percent": -1}, good)), encoding="utf-8")
    told, refused = tell_influences(path, actor="command:test")
    assert (told, [line for line, _ in refused], Influence.objects.get().percent) == (2, [2], 60)


def test_who_answers_for_the_city_notes_and_takes_back_the_others_read(street: Street) -> None:
    chief, other = make_user("chief", Role.DISPATCHER), make_user("other", Role.DISPATCHER)
    Membership.objects.filter(user=other).update(area=street.bins[1].area)
    page, reader = Client(), Client()
    page.force_login(chief)
    reader.force_login(other)
    form = {"name": "불꽃 축제", "kind": "event", "starts_at": "2026-12-01T18:00", "ends_at": "2026-12-01T22:00"}
    form |= {"percent": "400", "area": "", "near": street.bins[1].code, "radius_m": "500"}
    assert reader.post("/waste/influences/", form).status_code == 403
    wrong = page.post("/waste/influences/", form | {"ends_at": "2026-12-01T17:00"})
    assert wrong.status_code == 422
    assert "불꽃 축제" in wrong.content.decode(), "what was typed stays"
    assert page.post("/waste/influences/", form).status_code == 302
    one = Influence.objects.get()
    assert (one.radius_m, one.lon, one.area) == (500, street.bins[1].lon, None)
    assert "불꽃 축제" in reader.get("/waste/influences/").content.decode()
    assert reader.post(f"/waste/influences/{one.code}/cancel/").status_code == 403
    assert page.post(f"/waste/influences/{one.code}/cancel/").status_code == 302
    assert "불꽃 축제" not in reader.get("/waste/influences/").content.decode().split("<form")[0]
