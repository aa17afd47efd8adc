# SPDX-License-Identifier: Apache-2.0
"""The live forecast: each full hour the engine steps once for all bins, from what had been said by then.

Nothing of a later hour is looked at, and nothing that comes late is looked at again: a reading counts in the hour of
its time if it is here when that hour is stepped. A bin whose sensor is silent goes on being forecast. That a bin was
emptied the filter sees from readings by itself; what drivers said it is told, so that it knows of silent bins, too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import transaction

from dure.city import clock, rules
from dure.city.database import in_parts, let_others_write
from dure.city.models import ErrandStatus, Reading, Series
from dure.city.readings import Arrived
from dure.engines.filling import Filling, sample_paths
from dure.engines.filling import Forecast as Seen
from dure.engines.filling.shape import HOURS, Flags, Floats
from dure.engines.filling.storage import StateError, from_bytes, to_bytes, with_rows
from dure.services.waste.influences import times_usual
from dure.services.waste.models import Bin, BinForecast, BinState, BinStatus, Forecast, Pickup
from dure.services.waste.rules import SensorRules
from dure.services.waste.sensing import level_said
from dure.services.waste.watch import SAID, reports_of

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
LATE = timedelta(minutes=5)
"""So long after a full hour it is stepped: a reading of 05:59 may need a while."""
PART = 24
"""Hours in one transaction when there is much to catch up with."""
LEARNED_FROM = timedelta(days=28)
"""How far back a forecast that knows nothing begins to read."""
REMEMBERED = timedelta(days=2)
"""A driver's word that comes later than this is history, not news."""
AHEAD = (6, 12, 24, 48)
"""Hours of ``BinForecast.chances``."""


class Known(NamedTuple):
    """The engine as of the full hour ``at``; row r is the bin with id ``bins[r]``."""

    filling: Filling
    bins: list[int]
    at: datetime


class _Kept(NamedTuple):
    """A row of the record, opened; ``stored_at``: its hour there, None where nothing is stored that can be read."""

    filling: Filling
    bins: list[int]
    said: dict[str, Any]
    stored_at: datetime | None


def step(now: datetime) -> int:
    """Step every full hour until ``now`` that was not stepped yet. Returns how many.

    What was learned and how far it has read are kept in one transaction a day: a restart repeats and loses nothing.
    """
    until, stepped = _full_hour(now), 0
    while hours := _step_part(until):
        stepped += hours
        let_others_write()
    return stepped


def load() -> Known:
    """The engine for the bins in service now, as it was left; one that knows nothing before the first step."""
    kept = _kept()
    return Known(kept.filling, kept.bins, kept.stored_at or _full_hour(clock.now()))


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _kept() -> _Kept:
    """The stored state, arranged for the bins in service now."""
    bins = list(Bin.objects.filter(retired_at=None).order_by("pk").values_list("pk", flat=True))
    row = Forecast.objects.order_by("pk").first()
    if row is not None:
        try:
            filling = from_bytes(bytes(row.data))
        except StateError as wrong:
            log.warning("what is known of the bins is learned anew: %s", wrong)
        else:
            place = {pk: number for number, pk in enumerate(row.bins)}
            if bins != row.bins:
                filling = with_rows(filling, [place.get(pk) for pk in bins])
            return _Kept(filling, bins, row.said, row.at)
    return _Kept(Filling(len(bins)), bins, {}, None)


def _step_part(until: datetime) -> int:
    kept = _kept()
    if not kept.bins:
        return 0
    bins = {one.pk: one for one in Bin.objects.filter(pk__in=kept.bins).select_related("area")}
    series = _series_of(bins)
    start = kept.stored_at or _first_hour(series, until)
    end = min(until, start + PART * HOUR)
    hours = int((end - start) / HOUR)
    if hours <= 0:
        return 0
    listening = _Listening([bins[pk] for pk in kept.bins], kept.said)
    levels = listening.hear(_readings(series, start, end), start, hours)
    said = collected(start - REMEMBERED, end)
    times = times_usual([bins[pk] for pk in kept.bins], start, hours)
    for number in range(hours):
        begins = start + number * HOUR
        kept.filling.visited(listening.emptied(said, kept.filling.silent, begins))
        local = begins.astimezone(clock.SEOUL)
        kept.filling.step(local.weekday() * 24 + local.hour, levels[number], times[:, number])
    expected = _expected(kept, [bins[pk] for pk in kept.bins], end) if end == until else []
    return hours if _keep(kept, listening.memory(end), end, expected) else 0


def _keep(kept: _Kept, said: dict[str, Any], at: datetime, expected: list[BinForecast]) -> bool:
    """Whether it was kept: who has been overtaken by another worker keeps nothing."""
    columns = {"at": at, "bins": kept.bins, "data": to_bytes(kept.filling), "said": said}
    with transaction.atomic():
        row = Forecast.objects.select_for_update().order_by("pk").first()
        readable = None if row is None or kept.stored_at is None else row.at
        if row is not None and readable != kept.stored_at:
            return False
        Forecast.objects.update_or_create(pk=row.pk if row else 1, defaults=columns)
        if expected:
            BinForecast.objects.exclude(bin__in=Bin.objects.filter(retired_at=None)).delete()
            BinForecast.objects.bulk_create(
                expected, batch_size=200, update_conflicts=True, unique_fields=["bin"],
                update_fields=["at", "level", "full_at", "chances"],
            )  # fmt: skip
    return True


