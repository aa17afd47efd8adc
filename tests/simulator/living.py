# SPDX-License-Identifier: Apache-2.0
"""Letting a made city live within a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dure.simulator.city import City
from dure.simulator.living import RunOptions, live
from dure.simulator.memory import State
from dure.simulator.pace import Pace, moment, slot_of

from .conftest import KEYS, Platform

CITY_START = 1_795_219_200.0  # 2026-11-21 09:00 in Korea
LIVE_FROM = slot_of(CITY_START)
BACKFILL_DAYS = 2
FAST = 18_000.0
"""Ten half hours in a real second."""

WITHIN = 120.0
"""Real seconds that a condition is waited for."""


def begin(city: City) -> None:
    """The city has begun to live at CITY_START, however late the test's first process gets there."""
    state = State(city.folder)
    state.once("live_from", LIVE_FROM)
    state.close()


def options(platform: Platform, real_start: float, mqtt: str = "") -> RunOptions:
    return RunOptions(platform.url, KEYS, Pace(FAST, real_start, CITY_START), BACKFILL_DAYS, mqtt)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come"
        time.sleep(0.02)


@contextmanager
def living(city: City, given: RunOptions) -> Iterator[None]:
    stop, status = threading.Event(), [-1]
    thread = threading.Thread(target=lambda: status.__setitem__(0, live(city.folder, given, stop)))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(WITHIN)
    assert status == [0]


def text(slot: int) -> str:
    return moment(slot).strftime("%Y-%m-%dT%H:%M:%SZ")
