# SPDX-License-Identifier: Apache-2.0
"""A round's plan: what every bin is worth now, who goes there in which order, why, and what the habit would have done.

``Round.plan`` as data::

    {"made_at", "at" (from when it counts), "basis": [ko, en], "solver", "stale" (there once something it rests on has
     changed),
     "routes": {truck: {"start", "end", "metres", "waste_kind",
                        "visits": [{"kind": "stop|site|break", "name", "arrive", "start", "end"}]}},
     "left_out": [{"bin", "why": {"ko", "en"}, "chance", "full_by", "must"}],
     "reasons": {bin: {"level", "at_arrival", "chance", "full_by", "must", "worth", "prize", "litres", "wish",
                       "why": {"ko", "en"}}},
     "figures": {"metres", "stops", "minutes", "overflow_hours"}, "habit": {the same and "policy", "left_out"},
     "since": {"new", "gone", "elsewhere": [bin], "metres", "minutes"} (against the plan before; {} in the first)}

Times are ISO 8601 and aware, levels in percent, ``chance`` the probability of being full by ``full_by``, ``worth`` in
visits, ``prize`` in metres. ``overflow_hours``: expected, of all bins, until the round's ``next_at``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.city import clock, rules
from dure.city.models import ErrandStatus
from dure.engines.filling import HOURS, Choice, Price, sample_paths, value_of_going
from dure.engines.filling.paths import Paths
from dure.engines.routing import Kind, Route, Words, straight_lines
from dure.engines.routing import Sequence as Steps
from dure.services.waste import forecast
from dure.services.waste.influences import times_usual
from dure.services.waste.models import Bin, BinStatus, Round, RoundStatus, WishKind
from dure.services.waste.prizes import litres_in, prizes, usual_metres
from dure.services.waste.round_problem import BinAsk, Situation, Solved, solved, timed
from dure.services.waste.round_record import done_in, emptied_before, kind_words, steps_of, truck_days
from dure.services.waste.round_rules import WEEKDAYS, RoundRules
from dure.services.waste.travel import travel_by

HOUR = timedelta(hours=1)
ITERATIONS = 2_000
"""The search for a small round ends by these, that for a large one by its CPU seconds."""
SILENT_HOURS = 12
"""Without a believed reading for so long a reason says that it is an estimate."""
FARTHEST = 96
"""Hours from the forecast's last that a plan may lie ahead; beyond, the forecast is taken as of then."""
NEVER: Words = ("배차 담당이 가지 않기로 했습니다", "the dispatcher said not to go")
BURNING: Words = ("불이 난 듯해 사건에서 다룹니다", "it seems to burn: dealt with as a case")
DONE: Words = ("이 차수에서 이미 다녀왔습니다", "was visited in this round already")


@dataclass(frozen=True, eq=False)
class Outlook:
    """What is expected of all bins, row by row, from ``at`` on. ``wish`` and ``not_asked`` by row; ``silent``: hours
    since their sensors said anything that was believed (inf: never)."""

    at: datetime
    bins: tuple[Bin, ...]
    paths: Paths
    choice: Choice
    level: NDArray[np.float64]
    prize: NDArray[np.float64]
    silent: NDArray[np.float64]
    wish: dict[int, tuple[str, str | None]]
    not_asked: dict[int, Words]

    @cached_property
    def row(self) -> dict[str, int]:
        """Of each bin's code."""
        return {one.code: row for row, one in enumerate(self.bins)}


@dataclass(frozen=True)
class Draft:
    """A plan that the checker has passed, as data (see the module)."""

    data: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """What ``Round.plan`` holds."""
        return self.data


def draft(round_: Round, *, seconds: float | None = None, now: datetime | None = None) -> Draft:
    """Plan what is still to do of the round, from ``now`` on or from its begin. Nothing is written.

    ``seconds``: of CPU for the search (default: the city's rule). Raises RuntimeError when the engine makes what the
    checker refuses, which nobody is to see.
    """
    now = now or clock.now()
    at = max(round_.begins_at, now)
    chosen = rules.load(RoundRules, "waste")
    seconds = chosen.solve_seconds if seconds is None else seconds
    outlook = look(round_, at, chosen)
    situation = _situation(round_, outlook, chosen, _asked(outlook, chosen))
    before = steps_of(round_)
    found = solved(situation, travel_by(chosen), seconds=seconds, iterations=ITERATIONS, start=before or None)
    routes = {route.vehicle: route_data(round_, route, found.kinds) for route in found.routes}
    data = {
        "made_at": now.isoformat(),
        "at": at.isoformat(),
        "basis": _basis(outlook, found),
        "solver": found.solver,
        "routes": routes,
        "left_out": _left_out(outlook, found),
        "reasons": _reasons(round_, outlook, routes, chosen),
        "figures": figures_of(round_, outlook, routes),
        "since": _since(round_, before, found),
    }
    if round_.status == RoundStatus.DRAFT:
        data["habit"] = _habit(round_, outlook, chosen, situation, seconds)
    elif "habit" in round_.plan:
        data["habit"] = round_.plan["habit"]
    return Draft(data)