def _expected(kept: _Kept, bins: list[Bin], at: datetime) -> list[BinForecast]:
    """For pages: of every bin what is expected from ``at`` on, if nobody empties it."""
    times = times_usual(bins, at, HOURS)
    paths = sample_paths(kept.filling, HOURS, times=times, seed=int(at.timestamp() // 3600))
    seen = Seen(paths)
    full_in, chance = seen.full_by(HOURS, 0.5)
    chances = np.array([seen.probability_full(hours) for hours in AHEAD]).round(3)
    return [
        BinForecast(
            bin_id=pk,
            at=at,
            level=round(float(kept.filling.level[row]), 2),
            full_at=at + int(full_in[row]) * HOUR if chance[row] >= 0.5 else None,
            chances=chances[:, row].tolist(),
        )
        for row, pk in enumerate(kept.bins)
    ]


def _series_of(bins: dict[int, Bin]) -> list[int]:
    devices = {one.device_id for one in bins.values() if one.device_id is not None}
    return [
        pk
        for part in in_parts(sorted(devices))
        for pk in Series.objects.filter(device__in=part, name__in=SAID).values_list("pk", flat=True)
    ]


def _first_hour(series: list[int], until: datetime) -> datetime:
    """When the hour began in which the first reading of the last weeks came."""
    since = until - LEARNED_FROM
    firsts = [
        at
        for part in in_parts(series)
        for at in Reading.objects.filter(series__in=part, at__gt=since).order_by("at").values_list("at", flat=True)[:1]
    ]
    return max(since, _full_hour(min(firsts, default=until) - timedelta(microseconds=1)))


def _readings(series: list[int], start: datetime, end: datetime) -> list[Arrived]:
    return [
        Arrived(*row)
        for part in in_parts(series)
        for row in Reading.objects.filter(series__in=part, at__gt=start, at__lte=end).values_list(
            "arrival", "series_id", "at", "value", "quality"
        )
    ]


def collected(since: datetime, until: datetime) -> list[tuple[int, int, datetime]]:
    """(errand, bin, when) of what drivers said they emptied after ``since``, in time."""
    done = Pickup.objects.filter(
        bin__isnull=False, errand__status=ErrandStatus.DONE, errand__ended_at__gt=since, errand__ended_at__lte=until
    )
    rows = done.order_by("errand__ended_at").values_list("errand_id", "bin_id", "errand__ended_at")
    return [(errand, bin_, at) for errand, bin_, at in rows if bin_ is not None and at is not None]


class _Listening:
    """What bins and drivers say, hour by hour."""

    def __init__(self, bins: Sequence[Bin], said: dict[str, Any]) -> None:
        self._bins, self._row = bins, {one.pk: row for row, one in enumerate(bins)}
        levels, wrong = said.get("levels", {}), said.get("wrong", {})
        self._states = [
            BinState(bin=one, fill=levels.get(str(one.pk)), status=wrong.get(str(one.pk), BinStatus.OK)) for one in bins
        ]
        self._told: dict[int, datetime] = {
            int(pk): datetime.fromisoformat(at) for pk, at in said.get("told", {}).items()
        }

    def hear(self, readings: list[Arrived], start: datetime, hours: int) -> Floats:
        """(hours, bins): the last level believed within each hour after ``start``, nan where there was none."""
        levels = np.full((hours, len(self._bins)), np.nan)
        said, chosen = reports_of(readings), rules.ByArea(SensorRules, "waste")
        for row, one in enumerate(self._bins):
            for report in sorted(said.get(one.device_id, ()), key=lambda report: report.at):
                level = level_said(self._states[row], one, report, chosen.of(one.area))
                if level is not None:
                    levels[int(np.ceil((report.at - start) / HOUR)) - 1, row] = level
        return levels

    def emptied(self, collected: list[tuple[int, int, datetime]], silent: Floats, begins: datetime) -> Flags:
        """(bins,): emptied in the hour that ``begins``, or before it where we hear of it only now and no reading has
        said anything since."""
        which = np.zeros(len(self._bins), bool)
        for errand, bin_, at in collected:
            if errand in self._told or at > begins + HOUR:
                continue
            self._told[errand] = at
            row = self._row.get(bin_)
            if row is not None and silent[row] >= (begins - at) / HOUR:
                which[row] = True
        return which

    def memory(self, at: datetime) -> dict[str, Any]:
        """For the next time."""
        said = [(str(one.pk), state) for one, state in zip(self._bins, self._states, strict=True)]
        return {
            "levels": {pk: state.fill for pk, state in said if state.fill is not None},
            "wrong": {pk: state.status for pk, state in said if state.status != BinStatus.OK},
            "told": {str(pk): when.isoformat() for pk, when in self._told.items() if when > at - REMEMBERED},
        }
