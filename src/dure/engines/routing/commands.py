# SPDX-License-Identifier: Apache-2.0
"""``dure route …``: the only place of this engine that reads and writes files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``dure route solve``, ``dure route check`` and ``dure route roads``."""
    route = subparsers.add_parser("route", help="경로: who goes where, in which order")
    commands = route.add_subparsers(dest="route_command", required=True, metavar="COMMAND")
    solve = commands.add_parser("solve", help="plan a published instance (VRPLIB, or Kim et al. 2006)")
    solve.add_argument("instance", type=Path, metavar="INSTANCE")
    solve.add_argument("--seconds", type=_positive, default=10.0, help="CPU seconds to search (default 10)")
    solve.add_argument("--seed", type=int, default=1)
    solve.add_argument("--processes", type=int, choices=range(1, 65), default=1, metavar="N", help="searches at once")
    solve.add_argument("--start", type=Path, help="a solution to begin from")
    solve.add_argument("--out", type=Path, required=True, help="where the solution is written")
    solve.set_defaults(run=_solve)
    check = commands.add_parser("check", help="check a solution against its instance")
    check.add_argument("instance", type=Path, metavar="INSTANCE")
    check.add_argument("solution", type=Path, metavar="SOLUTION")
    check.set_defaults(run=_check)
    roads = commands.add_parser("roads", help="make a road graph of a map, for plans by real ways")
    roads.add_argument("map", type=Path, metavar="MAP", help="OpenStreetMap (.pbf, .osm) or 표준노드링크 (.zip)")
    roads.add_argument("--by", choices=("truck", "foot"), default="truck", help="who travels (OpenStreetMap)")
    roads.add_argument("--within", type=_box, metavar="W,S,E,N", help="degrees; of a node-link of the whole country")
    roads.add_argument("--out", type=Path, required=True, metavar="ROADS.npz")
    roads.set_defaults(run=_roads)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError("seconds above 0")
    return value


def _box(text: str) -> tuple[float, float, float, float]:
    west, south, east, north = (float(part) for part in text.split(","))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise argparse.ArgumentTypeError("west,south,east,north in degrees")
    return west, south, east, north


def _solve(arguments: argparse.Namespace) -> int:
    from .instances import InstanceError, read, read_solution, write_solution
    from .solve import NoPlan, assemble, solve

    try:
        instance = read(arguments.instance.read_text(errors="replace"), arguments.instance.stem)
        begun = read_solution(arguments.start.read_text(errors="replace"), instance)[0] if arguments.start else {}
        plan = solve(
            instance.problem,
            seconds=arguments.seconds,
            seed=arguments.seed,
            processes=arguments.processes,
            start=assemble(instance.problem, begun, "start") if begun else None,
        )
        arguments.out.write_text(write_solution(instance, plan))
    except (InstanceError, OSError) as wrong:
        return _refuse(wrong)
    except NoPlan as wrong:
        for one in wrong.left:
            print(f"{one.stop}: {one.why[0]} · {one.why[1]}", file=sys.stderr)
        return _refuse(wrong)
    print(f"{instance.name}: cost {instance.published(plan):.10g}, {len(plan.routes)} vehicles, {plan.distance} m,")
    print(f"  {len(plan.left_out)} stops left out, by {plan.solver}, passed by the checker → {arguments.out}")
    for ko, en in plan.said:
        print(f"  {ko} · {en}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from .instances import InstanceError, check_solution, read, read_solution

    try:
        instance = read(arguments.instance.read_text(errors="replace"), arguments.instance.stem)
        sequences, said = read_solution(arguments.solution.read_text(errors="replace"), instance)
    except (InstanceError, OSError) as wrong:
        return _refuse(wrong)
    violations, cost = check_solution(instance, sequences)
    for one in violations:
        print(f"{one.vehicle} {one.stop}: {one.ko} · {one.en}".strip())
    print(f"cost {cost:.10g}, said to be {said}; violations: {len(violations)}")
    return 1 if violations else 0


def _roads(arguments: argparse.Namespace) -> int:
    from .node_link import read_node_link
    from .osm import FOOT, TRUCK, read_osm
    from .roads import RoadsError
    from .streets import Streets

    suffix = arguments.map.suffix.lower()
    try:
        data = arguments.map.read_bytes()
        if suffix == ".zip":
            roads = read_node_link(data, arguments.within)
        else:
            roads = read_osm(data, FOOT if arguments.by == "foot" else TRUCK, "osm" if suffix == ".osm" else "pbf")
        arguments.out.write_bytes(roads.to_bytes())
    except (RoadsError, OSError) as wrong:
        return _refuse(wrong)
    usable, closed = len(Streets(roads).connected), len(roads.closed_turns)
    print(f"교차점 {len(roads.lon)}, 길 {len(roads.tail)} (서로 이어진 것 {usable}), 막힌 회전 {closed}")
    print(f"  crossings, arcs (those that reach one another), closed turns → {arguments.out}")
    return 0


def _refuse(wrong: Exception) -> int:
    print(wrong, file=sys.stderr)
    return 2
