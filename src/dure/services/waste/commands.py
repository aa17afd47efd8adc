# SPDX-License-Identifier: Apache-2.0
"""``dure waste …``"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``dure waste simulate``, ``deposits``, ``enrol``, ``trucks``, ``influences`` and ``plan``."""
    waste = subparsers.add_parser("waste", help="스마트 수거: which bins, in which order, before they overflow")
    verbs = waste.add_subparsers(required=True, metavar="VERB")
    _register_simulate(verbs)
    _register_deposits(verbs)
    _register_enrol(verbs, "enrol", "bins and their sensors", "BINS.jsonl", _enrol_bins)
    _register_enrol(verbs, "trucks", "depots, tips and trucks", "TRUCKS.jsonl", _enrol_trucks)
    _register_enrol(verbs, "influences", "events and weather to come", "INFLUENCES.jsonl", _tell_influences)
    plan = verbs.add_parser("plan", help="the round that is on or comes next, and why; planned now if it was not yet")
    plan.set_defaults(run=_plan)


def _register_simulate(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    simulate = verbs.add_parser("simulate", help="what a policy of collection would have cost")
    simulate.add_argument(
        "deposits", type=Path, metavar="DEPOSITS.csv", help="bin,at,amount (hourly, %% of a full bin)"
    )
    simulate.add_argument("--bins", type=Path, required=True, metavar="BINS.csv", help="bin,lon,lat,volume_l")
    simulate.add_argument(
        "--policy", required=True, help="dure[:PRICE], threshold:N, calendar:mon,wed,fri, municipal:K, wouda:KM"
    )
    simulate.add_argument("--decisions", type=_hours, default=(6,), metavar="06:00[,14:00]")
    simulate.add_argument("--noise-seed", type=_whole, default=1, metavar="N")
    simulate.add_argument("--weather", type=Path, metavar="WEATHER.csv", help="at,rain_mm,celsius (hourly)")
    simulate.add_argument("--faults", action="store_true", help="sensors that fall silent, stick or spike")
    simulate.add_argument("--warmup-days", type=_whole, default=7, metavar="N", help="not in the figures (default 7)")
    simulate.add_argument("--no-routing", action="store_true", help="every chosen bin is emptied at the decision")
    simulate.add_argument("--depot", type=_place, metavar="LON,LAT", help="default: the middle of the bins")
    simulate.add_argument("--tip", type=_place, metavar="LON,LAT", help="default: the depot")
    simulate.add_argument("--trucks", type=_positive, default=4, metavar="N")
    simulate.add_argument("--out", type=Path, required=True, metavar="DIR")
    simulate.set_defaults(run=_simulate)


def _register_deposits(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    deposits = verbs.add_parser("deposits", help="rebuild what fell in from real collections")
    deposits.add_argument("collections", type=Path, metavar="COLLECTIONS.csv", help="bin,at,fill (or site,t,before)")
    deposits.add_argument("--least-collections", type=_positive, default=5, metavar="N", help="of a bin (default 5)")
    deposits.add_argument("--out", type=Path, required=True, metavar="DEPOSITS.csv")
    deposits.set_defaults(run=_deposits)


def _register_enrol(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    verb: str,
    what: str,
    file: str,
    run: Callable[[argparse.Namespace], int],
) -> None:
    enrol = verbs.add_parser(verb, help=f"enrol {what} from a file, one JSON object a line")
    enrol.add_argument("file", type=Path, metavar=file, help="what a line says: docs/waste.md")
    enrol.add_argument("--actor", default=f"command:waste-{verb}", help="who does it, for the audit chain")
    enrol.set_defaults(run=run)


def _enrol_bins(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from dure.services.waste.enrolment import enrol_file

    return _tell_enrolled(arguments.file, "수거함", "개", *enrol_file(arguments.file, actor=arguments.actor))


def _enrol_trucks(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from dure.services.waste.enrolment import enrol_trucks

    return _tell_enrolled(
        arguments.file, "차고지·하역지·차량", "줄", *enrol_trucks(arguments.file, actor=arguments.actor)
    )


def _tell_influences(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from dure.services.waste.enrolment import tell_influences

    told = tell_influences(arguments.file, actor=arguments.actor)
    return _tell_enrolled(arguments.file, "행사·날씨", "줄", *told)


def _plan(arguments: argparse.Namespace) -> int:
    import django

    django.setup()
    from dure.services.waste.actions.rounds.calendar import next_round
    from dure.services.waste.round_text import text_of

    print(text_of(next_round()))
    return 0


def _tell_enrolled(file: Path, what: str, counted: str, enrolled: int, refused: list[tuple[int, str]]) -> int:
    for line, message in refused:
        print(f"{file}:{line}: {message}", file=sys.stderr)
    print(f"등록한 {what} {enrolled}{counted}, 거절 {len(refused)}줄 / enrolled {enrolled}, refused {len(refused)}")
    return 1 if refused else 0


def _hours(text: str) -> tuple[int, ...]:
    hours = set()
    for one in text.split(","):
        if not re.fullmatch(r"([01]\d|2[0-3]):00", one):
            raise argparse.ArgumentTypeError(f"full hours as 06:00,14:00, not {one!r}")
        hours.add(int(one[:2]))
    return tuple(sorted(hours))


def _place(text: str) -> tuple[float, float]:
    try:
        lon, lat = map(float, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"LON,LAT in degrees, not {text!r}") from None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise argparse.ArgumentTypeError(f"longitude to ±180, latitude to ±90, not {text!r}")
    return lon, lat


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"a whole number from 0, not {text!r}")
    return int(text)


def _positive(text: str) -> int:
    if (number := _whole(text)) == 0:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _simulate(arguments: argparse.Namespace) -> int:
    from .closed_loop import Fleet, Setting, SettingError, TableError, read_bins, read_deposits, read_weather, simulate
    from .closed_loop.run import summary, write

    try:
        bins = read_bins(arguments.bins)
        deposits = read_deposits(arguments.deposits, bins)
        fleet = None
        if not arguments.no_routing:
            depot = arguments.depot or (float(bins.lon.mean()), float(bins.lat.mean()))
            fleet = Fleet(depot, arguments.tip or depot, arguments.trucks)
        setting = Setting(
            arguments.policy, arguments.decisions, arguments.noise_seed, arguments.faults, fleet, arguments.warmup_days
        )
        weather = read_weather(arguments.weather) if arguments.weather else None
        outcome = simulate(bins, deposits, setting, weather=weather)
    except (TableError, SettingError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    write(outcome, arguments.out)
    for name, value in summary(outcome).items():
        print(f"{name}: {value}")
    return 0


def _deposits(arguments: argparse.Namespace) -> int:
    from .closed_loop import TableError
    from .deposits import read_collections, rebuild, write_deposits

    try:
        rebuilt = rebuild(read_collections(arguments.collections), arguments.least_collections)
    except TableError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    write_deposits(rebuilt, arguments.out)
    print(f"수거함 {rebuilt.bins}개, 수거 간격 {rebuilt.intervals}개 (가득 차 추정한 것 {rebuilt.imputed}개)")
    print(f"{rebuilt.bins} bins, {rebuilt.intervals} intervals, {rebuilt.imputed} of them imputed: the bin was full")
    return 0