def _since(round_: Round, before: Mapping[str, Steps], found: Solved) -> dict[str, Any]:
    """What is other than in the plan before, of what was still to do in it: nothing where there was none.

    Metres and minutes are of the same trucks from the same places, by the old order and by the new one; what nobody
    asks for any more, or stood on a truck that is out, counts as not driven.
    """
    if not before:
        return {}
    had = {name: truck for truck, way in before.items() for kind, name in way if kind is Kind.STOP}
    has = {name: route.vehicle for route in found.routes for name in route.stops}
    old = [route for truck, way in before.items() if (route := _as_it_was(found, truck, way)) is not None]
    return {
        "new": sorted(has.keys() - had.keys()),
        "gone": sorted(had.keys() - has.keys()),
        "elsewhere": sorted(code for code in had.keys() & has.keys() if had[code] != has[code]),
        "metres": sum(one.distance for one in found.routes) - sum(one.distance for one in old),
        "minutes": (sum(_duration(one) for one in found.routes) - sum(_duration(one) for one in old)) // 60,
    }


def _as_it_was(found: Solved, truck: str, way: Steps) -> Route | None:
    problem = found.problem
    if problem is None or truck not in problem.vehicle_named:
        return None
    known = problem.stop_named.keys() | problem.site_named.keys()
    return timed(problem, truck, tuple(step for step in way if step[1] in known)).route


def _duration(route: Route) -> int:
    return route.end - route.start


