# SPDX-License-Identifier: Apache-2.0
"""The score for people (a table) and for programs (JSON); and where its parts come from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .city import load_city
from .complaints.scoring import ComplaintScore, Judged, score_complaints
from .doors import HttpDoor
from .emergencies import SILENT_KINDS
from .fall_scoring import FallScore, Told, score_falls
from .memory import Truth
from .residents import meter_code
from .scoring import ALARM_KINDS, METER_KINDS, REASONS, WITHIN_HOURS, CaseLine, Score, quantile, score
from .waste.bins import bin_code
from .waste.living import FULL
from .waste.scoring import WasteScore, WasteTold, score_waste

KINDS = tuple(kind.name.lower() for kind in SILENT_KINDS)


def cases_of(url: str, key: str, since: datetime) -> list[CaseLine]:
    """What the platform says became of the cases opened since then. Raises DoorClosed."""
    with closing(HttpDoor(url, key)) as door:
        answer = door.get("/care/cases", {"since": since.isoformat()})
    return [CaseLine.read(line) for line in answer["cases"]]


def told_of(url: str, key: str, since: datetime) -> list[Told]:
    """What the platform was told by devices on people's bodies since then. Raises DoorClosed."""
    with closing(HttpDoor(url, key)) as door:
        answer = door.get("/monitoring/told", {"since": since.isoformat()})
    return [Told.read(line) for line in answer["told"]]


def waste_of(url: str, key: str, since: datetime) -> WasteTold:
    """What the platform noticed of the bins since then. Raises DoorClosed."""
    with closing(HttpDoor(url, key)) as door:
        return WasteTold.read(door.get("/waste/told", {"since": since.isoformat()}))


def complaints_of(url: str, key: str, since: datetime) -> list[Judged]:
    """What the platform made of the complaints received since then. Raises DoorClosed."""
    with closing(HttpDoor(url, key)) as door:
        answer = door.get("/complaints/told", {"since": since.isoformat()})
    return [Judged.read(line) for line in answer["complaints"]]


@dataclass(frozen=True)
class Answers:
    """What the platform's doors say of what it did; ``waste`` and ``complaints``: None where nothing is said of bins,
    nothing of the desk."""

    cases: list[CaseLine]
    told: list[Told]
    waste: WasteTold | None
    complaints: list[Judged] | None = None


def answers_in(path: Path) -> Answers:
    """From a file that holds the doors' answers. Raises KeyError or ValueError for another form."""
    held = json.loads(path.read_text(encoding="utf-8"))
    return Answers(
        [CaseLine.read(line) for line in held["cases"]],
        [Told.read(line) for line in held.get("told", [])],
        WasteTold.read(held["waste"]) if "waste" in held else None,
        [Judged.read(line) for line in held["complaints"]] if "complaints" in held else None,
    )


def lived(folder: Path) -> tuple[datetime, datetime]:
    """When live life began and until when the truth is known. Raises ValueError when the city never lived."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: there is no such folder")
    truth = Truth(folder)
    began, known = truth.when("began"), truth.when("known")
    truth.close()
    if began is None or known is None:
        raise ValueError(f"{folder}: this city has not lived yet (dure simulate run)")
    return began, known


def judge(folder: Path, cases: Sequence[CaseLine], since: datetime, until: datetime) -> Score:
    """The score of a city in ``folder`` between two times."""
    city, truth = load_city(folder), Truth(folder)
    areas = city.residents.area
    area_of = {meter_code(home): city.areas[areas[home]].code for home in range(len(areas))}
    events, calls = truth.events(), truth.calls()
    truth.close()
    return score(events, cases, homes=len(areas), since=since, until=until, area_of=area_of, calls=calls)


def judge_falls(folder: Path, told: Sequence[Told], since: datetime, until: datetime) -> FallScore:
    """The score of a city's falls between two times."""
    truth = Truth(folder)
    events = truth.events()
    truth.close()
    return score_falls(events, told, since, until)


def judge_waste(folder: Path, told: WasteTold, since: datetime, until: datetime) -> WasteScore:
    """The score of a city's bins between two times, as far as their truth is known."""
    city, truth = load_city(folder), Truth(folder)
    area_of = {bin_code(at): city.areas[area].code for at, area in enumerate(city.bins.area)}
    until = min(until, truth.when("bins known") or since)
    events, hours = truth.events(), truth.bin_hours(since, until, FULL)
    truth.close()
    return score_waste(events, hours, told, since=since, until=until, area_of=area_of)


def judge_complaints(folder: Path, told: Sequence[Judged], since: datetime, until: datetime) -> ComplaintScore:
    """The score of a city's complaint desk between two times."""
    truth = Truth(folder)
    said = truth.said(since, until)
    truth.close()
    return score_complaints(said, told)


def falls_as_json(falls: FallScore) -> dict[str, Any]:
    """Falls, how many were found, and after how many seconds of city time."""
    return {
        "fell": falls.felt + falls.missed,
        "felt_by_device": falls.felt,
        "found": len(falls.seconds),
        "median_seconds": quantile(falls.seconds, 0.5),
        "p90_seconds": quantile(falls.seconds, 0.9),
        "asked": len(falls.asked_seconds),
        "asked_median_seconds": quantile(falls.asked_seconds, 0.5),
        "asked_p90_seconds": quantile(falls.asked_seconds, 0.9),
        "false": falls.false,
    }


