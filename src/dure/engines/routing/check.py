# SPDX-License-Identifier: Apache-2.0
"""Is this plan what was asked for? Knows the problem and the plan, and nothing of how the plan was made.

Nothing here is shared with the solvers: what a solver got wrong must not be wrong here for the same reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .plan import Kind, Plan, Route, Visit
from .problem import Loads, Problem, Stop, Vehicle
from .travel import UNREACHABLE


@dataclass(frozen=True)
class Violation:
    """What is wrong, in words. ``rule``: which of the checker's; ``vehicle`` and ``stop``: where ("": nowhere)."""

    rule: str
    ko: str
    en: str
    vehicle: str = ""
    stop: str = ""

    def __str__(self) -> str:
        where = " ".join(name for name in (self.vehicle, self.stop) if name)
        return f"{where}: {self.en}" if where else self.en


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Every violation of the plan; none: it may be shown."""
    found = [*_visited(problem, plan), *_pairs(problem, plan)]
    for route in plan.routes:
        found += check_route(problem, route)
    if not any(one.rule == "unknown" for one in found):
        found += _cost(problem, plan)
    return found


def check_route(problem: Problem, route: Route) -> list[Violation]:
    """Every violation within one vehicle's route."""
    unknown = list(_unknown(problem, route))
    if unknown:
        return unknown
    vehicle = problem.vehicle_named[route.vehicle]
    return [
        *_times(problem, vehicle, route),
        *_windows(problem, vehicle, route),
        *_breaks(vehicle, route),
        *_limits(problem, vehicle, route),
        *_loads(problem, vehicle, route),
        *_may_visit(problem, vehicle, route),
    ]


