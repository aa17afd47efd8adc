# SPDX-License-Identifier: Apache-2.0
"""How far from the best known are our plans, and those of plain PyVRP, OR-Tools and VROOM, in the same CPU seconds?

    python -m benchmarks.routing                                  # ten instances, all engines: over an hour
    python -m benchmarks.routing --instances X-n1001-k43 R1_10_9 --seconds 60 --engines dure pyvrp

One process, one thread, one run after another, CPU seconds of the process: other work on the machine does not count,
though it does cool the caches. Reading, matrices and checking are not counted. Every plan of every engine is judged by
the same checker; what it refuses is printed as such and not as a figure. The instances are PyVRP/Instances' (and X,
Gehring and Homberger behind them) and Kim et al. (2006), read in place. VROOM has a limit by the wall's clock only,
and a soft one: its column says what it took. A dash: the engine has no word for the instance.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyvrp

from dure.engines.routing import Kind, Plan, Sequence
from dure.engines.routing.instances import Instance, check_solution, gap, read, read_solution
from dure.engines.routing.pyvrp_data import common_breaks, translate
from dure.engines.routing.solve import NoPlan, solve

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "routing"
USUAL = ["X-n101-k25", "X-n502-k39", "X-n701-k44", "X-n1001-k43", "R1_10_9", "RC1_10_7"]
USUAL += ["PCVRPTW/RC1_10_7", "RC2_2_04R0.25", "PR05", "X502-FSMFD"]
METRES_PER_MILE = 1609.344

Sequences = dict[str, Sequence]


class _Cpu:
    """Stops after so many CPU seconds of the process."""

    def __init__(self, seconds: float) -> None:
        self._until = time.process_time() + seconds

    def __call__(self, best_cost: int = 0) -> bool:
        return time.process_time() > self._until


def by_dure(instance: Instance, seconds: float, seed: int) -> Sequences:
    try:
        plan: Plan = solve(instance.problem, seconds=seconds, seed=seed)
    except NoPlan as none:
        if none.partial is None:
            raise
        plan = none.partial
    return {route.vehicle: route.sequence for route in plan.routes}


def by_pyvrp(instance: Instance, seconds: float, seed: int) -> Sequences:
    words = translate(instance.problem, common_breaks(instance.problem))
    found = pyvrp.solve(words.data, _Cpu(seconds), seed=seed, collect_stats=False, display=False)
    return words.sequences(found.best)


def by_vroom(instance: Instance, seconds: float, seed: int) -> Sequences | None:
    from dure.engines.routing import vroom_data

    if instance.kind not in {"CVRP", "VRPTW"}:
        return None
    return vroom_data.sequences(instance.problem, seconds)


def by_ortools(instance: Instance, seconds: float, seed: int) -> Sequences | None:
    """Savings or cheapest insertion, then guided local search; matrices are given to it whole."""
    if instance.kind not in {"CVRP", "VRPTW"}:
        return None
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    problem = instance.problem
    demand = [0, *(stop.deliver[0] for stop in problem.stops)]
    room = problem.vehicles[0].capacity[0]
    fleet = min(len(problem.vehicles), -(-sum(demand) // room) * 3 // 2 + 10)
    manager = pywrapcp.RoutingIndexManager(len(demand), fleet, 0)
    model = pywrapcp.RoutingModel(manager)
    distance = problem.travel[""].distance
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(distance.tolist()))
    model.AddDimension(model.RegisterUnaryTransitVector(demand), 0, room, True, "load")
    first = routing_enums_pb2.FirstSolutionStrategy.SAVINGS
    if instance.kind == "VRPTW":
        first = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        _add_windows(model, manager, instance, distance)
    until = _Cpu(seconds)
    model.AddSearchMonitor(model.solver().CustomLimit(until))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = first
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromSeconds(int(20 * seconds))
    found = model.SolveWithParameters(parameters)
    if found is None:
        return {}
    return {str(number + 1): route for number in range(fleet) if (route := _tour(model, manager, found, number))}


def _add_windows(model: Any, manager: Any, instance: Instance, distance: Any) -> None:
    problem = instance.problem
    service = np.array([0, *(stop.service for stop in problem.stops)])
    end = problem.vehicles[0].shift.end
    model.AddDimension(model.RegisterTransitMatrix((distance + service[:, None]).tolist()), end, end, False, "time")
    dimension = model.GetDimensionOrDie("time")
    for node, stop in enumerate(problem.stops, 1):
        for window in stop.windows:
            dimension.CumulVar(manager.NodeToIndex(node)).SetRange(window.start, window.end)


def _tour(model: Any, manager: Any, found: Any, vehicle: int) -> Sequence:
    index, tour = model.Start(vehicle), []
    while not model.IsEnd(index := found.Value(model.NextVar(index))):
        tour.append((Kind.STOP, str(manager.IndexToNode(index))))
    return tuple(tour)


ENGINES: dict[str, Callable[[Instance, float, int], Sequences | None]] = {
    "dure": by_dure,
    "pyvrp": by_pyvrp,
    "ortools": by_ortools,
    "vroom": by_vroom,
}


def figure(instance: Instance, sequences: Sequences | None, best: float | None) -> str:
    """The gap to the best known; for Kim, where vehicles come first, vehicles and miles; or what the checker says."""
    if sequences is None:
        return "-"
    violations, cost = check_solution(instance, sequences)
    if violations:
        return f"refused ({len(violations)}): {violations[0].rule}"
    if best is not None:
        return f"{gap(cost, best):.2f} %"
    fixed = instance.problem.vehicles[0].fixed_cost
    metres = round(cost * instance.unit) - fixed * len(sequences)
    return f"{len(sequences)} veh {metres / METRES_PER_MILE:.1f} mi"


def find(name: str) -> Path:
    """The instance's file: ``R1_10_9``, ``PCVRPTW/R1_10_9``, or a Kim number."""
    found = [
        path
        for path in sorted(DATA.glob("*/*"), key=lambda path: path.parent.name == "PCVRPTW")
        if path.suffix in {".vrp", ".txt"}
        and name in {path.stem, f"{path.parent.name}/{path.stem}", path.name.split("_stop")[0]}
    ]
    if not found:
        raise SystemExit(f"no instance {name} below {DATA}")
    return found[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--instances", nargs="+", default=USUAL)
    parser.add_argument("--seconds", nargs="+", type=float, default=[10.0, 60.0])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not DATA.is_dir():
        print(f"needs the published instances in {DATA}", file=sys.stderr)
        return 2
    print(
        f"{'instance':18s} {'stops':>5s} {'asked s':>7s}  {'engine':8s} {'CPU s':>6s}  gap to the best known",
        flush=True,
    )
    for name in arguments.instances:
        path = find(name)
        instance = read(path.read_text(errors="replace"), path.stem)
        known = path.with_suffix(".sol")
        best = read_solution(known.read_text(), instance)[1] if known.is_file() else None
        for seconds in arguments.seconds:
            for engine in arguments.engines:
                begun = time.process_time()
                sequences = ENGINES[engine](instance, seconds, arguments.seed)
                took = time.process_time() - begun
                said = figure(instance, sequences, best)
                print(
                    f"{name:18s} {len(instance.problem.stops):5d} {seconds:7g}  {engine:8s} {took:6.1f}  {said}",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
