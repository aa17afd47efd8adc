# SPDX-License-Identifier: Apache-2.0
"""Time of one half hour for many homes, and the size of their state.

OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/habits_speed.py [--homes 170000] [--days 16]
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from dure.engines.habits import Watch

SEOUL_MIDNIGHT = 1_704_034_800
SLOT = 1800


def main() -> int:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(description="time and size of the habit engine")
    parser.add_argument("--homes", type=int, default=170_000)
    parser.add_argument("--days", type=int, default=16, help="15 at least, so that the habit is learned and used")
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    n = options.homes
    watch, home, interval = Watch(n, "Asia/Seoul"), np.arange(n), np.full(n, SLOT)
    took = []
    for slot in range(options.days * 48):
        awake = 14 <= slot % 48 < 46
        kwh = 0.03 + 0.01 * rng.random(n) + (rng.random(n) < (0.5 if awake else 0.03)) * rng.random(n) * 0.4
        begun = time.perf_counter()
        watch.feed(home, np.full(n, SEOUL_MIDNIGHT + (slot + 1) * SLOT), kwh, interval)
        took.append(time.perf_counter() - begun)
    last_day = np.array(took[-48:])
    state = watch.homes.nbytes
    print(f"{n:,} homes, state {state / 1e6:.1f} MB ({state // n} bytes a home)")
    print(
        f"one half hour, raw readings to levels: median {np.median(last_day):.3f} s, fastest {last_day.min():.3f} s, "
        f"slowest (midnight or an interruption) {last_day.max():.3f} s"
    )
    begun = time.perf_counter()
    data = watch.to_bytes()
    print(f"to bytes {time.perf_counter() - begun:.2f} s, {len(data) / 1e6:.1f} MB with unfinished half hours")
    copy = np.empty_like(watch.homes.histogram)
    begun = time.perf_counter()
    np.copyto(copy, watch.homes.histogram)
    rate = copy.nbytes / (time.perf_counter() - begun)
    print(f"memory: one copy of the histograms {rate / 1e9:.1f} GB/s; the state once through: {state / rate:.3f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
