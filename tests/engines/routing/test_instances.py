# SPDX-License-Identifier: Apache-2.0
"""Published problems are read as they are meant: what is published of them comes out to the last digit."""

from __future__ import annotations

from pathlib import Path

import pytest

from dure.cli import main
from dure.engines.routing.instances import InstanceError, check_solution, gap, read, read_solution

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "routing"
needs_published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="needs the published instances in ../shared/data")

SMALL = """NAME : small
TYPE : VRPTW
DIMENSION : 4
VEHICLES : 2
CAPACITY : 10
SERVICE_TIME : 1
EDGE_WEIGHT_TYPE : {kind}
NODE_COORD_SECTION
1 0 0
2 1 1
3 2 2
4 3 3
DEMAND_SECTION
1 0
2 5
3 5
4 5
TIME_WINDOW_SECTION
1 0 100
2 0 100
3 0 100
4 50 60
DEPOT_SECTION
1
-1
EOF
"""

WASTE = """280.0 // vehicle capacity (yards)
400.0 // total yardage allowed for a vehicle per day
500 // total number of regular stops
3600 // lunch time
40 // speed: MPH
Stop_ID X(feet) Y(feet) Early Late Svice Load Type
0 1215029.00 3461398.00 0400 1500 0 9999.00 0
1 1229125.00 3460107.00 0000 2400 1600 9999.00 2
2 1215029.00 3461398.00 0850 2400 180 12.50 1
"""


def test_distances_are_cut_off_after_scaling_also_where_the_file_says_floor() -> None:
    """√2 is 14 tenths either way; floored first it would be 10."""
    for kind in ("EUC_2D", "FLOOR_2D"):
        distance = read(SMALL.format(kind=kind)).problem.travel[""].distance
        assert distance[0].tolist() == [0, 14, 28, 42]
    assert read(SMALL.format(kind="CEIL_2D")).problem.travel[""].distance[0].tolist() == [0, 15, 29, 43]


def test_every_field_of_a_small_instance() -> None:
    instance = read(SMALL.format(kind="EUC_2D"))
    last, van = instance.problem.stops[-1], instance.problem.vehicles[-1]
    assert (last.name, last.place, last.service, last.deliver) == ("3", 3, 10, (50,))
    assert (last.windows[0].start, last.windows[0].end) == (500, 600)
    assert (van.name, van.capacity, van.shift.end) == ("2", (100,), 1000)


def test_an_explicit_matrix() -> None:
    text = SMALL.format(kind="EXPLICIT").replace("TYPE : VRPTW", "TYPE : CVRP\nEDGE_WEIGHT_FORMAT : LOWER_ROW")
    rows = "EDGE_WEIGHT_SECTION\n1\n2 3\n4 5 6\nDEPOT_SECTION"
    matrix = read(text.replace("DEPOT_SECTION", rows)).problem.travel[""].distance
    assert matrix.tolist() == [[0, 1, 2, 4], [1, 0, 3, 5], [2, 3, 0, 6], [4, 5, 6, 0]]


