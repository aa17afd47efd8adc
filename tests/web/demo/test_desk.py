# SPDX-License-Identifier: Apache-2.0
"""The demo's complaint desk: enrolled by the same files as a city's, with somebody in each department."""

from __future__ import annotations

from pathlib import Path

import pytest

from dure.city import clock
from dure.city.duty import on_duty
from dure.services.complaints.models import Department, Template, Text, Topic
from dure.services.complaints.teams import desk_team, whole_city
from dure.simulator.city import CityPlan, make_city
from dure.simulator.complaints.office import clerks_of
from dure.simulator.living import read_keys
from dure.web.demo import desk, making
from dure.web.demo.people import offered
from tests.conftest import StandingClock

pytestmark = pytest.mark.django_db


def test_demo_has_a_desk_and_somebody_in_each_department(tmp_path: Path, standing_clock: StandingClock) -> None:
    make_city(tmp_path, CityPlan(seed=3, homes=20, start="2026-11-02T09:00:00+09:00", complaints_per_day=30.0))
    making.make_areas(tmp_path)
    making.make_people(20)
    making.make_feeds(tmp_path / "keys.json")
    assert desk.open_desk(tmp_path, tmp_path / "keys.json") == Department.objects.filter(outside=False).count() == 16
    assert {user.username for user in on_duty(desk_team(whole_city()))} == {"agent", "lead"}
    staffed = {one.code: on_duty(one.team) for one in Department.objects.filter(outside=False)}
    assert [code for code, people in staffed.items() if len(people) != 1] == []
    assert [staffed[code][0].username for code in ("road", "cleaning")] == ["road", "cleaning"]
    assert {"agent", "lead", "road", "cleaning"} <= {one.username for one in offered()}
    assert Topic.objects.count() == 54
    assert Text.objects.filter(valid_to__lt=clock.today()).count() == 2
    assert Template.objects.get(code="bin-emptied").department == Department.objects.get(code="cleaning")
    clerks = clerks_of(read_keys(tmp_path / "keys.json"))
    assert len(clerks) == 15
    assert not {"road", "cleaning"} & {one.department for one in clerks}
