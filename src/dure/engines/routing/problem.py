# SPDX-License-Identifier: Apache-2.0
"""The language in which a day's driving is asked for.

All figures are whole numbers. Times are seconds since the day's midnight (or any zero that the caller keeps to),
durations seconds, distances metres, loads whatever the caller counts each kind in, costs in any unit: with a vehicle's
``metre_cost`` at 1, a prize of 2,000 says "worth driving 2 km further for".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .travel import Matrices

Loads = tuple[int, ...]
"""An amount of each of the problem's ``load_kinds``, in their order; empty: none of any."""


class ProblemError(ValueError):
    """What was asked makes no sense. ``field`` names the part, as ``stops[3].collect``; ``ko`` and ``en`` say why."""

    def __init__(self, field: str, ko: str, en: str) -> None:
        super().__init__(f"{field}: {ko} · {en}")
        self.field, self.ko, self.en = field, ko, en


@dataclass(frozen=True)
class Window:
    """From ``start`` to ``end``, both included."""

    start: int
    end: int


@dataclass(frozen=True)
class Stop:
    """Somewhere that somebody has to go.

    ``place``: row of the matrices. ``service``: seconds spent there. ``windows``: when the service may *begin* (none:
    at any time). ``collect`` is taken on board, ``deliver`` was loaded where the trip began. ``skills``: all that the
    vehicle (or who drives it) must have. ``area``: where it lies ("": anybody's). ``vehicles``: the only ones that may
    go there (none: all may). ``prize``: what leaving it out costs (None: it must be visited). ``release``: the trip
    that goes there leaves no earlier.
    """

    name: str
    place: int
    service: int = 0
    windows: tuple[Window, ...] = ()
    collect: Loads = ()
    deliver: Loads = ()
    skills: frozenset[str] = frozenset()
    area: str = ""
    vehicles: frozenset[str] = frozenset()
    prize: int | None = None
    release: int = 0


@dataclass(frozen=True)
class Pair:
    """What stop ``first`` collects is what stop ``second`` is brought: the same vehicle, the same trip, in this order.

    Both of a pair are visited or neither. The amount is ``collect`` of the first and ``deliver`` of the second.
    """

    first: str
    second: str


@dataclass(frozen=True)
class Site:
    """Where vehicles unload what they collected and load what the next trip delivers; ``service`` seconds each time."""

    name: str
    place: int
    service: int = 0
    window: Window | None = None


@dataclass(frozen=True)
class Break:
    """Rest of ``seconds`` that begins within ``window``, between two services, on the way if need be.

    Due to whoever is on duty at the window's end: a route that is over by then, or begins only then, has none.
    """

    window: Window
    seconds: int


@dataclass(frozen=True)
class Vehicle:
    """A vehicle with its driver, or a worker on foot.

    ``start``, ``end``: rows of the matrices (None: where the first stop is, or the last). ``shift``: leaves no earlier
    than its start, is back no later than its end. ``capacity``: the most on board at once; ``day_load``: the most
    collected and delivered in the whole route; empty: no limit. ``sites``: where it may unload, ``most_reloads`` times.
    ``empty_at_end``: has unloaded at a site before it ends, whatever it collected. ``on_board``: collected before.
    ``areas``: the only areas it works in (none: all). ``profile``: which of the problem's matrices it drives by.
    """

    name: str
    start: int | None
    end: int | None
    shift: Window
    capacity: Loads = ()
    day_load: Loads = ()
    on_board: Loads = ()
    most_duration: int | None = None
    most_distance: int | None = None
    most_stops: int | None = None
    breaks: tuple[Break, ...] = ()
    skills: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    sites: tuple[str, ...] = ()
    most_reloads: int | None = None
    empty_at_end: bool = False
    profile: str = ""
    fixed_cost: int = 0
    metre_cost: int = 1
    second_cost: int = 0

    def may_visit(self, stop: Stop) -> bool:
        """Skills, area and the dispatcher's word, not time or load."""
        return (
            stop.skills <= self.skills
            and (not self.areas or not stop.area or stop.area in self.areas)
            and (not stop.vehicles or self.name in stop.vehicles)
        )


