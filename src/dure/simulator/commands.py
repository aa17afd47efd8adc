# SPDX-License-Identifier: Apache-2.0
"""``dure simulate city | run | dispatch | score``."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .report import Answers

Subparsers = Any  # argparse keeps the type of what add_subparsers() gives private


def register(subparsers: Subparsers) -> None:
    """Add ``simulate`` and its commands."""
    simulate = subparsers.add_parser("simulate", help="a made city that speaks the platform's doors")
    commands = simulate.add_subparsers(dest="simulate_command", required=True, metavar="city|run|dispatch|score")
    _register_city(commands)
    _register_run(commands)
    _register_dispatch(commands)
    _register_score(commands)


def _register_city(commands: Subparsers) -> None:
    parser = commands.add_parser("city", help="make a city: areas, homes and bins to enrol, cameras")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--homes", type=int, default=200, help="default 200; real homes: all of the file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--areas", type=Path, metavar="FILE.geojson", help="real boundaries instead of made ones")
    parser.add_argument("--start", metavar="ISO", help="city time at which it is made (default: now)")
    parser.add_argument("--cameras", type=int, default=0, help="public devices for the map (e.g. 12500)")
    parser.add_argument("--bins", type=int, help="with fill sensors (default: one for ten homes, 24 to 1000)")
    parser.add_argument("--complaints-per-day", type=float, help="at the desk (default 40, more in a large city)")
    parser.add_argument("--workers", default="", metavar="NAME,NAME", help="user names of the care workers")
    parser.add_argument("--emergencies-per-day", type=float, help="in the whole city (default 1.2)")
    parser.add_argument("--falls-per-day", type=float, help="among those who wear a device (default 1)")
    parser.add_argument("--readings", type=Path, metavar="FILE.parquet", help="real homes live in the city")
    parser.add_argument("--timezone", default="", help="of the clock in --readings (default: by its layout)")
    parser.set_defaults(run=make)


def _register_run(commands: Subparsers) -> None:
    parser = commands.add_parser("run", help="let a city live: it speaks to the doors until it is stopped")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--url", required=True, help="of the platform, e.g. http://127.0.0.1:8000")
    parser.add_argument("--keys", type=Path, required=True, metavar="FILE", help='JSON {"ami": key, "telecom": …}')
    parser.add_argument("--clock", default=os.environ.get("DURE_CLOCK", ""), metavar="SPEED@REAL=CITY")
    parser.add_argument("--backfill-days", type=int, default=35, help="of history before the start (default 35)")
    parser.add_argument("--mqtt", default="", metavar="HOST:PORT", help="send live meter readings by MQTT")
    parser.add_argument("--mqtt-ca", default="", metavar="FILE", help="certificate of the broker's authority (TLS)")
    parser.add_argument("--max-per-second", type=float, default=20_000, help="readings a feed, real seconds")
    parser.set_defaults(run=run)


def _register_dispatch(commands: Subparsers) -> None:
    parser = commands.add_parser("dispatch", help="a made 119 that takes what is handed over (DURE_119_URL)")
    parser.add_argument("--listen", required=True, metavar="HOST:PORT", help="e.g. 127.0.0.1:8119")
    parser.set_defaults(run=dispatch)


def _register_score(commands: Subparsers) -> None:
    parser = commands.add_parser("score", help="compare what the platform did with the truth")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--url", help="of the platform")
    parser.add_argument("--keys", type=Path, metavar="FILE", help='JSON with the key of the feed "statistics"')
    parser.add_argument("--cases", type=Path, metavar="FILE", help="what the doors answered earlier, instead of --url")
    parser.add_argument("--until", metavar="ISO", help="judge up to here (default: until the truth is known)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.set_defaults(run=score)


def make(arguments: argparse.Namespace) -> int:
    """``dure simulate city``."""
    from .city import EMERGENCIES_PER_DAY, CityPlan, make_city, real_plan, usual_complaints
    from .emergencies import FALLS_PER_DAY
    from .waste.bins import usual_count

    per_day: float | None = arguments.emergencies_per_day
    falls: float | None = arguments.falls_per_day
    plan = CityPlan(
        seed=arguments.seed,
        homes=arguments.homes,
        start=_aware("--start", arguments.start).isoformat(),
        emergencies_per_day=EMERGENCIES_PER_DAY if per_day is None else per_day,
        readings=str(arguments.readings.resolve()) if arguments.readings else "",
        timezone=arguments.timezone,
        workers=tuple(name for name in arguments.workers.split(",") if name),
        cameras=arguments.cameras,
        falls_per_day=FALLS_PER_DAY if falls is None else falls,
    )
    try:
        plan = real_plan(plan) if plan.readings else plan
        given = arguments.bins, arguments.complaints_per_day
        bins, complaints = usual_count(plan.homes), usual_complaints(plan.homes)
        plan = replace(
            plan,
            bins=bins if given[0] is None else given[0],
            complaints_per_day=complaints if given[1] is None else given[1],
        )
        city = make_city(arguments.folder, plan, arguments.areas)
    except (ValueError, OSError) as error:
        print(f"dure simulate city: {error}", file=sys.stderr)
        return 2
    print(f"{arguments.folder}: {city.plan.homes} homes and {len(city.bins)} bins in {len(city.areas)} areas")
    return 0


def run(arguments: argparse.Namespace) -> int:
    """``dure simulate run``."""
    import threading

    from .living import RunOptions, live, read_keys, stop_on_signals
    from .pace import Pace

    stop = threading.Event()
    stop_on_signals(stop)
    try:
        options = RunOptions(
            url=arguments.url,
            keys=read_keys(arguments.keys),
            pace=Pace.parse(arguments.clock) if arguments.clock else Pace(),
            backfill_days=arguments.backfill_days,
            mqtt=arguments.mqtt,
            mqtt_ca=arguments.mqtt_ca,
            per_second=arguments.max_per_second,
        )
        return live(arguments.folder, options, stop)
    except (ValueError, OSError) as error:
        print(f"dure simulate run: {error}", file=sys.stderr)
        return 2


def dispatch(arguments: argparse.Namespace) -> int:
    """``dure simulate dispatch``."""
    import threading

    from .dispatch import DispatchCentre
    from .living import stop_on_signals

    host, _, port = arguments.listen.rpartition(":")
    stop = threading.Event()
    stop_on_signals(stop)
    try:
        DispatchCentre((host, int(port))).run(stop)
    except (ValueError, OSError, OverflowError) as error:
        print(f"dure simulate dispatch: --listen: {error}", file=sys.stderr)
        return 2
    return 0


def score(arguments: argparse.Namespace) -> int:
    """``dure simulate score``."""
    import json

    from . import report
    from .complaints.scoring import complaints_as_json, complaints_as_lines
    from .doors import DoorClosed
    from .waste.scoring import waste_as_json, waste_as_lines

    folder: Path = arguments.folder
    try:
        began, known = report.lived(folder)
        until = _aware("--until", arguments.until) if arguments.until else known
        answers = _answers(arguments, began)
        result = report.judge(folder, answers.cases, began, until)
        falls = report.judge_falls(folder, answers.told, began, until)
        waste = report.judge_waste(folder, answers.waste, began, until) if answers.waste else None
        desk = report.judge_complaints(folder, answers.complaints, began, until) if answers.complaints else None
    except (ValueError, KeyError, OSError, DoorClosed) as error:
        print(f"dure simulate score: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        said = report.as_json(result) | {"falls": report.falls_as_json(falls)}
        said |= {"waste": waste_as_json(waste)} if waste else {}
        said |= {"complaints": complaints_as_json(desk)} if desk else {}
        print(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        parts = [waste_as_lines(waste)] if waste else []
        parts += [complaints_as_lines(desk)] if desk else []
        print(report.as_table(result), report.falls_as_line(falls), *parts, sep="\n")
    return 0


def _answers(arguments: argparse.Namespace, since: datetime) -> Answers:
    from .city import load_city
    from .living import read_keys
    from .report import Answers, answers_in, cases_of, complaints_of, told_of, waste_of

    if arguments.cases:
        return answers_in(arguments.cases)
    if not arguments.url or not arguments.keys:
        raise ValueError("--url and --keys, or --cases, are needed")
    keys = read_keys(arguments.keys)
    if "statistics" not in keys:
        raise ValueError(f"{arguments.keys}: no key of a feed 'statistics'")
    url, key, city = arguments.url, keys["statistics"], load_city(arguments.folder)
    waste = waste_of(url, key, since) if len(city.bins) else None
    complaints = complaints_of(url, key, since) if city.plan.complaints_per_day else None
    return Answers(cases_of(url, key, since), told_of(url, key, since), waste, complaints)


def _aware(option: str, text: str | None) -> datetime:
    from .pace import Pace, real_now

    if not text:
        clock = os.environ.get("DURE_CLOCK", "")
        return datetime.fromtimestamp(Pace.parse(clock).now() if clock else real_now(), UTC)
    given = datetime.fromisoformat(text)
    if given.tzinfo is None:
        raise SystemExit(f"{option}: a time with an offset is needed, e.g. 2026-11-21T09:00:00+09:00, got {text!r}")
    return given