def falls_as_line(falls: FallScore) -> str:
    """One line for a terminal."""
    found, asked = falls.seconds, falls.asked_seconds
    return (
        f"falls: {falls.felt + falls.missed} ({falls.felt} felt by a device), {len(found)} found after "
        f"{_seconds(quantile(found, 0.5))} (p90 {_seconds(quantile(found, 0.9))}), somebody asked to go for "
        f"{len(asked)} after {_seconds(quantile(asked, 0.5))} (p90 {_seconds(quantile(asked, 0.9))}); "
        f"{falls.false} false"
    )


def as_json(result: Score) -> dict[str, Any]:
    """Everything the table says, and each emergency alone."""
    return {
        "since": result.since.isoformat(),
        "until": result.until.isoformat(),
        "home_days": round(result.home_days, 2),
        "emergencies": {name or "all": _found(result, name) for name in ("", *KINDS)},
        "each": [
            {
                "device": one.emergency.subject,
                "kind": one.emergency.detail,
                "began_at": one.emergency.begins_at.isoformat(),
                "found_after_hours": one.hours,
                "followed_hours": one.followed_hours,
            }
            for one in result.found
        ],
        "false_alarms": dict(result.false_alarms),
        "false_alarms_per_1000_home_days": result.per_1000(result.false_alarms.total()),
        "outside_true_absences_per_1000_home_days": result.per_1000(_plain(result)),
        "false_alarms_by_level": {str(level): count for level, count in result.false_alarms_by_level.items()},
        "cases": {
            "opened": result.cases.total(),
            "by_kind": dict(result.cases),
            "acknowledged": result.acknowledged,
            "closed": result.closed,
        },
        "outcomes": dict(result.outcomes),
        "data_faults": {
            kind: {"true": true, "seen": result.data_faults[kind]} for kind, true in result.data_faults_true.items()
        },
        "calls": result.calls,
    }


def _found(result: Score, kind: str) -> dict[str, Any]:
    delays = result.delays(kind)
    found: dict[str, Any] = {
        "began": sum(kind in ("", one.emergency.detail) for one in result.found),
        "found": len(delays),
        "median_hours": quantile(delays, 0.5),
        "p90_hours": quantile(delays, 0.9),
    }
    for hours in WITHIN_HOURS:
        within, watched = result.within(hours, kind)
        found[f"within_{hours}_h"] = {"found": within, "of": watched}
    return found


def _plain(result: Score) -> int:
    return result.false_alarms.total() - result.false_alarms["trip"]


def as_table(result: Score) -> str:
    """Lines for a terminal."""
    lines = [
        f"{result.since:%Y-%m-%d %H:%M} .. {result.until:%Y-%m-%d %H:%M} UTC, {result.home_days:,.1f} home-days",
        "",
    ]
    head = "".join(f"{f'<= {hours} h':>10}" for hours in WITHIN_HOURS)
    lines.append(f"{'emergencies':<12}{'began':>7}{'found':>7}{'median':>9}{'p90':>9}{head}")
    for kind in ("", *KINDS):
        one = _found(result, kind)
        within = "".join(f"{_share(one[f'within_{hours}_h']):>10}" for hours in WITHIN_HOURS)
        delays = f"{_hours(one['median_hours']):>9}{_hours(one['p90_hours']):>9}"
        lines.append(f"{kind or 'all':<12}{one['began']:>7}{one['found']:>7}{delays}{within}")
    lines += ["", "false alarms (alarms at homes without an emergency) per 1,000 home-days, and how many"]
    for name, count in (
        ("all", result.false_alarms.total()),
        *((f"really: {reason}", result.false_alarms[reason]) for reason in REASONS),
        *((f"level {level}", count) for level, count in sorted(result.false_alarms_by_level.items())),
    ):
        rate = result.per_1000(count)
        lines.append(f"  {name:<20}{'-' if rate is None else f'{rate:.1f}':>8}  ({count})")
    opened, alarms = result.cases, sum(result.cases[kind] for kind in ALARM_KINDS)
    meters = sum(result.cases[kind] for kind in METER_KINDS)
    lines += ["", f"cases: {opened.total()} opened, {result.acknowledged} acknowledged, {result.closed} closed"]
    lines.append(
        f"  {alarms} alarms (homes unlike themselves), {meters} about meters and their data, "
        f"{opened.total() - alarms - meters} others ({_counts(opened)})"
    )
    lines.append(f"outcomes: {_counts(result.outcomes)}")
    lines.append(f"calls: {_counts(result.calls)}")
    seen = {kind: f"{result.data_faults[kind]} of {true}" for kind, true in sorted(result.data_faults_true.items())}
    lines.append(f"data faults with a case about the meter: {_counts(seen)}")
    return "\n".join(lines)


def _share(within: dict[str, int]) -> str:
    return f"{within['found']}/{within['of']}" if within["of"] else "-"


def _hours(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} h"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} s"


def _counts(counts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