@dataclass(frozen=True, eq=False)
class Problem:
    """Who could go where. ``travel``: matrices by profile name, all over the same places."""

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    travel: Mapping[str, Matrices]
    sites: tuple[Site, ...] = ()
    pairs: tuple[Pair, ...] = ()
    load_kinds: tuple[str, ...] = field(default=("load",))

    @cached_property
    def stop_named(self) -> dict[str, Stop]:
        """Stops by name."""
        return {stop.name: stop for stop in self.stops}

    @cached_property
    def site_named(self) -> dict[str, Site]:
        """Sites by name."""
        return {site.name: site for site in self.sites}

    @cached_property
    def vehicle_named(self) -> dict[str, Vehicle]:
        """Vehicles by name."""
        return {vehicle.name: vehicle for vehicle in self.vehicles}

    @cached_property
    def partner(self) -> dict[str, str]:
        """The other stop of each stop's pair."""
        return {a: b for pair in self.pairs for a, b in ((pair.first, pair.second), (pair.second, pair.first))}

    def __post_init__(self) -> None:
        """Raise ProblemError for names, places, amounts and windows that cannot be meant."""
        if not self.vehicles:
            raise ProblemError("vehicles", "차량이 없습니다", "there is none")
        if len({matrices.places for matrices in self.travel.values()}) != 1:
            raise ProblemError("travel", "행렬들의 장소 수가 다릅니다", "the matrices cover different places")
        for kind in ("stops", "sites", "vehicles"):
            _check_names(kind, [one.name for one in getattr(self, kind)])
        for number, stop in enumerate(self.stops):
            self._check_stop(f"stops[{number}]", stop)
        for number, site in enumerate(self.sites):
            self._check_place(f"sites[{number}].place", site.place)
            _check_amount(f"sites[{number}].service", site.service)
            _check_windows(f"sites[{number}].window", (site.window,) if site.window else ())
        for number, vehicle in enumerate(self.vehicles):
            self._check_vehicle(f"vehicles[{number}]", vehicle)
        self._check_pairs()

    def _check_stop(self, at: str, stop: Stop) -> None:
        self._check_place(f"{at}.place", stop.place)
        self._check_loads(at, stop, "collect", "deliver")
        _check_windows(f"{at}.windows", stop.windows)
        for name in ("service", "prize", "release"):
            _check_amount(f"{at}.{name}", getattr(stop, name))
        for name in sorted(stop.vehicles - self.vehicle_named.keys()):
            raise ProblemError(f"{at}.vehicles", f"그런 차량이 없습니다: {name}", f"there is no vehicle {name}")

    def _check_vehicle(self, at: str, vehicle: Vehicle) -> None:
        for name in ("start", "end"):
            place = getattr(vehicle, name)
            if place is not None:
                self._check_place(f"{at}.{name}", place)
        self._check_loads(at, vehicle, "capacity", "day_load", "on_board")
        _check_windows(f"{at}.shift", (vehicle.shift,))
        _check_windows(f"{at}.breaks", tuple(one.window for one in vehicle.breaks))
        for rest in vehicle.breaks:
            _check_amount(f"{at}.breaks", rest.seconds)
        limits = ("most_duration", "most_distance", "most_stops", "most_reloads")
        for name in (*limits, "fixed_cost", "metre_cost", "second_cost"):
            _check_amount(f"{at}.{name}", getattr(vehicle, name))
        if vehicle.profile not in self.travel:
            raise ProblemError(f"{at}.profile", "그런 행렬이 없습니다", f"there are no matrices {vehicle.profile!r}")
        for name in vehicle.sites:
            if name not in self.site_named:
                raise ProblemError(f"{at}.sites", f"그런 하역지가 없습니다: {name}", f"there is no site {name}")

    def _check_pairs(self) -> None:
        for number, pair in enumerate(self.pairs):
            at = f"pairs[{number}]"
            for name in (pair.first, pair.second):
                if name not in self.stop_named:
                    raise ProblemError(at, f"그런 방문지가 없습니다: {name}", f"there is no stop {name}")
            first, second = self.stop_named[pair.first], self.stop_named[pair.second]
            if any(first.deliver) or any(second.collect) or first.collect != second.deliver:
                raise ProblemError(at, "싣는 양과 내리는 양이 다릅니다", "what is collected is not what is delivered")
            if first.prize != second.prize and None in (first.prize, second.prize):
                raise ProblemError(
                    at, "둘 다 꼭 가거나 둘 다 아니어야 합니다", "one must be visited, the other need not"
                )
        if len(self.partner) != 2 * len(self.pairs):
            raise ProblemError("pairs", "한 방문지가 두 번 나옵니다", "a stop is in two of them")

    def _check_place(self, at: str, place: int) -> None:
        places = next(iter(self.travel.values())).places
        if not 0 <= place < places:
            raise ProblemError(at, f"장소는 0~{places - 1}입니다", f"places are 0 to {places - 1}, not {place}")

    def _check_loads(self, at: str, of: object, *names: str) -> None:
        for name in names:
            loads: Loads = getattr(of, name)
            if loads and len(loads) != len(self.load_kinds):
                wanted = ", ".join(self.load_kinds)
                raise ProblemError(f"{at}.{name}", f"종류마다 하나: {wanted}", f"one amount each of {wanted}")
            for amount in loads:
                _check_amount(f"{at}.{name}", amount)


def _check_names(at: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if not name or name in seen:
            raise ProblemError(f"{at}.name", f"이름이 비었거나 겹칩니다: {name!r}", f"empty or twice: {name!r}")
        seen.add(name)


def _check_windows(at: str, windows: tuple[Window, ...]) -> None:
    for window in windows:
        if window.end < window.start:
            raise ProblemError(at, "끝이 시작보다 앞섭니다", f"ends at {window.end}, before {window.start}")


def _check_amount(at: str, amount: int | None) -> None:
    if amount is not None and amount < 0:
        raise ProblemError(at, "0 이상이어야 합니다", f"must be at least 0, not {amount}")
