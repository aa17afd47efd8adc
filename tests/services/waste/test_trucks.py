# SPDX-License-Identifier: Apache-2.0
"""``dure waste trucks``: depots, tips and trucks from a file; a bad line is named and holds up no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dure.city.models import AuditEntry, Role
from dure.cli import main
from dure.services.waste.models import Truck
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db
DEPOT = {"code": "yard", "kind": "depot", "name": "차고지", "lon": 127.1, "lat": 37.3}
TIP = DEPOT | {"code": "tip", "kind": "tip", "minutes": 15, "opens": "05:00", "closes": "22:00"}
TRUCK: dict[str, Any] = {
    "code": "truck-1", "name": "1호차", "depot": "yard", "tips": ["tip"], "capacity_l": 6000, "shift_from": "06:00",
    "shift_to": "15:00", "lunch_from": "11:30", "lunch_to": "12:30", "lunch_minutes": 60, "driver": Role.DRIVER.value,
    "unit": {"feed": "fleet", "code": "unit-1"},
}  # fmt: skip


def test_file_is_enrolled_line_by_line(
    city: City, standing_clock: StandingClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trucks.jsonl"
    lines: list[Any] = [
        {"site": DEPOT},
        {"site": TIP},
        {"truck": TRUCK},
        {"truck": TRUCK | {"code": "truck-2", "depot": "tip"}},
        {"truck": TRUCK | {"code": "truck-3", "shift_from": "25:00"}},
        {"truck": TRUCK | {"code": "truck-4"}},
        {"truck": TRUCK | {"code": "truck-5", "driver": "nobody"}},
        {"site": DEPOT, "truck": TRUCK},
        {"lorry": {}},
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    assert main(["waste", "trucks", str(file)]) == 1
    told = capsys.readouterr()
    assert "enrolled 3, refused 6" in told.out
    fields = [line.split(": ")[1] for line in told.err.splitlines()]
    assert fields[:5] == ["depot", "shift_from", "unit.code", "driver", "site"]
    truck = Truck.objects.get()
    assert (truck.driver, truck.depot.code, truck.tips.get().minutes) == (city.users[Role.DRIVER], "yard", 15)
    assert truck.device is not None
    assert set(truck.device.series.values_list("name", flat=True)) == {"lon", "lat"}
    entries = AuditEntry.objects.count()
    file.write_text("\n".join(map(json.dumps, lines[:3])))
    assert main(["waste", "trucks", str(file)]) == 0
    assert AuditEntry.objects.count() == entries, "again changes nothing"
