# SPDX-License-Identifier: Apache-2.0
"""A round as a problem of the routing engine: kinds of waste, narrow streets, what is on board, the city's roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.test import override_settings

from dure.engines.filling.paths import Paths
from dure.engines.routing import Matrices, Window, straight_lines
from dure.engines.routing.roads import Roads
from dure.services.waste.round_problem import BinAsk, Place, Situation, Tip, TruckDay, solved
from dure.services.waste.round_record import kind_words
from dure.services.waste.round_rules import RoundRules
from dure.services.waste.travel import travel_by

DEPOT, TIP_AT = (127.10, 37.30), (127.12, 37.30)
TRUCK = TruckDay("a", DEPOT, DEPOT, Window(0, 8 * 3600), 1000, tips=("tip",))


def lines(places: Sequence[Place]) -> Matrices:
    lon, lat = np.array(places).T
    return straight_lines(lon, lat, kmh=20)


def bins(kinds: str, **changes: object) -> tuple[BinAsk, ...]:
    """One bin a letter, east of one another: p paper, o other."""
    names = {"p": "paper", "o": "other"}
    return tuple(
        replace(BinAsk(f"b{number}", (127.10 + number / 1000, 37.30), 200, names[kind]), **changes)  # type: ignore[arg-type]
        for number, kind in enumerate(kinds)
    )


def situation(asked: tuple[BinAsk, ...], *trucks: TruckDay) -> Situation:
    return Situation(asked, trucks, (Tip("tip", TIP_AT, 900),), 60, kind_words())


def visited(of: Situation) -> dict[str, tuple[str, ...]]:
    found = solved(of, lines, seconds=5, iterations=200)
    return {route.vehicle: route.stops for route in found.routes}


def test_a_truck_takes_one_kind_a_round_and_what_nobody_takes_is_told() -> None:
    asked = bins("pppoo")
    both = situation(asked, TRUCK, replace(TRUCK, code="b", kinds=frozenset({"other"})))
    found = {truck: set(stops) for truck, stops in visited(both).items()}
    assert found == {"a": {"b0", "b1", "b2"}, "b": {"b3", "b4"}}
    alone = solved(situation(asked, TRUCK), lines, seconds=5, iterations=200)
    assert set(alone.left) == {"b3", "b4"}
    assert "일반" in alone.left["b3"][0]
    told = (replace(asked[0], trucks=frozenset({"a"}), kind="other"), *asked[1:])
    assert solved(situation(told, TRUCK), lines, seconds=5, iterations=200).kinds == {"a": "other"}


def test_narrow_streets_and_areas_are_kept_to() -> None:
    asked = (*bins("p", narrow=True), *bins("pp", area="1")[1:])
    small = replace(TRUCK, code="b", narrow=True, areas=frozenset({"2"}))
    assert visited(situation(asked, TRUCK, small)) == {"a": ("b1",), "b": ("b0",)}


def test_what_is_on_board_is_unloaded_though_nothing_is_left_to_fetch() -> None:
    found = solved(situation((), replace(TRUCK, on_board=900, kind="paper")), lines, seconds=5, iterations=50)
    (route,) = found.routes
    assert [visit.name for visit in route.visits] == ["tip"]
    late = replace(TRUCK, on_board=900, kind="paper", shift=Window(600, 600))
    found = solved(situation(bins("p"), late), lines, seconds=5, iterations=50)
    assert [visit.name for visit in found.routes[0].visits] == ["tip"]
    assert set(found.left) == {"b0"}
    shut = Situation((), (late,), (Tip("tip", TIP_AT, 900, Window(0, 60)),), 60, kind_words())
    assert solved(shut, lines, seconds=5, iterations=50).routes == ()


def test_emptying_saves_the_hours_after_it() -> None:
    paths = Paths(np.full((3, 2), 90, np.float32), np.tile(np.arange(1, 11, dtype=np.float32) * 5, (3, 2, 1)))
    assert paths.overflow_hours(10, np.array([10, 4, 0])).tolist() == [9, 3, 0]
    assert paths.later(4).overflow_hours(6, np.array([6, 6, 6])).tolist() == [6, 6, 6]


def test_a_plan_goes_by_the_citys_roads_and_says_so_when_it_cannot(tmp_path: Path) -> None:
    lon, lat = np.array([127.10, 127.11, 127.12]), np.full(3, 37.30)
    ends = np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1])
    file = tmp_path / "roads.npz"
    file.write_bytes(Roads(lon, lat, *ends, np.full(4, 2000.0), np.full(4, 300.0)).to_bytes())
    places = [(127.10, 37.30), (127.12, 37.30)]
    with override_settings(DURE_ROADS=str(file)):
        matrices = travel_by(RoundRules())(places)
        assert (matrices.distance[0, 1], matrices.duration[0, 1]) == (4000, 600)
        assert "도로 지도로" in matrices.said[0]
        far = travel_by(RoundRules())([*places, (129.0, 35.0)])
    assert "직선거리" in far.said[0]
    assert "떨어져" in far.said[0]
    with override_settings(DURE_ROADS=str(tmp_path / "none.npz")):
        assert "쓰지 못함" in travel_by(RoundRules())(places).said[0]


@pytest.mark.parametrize(
    ("changes", "habit"),
    [({}, "calendar:mon,wed,fri"), ({"habit_percent": 0}, "all"), ({"habit_percent": 60}, "threshold:60")],
)
def test_habit_is_said_as_the_simulation_says_it(changes: dict[str, int], habit: str) -> None:
    assert RoundRules(**changes).habit == habit
