# SPDX-License-Identifier: Apache-2.0
"""City time goes on, whatever became of the file that keeps it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dure.city.clock import SEOUL
from dure.web.demo.city_time import CityTime

SPRING = datetime(2027, 4, 1, 3, 30, tzinfo=UTC).timestamp()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A record that has seen the spring of 2027."""
    path = tmp_path / "dure.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE city_watermark (moved_at datetime)")
        connection.execute("CREATE TABLE city_auditentry (at datetime)")
        connection.execute("INSERT INTO city_watermark VALUES (NULL), ('2027-04-01 03:29:00')")
        connection.execute("INSERT INTO city_auditentry VALUES ('2027-04-01 03:30:00'), ('2027-03-01 00:00:00.125')")
    return path


def stands_at(kept: Path, database: Path, speed: float = 1.0) -> float:
    return CityTime(kept, database, speed).pace.city_start


def test_a_new_city_wakes_in_the_morning_in_korea(kept: Path, tmp_path: Path) -> None:
    moment = datetime.fromtimestamp(stands_at(kept, tmp_path / "none.sqlite3"), SEOUL)
    assert (moment.hour, moment.minute) == (6, 0)


@pytest.mark.parametrize("speed", [1.0, 3600.0])
def test_it_goes_on_from_where_it_stood_at_any_speed(kept: Path, database: Path, speed: float) -> None:
    kept.write_text(json.dumps({"city": SPRING + 500}))
    assert stands_at(kept, database, speed) == SPRING + 500


@pytest.mark.parametrize("left", [None, "", '{"city": 18', json.dumps({"city": SPRING - 7_200})])
def test_it_never_goes_back_behind_the_record(kept: Path, database: Path, left: str | None) -> None:
    if left is not None:
        kept.write_text(left)
    assert stands_at(kept, database) == SPRING


def test_a_record_without_tables_says_nothing(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "half").write_text("half a database")
    kept.write_text(json.dumps({"city": SPRING}))
    assert stands_at(kept, tmp_path / "half") == SPRING


def test_what_is_saved_while_it_runs_lies_ahead(kept: Path, database: Path) -> None:
    city_time = CityTime(kept, database, 60.0)
    city_time.save()
    assert stands_at(kept, database) >= city_time.pace.city_start + 120
    city_time.save(stopping=True)
    assert stands_at(kept, database) < city_time.pace.city_start + 120
