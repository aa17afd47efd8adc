# SPDX-License-Identifier: Apache-2.0
"""A ``Problem`` in PyVRP's words, and PyVRP's solutions in ours.

What PyVRP has no word for is put differently: several windows of one stop are a group of clients of which one is
visited; forbidden stops lie beyond reach; a vehicle that must end empty ends at a made-up place that is reached through
its nearest site; breaks that all vehicles share are cut out of the clock; a day's load is a limit on trips. What that
gets wrong is caught by the checker afterwards and mended by ``insertion``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence as Several
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp import Activity, ActivityType

from .plan import Kind
from .problem import Loads, Problem, Stop, Vehicle, Window
from .sites import with_last_site
from .timetable import Sequence
from .travel import UNREACHABLE

FOREVER = 1 << 44
"""PyVRP's own largest value of a matrix; as a time, later than any."""

WASTED_AT_MOST = 0.85
"""Of a day's limit, that full trips must use; where they leave more of it, trips are smaller and one more."""

Matrix = NDArray[np.int64]


@dataclass
class Translation:
    """PyVRP's data, and what its numbers stand for in the problem."""

    problem: Problem
    data: pyvrp.ProblemData
    client_stop: list[str]
    """Stop of each client."""
    depot_site: list[str]
    """Site of each depot; "" for where vehicles start and end."""
    type_vehicles: list[list[str]]
    """Vehicles of each vehicle type."""
    end_sites: list[bool]
    """Of each vehicle type: whether its end place stands for a site on the way home."""

    def sequences(self, solution: pyvrp.Solution) -> dict[str, Sequence]:
        """Stops and sites in order by vehicle; the last site of whoever must end empty is chosen for the distance."""
        free = {number: list(names) for number, names in enumerate(self.type_vehicles)}
        found = dict[str, Sequence]()
        for route in solution.routes():
            kind = route.vehicle_type()
            vehicle = self.problem.vehicle_named[free[kind].pop(0)]
            sequence = tuple(step for activity in route for step in self._step(activity))
            if self.end_sites[kind] and sequence:
                sequence = with_last_site(self.problem, vehicle, sequence)
            found[vehicle.name] = sequence
        return found

    def _step(self, activity: Activity) -> Sequence:
        if activity.is_client():
            return ((Kind.STOP, self.client_stop[activity.idx]),)
        if activity.is_depot():
            site = self.depot_site[activity.idx]
            return ((Kind.SITE, site),) if site else ()
        pair = self.problem.pairs[activity.idx]
        return ((Kind.STOP, pair.first if activity.is_pickup() else pair.second),)

    def solution(self, sequences: dict[str, Sequence]) -> pyvrp.Solution:
        """PyVRP's solution of such sequences, for a warm start; it need not be feasible, nor complete."""
        clients = defaultdict[str, list[int]](list)
        for number, name in enumerate(self.client_stop):
            clients[name].append(number)
        depots = {site: number for number, site in enumerate(self.depot_site) if site}
        pairs = {name: number for number, pair in enumerate(self.problem.pairs) for name in (pair.first, pair.second)}
        routes = []
        for number, names in enumerate(self.type_vehicles):
            for name in names:
                steps = list(sequences.get(name, ()))
                while steps and steps[-1][0] is Kind.SITE:
                    steps.pop()
                if steps:
                    route = [self._activity(step, clients, depots, pairs) for step in steps]
                    routes.append(pyvrp.Route(self.data, route, number))
        return pyvrp.Solution(self.data, routes)

    def _activity(
        self, step: tuple[Kind, str], clients: dict[str, list[int]], depots: dict[str, int], pairs: dict[str, int]
    ) -> Activity:
        kind, name = step
        if kind is Kind.SITE:
            return Activity(ActivityType.DEPOT, depots[name])
        if name in pairs:
            first = self.problem.pairs[pairs[name]].first == name
            return Activity(ActivityType.PICKUP if first else ActivityType.DELIVERY, pairs[name])
        return Activity(ActivityType.CLIENT, clients[name][0])


