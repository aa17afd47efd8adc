# SPDX-License-Identifier: Apache-2.0
"""The commands of the record, as their user types them."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings

from dure.city import audit, commands, people, resealing, secrets
from dure.city.database import triggers_lifted
from dure.city.models import Area, AuditEntry, Team, User
from tests.factories import City

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(settings: LazySettings, tmp_path: Path) -> None:
    settings.DURE_HOME = tmp_path


def dure(*words: str | Path) -> int:
    root = argparse.ArgumentParser(prog="dure")
    commands.register(root.add_subparsers(dest="command", required=True))
    arguments = root.parse_args([str(word) for word in words])
    status: int = arguments.run(arguments)
    return status


def test_a_whole_chain_is_said_to_be_whole(capsys: pytest.CaptureFixture[str]) -> None:
    audit.record("a:b:c", actor="tests", subject="x:1")
    assert dure("audit", "verify") == 0
    assert "1 entries, whole" in capsys.readouterr().out


def test_a_break_is_said_with_its_place_and_kind(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        audit.record("a:b:c", actor="tests", subject="x:1")
    with triggers_lifted("city_auditentry"):
        AuditEntry.objects.filter(seq=2).update(actor="nobody")
    assert dure("audit", "verify") == 1
    out = capsys.readouterr().out
    assert "2: changed: 내용이 바뀌었습니다 / the entry was changed" in out
    assert "1 breaks" in out


def bare(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """``dure …`` where no installation is: no settings may be read and nothing may be written."""
    code = (
        "import argparse, sys\n"
        "from dure.city import commands\n"
        "root = argparse.ArgumentParser()\n"
        "commands.register(root.add_subparsers(dest='command'))\n"
        "arguments = root.parse_args()\n"
        "status = arguments.run(arguments)\n"
        "assert not any(name.startswith('django') for name in sys.modules)\n"
        "sys.exit(status)\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DURE_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], env=environment, capture_output=True, text=True, check=False
    )


def test_an_export_is_verified_on_a_machine_without_django_or_database(tmp_path: Path, settings: LazySettings) -> None:
    for number in range(5):
        audit.record("a:b:c", actor="tests", subject=f"x:{number}")
    audit.write_head()
    export, heads = tmp_path / "export.jsonl", tmp_path / "audit-heads.jsonl"
    assert dure("audit", "export", export) == 0
    key_file = tmp_path / "secrets.json"
    made = secrets.load_secrets(key_file)
    key_file.write_text(json.dumps({**vars(made), "audit": settings.DURE_AUDIT_KEY}))
    whole = bare("audit", "verify", export, "--heads", heads, "--key-file", key_file)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "6 entries, whole" in whole.stdout
    assert "not checked" not in whole.stdout
    assert "not checked" in bare("audit", "verify", export).stdout
    lines = export.read_text().splitlines()
    export.write_text("\n".join(lines[:3] + lines[4:]) + "\n")
    broken = bare("audit", "verify", export, "--key-file", key_file)
    assert broken.returncode == 1
    assert "4: removed" in broken.stdout


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dure("audit", "verify", tmp_path / "none.jsonl") == 2
    assert dure("audit", "verify", tmp_path / "none.jsonl", "--key-file", tmp_path / "no-key.json") == 2
    err = capsys.readouterr().err
    assert "none.jsonl" in err
    assert "no-key.json" in err


def test_areas_are_imported_and_a_fault_is_said_by_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "areas.geojson"
    ring = [[127, 37], [127.01, 37], [127.01, 37.01], [127, 37.01], [127, 37]]
    feature = {
        "type": "Feature",
        "properties": {
            "adm_nm": "가온도 두레시 아람동",
            "adm_cd2": "4199051000",
            "sgg": "41990",
            "sido": "41",
            "sidonm": "가온도",
            "sggnm": "두레시",
        },
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"features": [feature]}))
    assert dure("areas", "import", path, "--valid-from", "2025-04-01", "--source", "tests") == 0
    assert "1 areas" in capsys.readouterr().out
    assert Area.objects.filter(name="아람동").exists()
    feature["properties"]["sido"] = "29"  # type: ignore[index]
    path.write_text(json.dumps({"features": [feature]}))
    assert dure("areas", "import", path, "--valid-from", "2025-04-01", "--source", "tests") == 2
    assert "features[0].sido" in capsys.readouterr().err


def test_a_day_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        dure("areas", "import", tmp_path, "--valid-from", "2025-02-30", "--source", "tests")
    assert "--valid-from" in capsys.readouterr().err


def test_keys_are_rotated_in_three_steps(
    city: City, settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "secrets.json"
    settings.DURE_SECRETS = path
    settings.DURE_KEYS = secrets.load_secrets(path).sealing
    people.register_household(area=city.dongs[0], address="두레로 1", actor="tests")
    assert dure("secrets", "rotate", "--new-key") == 0
    assert len(secrets.load_secrets(path).sealing) == 2
    settings.DURE_KEYS = secrets.load_secrets(path).sealing  # every process is restarted
    assert dure("secrets", "rotate", "--drop-old") == 1
    assert len(secrets.load_secrets(path).sealing) == 2
    assert dure("secrets", "rotate") == 0
    assert "resealed 1" in capsys.readouterr().out
    assert dure("secrets", "rotate", "--drop-old") == 0
    settings.DURE_KEYS = secrets.load_secrets(path).sealing
    assert len(settings.DURE_KEYS) == 1
    assert resealing.count_old() == 0


def test_a_user_is_added_and_a_fault_is_said_by_field(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    assert dure("users", "add", "kim", "--role", "care_worker", "--area", city.dongs[0].code) == 0
    password = capsys.readouterr().out.strip().rpartition(" ")[2]
    assert User.objects.get(username="kim").check_password(password)
    assert dure("users", "add", "kim", "--role", "planner") == 0
    assert "role given" in capsys.readouterr().out
    assert dure("users", "add", "kim", "--role", "mayor") == 2
    assert "role: no such role" in capsys.readouterr().err


def test_a_team_is_made_once_and_has_exactly_the_members_that_were_named(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("teams", "set", "아람 돌봄팀", "--service", "care", "--area", city.dongs[0].code)
    for _ in range(2):
        assert dure(*command, "--member", "care_worker", "--member", "welfare_officer") == 0
    assert dure(*command, "--member", "care_worker") == 0
    team = Team.objects.get(name="아람 돌봄팀")
    assert (team.service, team.area, [user.username for user in team.members.all()]) == (
        "care",
        city.dongs[0],
        ["care_worker"],
    )
    told = AuditEntry.objects.filter(tag="city:team:set").order_by("seq")
    assert [(len(one.detail["joined"]), len(one.detail["left"])) for one in told] == [(2, 0), (0, 1)]
    assert dure(*command, "--member", "nobody") == 2
    assert dure("teams", "set", "x", "--area", "0000000000") == 2
    assert dure("teams", "set", " ") == 2
    said = capsys.readouterr().err
    assert all(field in said for field in ("member: unknown user", "area: unknown area", "name: must be"))
