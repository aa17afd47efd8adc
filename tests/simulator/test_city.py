# SPDX-License-Identifier: Apache-2.0
"""The made city's files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dure.cli import main
from dure.simulator.areas import make_areas, read_areas
from dure.simulator.chance import uniform
from dure.simulator.city import City, CityPlan, load_city, make_city
from dure.simulator.names import phone
from dure.simulator.residents import make_residents
from dure.simulator.shapes import inside

from .conftest import START


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "homes.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_same_seed_makes_the_same_city(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_city(tmp_path / name, CityPlan(seed=3, homes=60, start=START, cameras=30))
    for file in ("areas.geojson", "homes.jsonl", "cameras.geojson"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    make_city(tmp_path / "other", CityPlan(seed=4, homes=60, start=START))
    assert (tmp_path / "one" / "homes.jsonl").read_bytes() != (tmp_path / "other" / "homes.jsonl").read_bytes()


def test_a_city_is_read_back_as_it_was_made(made_city: City) -> None:
    again = load_city(made_city.folder)
    assert again.plan.seed == made_city.plan.seed
    assert np.array_equal(again.residents.age, made_city.residents.age)
    assert [dong.code for dong in again.areas] == [dong.code for dong in made_city.areas]


@pytest.mark.parametrize("count", [6, 12, 40])
def test_dong_fill_the_city_without_overlap(count: int) -> None:
    areas = make_areas(seed=9, count=count)
    corners = np.concatenate([ring for dong in areas for ring in dong.rings])
    low, high = corners.min(axis=0), corners.max(axis=0)
    lon = uniform(1, "lon", np.arange(4000), low=low[0], high=high[0])
    lat = uniform(1, "lat", np.arange(4000), low=low[1], high=high[1])
    held = np.sum([inside(dong.rings, lon, lat) for dong in areas], axis=0)
    assert held.max() == 1
    middle = np.hypot((lon - lon.mean()) / np.ptp(lon), (lat - lat.mean()) / np.ptp(lat)) < 0.3
    assert held[middle].min() == 1


def test_dong_have_the_keys_and_codes_of_the_real_files() -> None:
    areas = make_areas(seed=9, count=20)
    codes = [dong.code for dong in areas]
    assert len(set(codes)) == 20
    assert all(len(code) == 10 and code.startswith("99") and code.isdigit() for code in codes)
    keys = {"OBJECTID", "adm_nm", "adm_cd", "adm_cd2", "sgg", "sido", "sidonm", "sggnm"}
    assert all(set(dong.properties) == keys and dong.code.startswith(dong.properties["sgg"]) for dong in areas)
    assert len({dong.properties["adm_nm"] for dong in areas}) == 20


def test_homes_stand_in_their_own_dong(made_city: City) -> None:
    by_code = {dong.code: dong for dong in made_city.areas}
    for line in lines_of(made_city.folder):
        assert inside(by_code[line["area"]].rings, np.asarray([line["lon"]]), np.asarray([line["lat"]]))[0]


def test_a_line_has_what_enrolment_needs(made_city: City) -> None:
    lines = lines_of(made_city.folder)
    assert len(lines) == 40
    for number, line in enumerate(lines, 1):
        power, *others = line["devices"]
        phones = [one for one in others if one["kind"] == "phone"]
        assert ("home_watch" in line["consents"]) == (len(others) > len(phones))
        assert power["code"] == f"meter-{number:06d}"
        assert power["series"] == [{"name": "power", "unit": "kWh", "interval_minutes": 30, "min": 0, "max": 50}]
        assert ("phone_watch" in line["consents"]) == bool(phones)
        assert ("family_share" in line["consents"]) == bool(line["contacts"])
        assert line["consent_until"] > START[:10]
        assert set(line["person"]) == {"name", "phone", "birth_year", "sex", "lives_alone", "language"}


def test_workers_get_equal_shares(made_city: City) -> None:
    shares = Counter(line["worker"] for line in lines_of(made_city.folder))
    assert set(shares) == {"a", "b", "c"}
    assert max(shares.values()) - min(shares.values()) <= 1


def test_telephone_numbers_are_nobodys_and_never_twice(tmp_path: Path) -> None:
    make_city(tmp_path, CityPlan(seed=3, homes=400, start=START))
    lines = lines_of(tmp_path)
    numbers = [line["person"]["phone"] for line in lines]
    numbers += [contact["phone"] for line in lines for contact in line["contacts"]]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("010-0") for number in numbers)
    with pytest.raises(ValueError, match="9,999,999"):
        phone(10_000_000)


def test_most_are_old_and_most_of_the_oldest_are_women() -> None:
    people = make_residents(1, 5000, 20)
    assert 0.8 < np.mean(people.age >= 65) < 0.95
    assert 72 < np.median(people.age) < 80
    assert people.age.max() < 105
    assert np.mean(people.female[people.age >= 85]) > np.mean(people.female[people.age < 75])


def test_real_boundaries_can_be_used(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "areas" / "yongin.geojson"
    city = make_city(tmp_path, CityPlan(seed=3, homes=100, start=START), file)
    assert len(city.areas) == len(read_areas(file)) == 35
    by_code = {dong.code: dong for dong in city.areas}
    for line in lines_of(tmp_path):
        assert inside(by_code[line["area"]].rings, np.asarray([line["lon"]]), np.asarray([line["lat"]]))[0]


def test_cameras_stand_in_their_dong(tmp_path: Path) -> None:
    city = make_city(tmp_path, CityPlan(seed=3, homes=20, start=START, cameras=200))
    by_code = {dong.code: dong for dong in city.areas}
    features = json.loads((tmp_path / "cameras.geojson").read_text(encoding="utf-8"))["features"]
    assert len({feature["properties"]["code"] for feature in features}) == 200
    for feature in features:
        lon, lat = feature["geometry"]["coordinates"]
        rings = by_code[feature["properties"]["area"]].rings
        assert inside(rings, np.asarray([lon]), np.asarray([lat]))[0]


def test_the_command_makes_a_city_and_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "city", str(tmp_path / "c"), "--homes", "10", "--start", START]) == 0
    assert len(lines_of(tmp_path / "c")) == 10
    assert main(["simulate", "city", str(tmp_path / "c"), "--homes", "0", "--start", START]) == 2
    assert "--homes" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="--start"):
        main(["simulate", "city", str(tmp_path / "c"), "--start", "2026-11-21T09:00"])