@dataclass(frozen=True)
class Clock:
    """Time without the breaks: a moment within a break is the break's start. ``cuts``: (begin, seconds), in order."""

    cuts: tuple[tuple[int, int], ...] = ()

    def __call__(self, moment: int) -> int:
        """The moment on the shortened clock."""
        return moment - sum(min(max(0, moment - begin), seconds) for begin, seconds in self.cuts)


def common_breaks(problem: Problem) -> Clock:
    """A clock without the breaks that all vehicles have; each is supposed to begin in the middle of its window."""
    first = problem.vehicles[0].breaks
    if any(vehicle.breaks != first for vehicle in problem.vehicles):
        return Clock()
    return Clock(tuple(sorted(((one.window.start + one.window.end) // 2, one.seconds) for one in first)))


@dataclass
class _Places:
    """PyVRP's locations: the problem's places first, then copies of sites, then made-up ends."""

    problem: Problem
    origin: list[int] = field(default_factory=list)
    made_up: list[tuple[int, Vehicle | None]] = field(default_factory=list)
    """Location and, for an end through sites, a vehicle that ends so; None: anywhere, for open starts and ends."""

    def __post_init__(self) -> None:
        self.origin = list(range(next(iter(self.problem.travel.values())).places))

    def copy(self, place: int) -> int:
        self.origin.append(place)
        return len(self.origin) - 1

    def invent(self, vehicle: Vehicle | None) -> int:
        self.made_up.append((self.copy(0), vehicle))
        return len(self.origin) - 1

    def matrices(self, profile: str, sites: dict[str, int]) -> tuple[Matrix, Matrix]:
        """Distance and duration over all locations."""
        travel = self.problem.travel[profile]
        index = np.ix_(self.origin, self.origin)
        distance, duration = travel.distance[index], travel.duration[index]
        for location, vehicle in self.made_up:
            for matrix in (distance, duration):
                matrix[location, :] = matrix[:, location] = 0
            if vehicle is None:
                continue
            reached = [self._through(distance, duration, sites[name], name, vehicle) for name in vehicle.sites]
            best = np.argmin([metres for metres, _ in reached], axis=0)
            every = np.arange(len(best))
            distance[:, location] = np.stack([metres for metres, _ in reached])[best, every]
            duration[:, location] = np.stack([seconds for _, seconds in reached])[best, every]
            for name, site in sites.items():
                if name in vehicle.sites:
                    distance[site, location] = 0 if vehicle.end is None else distance[site, vehicle.end]
                    duration[site, location] = 0 if vehicle.end is None else duration[site, vehicle.end]
            distance[location, location] = duration[location, location] = 0
        return distance, duration

    def _through(
        self, distance: Matrix, duration: Matrix, site: int, name: str, vehicle: Vehicle
    ) -> tuple[Matrix, Matrix]:
        home = (0, 0) if vehicle.end is None else (distance[site, vehicle.end], duration[site, vehicle.end])
        service = self.problem.site_named[name].service
        return distance[:, site] + home[0], duration[:, site] + home[1] + service


def translate(problem: Problem, clock: Clock) -> Translation:
    """PyVRP's data for ``problem``, whose times are read off ``clock``."""
    places = _Places(problem)
    sites = {site.name: places.copy(site.place) for site in problem.sites}
    stop_at = _stop_locations(problem, places)
    depots = [
        pyvrp.Depot(
            sites[site.name],
            clock(site.window.start) if site.window else 0,
            clock(site.window.end) if site.window else FOREVER,
            site.service,
        )
        for site in problem.sites
    ]
    depot_site = [site.name for site in problem.sites]
    clients, client_stop, groups = _clients(problem, clock, stop_at)
    types, type_vehicles, end_sites, profiles = _vehicle_types(problem, clock, places, depots, depot_site)
    matrices: list[Any] = [
        _matrices(places, sites, profile, [stop_at[name] for name in forbidden]) for profile, forbidden in profiles
    ]
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in places.origin],
        clients,
        depots,
        types,
        [distance for distance, _ in matrices],
        [duration for _, duration in matrices],
        groups,
        [_shipment(problem, number, clock, stop_at) for number in range(len(problem.pairs))],
    )
    return Translation(problem, data, client_stop, depot_site, type_vehicles, end_sites)


def _clients(
    problem: Problem, clock: Clock, stop_at: dict[str, int]
) -> tuple[list[pyvrp.Client], list[str], list[pyvrp.ClientGroup]]:
    clients, client_stop, groups = list[pyvrp.Client](), list[str](), list[pyvrp.ClientGroup]()
    nothing = [0] * len(_dimensions(problem))
    for stop in problem.stops:
        if stop.name in problem.partner:
            continue
        windows = stop.windows or (Window(0, FOREVER),)
        group = len(groups) if len(windows) > 1 else None
        if group is not None:
            numbers = list(range(len(clients), len(clients) + len(windows)))
            groups.append(pyvrp.ClientGroup(numbers, required=stop.prize is None))
        for window in windows:
            client_stop.append(stop.name)
            clients.append(
                pyvrp.Client(
                    stop_at[stop.name],
                    delivery=[*stop.deliver, 0][: len(nothing)] if any(stop.deliver) else nothing,
                    pickup=_carried(problem, stop.collect),
                    service_duration=stop.service,
                    tw_early=clock(window.start),
                    tw_late=clock(window.end),
                    release_time=clock(stop.release),
                    prize=stop.prize or 0,
                    required=stop.prize is None and group is None,
                    group=group,
                )
            )
    return clients, client_stop, groups


def _dimensions(problem: Problem) -> tuple[str, ...]:
    """The load kinds, and one more that counts stops where a vehicle without sites may make only so many."""
    counted = any(vehicle.most_stops is not None and not vehicle.sites for vehicle in problem.vehicles)
    return (*problem.load_kinds, "stops") if counted else problem.load_kinds


def _carried(problem: Problem, loads: Loads) -> list[int]:
    amounts = list(loads) or [0] * len(problem.load_kinds)
    return [*amounts, 1] if len(_dimensions(problem)) > len(problem.load_kinds) else amounts


def _shipment(problem: Problem, number: int, clock: Clock, stop_at: dict[str, int]) -> pyvrp.Shipment:
    pair = problem.pairs[number]
    first, second = problem.stop_named[pair.first], problem.stop_named[pair.second]
    (early, late), (then, latest) = _hull(first, clock), _hull(second, clock)
    return pyvrp.Shipment(
        stop_at[pair.first],
        stop_at[pair.second],
        early,
        late,
        first.service,
        then,
        latest,
        second.service,
        _carried(problem, first.collect),
        (first.prize or 0) + (second.prize or 0),
        first.prize is None,
    )


def _hull(stop: Stop, clock: Clock) -> tuple[int, int]:
    if not stop.windows:
        return 0, FOREVER
    return clock(min(one.start for one in stop.windows)), clock(max(one.end for one in stop.windows))


Profile = tuple[str, frozenset[str]]
"""A travel profile and the stops that a vehicle may not visit."""


def _vehicle_types(
    problem: Problem, clock: Clock, places: _Places, depots: list[pyvrp.Depot], depot_site: list[str]
) -> tuple[list[pyvrp.VehicleType], list[list[str]], list[bool], list[Profile]]:
    """Vehicles that differ in their names alone are one type."""
    alike = defaultdict[tuple[Vehicle, frozenset[str]], list[str]](list)
    for vehicle, forbidden in zip(problem.vehicles, _forbidden(problem), strict=True):
        alike[replace(vehicle, name="", skills=frozenset(), areas=frozenset()), forbidden].append(vehicle.name)
    profiles, known = list[Profile](), dict[tuple[object, ...], int]()

    def depot(key: tuple[object, ...], location: int | None, through: Vehicle | None) -> int:
        if key not in known:
            known[key] = len(depots)
            depots.append(pyvrp.Depot(places.invent(through) if location is None else location))
            depot_site.append("")
        return known[key]

    types, names, end_sites = list[pyvrp.VehicleType](), list[list[str]](), list[bool]()
    for (vehicle, forbidden), members in alike.items():
        if (vehicle.profile, forbidden) not in profiles:
            profiles.append((vehicle.profile, forbidden))
        through = vehicle.empty_at_end and bool(vehicle.sites)
        end = ("through", vehicle.end, vehicle.sites) if through else ("at", vehicle.end)
        trips, capacity = _trips(problem, vehicle)
        rest = sum(one.seconds for one in vehicle.breaks)
        uncut = 0 if clock.cuts else rest
        duration = vehicle.shift.end - vehicle.shift.start if vehicle.most_duration is None else vehicle.most_duration
        types.append(
            pyvrp.VehicleType(
                len(members),
                capacity,
                depot(("at", vehicle.start), vehicle.start, None),
                depot(end, None if through else vehicle.end, vehicle if through else None),
                vehicle.fixed_cost,
                clock(vehicle.shift.start),
                max(clock(vehicle.shift.start), clock(vehicle.shift.end) - uncut),
                max(0, duration - (rest if vehicle.most_duration is not None else uncut)),
                FOREVER if vehicle.most_distance is None else vehicle.most_distance,
                vehicle.metre_cost,
                vehicle.second_cost,
                profiles.index((vehicle.profile, forbidden)),
                initial_load=[*vehicle.on_board, 0][: len(capacity)] if vehicle.on_board else [0] * len(capacity),
                reload_depots=[depot_site.index(name) for name in vehicle.sites],
                max_reloads=trips - 1,
            )
        )
        names.append(members)
        end_sites.append(through)
    return types, names, end_sites, profiles


def _trips(problem: Problem, vehicle: Vehicle) -> tuple[int, list[int]]:
    """How many trips, and the room in each: full ones as long as they use most of the day's limit, else equal ones."""
    capacity = list(vehicle.capacity) or [FOREVER] * len(problem.load_kinds)
    trips = 1 if not vehicle.sites else min(1 << 20, 1 << 20 if vehicle.most_reloads is None else vehicle.most_reloads)
    if vehicle.sites and vehicle.most_reloads is not None and not vehicle.empty_at_end:
        trips += 1
    if vehicle.day_load:
        kind = int(np.argmin(np.array(vehicle.day_load) / np.maximum(capacity, 1)))
        day, room = vehicle.day_load[kind], max(1, capacity[kind])
        full = day // room
        trips = max(1, min(trips, full if full * room >= WASTED_AT_MOST * day else full + 1))
        capacity = [min(most, limit // trips) for most, limit in zip(capacity, vehicle.day_load, strict=True)]
    if len(_dimensions(problem)) > len(problem.load_kinds):
        capacity.append(FOREVER if vehicle.most_stops is None else vehicle.most_stops)
    return max(1, trips), capacity


def _forbidden(problem: Problem) -> Several[frozenset[str]]:
    """For each vehicle the stops it may not visit, found once for all vehicles that are alike in this."""
    asking = [stop for stop in problem.stops if stop.skills or stop.area or stop.vehicles]
    named = any(stop.vehicles for stop in asking)
    known = dict[tuple[object, ...], frozenset[str]]()
    found = []
    for vehicle in problem.vehicles:
        key = (vehicle.skills, vehicle.areas, vehicle.name if named else "")
        if key not in known:
            known[key] = frozenset(stop.name for stop in asking if not vehicle.may_visit(stop))
        found.append(known[key])
    return found


def _matrices(places: _Places, sites: dict[str, int], profile: str, closed: list[int]) -> tuple[Matrix, Matrix]:
    distance, duration = places.matrices(profile, sites)
    for matrix in (distance, duration):
        matrix[closed, :] = matrix[:, closed] = UNREACHABLE
        np.fill_diagonal(matrix, 0)
    return distance, duration


def _stop_locations(problem: Problem, places: _Places) -> dict[str, int]:
    """Each stop's location: its own copy of the place where somebody may not visit it, but something else is there."""
    used = Counter(stop.place for stop in problem.stops)
    used.update({place for vehicle in problem.vehicles for place in (vehicle.start, vehicle.end) if place is not None})
    return {
        stop.name: places.copy(stop.place)
        if used[stop.place] > 1 and (stop.skills or stop.area or stop.vehicles)
        else stop.place
        for stop in problem.stops
    }
