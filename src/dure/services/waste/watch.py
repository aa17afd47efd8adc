# SPDX-License-Identifier: Apache-2.0
"""The live consumer: readings in arrival order → levels, emptyings and cases, in one transaction with how far it has
read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from statistics import median
from typing import NamedTuple

from django.db.models import Q

from dure.city import audit, clock, rules
from dure.city.database import in_parts, one_by_one
from dure.city.models import BELIEVED, Series
from dure.city.readings import Arrived, behind, pull
from dure.services.waste.actions import faults
from dure.services.waste.models import Bin, BinState, BinStatus, Emptying
from dure.services.waste.rules import SensorRules
from dure.services.waste.sensing import Report, take

CONSUMER = "waste.sensing"
SAID = ("distance", "fill", "tilt", "lid", "temperature")
"""Series that speak of a bin; the others speak of its sensor."""
PEERS = 5
"""Other bins that must have moved before one that does not is called stuck."""


class Turn(NamedTuple):
    """What one turn did."""

    readings: int
    cases: int


def run_once(limit: int = 20_000) -> Turn:
    """Take up to ``limit`` new readings. Call again until there are none.

    Where a case cannot be opened the levels are kept all the same and the fault is raised afterwards; it is tried again
    with every :func:`settle_all`.
    """
    if not behind(CONSUMER):
        return Turn(0, 0)
    chosen = rules.ByArea(SensorRules, "waste")
    with pull(CONSUMER, limit) as readings:
        reports = reports_of(readings)
        bins = _bins(Q(device__in=reports))
        states = {one.pk: one.state for one in bins}
        emptyings: list[Emptying] = []
        for one in bins:
            for report in sorted(reports[one.device_id], key=lambda report: report.at):
                emptied = take(states[one.pk], one, report, chosen.of(one.area))
                if emptied is not None:
                    emptyings.append(
                        Emptying(bin=one, at=emptied.at, fill_before=emptied.before, fill_after=emptied.after)
                    )
        changed = _changed(bins, chosen)
        if changed:
            audit.take_turn()  # before the rows of states: the order in which everybody takes them
        _keep(states.values(), emptyings)
        opened, failed = _settle(changed, chosen)
    if failed:
        raise ExceptionGroup("waste.run_once", failed)
    return Turn(len(readings), opened)


def settle_all() -> int:
    """Mark what is stuck or silent, and tell what has been wrong for long enough. Returns how many cases opened."""
    mark_silent()
    mark_stuck()
    faults.end_what_was_dealt_with()
    chosen = rules.ByArea(SensorRules, "waste")
    opened, failed = _settle(_changed(_bins(Q()), chosen), chosen)
    if failed:
        raise ExceptionGroup("waste.settle_all", failed)
    return opened


def mark_silent() -> int:
    """Of a bin whose sensor has fallen silent nothing is known, whatever it said last; but a fire that ended the sensor
    is not over. Returns how many were marked."""
    quiet = Q(bin__device__silent_since__isnull=False) | Q(bin__device__feed__silent_since__isnull=False)
    silent = BinState.objects.filter(quiet, bin__retired_at=None)
    others = silent.exclude(status__in=(BinStatus.UNKNOWN, BinStatus.BURNING))
    return others.update(status=BinStatus.UNKNOWN, status_since=clock.now())


def mark_stuck() -> int:
    """Bins whose level stays while their peers' (all other bins) move. Returns how many were marked."""
    now, marked = clock.now(), 0
    chosen = rules.load(SensorRules, "waste")
    long_ago = now - timedelta(hours=chosen.stuck_hours)
    alive = BinState.objects.filter(bin__retired_at=None, heard_at__gt=now - timedelta(hours=chosen.no_level_hours))
    moved = [one.timestamp() for one in alive.values_list("same_since", flat=True) if one is not None]
    if len(moved) > PEERS and median(moved) > long_ago.timestamp():
        stuck = alive.filter(status=BinStatus.OK, same_since__lt=long_ago)
        marked = stuck.update(status=BinStatus.STUCK, status_since=now)
    return marked


def _bins(which: Q) -> list[Bin]:
    found = Bin.objects.filter(which, retired_at=None, device__isnull=False)
    return list(found.select_related("area", "device", "state").order_by("pk"))


def reports_of(readings: Iterable[Arrived]) -> dict[int | None, list[Report]]:
    """By id of a bin's device, what it said at each time."""
    said: dict[tuple[int, object], dict[str, float | None]] = defaultdict(dict)
    readings = list(readings)
    named = _named({one.series_id for one in readings})
    for one in readings:
        if one.series_id in named:
            device, series = named[one.series_id]
            said[device, one.at][series] = one.value if one.quality in BELIEVED else None
    found: dict[int | None, list[Report]] = defaultdict(list)
    for (device, at), values in said.items():
        found[device].append(Report(at=at, **values))  # type: ignore[arg-type]
    return found


def _named(series: set[int]) -> dict[int, tuple[int, str]]:
    named = {}
    for part in in_parts(sorted(series)):
        rows = Series.objects.filter(pk__in=part, name__in=SAID, device__bin__isnull=False)
        named.update({pk: (device, name) for pk, device, name in rows.values_list("pk", "device_id", "name")})
    return named


def _changed(bins: list[Bin], chosen: rules.ByArea[SensorRules]) -> list[Bin]:
    """Bins of which something is to be told, or of which something told is over."""
    now, told = clock.now(), faults.told_of(bins)
    return [
        one
        for one in bins
        if set(faults.due(one.state, chosen.of(one.area), now)) != told.get(one.device_id or 0, set())
    ]


def _keep(states: Iterable[BinState], emptyings: list[Emptying]) -> None:
    columns = [one.name for one in BinState._meta.concrete_fields if not one.primary_key]
    # An upsert: Django's bulk_update spends most of a backlog's time on building its SQL.
    BinState.objects.bulk_create(
        states, batch_size=200, update_conflicts=True, unique_fields=["bin"], update_fields=columns
    )
    Emptying.objects.bulk_create(emptyings, ignore_conflicts=True)


def _settle(bins: list[Bin], chosen: rules.ByArea[SensorRules]) -> tuple[int, list[Exception]]:
    def settle(one: Bin) -> int:
        return faults.settle(one, one.state, chosen.of(one.area))

    return one_by_one(bins, settle, failed_at="waste: no case could be opened about a bin")
