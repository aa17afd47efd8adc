# SPDX-License-Identifier: Apache-2.0
"""``dure simulate city | run | score``."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Subparsers = Any  # argparse keeps the type of what add_subparsers() gives private


def register(subparsers: Subparsers) -> None:
    """Add ``simulate`` and its three commands."""
    simulate = subparsers.add_parser("simulate", help="a made city that speaks the platform's doors")
    commands = simulate.add_subparsers(dest="simulate_command", required=True, metavar="city|run|score")
    _register_city(commands)


def _register_city(commands: Subparsers) -> None:
    parser = commands.add_parser("city", help="make a city: areas, homes to enrol, cameras")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--homes", type=int, default=200, help="default 200; real homes: all of the file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--areas", type=Path, metavar="FILE.geojson", help="real boundaries instead of made ones")
    parser.add_argument("--start", metavar="ISO", help="city time at which it is made (default: now)")
    parser.add_argument("--cameras", type=int, default=0, help="public devices for the map (e.g. 12500)")
    parser.add_argument("--workers", default="", metavar="NAME,NAME", help="user names of the care workers")
    parser.add_argument("--emergencies-per-day", type=float, default=1.2, help="in the whole city (default 1.2)")
    parser.add_argument("--readings", type=Path, metavar="FILE.parquet", help="real homes live in the city")
    parser.add_argument("--timezone", default="", help="of the clock in --readings (default: by its layout)")
    parser.set_defaults(run=make)


def make(arguments: argparse.Namespace) -> int:
    """``dure simulate city``."""
    from .city import CityPlan, make_city

    plan = CityPlan(
        seed=arguments.seed,
        homes=arguments.homes,
        start=_aware(arguments.start).isoformat(),
        emergencies_per_day=arguments.emergencies_per_day,
        workers=tuple(name for name in arguments.workers.split(",") if name),
        cameras=arguments.cameras,
    )
    city = make_city(arguments.folder, plan, arguments.areas)
    print(f"{arguments.folder}: {plan.homes} homes in {len(city.areas)} areas")
    return 0


def _aware(text: str | None) -> datetime:
    from .pace import Pace, real_now

    if not text:
        clock = os.environ.get("DURE_CLOCK", "")
        return datetime.fromtimestamp(Pace.parse(clock).now() if clock else real_now(), UTC)
    given = datetime.fromisoformat(text)
    if given.tzinfo is None:
        raise SystemExit(f"--start: a time with an offset is needed, e.g. 2026-11-21T09:00:00+09:00, got {text!r}")
    return given