def look(round_: Round, at: datetime, chosen: RoundRules) -> Outlook:
    """Forecast all bins for ``at`` and value going there then."""
    known = forecast.load()
    ahead = min(max(0, round((at - known.at) / HOUR)), FARTHEST)
    found = Bin.objects.select_related("area").in_bulk(known.bins)
    bins = tuple(found[pk] for pk in known.bins if pk in found)
    times = times_usual(bins, known.at, HOURS + ahead)
    paths = sample_paths(known.filling, HOURS + ahead, times=times, seed=int(at.timestamp() // 3600)).later(ahead)
    gone = emptied_before(round_, at) | {pk for _, pk, _ in forecast.collected(known.at, at)}
    empty = np.array([one.pk in gone for one in bins], dtype=bool)
    paths = Paths(np.where(empty[:, None], 0, paths.level).astype(np.float32), paths.fallen)
    choice = value_of_going(
        paths, opportunities(round_, at, chosen), Price(chosen.overflow_hour_visits, chosen.must_percent / 100)
    )
    lines = straight_lines(np.array([one.lon for one in bins]), np.array([one.lat for one in bins]), kmh=chosen.kmh)
    prize = prizes(choice.worth, usual_metres(lines.distance, chosen.stop_metres), chosen.stop_metres)
    wishes = {one.bin_id: one for one in round_.wishes.select_related("truck")}
    row = {one.pk: number for number, one in enumerate(bins)}
    wish = {row[pk]: (one.kind, one.truck.code if one.truck else None) for pk, one in wishes.items() if pk in row}
    not_asked = {row[pk]: NEVER for pk, one in wishes.items() if pk in row and one.kind == WishKind.NEVER}
    for pk, (status, ended) in done_in(round_).items():
        again = pk in wishes and wishes[pk].kind != WishKind.NEVER and wishes[pk].said_at > ended
        if pk in row and (status == ErrandStatus.DONE or not again):
            not_asked[row[pk]] = DONE
    burning = Bin.objects.filter(pk__in=row, state__status=BinStatus.BURNING).values_list("pk", flat=True)
    not_asked |= {row[pk]: BURNING for pk in burning}
    level = paths.level.mean(1).astype(np.float64)
    return Outlook(at, bins, paths, choice, level, prize, known.filling.silent + ahead, wish, not_asked)


def opportunities(round_: Round, at: datetime, chosen: RoundRules) -> list[int]:
    """Hours from ``at`` to the round's next chance and every decision after it within a week."""
    local = at.astimezone(clock.SEOUL)
    days = (local.date() + timedelta(days=number) for number in range(9))
    decisions = (
        datetime(day.year, day.month, day.day, hour, tzinfo=clock.SEOUL) for day in days for hour in chosen.decisions
    )
    times = [round_.next_at, *(one for one in decisions if one > round_.next_at)]
    hours = {max(1, ceil((one - at) / HOUR)) for one in times}
    return sorted(one for one in hours if one <= HOURS) or [HOURS]


def _asked(outlook: Outlook, chosen: RoundRules) -> list[BinAsk]:
    """The bins that may be visited: what going there is worth, and what the dispatcher said."""
    asks = []
    for row in range(len(outlook.bins)):
        truck = outlook.wish.get(row, ("", None))[1]
        must = _must(outlook, row)
        prize = round(outlook.prize[row])
        if row not in outlook.not_asked and (must or prize > 0):
            asks.append(_ask(outlook, row, chosen, None if must else prize, {truck} if truck else set()))
    return asks


def _must(outlook: Outlook, row: int) -> bool:
    wish = outlook.wish.get(row, ("", None))[0]
    return bool(outlook.choice.must[row]) or wish in (WishKind.MUST, WishKind.TRUCK)


def _ask(outlook: Outlook, row: int, chosen: RoundRules, prize: int | None, trucks: set[str]) -> BinAsk:
    one = outlook.bins[row]
    litres = litres_in(float(outlook.level[row]), one.volume_l, chosen.margin_points)
    return ask_of(one, litres, prize, frozenset(trucks))


def ask_of(one: Bin, litres: int, prize: int | None, trucks: frozenset[str] = frozenset()) -> BinAsk:
    """The bin as the routing engine wants it."""
    return BinAsk(one.code, (one.lon, one.lat), litres, one.waste_kind, one.area.code, one.narrow, prize, trucks)


def _situation(round_: Round, outlook: Outlook, chosen: RoundRules, asks: Sequence[BinAsk]) -> Situation:
    trucks, tips = truck_days(round_, outlook.at)
    return Situation(tuple(asks), tuple(trucks), tuple(tips), chosen.bin_seconds, kind_words())


def _habit(round_: Round, outlook: Outlook, chosen: RoundRules, situation: Situation, seconds: float) -> dict[str, Any]:
    """The same trucks on the same roads to the bins that the city's habit visits."""
    rows = _habit_rows(outlook, chosen)
    asks = tuple(_ask(outlook, row, chosen, None, set()) for row in rows)
    habitual = replace(situation, bins=asks)
    found = solved(habitual, travel_by(chosen), seconds=seconds / 2, iterations=ITERATIONS // 2)
    routes = {route.vehicle: route_data(round_, route, found.kinds) for route in found.routes}
    return figures_of(round_, outlook, routes) | {"policy": chosen.habit, "left_out": len(found.left)}


def _habit_rows(outlook: Outlook, chosen: RoundRules) -> list[int]:
    policy, _, value = chosen.habit.partition(":")
    everyone = [row for row in range(len(outlook.bins)) if outlook.not_asked.get(row) is not BURNING]
    if policy == "all":
        return everyone
    if policy == "threshold":
        return [row for row in everyone if outlook.level[row] >= float(value)]
    local = outlook.at.astimezone(clock.SEOUL)
    today = WEEKDAYS[local.weekday()] in value.split(",") and local.hour <= chosen.decisions[0]
    return everyone if today else []


def route_data(round_: Round, route: Route, kinds: Mapping[str, str]) -> dict[str, Any]:
    """A route of a plan as data."""
    return {
        "start": _iso(round_, route.start),
        "end": _iso(round_, route.end),
        "metres": route.distance,
        "waste_kind": kinds.get(route.vehicle, ""),
        "visits": [
            {
                "kind": visit.kind.value,
                "name": visit.name,
                "arrive": _iso(round_, visit.arrive),
                "start": _iso(round_, visit.start),
                "end": _iso(round_, visit.end),
            }
            for visit in route.visits
        ],
    }


def _iso(round_: Round, seconds: int) -> str:
    return (round_.begins_at + timedelta(seconds=seconds)).isoformat()


def figures_of(round_: Round, outlook: Outlook, routes: Mapping[str, Any]) -> dict[str, Any]:
    """Metres, stops, minutes on the road, and the overflow-hours of all bins that are to be expected until the next
    chance, if these routes' stops are visited when they say."""
    until = _until(round_, outlook)
    overflow = outlook.paths.overflow_hours(until, _emptied(outlook, routes, until))
    spans = [datetime.fromisoformat(one["end"]) - datetime.fromisoformat(one["start"]) for one in routes.values()]
    return {
        "metres": sum(one["metres"] for one in routes.values()),
        "stops": sum(visit["kind"] == Kind.STOP for one in routes.values() for visit in one["visits"]),
        "minutes": sum(spans, timedelta()) // timedelta(minutes=1),
        "overflow_hours": round(float(overflow.sum()), 2),
    }


def _until(round_: Round, outlook: Outlook) -> int:
    """Hours to the next chance."""
    return min(max(1, ceil((round_.next_at - outlook.at) / HOUR)), HOURS)


def _emptied(outlook: Outlook, routes: Mapping[str, Any], never: int) -> NDArray[np.int64]:
    """(bins,): in which hour from the outlook's time each is emptied; ``never`` for the others."""
    hours = np.full(len(outlook.bins), never, dtype=np.int64)
    for route in routes.values():
        for visit in route["visits"]:
            if visit["kind"] == Kind.STOP and visit["name"] in outlook.row:
                ended = datetime.fromisoformat(visit["end"])
                hours[outlook.row[visit["name"]]] = min(max(0, ceil((ended - outlook.at) / HOUR)), never)
    return hours


def _basis(outlook: Outlook, found: Solved) -> list[str]:
    at = f"{outlook.at.astimezone(clock.SEOUL):%m-%d %H:%M}"
    ko, en = [f"{at}의 예측으로 세웠습니다"], [f"made from what is forecast for {at}"]
    for one in found.said:
        ko.append(one[0])
        en.append(one[1])
    return ["; ".join(ko), "; ".join(en)]


def _left_out(outlook: Outlook, found: Solved) -> list[dict[str, Any]]:
    """Who is not visited though going there would be worth something: the most urgent first."""
    rows = {outlook.row[code]: why for code, why in found.left.items()}
    for row, why in outlook.not_asked.items():
        if why is not DONE and bool(outlook.choice.must[row]):
            rows[row] = why
    ordered = sorted(rows, key=lambda row: (not _must(outlook, row), -outlook.choice.chance[row]))
    return [
        {"bin": outlook.bins[row].code, "why": {"ko": rows[row][0], "en": rows[row][1]}, "must": _must(outlook, row)}
        | _full_by(outlook, row)
        for row in ordered
    ]


def _full_by(outlook: Outlook, row: int) -> dict[str, Any]:
    at = outlook.at + float(outlook.choice.full_in[row]) * HOUR
    return {"chance": round(float(outlook.choice.chance[row]), 3), "full_by": at.isoformat()}


def _reasons(round_: Round, outlook: Outlook, routes: Mapping[str, Any], chosen: RoundRules) -> dict[str, Any]:
    emptied = _emptied(outlook, routes, _until(round_, outlook))
    reasons = {}
    for row, one in enumerate(outlook.bins):
        at = int(emptied[row])
        fallen = outlook.paths.fallen[row, :, at - 1].mean() if at else 0.0
        full_by = _full_by(outlook, row)
        wish, truck = outlook.wish.get(row, ("", None))
        level = float(outlook.level[row])
        reasons[one.code] = full_by | {
            "level": round(level, 1),
            "at_arrival": round(level + float(fallen), 1),
            "must": _must(outlook, row),
            "worth": round(float(outlook.choice.worth[row]), 2),
            "prize": round(float(outlook.prize[row])),
            "litres": litres_in(level, one.volume_l, chosen.margin_points),
            "wish": wish,
            "why": _why(outlook, row, wish, truck),
        }
    return reasons


def _why(outlook: Outlook, row: int, wish: str, truck: str | None) -> dict[str, str]:
    """As the dispatcher reads it: ``15시까지 찰 확률 82 %``."""
    by = (outlook.at + float(outlook.choice.full_in[row]) * HOUR).astimezone(clock.SEOUL)
    same_day = by.date() == outlook.at.astimezone(clock.SEOUL).date()
    chance = round(100 * float(outlook.choice.chance[row]))
    ko = f"{by.hour}시까지 찰 확률 {chance} %" if same_day else f"{by:%m-%d} {by.hour}시까지 찰 확률 {chance} %"
    en = f"full by {by:%H:%M} with {chance} %" if same_day else f"full by {by:%m-%d %H:%M} with {chance} %"
    parts = [(ko, en)]
    if wish:
        said = {
            WishKind.MUST: ("배차 담당이 꼭 가라고 함", "the dispatcher said to go"),
            WishKind.TRUCK: (f"배차 담당이 {truck}에 맡김", f"the dispatcher gave it to {truck}"),
            WishKind.NEVER: NEVER,
        }
        parts.insert(0, said[WishKind(wish)])
    if not outlook.silent[row] < SILENT_HOURS:
        parts.append(("감지기가 말이 없어 짐작한 값", "its sensor is silent: an estimate"))
    return {"ko": "; ".join(one[0] for one in parts), "en": "; ".join(one[1] for one in parts)}
