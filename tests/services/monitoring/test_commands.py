# SPDX-License-Identifier: Apache-2.0
"""``dure monitoring give``: devices from a file; a bad line is named and holds up no other."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from dure.city.models import ConsentPurpose
from dure.cli import main
from dure.services.monitoring.models import PersonalDevice
from tests.factories import City, make_feed, make_home

pytestmark = pytest.mark.django_db


def test_good_lines_are_given_and_bad_ones_named(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_feed("wear", "wearables", service="monitoring")
    agreed = make_home(city.dongs[0], consents=(ConsentPurpose.HEALTH_WATCH,)).person
    silent = make_home(city.dongs[0], consents=()).person
    good = {"person": str(agreed.ref), "feed": "wear", "code": "band-1", "kind": "wearable"}
    bad = (
        (good | {"person": str(silent.ref), "code": "band-2"}, "consent"),
        (good | {"kind": "tricorder"}, "kind"),
        (good | {"feed": "none"}, "feed"),
        (good | {"person": str(uuid4())}, "person"),
        (good | {"colour": "red"}, "colour"),
    )
    file = tmp_path / "devices.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in (good, *(line for line, _ in bad))))
    assert main(["monitoring", "give", str(file)]) == 1
    said = capsys.readouterr()
    assert "given 1, refused 5" in said.out
    for number, (line, (_, field)) in enumerate(zip(said.err.splitlines(), bad, strict=True), start=2):
        assert line.startswith(f"{file}:{number}: {field}: ")
    file.write_text(json.dumps(good))
    assert main(["monitoring", "give", str(file)]) == 0, "again changes nothing"
    assert PersonalDevice.objects.count() == 1
