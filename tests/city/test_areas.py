# SPDX-License-Identifier: Apache-2.0
"""Areas from files: real cities as they are, and made ones that change."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shapely.geometry import box, mapping, shape
from shapely.geometry.base import BaseGeometry

from dure.city import areas
from dure.city.errors import Invalid
from dure.city.models import Area, AreaLevel, AreaSuccession, AuditEntry, Membership, Role, User
from dure.city.roles import areas_of

pytestmark = pytest.mark.django_db
SPRING, SUMMER, AUTUMN = date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)
Feature = dict[str, Any]


def square(left: float, bottom: float = 0.0, width: float = 1.0, height: float = 1.0) -> shapely.Polygon:
    """A rectangle in hundredths of a degree from (127° E, 37° N)."""
    west, south = 127 + left / 100, 37 + bottom / 100
    return box(west, south, west + width / 100, south + height / 100)


def dong(code: str, name: str, ground: BaseGeometry, city: str = "두레시한울구") -> Feature:
    properties = {
        "adm_nm": f"가온도 {city} {name}",
        "adm_cd2": code,
        "sgg": code[:5],
        "sido": code[:2],
        "sidonm": "가온도",
        "sggnm": city,
    }
    return {"type": "Feature", "properties": properties, "geometry": mapping(ground)}


ARAM, BORAM, CHORAM = (
    dong("4199151000", "아람동", square(0)),
    dong("4199152000", "보람동", square(1)),
    dong("4199351000", "초람동", square(2), "두레시누리구"),
)


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., int]:
    def import_features(*features: Feature, on: date = SPRING) -> int:
        path = tmp_path / "areas.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return areas.import_geojson(path, valid_from=on, source="tests")

    return import_features


def valid(on: date, level: AreaLevel = AreaLevel.DONG) -> dict[str, str]:
    return dict(areas.valid_on(on).filter(level=level).order_by("code").values_list("code", "name"))


def became() -> set[tuple[str, str]]:
    rows = AreaSuccession.objects.values_list("predecessor__name", "successor__name")
    return {(before, after) for before, after in rows}


def rows() -> list[Any]:
    return list(Area.objects.order_by("pk").values())


@pytest.mark.parametrize(
    ("name", "dongs", "upper"),
    [
        ("yongin", 35, {"41460": "용인시", "41461": "처인구", "41463": "기흥구", "41465": "수지구"}),
        ("goyang", 39, {"41280": "고양시", "41281": "덕양구", "41285": "일산동구", "41287": "일산서구"}),
        ("seongnam", 50, {"41130": "성남시", "41131": "수정구", "41133": "중원구", "41135": "분당구"}),
        ("hwaseong", 28, {"41590": "화성시"}),
        ("gwangju", 96, {"29110": "동구", "29140": "서구", "29155": "남구", "29170": "북구", "29200": "광산구"}),
    ],
)
def test_a_real_city_is_taken_whole(shared_data: Path, name: str, dongs: int, upper: dict[str, str]) -> None:
    path = shared_data / "areas" / f"{name}.geojson"
    assert areas.import_geojson(path, valid_from=date(2021, 4, 1), source="tests") == dongs
    assert Area.objects.filter(level=AreaLevel.DONG).count() == dongs
    above = Area.objects.filter(level__in=(AreaLevel.CITY, AreaLevel.DISTRICT))
    assert dict(above.values_list("code", "name")) == upper
    written = {feature["properties"]["adm_nm"] for feature in json.loads(path.read_text())["features"]}
    kept = Area.objects.filter(level=AreaLevel.DONG).values_list("full_name", flat=True)
    assert {name.replace(" ", "") for name in kept} == {name.replace(" ", "") for name in written}
    for one in Area.objects.filter(level=AreaLevel.DONG):
        assert areas.area_at(one.lon, one.lat, date(2021, 4, 1)) == one  # type: ignore[arg-type]
    before = rows()
    areas.import_geojson(path, valid_from=date(2021, 4, 1), source="tests")
    assert rows() == before


def test_the_areas_of_yongin_hang_together(shared_data: Path) -> None:
    areas.import_geojson(shared_data / "areas" / "yongin.geojson", valid_from=date(2021, 4, 1), source="tests")
    city = Area.objects.get(name="용인시")
    assert city.parent is not None
    assert (city.parent.name, city.parent.code, city.parent.level) == ("경기도", "41", AreaLevel.PROVINCE)
    assert sorted(one.name for one in city.children.all()) == ["기흥구", "수지구", "처인구"]
    pogok = Area.objects.get(name="포곡읍")
    assert (pogok.full_name, pogok.parent) == ("경기도 용인시 처인구 포곡읍", city.children.get(name="처인구"))
    ground = shapely.union_all([areas.outline_of(one) for one in Area.objects.filter(level=AreaLevel.DONG)])
    assert areas.outline_of(city).symmetric_difference(ground).area < 1e-9
    assert areas.area_at(127.0, 36.0, date(2021, 4, 1)) is None
    assert areas.area_at(pogok.lon, pogok.lat, date(2021, 3, 31)) is None  # type: ignore[arg-type]


def test_the_map_of_a_city_is_small_and_has_no_gaps(shared_data: Path) -> None:
    path = shared_data / "areas" / "yongin.geojson"
    areas.import_geojson(path, valid_from=date(2021, 4, 1), source="tests")
    drawn = areas.city_geojson(Area.objects.filter(level=AreaLevel.DONG))
    assert len(json.dumps(drawn)) < 0.7 * path.stat().st_size
    shapes = [shape(feature["geometry"]) for feature in drawn["features"]]
    assert all(one.is_valid and not one.is_empty for one in shapes)
    together = shapely.union_all(shapes)
    assert sum(one.area for one in shapes) == pytest.approx(together.area, rel=1e-4)
    assert together.area == pytest.approx(areas.outline_of(Area.objects.get(name="용인시")).area, rel=1e-3)
    names = {feature["properties"]["name"] for feature in drawn["features"]}
    assert names == set(Area.objects.filter(level=AreaLevel.DONG).values_list("name", flat=True))


def test_a_map_of_nothing_is_an_empty_collection() -> None:
    assert areas.city_geojson([]) == {"type": "FeatureCollection", "features": []}


def test_levels_are_drawn_apart(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    drawn = areas.city_geojson(Area.objects.all())
    assert sorted(feature["properties"]["level"] for feature in drawn["features"]) == [
        "city",
        "district",
        "district",
        "dong",
        "dong",
        "dong",
    ]
    assert {feature["properties"]["code"] for feature in drawn["features"]} >= {"41990", "41991", "41993"}


def test_the_same_file_again_changes_nothing_even_on_a_later_day(take: Callable[..., int]) -> None:
    assert take(ARAM, BORAM, CHORAM) == 3
    before = rows()
    take(ARAM, BORAM, CHORAM)
    take(ARAM, BORAM, CHORAM, on=SUMMER)
    assert rows() == before
    assert not AreaSuccession.objects.exists()


def test_an_area_that_was_split_is_closed_and_linked_to_its_parts(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    parts = (
        dong("4199153000", "아람1동", square(0, 0, 0.4)),
        dong("4199154000", "아람2동", square(0.4, 0, 0.6)),
    )
    take(*parts, BORAM, CHORAM, on=SUMMER)
    assert valid(SPRING) == {"4199151000": "아람동", "4199152000": "보람동", "4199351000": "초람동"}
    assert list(valid(SUMMER).values()) == ["보람동", "아람1동", "아람2동", "초람동"]
    assert became() == {("아람동", "아람1동"), ("아람동", "아람2동")}
    assert Area.objects.get(name="아람동").valid_to == SUMMER
    assert areas.area_at(127.002, 37.005, SPRING) == Area.objects.get(name="아람동")
    assert areas.area_at(127.002, 37.005, SUMMER) == Area.objects.get(name="아람1동")
    take(*parts, BORAM, CHORAM, on=SUMMER)
    assert len(became()) == AreaSuccession.objects.count() == 2


def test_areas_that_were_merged_are_closed_and_linked_to_the_whole(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    take(dong("4199155000", "아람보람동", square(0, 0, 2)), CHORAM, on=SUMMER)
    assert list(valid(SUMMER).values()) == ["아람보람동", "초람동"]
    assert became() == {("아람동", "아람보람동"), ("보람동", "아람보람동")}


def test_an_area_with_the_same_code_on_other_ground_is_another_one(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    grown, shrunk = square(0, 0, 1.3), square(1.3, 0, 0.7)
    take(dong("4199151000", "아람동", grown), dong("4199152000", "보람동", shrunk), CHORAM, on=SUMMER)
    assert [one.valid_from for one in Area.objects.filter(code="4199151000").order_by("pk")] == [SPRING, SUMMER]
    assert became() == {("아람동", "아람동"), ("보람동", "아람동"), ("보람동", "보람동")}


def test_a_border_that_is_only_drawn_otherwise_stays_the_same_area(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    take(dong("4199151000", "아람동", square(0, 0, 0.999)), BORAM, CHORAM, on=SUMMER)
    assert Area.objects.filter(level=AreaLevel.DONG).count() == 3
    assert areas.outline_of(Area.objects.get(name="아람동")).bounds[2] == pytest.approx(127.00999)


def test_a_renamed_area_is_closed_and_linked(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    take(dong("4199151000", "새아람동", square(0)), BORAM, CHORAM, on=SUMMER)
    assert became() == {("아람동", "새아람동")}


def test_an_area_that_is_missing_from_its_district_is_closed(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    take(BORAM, CHORAM, on=SUMMER)
    assert list(valid(SUMMER).values()) == ["보람동", "초람동"]
    assert became() == set()


def test_another_city_and_another_district_are_left_alone(take: Callable[..., int]) -> None:
    far = dong("4177151000", "먼동", square(50), "이웃시")
    take(ARAM, BORAM, CHORAM)
    take(far)
    take(dong("4199151000", "새아람동", square(0)), BORAM, on=SUMMER)
    assert sorted(valid(SUMMER).values()) == ["먼동", "보람동", "새아람동", "초람동"]
    assert sorted(valid(SUMMER, AreaLevel.DISTRICT).values()) == ["누리구", "한울구"]
    assert Area.objects.filter(level=AreaLevel.PROVINCE).count() == 1


def test_a_city_that_gives_up_its_districts_closes_them(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    flat = (
        dong("4199051000", "아람동", square(0), "두레시"),
        dong("4199052000", "보람동", square(1), "두레시"),
        dong("4199053000", "초람동", square(2), "두레시"),
    )
    take(*flat, on=SUMMER)
    assert valid(SUMMER, AreaLevel.DISTRICT) == {}
    assert valid(SUMMER, AreaLevel.CITY) == {"41990": "두레시"}
    assert became() == {("아람동", "아람동"), ("보람동", "보람동"), ("초람동", "초람동")}


def test_a_city_that_gets_districts_keeps_its_row(take: Callable[..., int]) -> None:
    take(dong("4199051000", "아람동", square(0), "두레시"), dong("4199052000", "보람동", square(1), "두레시"))
    city = Area.objects.get(name="두레시")
    take(ARAM, BORAM, on=SUMMER)
    assert Area.objects.get(name="한울구").parent == city
    assert valid(SUMMER) == {"4199151000": "아람동", "4199152000": "보람동"}
    assert became() == {("아람동", "아람동"), ("보람동", "보람동")}


def test_a_renamed_city_takes_its_districts_along(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    renamed = (
        dong("4199151000", "아람동", square(0), "새두레시한울구"),
        dong("4199152000", "보람동", square(1), "새두레시한울구"),
        dong("4199351000", "초람동", square(2), "새두레시누리구"),
    )
    take(*renamed, on=SUMMER)
    new = Area.objects.get(name="새두레시")
    assert sorted(one.name for one in new.children.all()) == ["누리구", "한울구"]
    assert Area.objects.get(name="두레시").valid_to == SUMMER
    assert ("두레시", "새두레시") in became()


def test_files_are_imported_in_order_of_time(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM, on=SUMMER)
    before = rows()
    with pytest.raises(Invalid) as caught:
        take(ARAM, BORAM, on=SPRING)
    assert caught.value.field == "valid_from"
    assert rows() == before


def test_a_file_of_the_same_day_corrects_what_is_there(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    take(dong("4199151000", "바로잡은동", square(0, 0, 1.5)), on=SPRING)
    assert list(valid(SPRING).values()) == ["바로잡은동", "보람동", "초람동"]
    assert Area.objects.filter(code="4199151000").count() == 1


def test_a_role_follows_its_area_through_two_changes(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    user = User.objects.create_user("worker")
    Membership.objects.create(user=user, role=Role.CARE_WORKER, area=Area.objects.get(name="아람동"))
    take(dong("4199155000", "아람보람동", square(0, 0, 2)), CHORAM, on=SUMMER)
    take(ARAM, dong("4199152000", "보람동", square(1)), CHORAM, on=AUTUMN)
    reached = set(areas_of(user, Role.CARE_WORKER).values_list("name", "valid_from"))
    assert reached == {("아람동", SPRING), ("아람보람동", SUMMER), ("아람동", AUTUMN), ("보람동", AUTUMN)}


def test_an_import_is_audited(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    take(BORAM, CHORAM, on=SUMMER)
    entry = AuditEntry.objects.order_by("-seq")[0]
    assert (entry.tag, entry.subject) == ("area:boundaries:imported", "areas:41990")
    assert entry.detail == {"source": "tests", "valid_from": "2025-07-01", "dongs": 2, "closed": ["4199151000"]}


def changed(feature: Feature, **properties: Any) -> Feature:
    return {**feature, "properties": {**feature["properties"], **properties}}


@pytest.mark.parametrize(
    ("second", "field"),
    [
        (changed(BORAM, adm_cd2="419915200"), "features[1].adm_cd2"),
        (changed(BORAM, adm_cd2="41991520a0"), "features[1].adm_cd2"),
        (changed(BORAM, adm_cd2=ARAM["properties"]["adm_cd2"]), "features[1].adm_cd2"),
        (changed(BORAM, adm_cd2=4199152000), "features[1].adm_cd2"),
        (changed(BORAM, sgg="41992"), "features[1].sgg"),
        (changed(BORAM, sido="29"), "features[1].sido"),
        (changed(BORAM, sidonm=" "), "features[1].sidonm"),
        (changed(BORAM, sggnm=None), "features[1].sggnm"),
        (changed(BORAM, adm_nm="보람동"), "features[1].adm_nm"),
        (changed(BORAM, adm_nm="가온도 두레시한울구 "), "features[1].adm_nm"),
        ({**BORAM, "properties": None}, "features[1].properties"),
        ("no feature", "features[1].properties"),
        ({**BORAM, "geometry": None}, "features[1].geometry"),
        ({**BORAM, "geometry": {"type": "Point", "coordinates": [127, 37]}}, "features[1].geometry"),
        ({**BORAM, "geometry": {"type": "Polygon", "coordinates": [[[127, 37], [128, 37]]]}}, "features[1].geometry"),
        ({**BORAM, "geometry": {"type": "Polygon", "coordinates": "x"}}, "features[1].geometry"),
        ({**BORAM, "geometry": mapping(box(950000, 1950000, 951000, 1951000))}, "features[1].geometry"),
    ],
)
def test_a_fault_is_named_by_feature_and_field_and_nothing_is_taken(
    take: Callable[..., int], second: Any, field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        take(ARAM, second, CHORAM)
    assert caught.value.field == field
    assert any("가" <= letter <= "힣" for letter in caught.value.ko)
    assert not Area.objects.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"features": []}', '{"features": {}}', "\0"])
def test_a_file_that_is_no_collection_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "areas.geojson"
    path.write_text(text)
    with pytest.raises(Invalid, match=r"areas\.geojson"):
        areas.import_geojson(path, valid_from=SPRING, source="tests")
    with pytest.raises(Invalid, match=r"none\.geojson"):
        areas.import_geojson(tmp_path / "none.geojson", valid_from=SPRING, source="tests")


def test_a_boundary_that_crosses_itself_is_mended(take: Callable[..., int]) -> None:
    bow_tie = {"type": "Polygon", "coordinates": [[[127, 37], [127.01, 37.01], [127.01, 37], [127, 37.01], [127, 37]]]}
    assert take({**ARAM, "geometry": bow_tie}) == 1
    assert areas.outline_of(Area.objects.get(name="아람동")).is_valid


def test_a_place_on_a_border_and_one_outside(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    border = areas.area_at(127.01, 37.005, SPRING)
    assert border is not None
    assert border.name == "아람동"
    assert areas.area_at(127.5, 37.005, SPRING) is None


def test_looking_up_many_places_reads_the_boundaries_once(take: Callable[..., int]) -> None:
    take(ARAM, BORAM, CHORAM)
    areas.area_at(127.005, 37.005, SPRING)
    with CaptureQueriesContext(connection) as captured:
        areas.area_at(127.015, 37.005, SPRING)
    assert [query["sql"] for query in captured if "boundary" in query["sql"] and "LIMIT" not in query["sql"]] == []
