# SPDX-License-Identifier: Apache-2.0
"""Is a missed medicine noticed by the person's own 95 % time + 1 h, with at most one false notice a month?

    python benchmarks/pill_box.py [--data ../shared/data]

One real sensor home (CASAS, one resident, its first 20 days, 2011). A day's first event that its annotators called
Morning_Meds or Evening_Meds stands for the box being opened; each day in turn is taken out, as a day on which it was
not. Every day is judged from the days before it alone. The home is in bed by its own habit, so the plan's times are
its first three days' (08:30 and 22:45) as a worker would write them down.

Honest about it: twenty days of one home give three weeks of false notices at most, and cold start is a third of them;
the annotation begins with the kitchen's motion sensor, a box's lid may come minutes later.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from dure.engines.habits.routine import RULES, deadline, own_time

FILE = "care/casas_single_resident_first20d.csv.gz"
PLANS = {"Morning_Meds": 8 * 60 + 30, "Evening_Meds": 22 * 60 + 45}
"""Minutes after midnight."""
GRACE = 30.0
MONTH = 30.0
Rule = Callable[[list[float]], float]


@dataclass(frozen=True)
class Score:
    """What a rule did; minutes are after the plan's time."""

    missed: int
    in_time: int
    """Missed days noticed by the own 95 % time of all days, in hindsight, + 1 h."""
    median_notice: float
    latest_notice: float
    false_a_month: float
    days: int


def openings(path: Path, activity: str, planned: int) -> list[float]:
    """Each day's first opening in minutes after the plan's time, in order."""
    events = pl.read_csv(path).filter(pl.col("activity") == activity)["ts"].to_list()
    first: dict[str, datetime] = {}
    for text in events:
        at = datetime.fromisoformat(text)
        first.setdefault(text[:10], at)
    return [at.hour * 60 + at.minute + at.second / 60 - planned for _, at in sorted(first.items())]


def score(delays: list[float], rule: Rule) -> Score:
    """Judge each day as it was, and once more as if nothing had been done, from the days before it."""
    notices = [rule(delays[max(0, day - RULES.memory_days) : day]) for day in range(len(delays))]
    promised = float(np.quantile(delays, RULES.quantile, method="higher")) + RULES.allowance_minutes
    false = sum(done > notice for done, notice in zip(delays, notices, strict=True))
    return Score(
        missed=len(notices),
        in_time=sum(notice <= promised for notice in notices),
        median_notice=float(np.median(notices)),
        latest_notice=max(notices),
        false_a_month=false * MONTH / len(delays),
        days=len(delays),
    )


def rules() -> dict[str, Rule]:
    """Ours, and the fixed hours that plans and pill boxes on sale go by."""

    def fixed(minutes: float) -> Rule:
        return lambda past: minutes

    return {
        "own 95 % + 60 min (ours)": lambda past: deadline(past, GRACE),
        "own 95 % alone": lambda past: own_time(past, GRACE),
        "plan + 30 min": fixed(30),
        "plan + 60 min": fixed(60),
        "plan + 120 min": fixed(120),
        "plan + 180 min": fixed(180),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    path = parser.parse_args().data / FILE
    print(f"{'':14}{'rule':28}{'missed':>8}{'in time':>9}{'median':>9}{'latest':>9}{'false/month':>13}")
    for activity, planned in PLANS.items():
        delays = openings(path, activity, planned)
        for name, rule in rules().items():
            one = score(delays, rule)
            print(
                f"{activity:14}{name:28}{one.missed:8}{one.in_time:9}{_clock(planned + one.median_notice):>9}"
                f"{_clock(planned + one.latest_notice):>9}{one.false_a_month:13.1f}"
            )


def _clock(minutes: float) -> str:
    return f"{int(minutes // 60) % 24:02}:{int(minutes % 60):02}"


if __name__ == "__main__":
    main()
