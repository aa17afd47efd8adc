# SPDX-License-Identifier: Apache-2.0
"""Replay: causal, indifferent to order and repeats, and clear about bad input."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dure.services.care.replay import ReplayError, ReplaySummary, replay
from tests.engines.habits.made_homes import DAY, MIDNIGHT, SLOT, ends, living, silent

HOMES, DAYS, WARMUP = 3, 21, 16
ONSET = 17 * DAY + 16


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    kwh = silent(living(HOMES, DAYS), ONSET, 20 * DAY)
    kwh[1, 10 * DAY : 11 * DAY] = np.nan
    at = np.tile(ends(kwh), HOMES) * 1_000_000
    home = np.repeat([f"집 {k}" for k in range(HOMES)], kwh.shape[1])
    table = pl.DataFrame({"home": home, "at": at, "kwh": kwh.ravel()}, schema_overrides={"at": pl.Datetime("us")})
    return table.with_columns(pl.col("at").dt.replace_time_zone("UTC"), pl.col("kwh").fill_nan(None))


def run(frame: pl.DataFrame, folder: Path, **changed: Any) -> tuple[list[dict[str, str]], ReplaySummary]:
    frame.write_parquet(folder / "readings.parquet")
    options: dict[str, Any] = {"alarms_per_1000": 15.0, "warmup_days": WARMUP, "timezone": "Asia/Seoul"} | changed
    summary = replay(folder / "readings.parquet", out=folder / "alarms.csv", **options)
    with (folder / "alarms.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file)), summary


@pytest.fixture(scope="module")
def whole(frame: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, str]], ReplaySummary]:
    return run(frame, tmp_path_factory.mktemp("whole"))


def test_silences_become_rows_after_the_warm_up(whole: tuple[list[dict[str, str]], ReplaySummary]) -> None:
    rows, summary = whole
    assert list(rows[0]) == ["home", "opened_at", "closed_at", "level", "reason"]
    onset = datetime.fromtimestamp(MIDNIGHT + ONSET * SLOT, UTC)
    found = {row["home"] for row in rows if onset < when(row["opened_at"]) <= onset + timedelta(hours=24)}
    assert found == {"집 0", "집 1", "집 2"}
    assert all(when(row["opened_at"]) >= datetime.fromtimestamp(MIDNIGHT, UTC) + timedelta(days=WARMUP) for row in rows)
    assert all(row["level"] in {"attention", "alert", "severe"} and "시간" in row["reason"] for row in rows)
    assert all(row["closed_at"] > row["opened_at"] for row in rows)
    assert (summary.homes, summary.readings, summary.without_value) == (HOMES, HOMES * DAYS * DAY, DAY)
    assert summary.alarms == len(rows)


@pytest.mark.parametrize("slots", [18 * DAY + 5, 20 * DAY + 20])
def test_cutting_the_input_off_changes_no_earlier_row(
    frame: pl.DataFrame, whole: tuple[list[dict[str, str]], ReplaySummary], tmp_path: Path, slots: int
) -> None:
    cut = datetime.fromtimestamp(MIDNIGHT + slots * SLOT, UTC)
    part, _ = run(frame.filter(pl.col("at") <= cut), tmp_path)
    expected = [row | {"closed_at": still(row["closed_at"], cut)} for row in whole[0] if when(row["opened_at"]) <= cut]
    assert part == expected
    assert part


def test_order_repeats_and_other_columns_do_not_matter(
    frame: pl.DataFrame, whole: tuple[list[dict[str, str]], ReplaySummary], tmp_path: Path
) -> None:
    messy = pl.concat([frame, frame.sample(500, seed=1)]).sample(fraction=1.0, shuffle=True, seed=2)
    rows, messy_summary = run(messy.with_columns(other=pl.lit("x")).select("kwh", "other", "home", "at"), tmp_path)
    assert rows == whole[0]
    assert messy_summary.repeated == 500
    assert messy_summary.readings == whole[1].readings


def test_a_missing_row_is_like_a_null(
    frame: pl.DataFrame, whole: tuple[list[dict[str, str]], ReplaySummary], tmp_path: Path
) -> None:
    rows, _ = run(frame.filter(pl.col("kwh").is_not_null()), tmp_path)
    assert rows == whole[0]


def test_judge_only_homes_have_rows_but_no_say(frame: pl.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "listed.txt").write_text("집 0\n집 2\n\n집 77\n", encoding="utf-8-sig")  # as Windows' editor writes it
    rows, summary = run(frame, tmp_path, judge_only=tmp_path / "listed.txt")
    assert {row["home"] for row in rows} == {"집 0", "집 1", "집 2"}
    assert (0 < summary.steering_alarms < summary.alarms, summary.unknown_homes) == (True, 1)
    assert summary.judged_home_days == pytest.approx(DAYS - WARMUP, abs=1)


def test_hourly_readings_of_a_zone_with_summer_time(frame: pl.DataFrame, tmp_path: Path) -> None:
    hourly = frame.sort("home", "at").group_by_dynamic(
        "at", every="1h", period="1h", group_by="home", label="right", closed="right"
    )
    rows, _ = run(hourly.agg(pl.col("kwh").sum()), tmp_path, timezone="Australia/Sydney")
    onset = datetime.fromtimestamp(MIDNIGHT + ONSET * SLOT, UTC)
    assert {row["home"] for row in rows if when(row["opened_at"]) > onset} == {"집 0", "집 1", "집 2"}


def test_impossible_values_are_counted_and_cost_nothing_else(frame: pl.DataFrame, tmp_path: Path) -> None:
    bad = frame.with_columns(kwh=pl.when(pl.int_range(pl.len()) == 100).then(-1.0).otherwise(pl.col("kwh")))
    rows, summary = run(bad, tmp_path)
    assert summary.refused_values == 1
    assert len({row["home"] for row in rows}) == HOMES


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.drop("kwh"), "column kwh is missing"),
        (lambda f: f.with_columns(pl.col("at").dt.replace_time_zone(None)), "column at: .* no time zone"),
        (lambda f: f.with_columns(pl.col("at").dt.epoch("s")), "column at: expected a timestamp"),
        (lambda f: f.with_columns(pl.lit(7).alias("home")), "column home: expected text"),
        (lambda f: f.with_columns(pl.col("kwh").cast(pl.String)), "column kwh: expected a number"),
        (lambda f: f.with_columns(pl.lit(None, pl.String).alias("home")), "column home: must not be empty"),
        (lambda f: f.with_columns(pl.lit(None, f.schema["at"]).alias("at")), "column at: must not be empty"),
        (
            lambda f: pl.concat(
                [f, f.head(1).with_columns(pl.lit(datetime(9999, 1, 1, tzinfo=UTC)).alias("at").cast(f.schema["at"]))]
            ),
            "column at: .* 200 years",
        ),
    ],
)
def test_bad_columns_are_named(frame: pl.DataFrame, tmp_path: Path, spoil: Any, message: str) -> None:
    with pytest.raises(ReplayError, match=message):
        run(spoil(frame), tmp_path)


def test_what_is_no_parquet_is_said(tmp_path: Path) -> None:
    (tmp_path / "readings.csv").write_text("home,at,kwh\n")
    with pytest.raises(ReplayError, match="no Parquet file"):
        replay(
            tmp_path / "readings.csv",
            alarms_per_1000=15,
            warmup_days=1,
            timezone="Asia/Seoul",
            out=tmp_path / "out.csv",
        )


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"alarms_per_1000": 0.0}, "alarms-per-1000"),
        ({"warmup_days": -1}, "warmup-days"),
        ({"timezone": "Asia/Soul"}, "timezone"),
    ],
)
def test_bad_options_are_named(frame: pl.DataFrame, tmp_path: Path, option: dict[str, Any], message: str) -> None:
    with pytest.raises(ReplayError, match=message):
        run(frame.head(10), tmp_path, **option)


def test_an_empty_file_gives_an_empty_report(frame: pl.DataFrame, tmp_path: Path) -> None:
    rows, summary = run(frame.clear(), tmp_path)
    assert rows == []
    assert summary.alarms_per_1000 == 0.0


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def still(closed_at: str, cut: datetime) -> str:
    return closed_at if when(closed_at) <= cut else ""


def test_a_phone_beside_the_meter_proves_life_and_adds_evidence(frame: pl.DataFrame, tmp_path: Path) -> None:
    slot = (pl.col("at").dt.epoch("s") - MIDNIGHT) // SLOT - 1
    awake = ((slot % DAY) >= 14) & ((slot % DAY) < 46)
    used = pl.when(awake).then(pl.lit(1.0)).otherwise(pl.lit(0.0))
    out_with_it, _ = run(frame.with_columns(phone=used), tmp_path)
    assert not [
        row for row in out_with_it if when(row["opened_at"]) > datetime.fromtimestamp(MIDNIGHT + ONSET * SLOT, UTC)
    ]
    lying = frame.with_columns(phone=pl.when(slot.is_between(ONSET, 20 * DAY - 1)).then(pl.lit(0.0)).otherwise(used))
    rows, _ = run(lying, tmp_path)
    assert {row["home"] for row in rows} == {"집 0", "집 1", "집 2"}