def _visited(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Each stop once or left out, what must be visited not left out, each vehicle one route."""
    for name, times in Counter(route.vehicle for route in plan.routes).items():
        if times > 1:
            yield Violation("vehicle_twice", f"경로가 {times}개입니다", f"has {times} routes", vehicle=name)
    idle = problem.vehicle_named.keys() - {route.vehicle for route in plan.routes}
    for vehicle in (problem.vehicle_named[name] for name in sorted(idle)):
        if vehicle.empty_at_end and any(vehicle.on_board):
            yield Violation(
                "empty_at_end", "실은 것을 내리지 않습니다", "never unloads what it has on board", vehicle.name
            )
    visits = Counter(name for route in plan.routes for name in route.stops)
    left_out = Counter(one.stop for one in plan.left_out)
    for stop in problem.stops:
        times = visits[stop.name] + left_out[stop.name]
        if times != 1:
            yield Violation(
                "once", f"{times}번 나옵니다", f"is visited or left out {times} times, not once", stop=stop.name
            )
        if stop.prize is None and left_out[stop.name]:
            yield Violation("must", "꼭 가야 하는 곳이 빠졌습니다", "must be visited, and is left out", stop=stop.name)
    for name in left_out.keys() - problem.stop_named.keys():
        yield Violation("unknown", "그런 방문지가 없습니다", "there is no such stop", stop=name)


def _pairs(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Both of a pair in one trip, the first before the second, or neither."""
    trip_of: dict[str, tuple[str, int, int]] = {}
    for route in plan.routes:
        trip = 0
        for number, visit in enumerate(route.visits):
            trip += visit.kind is Kind.SITE
            if visit.kind is Kind.STOP:
                trip_of[visit.name] = (route.vehicle, trip, number)
    for pair in problem.pairs:
        first, second = trip_of.get(pair.first), trip_of.get(pair.second)
        if first is None and second is None:
            continue
        if first is None or second is None or first[:2] != second[:2] or first[2] > second[2]:
            yield Violation(
                "pair",
                f"{pair.first}에서 실어 같은 운행에서 여기로 와야 합니다",
                f"must come after {pair.first} in the same trip",
                stop=pair.second,
            )


def _cost(problem: Problem, plan: Plan) -> Iterator[Violation]:
    cost = sum(problem.stop_named[one.stop].prize or 0 for one in plan.left_out)
    for route in plan.routes:
        vehicle = problem.vehicle_named[route.vehicle]
        cost += vehicle.fixed_cost + vehicle.metre_cost * route.distance
        cost += vehicle.second_cost * (route.end - route.start)
    if cost != plan.cost:
        yield Violation("cost", f"비용은 {cost}입니다 ({plan.cost} 아님)", f"the cost is {cost}, not {plan.cost}")


def _unknown(problem: Problem, route: Route) -> Iterator[Violation]:
    if route.vehicle not in problem.vehicle_named:
        yield Violation("unknown", "그런 차량이 없습니다", "there is no such vehicle", vehicle=route.vehicle)
        return
    breaks = len(problem.vehicle_named[route.vehicle].breaks)
    known = {
        Kind.STOP: problem.stop_named.keys(),
        Kind.SITE: problem.site_named.keys(),
        Kind.BREAK: {str(number) for number in range(breaks)},
    }
    for visit in route.visits:
        if visit.name not in known[visit.kind]:
            yield Violation(
                "unknown", "그런 곳이 없습니다", f"there is no such {visit.kind}", route.vehicle, visit.name
            )
    if all(visit.kind is Kind.BREAK for visit in route.visits):
        yield Violation("empty", "들르는 곳이 없습니다", "goes nowhere", vehicle=route.vehicle)


def _place(problem: Problem, visit: Visit) -> int:
    named = problem.stop_named if visit.kind is Kind.STOP else problem.site_named
    return named[visit.name].place


def _times(problem: Problem, vehicle: Vehicle, route: Route) -> Iterator[Violation]:
    """Driving takes what the matrices say, services what they take, breaks lie between; the distance adds up."""
    matrices = problem.travel[vehicle.profile]
    here, left, resting, distance = vehicle.start, route.start, list[Visit](), 0
    for number, visit in enumerate(route.visits):
        if not visit.arrive <= visit.start <= visit.end:
            yield Violation("times", "시각의 순서가 틀립니다", "times run backwards", vehicle.name, visit.name)
        if visit.kind is Kind.BREAK:
            resting.append(visit)
            continue
        place = _place(problem, visit)
        driving = 0 if here is None else int(matrices.duration[here, place])
        distance += 0 if here is None else int(matrices.distance[here, place])
        yield from _leg(vehicle, left, driving, resting, visit.arrive, visit.start, visit.name)
        if visit.end != visit.start + _stays(problem, route, number):
            yield Violation("service", "머무는 시간이 틀립니다", "stays for another time", vehicle.name, visit.name)
        here, left, resting = place, visit.end, []
    if here is None or vehicle.end is None:
        driving = 0
    else:
        driving = int(matrices.duration[here, vehicle.end])
        distance += int(matrices.distance[here, vehicle.end])
    yield from _leg(vehicle, left, driving, resting, route.end, route.end, "")
    if distance != route.distance:
        en = f"the distance is {distance} m, not {route.distance}"
        yield Violation("distance", f"거리는 {distance} m입니다 ({route.distance} 아님)", en, vehicle.name)


def _stays(problem: Problem, route: Route, number: int) -> int:
    """Seconds from the service's start until leaving: at a site, the next trip may have to wait for its release."""
    visit = route.visits[number]
    if visit.kind is Kind.STOP:
        return problem.stop_named[visit.name].service
    release = 0
    for later in route.visits[number + 1 :]:
        if later.kind is Kind.SITE:
            break
        if later.kind is Kind.STOP:
            release = max(release, problem.stop_named[later.name].release)
    return max(problem.site_named[visit.name].service, release - visit.start)


def _leg(  # noqa: PLR0917
    vehicle: Vehicle, left: int, driving: int, resting: list[Visit], arrive: int, start: int, stop: str
) -> Iterator[Violation]:
    """One drive: it, and the rests that begin before it is over, last from leaving to arriving; no rest overlaps."""
    due, free = left + driving, left
    for rest in resting:
        if rest.start < due:
            due += rest.end - rest.start
        if rest.start < free or rest.end > start:
            yield Violation(
                "break", "휴게가 다른 일과 겹칩니다", "a break overlaps other work", vehicle.name, rest.name
            )
        free = rest.end
    if driving >= UNREACHABLE:
        yield Violation("no_way", "가는 길이 없습니다", "there is no way there", vehicle.name, stop)
    if arrive != due:
        yield Violation(
            "travel", f"{due}에 닿습니다 ({arrive} 아님)", f"arrives at {due}, not {arrive}", vehicle.name, stop
        )


def _windows(problem: Problem, vehicle: Vehicle, route: Route) -> Iterator[Violation]:
    """Services begin within their windows, the route lies within the shift, no trip leaves before its release."""
    for visit in route.visits:
        if visit.kind is Kind.STOP:
            windows = problem.stop_named[visit.name].windows
        elif visit.kind is Kind.SITE:
            window = problem.site_named[visit.name].window
            windows = (window,) if window else ()
        else:
            windows = (vehicle.breaks[int(visit.name)].window,)
        if windows and not any(window.start <= visit.start <= window.end for window in windows):
            yield Violation(
                "window",
                f"{visit.start}에 시작할 수 없습니다",
                f"cannot begin at {visit.start}",
                vehicle.name,
                visit.name,
            )
    if route.start < vehicle.shift.start or route.end > vehicle.shift.end or route.end < route.start:
        yield Violation("shift", "근무 시간을 벗어납니다", "is outside the shift", vehicle.name)
    for stop in _trips(problem, route)[0]:
        if stop.release > route.start:
            yield Violation(
                "release",
                "나올 때 아직 준비되지 않았습니다",
                "was not ready when the trip left",
                vehicle.name,
                stop.name,
            )


def _breaks(vehicle: Vehicle, route: Route) -> Iterator[Violation]:
    """Each break that is due once and for as long as it takes, no other twice."""
    taken = Counter(visit.name for visit in route.visits if visit.kind is Kind.BREAK)
    for visit in route.visits:
        if visit.kind is Kind.BREAK and visit.end - visit.start != vehicle.breaks[int(visit.name)].seconds:
            yield Violation("break", "휴게 길이가 틀립니다", "a break of another length", vehicle.name, visit.name)
        if visit.kind is Kind.BREAK and visit.arrive != visit.start:
            yield Violation(
                "break", "휴게는 닿는 때 시작합니다", "a break arrives when it starts", vehicle.name, visit.name
            )
    for number, rest in enumerate(vehicle.breaks):
        due = route.start < rest.window.end < route.end
        if taken[str(number)] > 1 or (due and not taken[str(number)]):
            en = f"break {number} is taken {taken[str(number)]} times"
            yield Violation("break", f"휴게 {number}: {taken[str(number)]}번", en, vehicle.name)


def _limits(problem: Problem, vehicle: Vehicle, route: Route) -> Iterator[Violation]:
    reloads = [visit for visit in route.visits if visit.kind is Kind.SITE]
    limits = (
        ("duration", vehicle.most_duration, route.end - route.start, "초 일합니다", "s on duty"),
        ("most_distance", vehicle.most_distance, route.distance, "m를 갑니다", "m driven"),
        ("most_stops", vehicle.most_stops, len(route.stops), "곳을 들릅니다", "stops"),
        ("most_reloads", vehicle.most_reloads, len(reloads), "번 내립니다", "visits to sites"),
    )
    for rule, most, value, ko, en in limits:
        if most is not None and value > most:
            yield Violation(rule, f"{value}{ko}: {most}까지", f"{value} {en}, at most {most}", vehicle.name)
    for visit in reloads:
        if visit.name not in vehicle.sites:
            yield Violation("site", "쓰지 않는 하역지입니다", "is no site of this vehicle", vehicle.name, visit.name)


def _may_visit(problem: Problem, vehicle: Vehicle, route: Route) -> Iterator[Violation]:
    for stop in (problem.stop_named[name] for name in route.stops):
        lacking = ", ".join(sorted(stop.skills - vehicle.skills))
        if lacking:
            yield Violation("skills", f"자격이 없습니다: {lacking}", f"lacks {lacking}", vehicle.name, stop.name)
        if stop.area and vehicle.areas and stop.area not in vehicle.areas:
            yield Violation(
                "area", f"맡은 구역이 아닙니다: {stop.area}", f"{stop.area} is not its area", vehicle.name, stop.name
            )
        if stop.vehicles and vehicle.name not in stop.vehicles:
            yield Violation("forbidden", "갈 수 없게 정해져 있습니다", "may not go there", vehicle.name, stop.name)


def _trips(problem: Problem, route: Route) -> list[list[Stop]]:
    """The stops of each trip: sites part them."""
    trips: list[list[Stop]] = [[]]
    for visit in route.visits:
        if visit.kind is Kind.SITE:
            trips.append([])
        elif visit.kind is Kind.STOP:
            trips[-1].append(problem.stop_named[visit.name])
    return trips


def _loads(problem: Problem, vehicle: Vehicle, route: Route) -> Iterator[Violation]:
    """Per kind of load: never above capacity, never above the day's limit, nothing left on board where so asked."""
    seconds = {pair.second for pair in problem.pairs}
    trips = _trips(problem, route)
    for kind, name in enumerate(problem.load_kinds):
        collected = _amount(vehicle.on_board, kind)
        most = _amount(vehicle.capacity, kind) if vehicle.capacity else None
        for trip in trips:
            brought = sum(_amount(stop.deliver, kind) for stop in trip if stop.name not in seconds)
            loads = [(brought + collected, "")]
            for stop in trip:
                loads.append((loads[-1][0] + _amount(stop.collect, kind) - _amount(stop.deliver, kind), stop.name))
            for load, stop_name in loads:
                if most is not None and load > most:
                    yield Violation(
                        "capacity",
                        f"{name} {load}: {most}까지",
                        f"{load} of {name} on board, at most {most}",
                        vehicle.name,
                        stop_name,
                    )
                    break
            on_board, collected = loads[-1][0], 0
        if vehicle.empty_at_end and on_board:
            yield Violation(
                "empty_at_end",
                f"{name} {on_board}을(를) 실은 채 끝납니다",
                f"ends with {on_board} of {name}",
                vehicle.name,
            )
        total = sum(_amount(stop.collect, kind) + _amount(stop.deliver, kind) for trip in trips for stop in trip)
        if vehicle.day_load and total > vehicle.day_load[kind]:
            en = f"{total} of {name} in the day, at most {vehicle.day_load[kind]}"
            yield Violation("day_load", f"하루 {name} {total}: {vehicle.day_load[kind]}까지", en, vehicle.name)


def _amount(loads: Loads, kind: int) -> int:
    return loads[kind] if loads else 0
