# SPDX-License-Identifier: Apache-2.0
"""Time of one half hour for many homes, the size of their state, and the same beside the machine's memory and others.

    OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/habits_speed.py [--homes 170000] [--half-hours 49]

400 made homes learn for twenty days; their states, repeated, are the homes of the city.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from numpy.typing import NDArray
from river.anomaly import HalfSpaceTrees
from sklearn.ensemble import IsolationForest

from dure.engines.habits import Watch

SEOUL_MIDNIGHT = 1_704_034_800
SLOT = 1800
DAY = 48
MADE = 400
LEARNING_DAYS = 20


def use(rng: np.random.Generator, slot: int, homes: int) -> NDArray[np.float64]:
    """Made kWh of one half hour: a refrigerator, and a person awake from 7 to 23."""
    awake = 14 <= slot % DAY < 46
    on = rng.random(homes) < (0.5 if awake else 0.03)
    return 0.03 + 0.01 * rng.random(homes) + on * rng.random(homes) * 0.4


def city(homes: int, rng: np.random.Generator) -> Watch:
    """So many homes whose habits are known."""
    made, index = Watch(MADE, "Asia/Seoul"), np.arange(MADE)
    for slot in range(LEARNING_DAYS * DAY):
        at = np.full(MADE, SEOUL_MIDNIGHT + (slot + 1) * SLOT)
        made.feed(index, at, use(rng, slot, MADE), np.full(MADE, SLOT))
    watch = Watch(homes, "Asia/Seoul")
    watch.homes.rows[:] = np.resize(made.homes.rows, homes)
    watch.meters.newest[:] = made.meters.newest[0]
    watch.budget = made.budget
    return watch


def bandwidth() -> float:
    """Bytes a second of this core for reading one place and writing another: the best of five copies of 256 MB."""
    source = np.ones(1 << 25)
    copy = np.empty_like(source)
    best = np.inf
    for _ in range(5):
        begun = time.perf_counter()
        np.copyto(copy, source)
        best = min(best, time.perf_counter() - begun)
    return 2 * source.nbytes / best


def others(rng: np.random.Generator) -> tuple[float, float]:
    """Seconds per home and half hour of river's half-space trees (score and learn) and scikit-learn's isolation
    forest (score one; learning 28 days once a day, shared out)."""
    history = np.stack([use(rng, slot, 1) for slot in range(28 * DAY)])
    trees = HalfSpaceTrees(seed=1)
    begun = time.perf_counter()
    for value in history[:500, 0]:
        trees.score_one({"use": value})
        trees.learn_one({"use": value})
    river = (time.perf_counter() - begun) / 500
    begun = time.perf_counter()
    forest = IsolationForest(random_state=1).fit(history)
    fit = time.perf_counter() - begun
    begun = time.perf_counter()
    for value in history[:20]:
        forest.score_samples(value[None])
    return river, (time.perf_counter() - begun) / 20 + fit / DAY


def main() -> int:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(description="time and size of the habit engine")
    parser.add_argument("--homes", type=int, default=170_000)
    parser.add_argument("--half-hours", type=int, default=49)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    n = options.homes
    watch, home, interval = city(n, rng), np.arange(n), np.full(n, SLOT)
    took, cpu = [], []
    for slot in range(LEARNING_DAYS * DAY, LEARNING_DAYS * DAY + options.half_hours):
        kwh, at = use(rng, slot, n), np.full(n, SEOUL_MIDNIGHT + (slot + 1) * SLOT)
        begun, worked = time.perf_counter(), time.process_time()
        watch.feed(home, at, kwh, interval)
        took.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - worked)
    state = watch.homes.nbytes
    print(f"{n:,} homes, state {state / 1e6:.1f} MB ({state // n} bytes a home)")
    median = float(np.median(took))
    print(
        f"one half hour, raw readings to levels: median {median:.3f} s (processor {np.median(cpu):.3f} s), "
        f"fastest {min(took):.3f} s, slowest {max(took):.3f} s: the first compiles or loads, midnight closes the day"
    )
    rate = bandwidth()
    touched = 2 * state + 5 * 8 * n  # the state read and written, the readings read
    least = touched / rate
    print(f"memory {rate / 1e9:.1f} GB/s: all bytes once {least:.4f} s, ours takes {median / least:.1f} times that")
    river, forest = others(rng)
    each = median / n
    print(
        f"a home and half hour: ours {each * 1e6:.2f} us, river's half-space trees {river * 1e6:.0f} us "
        f"({river / each:.0f} x), isolation forest {forest * 1e6:.0f} us ({forest / each:.0f} x)"
    )
    begun = time.perf_counter()
    data = watch.to_bytes()
    print(f"to bytes {time.perf_counter() - begun:.2f} s, {len(data) / 1e6:.1f} MB with unfinished half hours")
    return 0


if __name__ == "__main__":
    sys.exit(main())