@pytest.mark.parametrize(
    ("change", "to", "line", "field"),
    [
        ("TYPE : VRPTW", "TYPE : TSP", 2, "TYPE"),
        ("DIMENSION : 4", "DIMENSION : four", 3, "DIMENSION"),
        ("DIMENSION : 4", "DIMENSION : 5", 12, "NODE_COORD_SECTION"),
        ("DIMENSION : 4", "", 0, "DIMENSION"),
        ("VEHICLES : 2", "WHEELS : 2", 4, "WHEELS"),
        ("3 2 2", "3 2 two", 11, "NODE_COORD"),
        ("3 2 2", "3 2", 11, "NODE_COORD_SECTION"),
        ("3 2 2", "7 2 2", 11, "NODE_COORD_SECTION"),
        ("EUC_2D", "GEO", 7, "EDGE_WEIGHT_TYPE"),
        ("4 50 60", "4 60 50", 0, "stops[2].windows"),
        ("DEPOT_SECTION\n1", "DEPOT_SECTION\n2", 23, "DEPOT_SECTION"),
        ("DEMAND_SECTION", "BACKHAUL_SECTION", 13, "BACKHAUL_SECTION"),
        ("1 0 100", "1 0 nan", 19, "TIME_WINDOW"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_field(change: str, to: str, line: int, field: str) -> None:
    text = SMALL.format(kind="EUC_2D")
    assert change in text
    with pytest.raises(InstanceError) as wrong:
        read(text.replace(change, to, 1))
    assert (wrong.value.line, wrong.value.field) == (line, field)


def test_the_waste_format_as_its_page_explains_it() -> None:
    """The page's own example: 15,387 feet between the first two are 262.3 s at 40 miles an hour."""
    problem = read(WASTE).problem
    travel, stop, truck = problem.travel[""], problem.stops[0], problem.vehicles[0]
    assert (travel.duration[0, 1], travel.distance[0, 1]) == (262, 4690)
    assert (stop.collect, stop.windows[0].start, stop.service) == ((125,), 8 * 3600 + 50 * 60, 180)
    assert (truck.capacity, truck.day_load, truck.empty_at_end) == ((2800,), (4000,), True)
    assert (truck.shift.start, truck.breaks[0].seconds) == (4 * 3600, 3600)


@pytest.mark.parametrize(
    ("change", "to", "line", "field"),
    [("12.50 1", "12.50 3", 9, "Stop_Type"), ("12.50 1", "", 9, "Load"), ("40 //", "fast //", 5, "speed")],
)
def test_a_wrong_waste_file_is_named_with_its_line_and_field(change: str, to: str, line: int, field: str) -> None:
    with pytest.raises(InstanceError) as wrong:
        read(WASTE.replace(change, to))
    assert (wrong.value.line, wrong.value.field) == (line, field)


@needs_published
@pytest.mark.parametrize(
    "name",
    ["CVRP/X-n157-k13", "VRPTW/R2_10_1", "PCVRPTW/R1_10_9", "MTVRPTWR/C201R0.25", "SDVRPTW/PR05", "HFVRP/X502-FSMFD"],
)
def test_the_best_known_solution_costs_what_is_published_and_passes_the_checker(name: str) -> None:
    instance = read((PUBLISHED / f"{name}.vrp").read_text())
    sequences, said = read_solution((PUBLISHED / f"{name}.sol").read_text(), instance)
    violations, cost = check_solution(instance, sequences)
    assert [str(one) for one in violations] == []
    assert said is not None
    assert abs(gap(cost, said)) < 0.0001


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.vrp"
    path.write_text(SMALL.format(kind="EUC_2D"))
    return path


def test_the_command_solves_and_checks(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two tours, 0-1-0 and 0-2-3-0 or the like: 2 × (1.4 + 4.2) is the least."""
    out = small.with_suffix(".sol")
    assert main(["route", "solve", str(small), "--seconds", "0.2", "--out", str(out)]) == 0
    assert "cost 11.2, 2 vehicles" in capsys.readouterr().out
    assert out.read_text().splitlines()[-1] == "Cost 11.2"
    assert main(["route", "check", str(small), str(out)]) == 0
    assert "cost 11.2, said to be 11.2; violations: 0" in capsys.readouterr().out
    assert main(["route", "solve", str(small), "--seconds", "0.1", "--start", str(out), "--out", str(out)]) == 0


def test_the_command_says_what_is_wrong_with_a_solution(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = small.with_suffix(".sol")
    out.write_text("Route #1: 1 2 3\nCost 8.4\n")
    assert main(["route", "check", str(small), str(out)]) == 1
    assert "150 of load on board, at most 100" in capsys.readouterr().out


def test_the_command_names_what_cannot_be_read_or_done(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small.write_text(SMALL.format(kind="EUC_2D").replace("4 5\n", "4 500\n"))
    out = str(small.with_suffix(".sol"))
    assert main(["route", "solve", str(small), "--seconds", "0.1", "--out", out]) == 2
    assert "3: 어느 차에도 다 실을 수 없습니다" in capsys.readouterr().err
    small.write_text("TYPE : CVRP\nDIMENSION : x\n")
    assert main(["route", "solve", str(small), "--out", out]) == 2
    assert "line 2, DIMENSION" in capsys.readouterr().err
    assert main(["route", "solve", str(small.with_suffix(".none")), "--out", out]) == 2
