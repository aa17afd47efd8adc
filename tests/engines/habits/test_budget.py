# SPDX-License-Identifier: Apache-2.0
"""The alarm budget on populations made of scores alone: fast, and nothing the engine was tuned on."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from dure.engines.habits import JUDGE_ONLY, AlarmBudget, HabitRules, Homes, kernel
from dure.engines.habits.figures import figures
from dure.engines.habits.homes import NEVER

HOMES, DAYS, PER_DAY = 300, 240, 2


@numba.njit(error_model="numpy")
def _judge(homes: Any, rules: Any, limits: Any, opened: Any) -> None:
    for k in range(len(homes)):
        before = homes[k].level
        if kernel.judge(homes[k], rules[0], limits) and before == 0:
            opened[k] += 1


def judge(homes: Homes, budget: AlarmBudget) -> NDArray[np.int64]:
    """Every home as it stands; which alarms opened (0 or 1)."""
    opened = np.zeros(len(homes), np.int64)
    _judge(homes.rows, figures(budget.rules), budget.limits(), opened)
    return opened


@cache
def run(rules: HabitRules, scale: float, judge_only: int = 0) -> tuple[AlarmBudget, float, float]:
    """Episodes of exponential peaks; alarms per 1,000 home-days of steering and other homes in the second half."""
    rng = np.random.default_rng(3)
    homes = Homes.new(HOMES + judge_only)
    homes.learned_days[:] = 100
    homes.noise[:] = 1.0
    homes.slot[:] = 0
    homes.flags[HOMES:] |= JUDGE_ONLY
    budget, i = AlarmBudget(rules), np.arange(HOMES + judge_only)
    opened = np.zeros(len(i), int)
    for day in range(DAYS):
        budget.begin_day(day)
        for part in range(PER_DAY):  # every second step ends the episode
            peak = rng.exponential(scale, len(i)) * np.where(i < HOMES, 1, 3)
            homes.evidence[:] = np.minimum(peak * 64, 32000) if part % 2 == 0 else 0
            for _ in range(48 // PER_DAY):
                now = judge(homes, budget)
                budget.limits().slots[:] += HOMES  # half hours with a reading of homes that steer
                if day >= DAYS // 2:
                    opened += now
        homes.absences[:], homes.closed_slot[:] = 0, NEVER  # every day a home of its own
    days = DAYS - DAYS // 2
    others = 1000 * opened[HOMES:].sum() / (days * judge_only) if judge_only else 0.0
    return budget, 1000 * opened[:HOMES].sum() / (days * HOMES), others


@pytest.mark.parametrize("rate", [15.0, 5.0, 1.0])
def test_alarms_stay_within_thirty_percent_of_the_budget(rate: float) -> None:
    _, steering, _ = run(replace(HabitRules(), alarms_per_1000=(rate, rate / 3, rate / 50)), scale=2.0)
    assert 0.7 * rate <= steering <= 1.3 * rate


def test_a_wilder_population_gets_higher_thresholds_and_the_same_alarms() -> None:
    calm, calm_rate, _ = run(HabitRules(), scale=2.0)
    wild, wild_rate, _ = run(HabitRules(), scale=5.0)
    assert wild.thresholds[0] > 1.8 * calm.thresholds[0]
    assert calm_rate == pytest.approx(wild_rate, rel=0.3)


def test_judge_only_homes_are_judged_alike_and_do_not_steer() -> None:
    alone, rate, _ = run(HabitRules(), scale=2.0)
    beside, same_rate, others = run(HabitRules(), scale=2.0, judge_only=40)
    assert beside.thresholds == pytest.approx(alone.thresholds, rel=0.15)
    assert same_rate == pytest.approx(rate, rel=0.2)
    assert others > 3 * rate


def test_levels_are_ordered_and_start_from_the_built_in_curve() -> None:
    budget = AlarmBudget(HabitRules())
    attention, alert, severe = budget.thresholds
    assert 1 < attention < alert < severe
    again = AlarmBudget.from_bytes(budget.to_bytes(), HabitRules())
    assert again.to_bytes() == budget.to_bytes()


def test_a_threshold_holds_for_the_day() -> None:
    rules = HabitRules()
    budget = AlarmBudget(rules)
    homes = Homes.new(500)
    homes.learned_days[:] = 100
    budget.begin_day(1)
    before = budget.thresholds
    homes.evidence[:] = 20_000
    judge(homes, budget)
    budget.limits().slots[:] += 500
    assert budget.thresholds == before
    budget.begin_day(2)
    assert budget.thresholds[0] > before[0]
