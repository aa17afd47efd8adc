# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from dure.cli import main


@pytest.mark.parametrize("command", [["care", "enrol"], ["care", "replay", "--out", "alarms.csv"]])
def test_a_file_that_is_not_there_is_said_by_its_name(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main([*command, "nothing-of-this-name"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("dure care")
    assert "nothing-of-this-name" in error


def test_a_folder_in_place_of_a_file_is_said_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["care", "enrol", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
