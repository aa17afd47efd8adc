# SPDX-License-Identifier: Apache-2.0
"""What an hour of overflow costs unless a city says otherwise: chosen on the bins and weeks that are for tuning.

    python benchmarks/waste_price.py [--data ../shared/data/waste] [--prices 0.25 0.4 0.6 0.8 1]

One price has to serve one and two decisions a day, trucks, and bins that are filled once a week, and both what it
spends (visits) and what it leaves (overflow) are bounded. The rule, fixed before it was run: of each bounded figure
the slack is log(bound / figure) in its standard errors over the bins, for that is how far other bins may be from these;
the default is the price whose least slack is largest. The kilometres are left out: the places are made up.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dure.engines.filling.shape import Floats
from dure.services.waste.closed_loop import Setting, simulate
from dure.services.waste.closed_loop.run import Outcome
from waste_choice import DAILY, FLEET, TWICE, City, edinburgh, wyndham


@dataclass(frozen=True, eq=False)
class Bounded:
    """A setting and the most that is asked for: visits and overflow per bin-week, the latter in hours or in days that
    end full."""

    name: str
    city: City
    setting: Setting
    visits: float | None
    overflow: float
    in_days: bool = False


def settings(data: Path, noise_seed: int) -> list[Bounded]:
    """What is asked for, on the tuning half."""
    streets, park = edinburgh(data, "tune"), wyndham(data, "tune")
    daily = Setting("", DAILY, noise_seed, warmup_days=streets.warmup_days)
    return [
        Bounded("daily", streets, daily, 3.40, 2.4),
        Bounded("twice", streets, replace(daily, decisions=TWICE), 3.30, 0.8),
        Bounded("driving", streets, replace(daily, fleet=FLEET), None, 2.0),
        Bounded("wyndham", park, replace(daily, warmup_days=park.warmup_days), 1.30, 0.073, in_days=True),
    ]


def figures(outcome: Outcome, in_days: bool) -> tuple[Floats, Floats]:
    """Per week and bin, (bins,) each: visits, and hours of overflow or days that end full."""
    count = len(outcome.bins.names)
    visits = np.bincount([one.bin for one in outcome.counted], minlength=count) * 7 / outcome.days
    full = np.array(outcome.overflowing[24 * outcome.setting.warmup_days :])
    return visits, (full[23::24] if in_days else full).sum(0) * 7 / outcome.days


def slack(found: Floats, bound: float) -> float:
    """How many standard errors of its logarithm the mean of ``found`` (bins,) is below ``bound``."""
    mean, error = found.mean(), found.std(ddof=1) / np.sqrt(len(found))
    return float(np.log(bound / mean) / (error / mean)) if mean > 0 else float("inf")


def slacks(price: float, asked: list[Bounded]) -> Iterator[float]:
    """Of every bounded figure; prints what it rests on."""
    for one in asked:
        setting = replace(one.setting, policy=f"dure:{price:g}")
        visits, overflow = figures(simulate(one.city.bins, one.city.deposits, setting), one.in_days)
        said = [slack(overflow, one.overflow)]
        if one.visits is not None:
            said.append(slack(visits, one.visits))
        told = " ".join(f"{figure:6.2f}" for figure in said)
        print(f"{price:5.2f} {one.name:8} {visits.mean():6.2f} {overflow.mean():8.4f}   {told}", flush=True)
        yield from said


def main() -> int:
    """Print the figures of every price and the one that the rule chooses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/waste"))
    parser.add_argument("--prices", type=float, nargs="+", default=(0.25, 0.4, 0.6, 0.8, 1.0))
    parser.add_argument("--noise-seed", type=int, default=1)
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        print(f"no data at {arguments.data}", file=sys.stderr)
        return 2
    asked = settings(arguments.data, arguments.noise_seed)
    print("price setting   visits overflow   slack of overflow, of visits (standard errors)")
    least = {price: min(slacks(price, asked)) for price in arguments.prices}
    for price, worst in least.items():
        print(f"{price:5.2f}: least slack {worst:.2f}")
    print(f"chosen: {max(least, key=lambda price: least[price]):g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
