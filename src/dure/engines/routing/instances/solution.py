# SPDX-License-Identifier: Apache-2.0
"""Solutions as VRPLIB writes them: a line of stops for each vehicle, 0 where it reloads, and the cost."""

from __future__ import annotations

import re

from dure.engines.routing.check import Violation, check
from dure.engines.routing.plan import Kind, LeftOut, Plan, Route
from dure.engines.routing.solve import cost
from dure.engines.routing.timetable import Sequence, timetable

from .instance import Instance, InstanceError, number

_ROUTE = re.compile(r"Route\s*#(\d+)\s*:(.*)", re.IGNORECASE)


def read_solution(text: str, instance: Instance) -> tuple[dict[str, Sequence], float | None]:
    """Stops and reloads by vehicle, and the cost that is said with them. Raises InstanceError."""
    problem, said = instance.problem, None
    sequences = dict[str, Sequence]()
    for line, raw in enumerate(text.splitlines(), 1):
        if found := _ROUTE.match(raw.strip()):
            vehicle, names = found[1], found[2].split()
            if vehicle not in problem.vehicle_named or vehicle in sequences:
                en = f"vehicle {vehicle} is none of the instance, or there twice"
                raise InstanceError(line, "Route", f"{vehicle}번 차량은 없거나 두 번 나옵니다", en)
            for name in names:
                if name not in problem.stop_named and name not in problem.site_named:
                    raise InstanceError(line, "Route", f"{name}번은 없습니다", f"there is no stop {name}")
            kinds = (Kind.STOP if name in problem.stop_named else Kind.SITE for name in names)
            sequences[vehicle] = tuple(zip(kinds, names, strict=True))
        elif raw.strip().lower().startswith("cost"):
            said = number(raw.split()[-1], line, "Cost")
    return {vehicle: sequence for vehicle, sequence in sequences.items() if sequence}, said


def check_solution(instance: Instance, sequences: dict[str, Sequence]) -> tuple[list[Violation], float]:
    """Every violation of a solution that is not ours, and what it costs in the publications' convention."""
    problem, routes, late = instance.problem, list[Route](), list[Violation]()
    for name, sequence in sequences.items():
        route = timetable(problem, problem.vehicle_named[name], sequence)
        if route is None:
            late.append(Violation("times", "제때 갈 수 없는 순서입니다", "cannot be driven in time", vehicle=name))
        else:
            routes.append(route)
    visited = {name for sequence in sequences.values() for _, name in sequence}
    left = tuple(LeftOut(stop.name, ("", "")) for stop in problem.stops if stop.name not in visited)
    plan = Plan(tuple(routes), left, cost(problem, tuple(routes), left))
    return [*late, *(one for one in check(problem, plan) if not (late and one.rule == "once"))], instance.published(
        plan
    )


def write_solution(instance: Instance, plan: Plan) -> str:
    """The plan in the publications' convention; the vehicles have the instance's numbers."""
    lines = [f"Route #{route.vehicle}: " + " ".join(name for _, name in route.sequence) for route in plan.routes]
    return "\n".join([*lines, f"Cost {instance.published(plan):.10g}", ""])
