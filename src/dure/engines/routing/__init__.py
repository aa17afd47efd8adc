# SPDX-License-Identifier: Apache-2.0
"""Who goes where, in which order: waste trucks, care visits, home help.

A ``Problem`` in, a ``Plan`` out that the independent checker has passed::

    from dure.engines.routing.solve import solve
    plan = solve(problem, seconds=10, seed=1)   # the solvers are loaded with this module only
    check(problem, plan)                        # [] : and so again for whoever changed it by hand

``problem`` is the language, ``travel`` the matrices, ``timetable`` the times of an order, ``check`` the judge, which
shares nothing with the solvers. Why it is built so: docs/adr/0015-routing-engine.md.
"""

from .check import Violation, check, check_route
from .plan import Kind, LeftOut, Plan, Route, Visit, Words
from .problem import Break, Loads, Pair, Problem, ProblemError, Site, Stop, Vehicle, Window
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
    "Pair",
    "Plan",
    "Problem",
    "ProblemError",
    "Route",
    "Sequence",
    "Site",
    "Stop",
    "Vehicle",
    "Violation",
    "Visit",
    "Window",
    "Words",
    "check",
    "check_route",
    "cost_of",
    "straight_lines",
    "timetable",
]
