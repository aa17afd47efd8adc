# SPDX-License-Identifier: Apache-2.0
"""A published problem and the convention that its costs are published in."""

from __future__ import annotations

from dataclasses import dataclass

from dure.engines.routing.plan import Plan
from dure.engines.routing.problem import Problem


class InstanceError(ValueError):
    """The text is not a problem. ``line``: from 1 (0: the whole); ``field``: which; ``ko`` and ``en``: why."""

    def __init__(self, line: int, field: str, ko: str, en: str) -> None:
        super().__init__(f"line {line}, {field}: {ko} · {en}" if line else f"{field}: {ko} · {en}")
        self.line, self.field, self.ko, self.en = line, field, ko, en


@dataclass(frozen=True, eq=False)
class Instance:
    """``unit``: a plan's cost divided by it is what is published; ``kind``: CVRP, VRPTW, …, or KIM."""

    name: str
    kind: str
    problem: Problem
    unit: int

    def published(self, plan: Plan) -> float:
        """The plan's cost in the publications' convention."""
        return plan.cost / self.unit


def gap(cost: float, best_known: float) -> float:
    """How much dearer than the best known, in per cent."""
    return 100 * (cost / best_known - 1)


def number(text: str, line: int, field: str) -> float:
    """``text`` as a finite number, or InstanceError."""
    try:
        value = float(text)
    except ValueError:
        raise InstanceError(line, field, f"수가 아닙니다: {text!r}", f"{text!r} is no number") from None
    if not abs(value) < 1e15:
        raise InstanceError(line, field, f"너무 큽니다: {text!r}", f"{text!r} is too large")
    return value
