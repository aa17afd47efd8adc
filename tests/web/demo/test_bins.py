# SPDX-License-Identifier: Apache-2.0
"""The demo's bins and trucks: enrolled by the same files as a city's, with people who answer for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dure.city import clock, rules
from dure.city.models import Role, User
from dure.city.roles import roles_of
from dure.services.waste.models import Bin, Truck
from dure.services.waste.round_rules import RoundRules
from dure.simulator.city import CityPlan, make_city
from dure.web.demo import making
from tests.conftest import StandingClock


@pytest.mark.django_db
def test_demo_has_bins_trucks_and_drivers_and_its_rounds_go_out(tmp_path: Path, standing_clock: StandingClock) -> None:
    make_city(tmp_path, CityPlan(seed=1, homes=20, start=clock.now().isoformat(), bins=200))
    lines = (tmp_path / "bins.jsonl").read_text().splitlines()
    (tmp_path / "bins.jsonl").write_text("\n".join(lines[:8]))  # each costs the test some hundredths of a second
    making.make_areas(tmp_path)
    making.make_people(20)
    assert making.enrol_bins(tmp_path) == 8
    assert Bin.objects.filter(device__feed__code="chirpstack").count() == 8
    trucks = list(Truck.objects.order_by("code").select_related("driver", "device__feed"))
    assert [one.driver.username for one in trucks if one.driver] == ["driver", "driver2", "driver3", "driver4"]
    assert {kind for one in trucks for kind in one.waste_kinds} == {"other", "plastic"}
    assert {one.device.feed.code for one in trucks if one.device} == {"fleet"}
    assert all(Role.DRIVER in roles_of(user) for user in User.objects.filter(username__startswith="driver"))
    assert rules.load(RoundRules, "waste").give_out_by_itself == 1
