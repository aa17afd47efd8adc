# SPDX-License-Identifier: Apache-2.0
"""Which bins now: ours beside thresholds, a calendar, a simple forecast and whoever knows the next hours.

    python -m benchmarks.waste_choice [--data ../shared/data/waste] [--part score] [--noise-seed 1]
                                      [--only daily twice driving faults wyndham] [--prices 0.1 0.25] [--ours]

Edinburgh: what fell in as ``dure waste deposits`` rebuilds it from the real collections, the loop of ``dure waste
simulate``. What was tuned was tuned on ``--part tune``: every second bin, 11 to 24 June 2016. ``--part score``, what is
quoted, is the other bins from 25 June to 6 July, which nothing was tuned on; both begin on 4 June. The default price
is chosen on the first part, too: ``benchmarks/waste_price.py``.
Wyndham: daily levels of 31 bins in fifths; what fell in is each rise. Tuned on every second bin, days 120 to 240;
scored on the others from day 240 on.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import NormalDist

import numpy as np

from dure.engines.filling import Forecast, Price, sample_paths
from dure.engines.filling.shape import Floats
from dure.services.waste.closed_loop import Bins, Deposits, Fleet, Setting, simulate
from dure.services.waste.closed_loop.policies import Ask, Dure, Latest, Policy, Wouda
from dure.services.waste.closed_loop.run import Outcome
from dure.services.waste.closed_loop.tables import HOUR
from dure.services.waste.deposits import DAYTIME, read_collections, rebuild

BANDS = (0.5, 0.8, 0.95)
DAILY, TWICE = (6,), (6, 14)


@dataclass(frozen=True, eq=False)
class City:
    """A data set to decide on: figures count after ``warmup_days``."""

    bins: Bins
    deposits: Deposits
    warmup_days: int


class Ewma(Latest):
    """A simple forecast: each bin's day, exponentially weighted, its own normal error, the city's hours of the day.

    Visits where P(full before the next opportunity) is above ``chance``.
    """

    WEIGHT = 0.25

    def __init__(self, bins: int, chance: float) -> None:
        super().__init__(bins)
        self._limit = NormalDist().inv_cdf(1 - chance)
        self._a_day = np.full(bins, 30.0)
        self._variance = np.full(bins, 15.0**2)
        self._hours = np.full(24, 20.0)
        self._before = np.full(bins, np.nan)
        self._fell = np.zeros(bins)

    def observe(self, at: datetime, readings: Floats) -> None:
        """Rises since the reading before; once a day the rate and its error."""
        rise = readings - self._before
        known = np.isfinite(rise) & (rise > -12)
        self._fell += np.where(known, rise, 0)
        self._hours[at.hour - 1] += max(rise[known].sum(), 0)
        self._before = np.where(np.isfinite(readings), readings, self._before)
        if at.hour == 6:
            error = self._fell - self._a_day
            self._a_day += self.WEIGHT * error
            self._variance += self.WEIGHT * (error**2 - self._variance)
            self._fell = np.zeros(len(error))
        super().observe(at, readings.copy())

    def visited(self, bins: Sequence[int]) -> None:
        """The rise begins anew."""
        super().visited(bins)
        self._before[list(bins)] = 0

    def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
        """See the class."""
        hours = np.arange(at.hour, at.hour + opportunities[0]) % 24
        share = self._hours[hours].sum() / self._hours.sum()
        mean = self._level + np.maximum(self._a_day, 0) * share
        return self._ask((100 - mean) / np.sqrt(self._variance * share + 9) < self._limit)


class Oracle(Latest):
    """Knows what falls in until the next opportunity, and visits what would overflow by then."""

    def __init__(self, deposits: Deposits) -> None:
        super().__init__(deposits.amounts.shape[1])
        self._fallen = np.cumsum(np.vstack([np.zeros_like(deposits.amounts[:1]), deposits.amounts]), axis=0)
        self._start = deposits.start
        self._emptied = np.zeros(deposits.amounts.shape[1])

    def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
        """See the class."""
        now = (at - self._start) // HOUR
        then = min(now + opportunities[0], len(self._fallen) - 1)
        go = self._fallen[then] - self._emptied >= 100
        self._emptied = np.where(go, self._fallen[now], self._emptied)
        return self._ask(go)


class Watched(Dure):
    """Ours, writing down what its forecast says of the next opportunity."""

    def __init__(self, bins: int, seed: int, price: Price) -> None:
        super().__init__(bins, seed, price)
        self.said: list[tuple[datetime, int, Floats, Floats]] = []

    def choose(self, at: datetime, opportunities: Sequence[int]) -> Ask:
        """As ours does."""
        ahead = opportunities[0]
        seen = Forecast(sample_paths(self.filling, ahead, seed=len(self.said)))
        shares = tuple(share for band in BANDS for share in (0.5 - band / 2, 0.5 + band / 2))
        self.said.append((at, ahead, seen.quantiles(ahead, shares), seen.probability_full(ahead)))
        return super().choose(at, opportunities)


def calibration(city: City, outcome: Outcome, watched: Watched) -> str:
    """Coverage of the bands and Brier score of P(full) by the next opportunity, of all bins."""
    fallen = np.cumsum(np.vstack([np.zeros_like(city.deposits.amounts[:1]), city.deposits.amounts]), axis=0)
    emptied = np.zeros(len(city.bins.names))
    visits = iter(outcome.collections)
    visit = next(visits, None)
    inside, brier, climate = [], [], []
    for at, ahead, bands, chance in watched.said:
        while visit and visit.at < at:
            # at the decision itself, where nobody drives: what fell in until then is gone
            emptied[visit.bin] = fallen[(visit.at - city.deposits.start) // HOUR, visit.bin]
            visit = next(visits, None)
        now = (at - city.deposits.start) // HOUR
        if at < outcome.counted_from or now + ahead >= len(fallen):
            continue
        level = fallen[now + ahead] - emptied
        inside.append([((bands[2 * i] <= level) & (level <= bands[2 * i + 1])).mean() for i in range(len(BANDS))])
        brier.append(((chance - (level >= 100)) ** 2).mean())
        climate.append((level >= 100).mean())
    base = float(np.mean(climate))
    covered = " / ".join(f"{100 * share:.1f}" for share in np.mean(inside, axis=0))
    return (
        f"bands of 50 / 80 / 95 % hold {covered} %; Brier of P(full) {np.mean(brier):.4f}, always saying "
        f"{base:.3f}: {base * (1 - base):.4f}"
    )


def edinburgh(data: Path, part: str) -> City:
    """Half of the bins; 100 litres (compacted) each, at made-up places around the centre."""
    collections = read_collections(data / "edinburgh" / "collections.csv")
    rows = rebuild(collections).rows
    start, tuned, end = (datetime.fromisoformat(f"2016-{day}") for day in ("06-04", "06-25", "07-07"))
    names = sorted({name for name, _, _ in rows})[0 if part == "tune" else 1 :: 2]
    number = {name: one for one, name in enumerate(names)}
    end = tuned if part == "tune" else end
    amounts = np.zeros(((end - start) // HOUR, len(names)))
    for name, at, amount in rows:
        if name in number and start <= at < end:
            amounts[(at - start) // HOUR, number[name]] += amount
    chance = np.random.default_rng(7)
    lon = -3.19 + 0.025 * chance.standard_normal(len(names))
    lat = 55.95 + 0.012 * chance.standard_normal(len(names))
    bins = Bins(tuple(names), lon, lat, np.full(len(names), 100.0))
    return City(bins, Deposits(start, amounts), 7 if part == "tune" else 21)


FLEET = Fleet(depot=(-3.19, 55.95), tip=(-3.046, 55.95), trucks=4)
"""The depot in the centre, the tip 9 km east of it, as in the note."""


def wyndham(data: Path, part: str) -> City:
    """Levels 0 to 10 as points 0 to 100: the rise of each day falls in over that day by the day profile."""
    levels: dict[str, dict[datetime, float]] = {}
    places: dict[str, tuple[float, float]] = {}
    with (data / "wyndham" / "fill_levels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name = row["serialNumber"]
            levels.setdefault(name, {})[datetime.fromisoformat(row["timestamp"])] = 10 * float(row["latestFullness"])
            places[name] = float(row["longitude"]), float(row["latitude"])
    names = sorted(levels)[0 if part == "tune" else 1 :: 2]
    start = min(min(days) for days in levels.values())
    end = start + timedelta(days=240) if part == "tune" else max(max(days) for days in levels.values())
    amounts = np.zeros(((end - start).days * 24, len(names)))
    for column, name in enumerate(names):
        before: float | None = None
        for day in range((end - start).days):
            level = levels[name].get(start + timedelta(days=day + 1))
            if level is not None and before is not None and level > before:
                amounts[24 * day : 24 * day + 24, column] = (level - before) * DAYTIME / DAYTIME.sum()
            before = level if level is not None else before
    lon, lat = np.array([places[name] for name in names]).T
    return City(
        Bins(tuple(names), lon, lat, np.full(len(names), 600.0)),
        Deposits(start, amounts),
        120 if part == "tune" else 240,
    )


def run(city: City, name: str, setting: Setting, made: Callable[[int], Policy] | None = None) -> Outcome:
    """One simulation, one line of the table."""
    outcome = simulate(city.bins, city.deposits, replace(setting, policy=name, warmup_days=city.warmup_days), made)
    fills = [one.fill for one in outcome.counted]
    km = outcome.km_per_day
    print(
        f"{name:28} {outcome.collections_per_bin_week:6.2f} {outcome.overflow_hours_per_bin_week:8.3f} "
        f"{overflow_days(outcome):8.4f} {np.mean(fills) if fills else 0:6.0f} {'' if km is None else f'{km:8.1f}'} "
        f"{sum(outcome.cpu_seconds):7.1f}",
        flush=True,
    )
    return outcome


def overflow_days(outcome: Outcome) -> float:
    """Per bin-week: at the end of how many days a bin stood at 100 or more."""
    ends = outcome.overflowing[24 * outcome.setting.warmup_days + 23 :: 24]
    return float(np.mean(ends)) * 7


def peers(city: City, setting: Setting) -> None:
    """Whoever ours is compared with, on one city."""
    count = len(city.bins.names)
    for name in ("calendar:mon,wed,fri", "threshold:50", "threshold:60", "threshold:70"):
        run(city, name, setting)
    if setting.fleet is None:
        run(city, f"municipal:{max(1, round(count * 3.4 / 7 / len(setting.decisions)))}", setting)
    for chance in (0.3, 0.1):
        run(city, f"EWMA P>{chance}", setting, lambda _, chance=chance: Ewma(count, chance))  # type: ignore[misc]
    run(city, "oracle (next opportunity)", setting, lambda _: Oracle(city.deposits))
    if setting.fleet:
        for prize in (2.0, 4.0, 8.0):
            run(city, f"wouda:{prize:g}", setting, lambda seed, prize=prize: Wouda(count, seed, prize))  # type: ignore[misc]


def table(city: City, title: str, setting: Setting, prices: Sequence[float], with_peers: bool) -> None:
    """All policies on one city."""
    print(f"\n{title}: {len(city.bins.names)} bins, {len(city.deposits.amounts) / 24 - city.warmup_days:.0f} days")
    print("policy                       coll/bw  ovfl-h/bw ovfl-d/bw fill%   km/day   cpu s")
    if with_peers:
        peers(city, setting)
    count = len(city.bins.names)
    for price in prices:
        watched = Watched(count, setting.noise_seed, Price(price))
        outcome = run(city, f"dure:{price:g}", setting, lambda _, watched=watched: watched)  # type: ignore[misc]
        if setting.fleet is None and price == prices[0]:
            print(f"    {calibration(city, outcome, watched)}")


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/waste"))
    parser.add_argument("--part", choices=("score", "tune"), default="score")
    kinds = ("daily", "twice", "driving", "faults", "wyndham")
    parser.add_argument("--only", choices=kinds, nargs="+", default=kinds)
    parser.add_argument("--prices", type=float, nargs="+", default=(Price.overflow_hour, 0.25, 1.0))
    parser.add_argument("--ours", action="store_true", help="without the peers")
    parser.add_argument("--noise-seed", type=int, default=1)
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        print(f"no data at {arguments.data}", file=sys.stderr)
        return 2
    city = edinburgh(arguments.data, arguments.part)
    setting = Setting("", DAILY, arguments.noise_seed)
    for kind in arguments.only:
        if kind == "wyndham":
            park = wyndham(arguments.data, arguments.part)
            table(park, "Wyndham, one decision a day", setting, arguments.prices, not arguments.ours)
            continue
        changed = {
            "daily": setting,
            "twice": replace(setting, decisions=TWICE),
            "driving": replace(setting, fleet=FLEET),
            "faults": replace(setting, faults=True),
        }[kind]
        table(city, f"Edinburgh, {kind}", changed, arguments.prices, not arguments.ours)
    return 0


if __name__ == "__main__":
    sys.exit(main())
