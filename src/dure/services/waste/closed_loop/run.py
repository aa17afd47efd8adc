# SPDX-License-Identifier: Apache-2.0
"""The loop: readings to the policy, its choice to the crew, what they found to the files."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from dure.engines.filling.shape import Flags, Floats
from dure.engines.filling.weather import Weather
from dure.engines.routing import Kind

from .driving import Dispatch, Drive, Fleet
from .policies import Ask, Forecasting, Policy, SettingError, opportunities, policy_named
from .tables import HOUR, Bins, Deposits
from .world import Sensors, World


@dataclass(frozen=True)
class Setting:
    """``decisions``: hours of the day. ``fleet`` None: nobody drives, every chosen bin is emptied at the decision.

    ``warmup_days``: the policy decides from the first hour, but what happens before is not in the figures.
    """

    policy: str
    decisions: tuple[int, ...] = (6,)
    noise_seed: int = 1
    faults: bool = False
    fleet: Fleet | None = None
    warmup_days: int = 7


@dataclass(frozen=True)
class Collection:
    """Of one bin. ``fill``: the level found, points."""

    bin: int
    at: datetime
    fill: float


@dataclass(frozen=True, eq=False)
class Decision:
    """When, what was asked, who was chosen, and the routes, where somebody drives."""

    at: datetime
    ask: Ask
    chosen: tuple[int, ...]
    drive: Drive | None


@dataclass(eq=False)
class Outcome:
    """All that came of it. ``overflowing``: of each hour which bins, (bins,), ended it at 100 or more."""

    bins: Bins
    setting: Setting
    start: datetime
    overflowing: list[Flags] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    overloaded_trips: int = 0
    cpu_seconds: list[float] = field(default_factory=list)
    """Of each decision: the hours of readings before it, the choice, the routes."""
    weather: dict[str, dict[str, float]] | None = None
    """What it was learned to do, as shares of the usual, each with its standard error; None where none was told."""

    @property
    def counted_from(self) -> datetime:
        """The end of the warm-up."""
        return self.start + timedelta(days=self.setting.warmup_days)

    @property
    def days(self) -> float:
        """After the warm-up."""
        return max(len(self.overflowing) / 24 - self.setting.warmup_days, 0)

    @property
    def counted(self) -> list[Collection]:
        """After the warm-up."""
        return [one for one in self.collections if one.at >= self.counted_from]

    @property
    def collections_per_bin_week(self) -> float:
        """After the warm-up."""
        return len(self.counted) / self._bin_weeks

    @property
    def overflow_hours_per_bin_week(self) -> float:
        """After the warm-up: hours that end at 100 or more."""
        return float(np.sum(self.overflowing[24 * self.setting.warmup_days :])) / self._bin_weeks

    @property
    def km_per_day(self) -> float | None:
        """After the warm-up; None where nobody drives."""
        if self.setting.fleet is None:
            return None
        driven = sum(one.drive.metres for one in self.decisions if one.drive and one.at >= self.counted_from)
        return driven / 1000 / self.days

    @property
    def _bin_weeks(self) -> float:
        return len(self.bins.names) * self.days / 7


Made = Callable[[int], Policy]
"""A policy for the seed given."""


def simulate(
    bins: Bins,
    deposits: Deposits,
    setting: Setting,
    made: Made | None = None,
    weather: Mapping[datetime, Weather] | None = None,
) -> Outcome:
    """Let the deposits fall and the policy decide; one that forecasts heeds the ``weather``, by the hour that begins.

    ``made`` builds another policy than ``setting.policy`` names. Raises SettingError, also when nothing is left after
    the warm-up.
    """
    hours = len(deposits.amounts)
    if hours <= 24 * setting.warmup_days:
        days, warmup = f"{hours / 24:.1f}", setting.warmup_days
        ko, en = (
            f"{days}일뿐이라 준비 기간 {warmup}일 뒤가 없습니다",
            f"{days} days leave none after the warm-up of {warmup}",
        )
        raise SettingError(f"{ko} · {en}")
    dispatch = Dispatch(bins, setting.fleet) if setting.fleet else None
    count, seed = len(bins.names), setting.noise_seed
    policy = made(seed) if made else policy_named(setting.policy, count, seed, weather)
    loop = _Loop(Outcome(bins, setting, deposits.start), policy, dispatch)
    for amounts in deposits.amounts:
        loop.pass_hour(amounts)
    if weather and isinstance(policy, Forecasting):
        loop.outcome.weather = {"rain": asdict(policy.effect.rain), "ten_degrees": asdict(policy.effect.warmth)}
    return loop.outcome


class _Loop:
    def __init__(self, outcome: Outcome, policy: Policy, dispatch: Dispatch | None) -> None:
        self.outcome, self.policy, self.dispatch = outcome, policy, dispatch
        setting, count = outcome.setting, len(outcome.bins.names)
        self.world = World(count)
        self.sensors = Sensors(count, setting.noise_seed, faults=setting.faults)
        self.on_the_way: dict[int, float] = {}
        """Bin → hours until it is emptied."""
        self.found: dict[int, float] = {}
        """Bin → level found since the last decision."""
        self.cpu = 0.0

    def pass_hour(self, amounts: Floats) -> None:
        outcome = self.outcome
        at = outcome.start + len(outcome.overflowing) * HOUR
        began = time.process_time()
        self.policy.observe(at, self.sensors.read(self.world.level))
        if at.hour in outcome.setting.decisions:
            self._weigh()
            self._decide(at)
            self.cpu += time.process_time() - began
            outcome.cpu_seconds.append(self.cpu)
            self.cpu = 0.0
        else:
            self.cpu += time.process_time() - began
        now = {one: share for one, share in self.on_the_way.items() if share < 1}
        self.on_the_way = {one: share - 1 for one, share in self.on_the_way.items() if share >= 1}
        emptyings, overflowing = self.world.pass_hour(amounts, now)
        for one in sorted(emptyings, key=lambda one: (one.share, one.bin)):
            outcome.collections.append(Collection(one.bin, at + one.share * HOUR, one.fill))
            self.found[one.bin] = one.fill
        outcome.overflowing.append(overflowing)
        self.policy.visited(sorted(now))

    def _decide(self, at: datetime) -> None:
        setting = self.outcome.setting
        ahead = opportunities(at.hour, setting.decisions)
        ask = self.policy.choose(at, ahead)
        drive = None
        if self.dispatch:
            drive = self.dispatch.plan(ask, ahead[0], setting.noise_seed)
            self.on_the_way = {one: seconds / 3600 for one, seconds in drive.emptied.items()}
        else:
            self.on_the_way = dict.fromkeys(map(int, np.flatnonzero(ask.go)), 0.0)
        self.outcome.decisions.append(Decision(at, ask, tuple(sorted(self.on_the_way)), drive))

    def _weigh(self) -> None:
        """Whether the trips since the last decision carried more than the truck holds."""
        drive = self.outcome.decisions[-1].drive if self.outcome.decisions else None
        if drive is None or self.dispatch is None:
            return
        bins = self.outcome.bins
        number = {name: one for one, name in enumerate(bins.names)}
        for route in drive.routes:
            litres = 0.0
            for visit in route.visits:
                if visit.kind is Kind.SITE:
                    self.outcome.overloaded_trips += int(litres > self.dispatch.fleet.capacity)
                    litres = 0
                else:
                    one = number[visit.name]
                    litres += self.found[one] / 100 * bins.volume[one]


def write(outcome: Outcome, folder: Path) -> None:
    """Write collections.csv, decisions.csv, routes.csv (where somebody drives) and summary.json."""
    folder.mkdir(parents=True, exist_ok=True)
    names = outcome.bins.names
    _write_rows(
        folder / "collections.csv",
        ("bin", "at", "fill"),
        [(names[one.bin], _said(one.at), f"{one.fill:.1f}") for one in outcome.collections],
    )
    _write_rows(
        folder / "decisions.csv",
        ("at", "bin", "must", "expected_fill", "full_by", "probability"),
        [_reason(outcome, decision, one) for decision in outcome.decisions for one in decision.chosen],
    )
    if outcome.setting.fleet:
        _write_rows(
            folder / "routes.csv",
            ("decision", "truck", "stop", "kind", "name", "arrive", "leave", "route_km"),
            [row for decision in outcome.decisions for row in _route_rows(decision)],
        )
    text = json.dumps(summary(outcome), ensure_ascii=False, indent=2)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")


def _reason(outcome: Outcome, decision: Decision, one: int) -> tuple[object, ...]:
    ask = decision.ask
    known = np.isfinite(ask.full_in[one])
    by = _said(decision.at + timedelta(hours=float(ask.full_in[one]))) if known else ""
    chance = f"{ask.chance[one]:.2f}" if known else ""
    return _said(decision.at), outcome.bins.names[one], int(ask.must[one]), f"{ask.level[one]:.0f}", by, chance


def _route_rows(decision: Decision) -> list[tuple[object, ...]]:
    at = decision.at
    return [
        (
            _said(at),
            route.vehicle,
            stop + 1,
            visit.kind.value,
            visit.name.strip(),
            _said(at + timedelta(seconds=visit.arrive)),
            _said(at + timedelta(seconds=visit.end)),
            f"{route.distance / 1000:.3f}",
        )
        for route in (decision.drive.routes if decision.drive else ())
        for stop, visit in enumerate(route.visits)
    ]


def summary(outcome: Outcome) -> dict[str, object]:
    """The figures, after the warm-up, with what they rest on."""
    setting = outcome.setting
    found = np.array([one.fill for one in outcome.counted])
    drives = [one.drive for one in outcome.decisions if one.drive]
    km = outcome.km_per_day
    return {
        "policy": setting.policy,
        "decisions": [f"{hour:02d}:00" for hour in setting.decisions],
        "noise_seed": setting.noise_seed,
        "faults": setting.faults,
        "bins": len(outcome.bins.names),
        "warmup_days": setting.warmup_days,
        "days": round(outcome.days, 3),
        "collections": len(outcome.counted),
        "collections_per_bin_week": round(outcome.collections_per_bin_week, 4),
        "overflow_hours_per_bin_week": round(outcome.overflow_hours_per_bin_week, 4),
        "mean_fill_at_collection": round(float(found.mean()), 2) if len(found) else None,
        "collected_at_100_or_more": round(float((found >= 100).mean()), 4) if len(found) else None,
        "km_per_day": None if km is None else round(km, 3),
        "infeasible_plans": sum(not one.feasible for one in drives),
        "overloaded_trips": outcome.overloaded_trips,
        "plan_cpu_seconds": {
            "total": round(sum(outcome.cpu_seconds), 3),
            "most": round(max(outcome.cpu_seconds, default=0), 3),
        },
        "weather": outcome.weather,
        "fleet": None if setting.fleet is None else asdict(setting.fleet),
        "said": "overflow-hour: an hour that ends at a level of 100 or more; figures are after the warm-up",
    }


def _said(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _write_rows(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
