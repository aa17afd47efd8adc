# SPDX-License-Identifier: Apache-2.0
"""Which series of a home tell of a person beside the power meter, under which consent, and as half hours.

Through every door a device reports series by name; the names below are the ones the habit engine listens to. A series
of any other name is no sign of life. Its kind is the engine's (``habits.words.SIGNALS`` has its words).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db.models import Exists, OuterRef, Q

from dure.city import clock
from dure.city.models import BELIEVED, Consent, ConsentPurpose, Reading, Series
from dure.city.readings import Arrived
from dure.city.registration import active_at
from dure.services.care.half_hours import Columns, HalfHours, half_hours

EVENT = "event"
"""Unit of a series that reports only when something happens: its zeros say nothing of the time between."""


@dataclass(frozen=True)
class Source:
    """A series name as a kind of signal: the consent it needs, and from which value on it is somebody's doing."""

    kind: str
    purpose: ConsentPurpose
    above: float = 0.0


SOURCES = {
    "activity": Source("phone", ConsentPurpose.PHONE_WATCH),
    "calls": Source("calls", ConsentPurpose.PHONE_WATCH),
    "data": Source("data", ConsentPurpose.PHONE_WATCH),
    "screen": Source("screen", ConsentPurpose.PHONE_WATCH),
    "steps": Source("steps", ConsentPurpose.HEALTH_WATCH),
    "water": Source("water", ConsentPurpose.HOME_WATCH),
    "plug": Source("plug", ConsentPurpose.HOME_WATCH, above=15.0),  # W: more than a device in standby
    "motion": Source("motion", ConsentPurpose.HOME_WATCH),
    "door": Source("door", ConsentPurpose.HOME_WATCH),
    "lid": Source("pill_box", ConsentPurpose.DAILY_CARE),
    "well": Source("button", ConsentPurpose.POWER_WATCH),  # “all is well”, said by a tap
}


@dataclass(frozen=True)
class _Told:
    """A series that tells of a home."""

    row: int
    source: Source
    seconds: int
    is_event: bool


@dataclass(frozen=True)
class Signal:
    """One kind of signal in a batch of readings."""

    told: Columns
    series: Mapping[int, _Told]
    """All series of this kind in these homes, by id."""
    since: int
    """Arrival of the batch's first reading."""

    def half_hours(self, told: Columns) -> HalfHours:
        """The half hours of ``told`` (of this batch, as far as it is believed) with activity, and those whose silence
        these readings complete: parts that arrived before are looked up, so that each is told of once."""
        voices = Counter(one.row for one in self.series.values() if not one.is_event)
        now = half_hours(told, voices)
        open_ = now.part(now.ended & ~now.silent)
        known = now.part(now.active | now.silent)
        if not len(open_.row):
            return known
        whole = half_hours(told.after(self._before(open_)), voices)
        completed = whole.part(whole.silent & np.isin(whole.key, open_.key))
        return known.beside(completed)

    def _before(self, open_: HalfHours) -> Columns:
        """What arrived before this batch of these half hours."""
        rows = set(open_.row.tolist())
        series = [pk for pk, one in self.series.items() if one.row in rows]
        longest = timedelta(seconds=max(self.series[pk].seconds for pk in series))
        found: list[Arrived] = []
        for begin, end in open_.spans():
            earlier = Reading.objects.filter(series__in=series, at__gte=begin - longest, at__lt=end)
            columns = earlier.filter(arrival__lt=self.since).values_list("arrival", "series", "at", "value", "quality")
            found += (Arrived(*row) for row in columns.order_by("arrival"))
        return _columns(found, self.series)


def signals_in(readings: Sequence[Arrived], series: set[int]) -> dict[str, Signal]:
    """The readings of these series that speak of homes which agree to it, by kind of signal."""
    told = _told(series)
    kinds = sorted({told[pk].source.kind for pk in series & set(told)})
    by_kind = {kind: {pk: one for pk, one in told.items() if one.source.kind == kind} for kind in kinds}
    return {kind: Signal(_columns(readings, of), of, readings[0].arrival) for kind, of in by_kind.items()}


def _columns(readings: Iterable[Arrived], told: Mapping[int, _Told]) -> Columns:
    known = ((reading, told[reading.series_id]) for reading in readings if reading.series_id in told)
    return Columns.of([(reading, one.row, one.seconds, _count(reading, one)) for reading, one in known])


def trusted(reading: Arrived) -> float:
    """The value, or NaN where there is none to believe: no evidence either way."""
    if reading.value is None or reading.quality not in BELIEVED:
        return float("nan")
    return reading.value


def _told(series: set[int]) -> dict[int, _Told]:
    """What is known of each series that is a signal, in the homes of these series as far as they are in care and their
    person agrees to both the watch over the home and this kind of it. Of several telephones in a home only the person's
    own counts."""
    now = clock.now()
    person = OuterRef("device__household__enrolment__person")
    agreed = {
        purpose: Exists(Consent.objects.filter(active_at(now), person=person, purpose=purpose))
        for purpose in {one.purpose for one in SOURCES.values()} | {ConsentPurpose.POWER_WATCH}
    }
    allowed = Q()
    for purpose, holds in agreed.items():
        names = [name for name, one in SOURCES.items() if one.purpose == purpose]
        allowed |= Q(holds, name__in=names)
    homes = Series.objects.filter(pk__in=series, name__in=SOURCES).values("device__household")
    found = (
        Series.objects.filter(allowed, agreed[ConsentPurpose.POWER_WATCH], device__household__in=homes)
        .filter(device__retired_at=None)
        .filter(device__household__enrolment__ended_at=None, device__household__enrolment__pk__isnull=False)
        .filter(~Q(name="activity") | Q(phone_of__isnull=False))
        .values_list("pk", "name", "unit", "interval_minutes", "device__household__enrolment__row")
    )
    return {
        pk: _Told(row, SOURCES[name], 1 if unit == EVENT else minutes * 60, unit == EVENT)
        for pk, name, unit, minutes, row in found
    }


def _count(reading: Arrived, told: _Told) -> float:
    value = trusted(reading)
    if np.isnan(value):
        return value
    if told.is_event:  # it happened at that moment, and nothing is known of any other
        return 1.0 if value > told.source.above else float("nan")
    return 1.0 if value > told.source.above else 0.0
