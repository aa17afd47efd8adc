# SPDX-License-Identifier: Apache-2.0
"""How many emptyings are seen from a bin's sensor alone, and how far the shown level is from the true one.

    python benchmarks/emptyings.py

Made bins fill by gamma-distributed deposits (8 to 60 points a day) and are emptied at an hour of their own on days on
which they are 15 to 90 % full or more. Sensors err by 3 points (sd); some frames are lost, some are spikes of any
value. About 30 CPU-seconds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

NOISE = 3.0
"""Points (sd)."""
BINS, DAYS = 150, 42
START = datetime(2026, 9, 1, tzinfo=UTC)


@dataclass
class Tally:
    """What was seen of what happened. ``large``: emptyings of bins that were 40 % full or more."""

    large: int = 0
    seen: int = 0
    false: int = 0
    errors: list[float] = field(default_factory=list)


def watch_bin(tally: Tally, number: int, every: int, lost: float, spikes: float) -> None:
    """One bin for all days, with a reading each ``every`` hours."""
    from dure.services.waste.models import Bin, BinState, Mount
    from dure.services.waste.rules import SensorRules
    from dure.services.waste.sensing import Report, take

    chance = np.random.default_rng((5, number))
    watched, state, rules = Bin(empty_mm=1200, full_mm=200, blind_mm=100, mount=Mount.LID), BinState(), SensorRules()
    rate, level = chance.uniform(8, 60), chance.uniform(0, 50)
    emptied: list[tuple[int, float]] = []
    seen: list[float] = []
    for hour in range(DAYS * 24):
        if hour % 24 == number % 24 and level >= chance.uniform(15, 90):
            emptied.append((hour, level))
            level = chance.uniform(0, 4)
        level += chance.gamma(0.3, rate / 24 / 0.3)
        if hour % every or chance.random() < lost:
            continue
        said = chance.uniform(-20, 115) if chance.random() < spikes else min(level, 102) + chance.normal(0, NOISE)
        found = take(state, watched, Report(START + timedelta(hours=hour), float(round(1200 - 10 * said))), rules)
        if found is not None:
            seen.append((found.at - START) / timedelta(hours=1))
        if state.fill is not None:
            tally.errors.append(abs(state.fill - min(100.0, level)))
    for hour, before in emptied:
        match = next((one for one in seen if 0 <= one - hour <= 3 * every), None)
        if match is not None:
            seen.remove(match)
        tally.large += before >= 40
        tally.seen += before >= 40 and match is not None
    tally.false += len(seen)


def main() -> None:
    """One line for each kind of sensor."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.web.settings")
    import django

    django.setup()
    print("| a reading every | lost | spikes | emptyings of ≥ 40 % seen | false | level off by, median | 95 % |")
    print("|---|---|---|---|---|---|---|")
    for every, lost, spikes in ((1, 0.02, 0.0), (1, 0.02, 0.02), (1, 0.3, 0.05), (4, 0.02, 0.02), (24, 0.02, 0.02)):
        tally = Tally()
        for number in range(BINS):
            watch_bin(tally, number, every, lost, spikes)
        middle, most = np.quantile(tally.errors, [0.5, 0.95])
        print(
            f"| {every} h | {lost:.0%} | {spikes:.0%} | {tally.seen} of {tally.large} ({tally.seen / tally.large:.1%}) "
            f"| {tally.false} | {middle:.1f} points | {most:.1f} |"
        )


if __name__ == "__main__":
    main()
