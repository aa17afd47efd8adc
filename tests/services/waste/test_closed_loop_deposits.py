# SPDX-License-Identifier: Apache-2.0
"""What fell in, from what was collected: nothing is lost and nothing invented but what a full bin hides."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dure.cli import main
from dure.services.waste.deposits import read_collections, rebuild


def written(folder: Path, lines: list[str], header: str = "bin,at,fill") -> Path:
    path = folder / "collections.csv"
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    return path


def test_amount_of_an_interval_is_what_its_end_found(tmp_path: Path) -> None:
    path = written(
        tmp_path, ["a,2026-06-03T06:30,70", "a,2026-06-01T06:00,33", "a,2026-06-01T18:15,40"], "site,t,before"
    )
    rebuilt = rebuild(read_collections(path), 1)
    first = [amount for _, at, amount in rebuilt.rows if at.day == 1 and at.hour < 18]

    assert sum(amount for _, _, amount in rebuilt.rows) == pytest.approx(110)
    assert sum(first) == pytest.approx(40, abs=1.5)
    assert (rebuilt.bins, rebuilt.intervals, rebuilt.imputed) == (1, 2, 0)
    assert max(rebuilt.rows, key=lambda row: row[2])[1].hour in range(11, 20)


@pytest.mark.parametrize(("end", "amount"), [("2026-06-04T00:00", 100), ("2026-06-05T00:00", 120), ("2026-06-20", 160)])
def test_full_bin_held_what_its_rate_says_within_limits(tmp_path: Path, end: str, amount: float) -> None:
    """40 points a day otherwise: two days would have been 80, three are 120, seventeen too many."""
    path = written(tmp_path, ["a,2026-06-01T00:00,50", "a,2026-06-02T00:00,40", f"a,{end},100"])
    rebuilt = rebuild(read_collections(path), 1)

    assert sum(amount for _, _, amount in rebuilt.rows) == pytest.approx(40 + amount)
    assert rebuilt.imputed == 1


def test_command_leaves_out_bins_of_few_collections(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = [f"a,2026-06-{day:02d}T07:00,60" for day in range(1, 8)]
    path, out = written(tmp_path, [*days, "b,2026-06-01T07:00,60"]), tmp_path / "deposits.csv"

    assert main(["waste", "deposits", str(path), "--out", str(out)]) == 0
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["bin"] for row in rows} == {"a"}
    assert sum(float(row["amount"]) for row in rows) == pytest.approx(360, abs=0.1)
    assert "1 bins, 6 intervals" in capsys.readouterr().out


def test_wrong_line_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, ["a,2026-06-01T07:00,60", "a,2026-06-02T07:00,much"])

    assert main(["waste", "deposits", str(path), "--out", str(tmp_path / "d.csv")]) == 2
    assert "collections.csv:3: fill: " in capsys.readouterr().err
