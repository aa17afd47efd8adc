# SPDX-License-Identifier: Apache-2.0
"""Who goes where, in which order: waste trucks, care visits, home help.

A ``Problem`` in, a ``Plan`` out that the independent checker has passed::

    plan = solve(problem, seconds=10, seed=1)
    check(problem, plan)                        # [] : and so again for whoever changed it by hand

``problem`` is the language, ``travel`` the matrices, ``timetable`` the times of an order, ``check`` the judge, which
shares nothing with the solvers. Why it is built so: docs/adr/0015-routing-engine.md.
"""

from .check import Violation, check, check_route
from .plan import Kind, LeftOut, Plan, Route, Visit, Words
from .problem import Break, Loads, Pair, Problem, ProblemError, Site, Stop, Vehicle, Window
from .solve import NoPlan, RefusedPlan, assemble, cost, solve
from .timetable import Sequence, cost_of, timetable
from .travel import UNREACHABLE, Basis, Matrices, straight_lines

__all__ = [
    "UNREACHABLE",
    "Basis",
    "Break",
    "Kind",
    "LeftOut",
    "Loads",
    "Matrices",
    "NoPlan",
    "Pair",
    "Plan",
    "Problem",
    "ProblemError",
    "RefusedPlan",
    "Route",
    "Sequence",
    "Site",
    "Stop",
    "Vehicle",
    "Violation",
    "Visit",
    "Window",
    "Words",
    "assemble",
    "check",
    "check_route",
    "cost",
    "cost_of",
    "solve",
    "straight_lines",
    "timetable",
]
