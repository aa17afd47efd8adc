# SPDX-License-Identifier: Apache-2.0
"""``dure waste enrol``: bins from a file; a bad line is named and holds up no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dure.city import teams
from dure.city.errors import Conflict, Invalid
from dure.city.models import AuditEntry, Device, EscalationPlan, Role
from dure.cli import main
from dure.services.waste.actions.bins import SensorSpec, enrol, retire
from dure.services.waste.actions.sensors import order_interval, waiting_orders
from dure.services.waste.models import Bin
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.waste.street import spec

pytestmark = pytest.mark.django_db
LINE = {
    "code": "bin-0001", "lon": 127.1, "lat": 37.3, "volume_l": 240, "empty_mm": 1200, "full_mm": 200,
    "sensor": {"feed": "chirpstack", "code": "A84041000181C061", "kind": "dragino-dds75"},
}  # fmt: skip


@pytest.fixture
def team(city: City, standing_clock: StandingClock) -> City:
    teams.set_team("청소팀", [city.users[Role.DISPATCHER]], service="waste", actor="tests")
    return city


def test_file_is_enrolled_line_by_line(team: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bins.jsonl"
    bad: list[Any] = [LINE | {"code": "bin-0002"}, LINE | {"lat": 91}, LINE | {"volume_l": "much"}, "bin-0003"]
    file.write_text("\n".join(map(json.dumps, [LINE, *bad])))
    assert main(["waste", "enrol", str(file)]) == 1
    told = capsys.readouterr()
    assert "enrolled 1, refused 4" in told.out
    assert [line.split(":")[1] for line in told.err.splitlines()] == ["2", "3", "4", "5"]
    assert "sensor.code" in told.err.splitlines()[0]
    made = Bin.objects.select_related("area", "device").get()
    assert (made.area, made.blind_mm, len(made.word)) == (team.dongs[0], 280, 6)
    assert made.device is not None
    assert (made.device.feed.service, made.device.series.count()) == ("waste", 6)
    assert EscalationPlan.objects.filter(service="waste").exists()
    entries = AuditEntry.objects.count()
    file.write_text(json.dumps(LINE))
    assert main(["waste", "enrol", str(file)]) == 0
    assert AuditEntry.objects.count() == entries, "again changes nothing"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"full_mm": 1200}, "full_mm"),
        ({"empty_mm": 20_000}, "full_mm"),
        ({"blind_mm": 1300}, "blind_mm"),
        ({"lon": 200}, "lon"),
        ({"lon": 10, "lat": 10}, "area"),
        ({"area": "0000000000"}, "area"),
        ({"mount": "roof"}, "mount"),
        ({"waste_kind": "gold"}, "waste_kind"),
        ({"volume_l": 0}, "volume_l"),
        ({"code": "a/b"}, "code"),
        ({"word": "Ä"}, "word"),
        ({"sensor": SensorSpec("chirpstack", "bin-1", "dragino-dds75")}, "sensor.code"),
        ({"sensor": SensorSpec("c" * 41, "a84041000181c061", "dragino-dds75")}, "sensor.feed"),
        ({"sensor": SensorSpec("chirpstack", "a84041000181c061", "abacus")}, "sensor.kind"),
    ],
)
def test_what_is_wrong_is_named(team: City, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        enrol(spec(**changes), actor="tests")
    assert refused.value.field == field


def test_nobody_to_answer_is_no_enrolment(city: City, standing_clock: StandingClock) -> None:
    with pytest.raises(Conflict, match="set a team first"):
        enrol(spec(), actor="tests")
    assert not Device.objects.exists()


def test_calibration_is_changed_and_recorded_and_a_bin_goes(team: City) -> None:
    made = enrol(spec(), actor="tests")
    again = enrol(spec(empty_mm=1100, word="aram-1"), actor="tests")
    assert (again.pk, again.empty_mm, again.word) == (made.pk, 1100, "aram-1")
    assert AuditEntry.objects.filter(tag="waste:bin:changed").latest("seq").detail == {"changed": ["empty_mm", "word"]}
    replaced = enrol(spec(empty_mm=1100, sensor=SensorSpec("chirpstack", "f" * 16, "dragino-dds75")), actor="tests")
    assert Device.objects.get(code=f"{1:016x}").retired_at is not None
    retire(replaced, actor="tests")
    retire(replaced, actor="tests")
    assert not Device.objects.filter(retired_at=None).exists()
    assert AuditEntry.objects.filter(tag="waste:bin:retired").count() == 1


def test_only_the_newest_interval_waits_for_a_sensor(team: City) -> None:
    device = enrol(spec(), actor="tests").device
    assert device is not None
    order_interval(device, 60, actor="tests")
    order_interval(device, 30, actor="tests")
    assert device.interval_orders.get().minutes == 30
    assert waiting_orders() == [], "where its server listens is learned from its next report"
    with pytest.raises(Invalid, match="minutes"):
        order_interval(device, 5, actor="tests")
