# SPDX-License-Identifier: Apache-2.0
"""The live consumer: readings in arrival order → the habit engine → alarms, in one transaction with its state.

What a home's level is decides what is done, not the moment at which it changed: after each group of readings the
levels that the engine holds are compared with the findings that are open. So history that is fed in at the start
opens nothing for days long past, and a restart anywhere gives the same alarms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Max
from numpy.typing import NDArray

from dure.city import clock, processes
from dure.city.models import Finding, Level, Watermark
from dure.city.readings import Arrived, pull
from dure.city.worker import Lane
from dure.engines import habits
from dure.engines.habits import Evidence, Watch, words
from dure.services.care import habit_state
from dure.services.care.actions import alarms, meters, outages
from dure.services.care.actions.away import away_at
from dure.services.care.actions.consents import agreed
from dure.services.care.half_hours import Columns
from dure.services.care.life import signs_of_life
from dure.services.care.models import Enrolment
from dure.services.care.signals import signals_in, trusted
from dure.services.care.together import believed

CONSUMER = "care.habits"
TASK = "care.tasks.watch_habits"
"""What runs it (tasks.py), as a worker's sign of life names what fails."""
UNJUDGEABLE = habits.STUCK | habits.NO_CURRENT
"""Flags of a meter that says nothing about a person."""

COMMITTED_WITHIN = timedelta(hours=1)
"""What happened before the engine's last run and was committed only after it is not older than this."""

STALE = timedelta(hours=24)
"""A home whose newest reading is older than this is not judged as of now: late history opens no case."""

WAITS = 4
"""Half hours by which a home's other signals may be behind its meter and are waited for before an alarm is raised: the
hour of a telephone closes after the half hours of the meter in it, and an hour too early is a call for nothing."""


def run_once(limit: int = 20_000) -> int:
    """Judge up to ``limit`` new readings; returns how many there were. Call again until it is 0."""
    habits.ready()  # or the first run compiles while all others wait for its transaction
    with pull(CONSUMER, limit) as readings:
        proved = _newly_proved(_last_run())
        if not readings and not proved:
            return 0
        watch = habit_state.load()
        known = len(watch)
        _grow(watch)
        _prove(watch, proved)
        rows = _feed(watch, readings) | {one.row for one in proved}
        habit_state.save(watch, rows | set(range(known, len(watch))))
        _settle(watch, rows)
    return len(readings)


def goes_on() -> bool:
    """Whether a living worker judges what arrives: while none does, nothing that is shown says that all is well."""
    lanes = (Lane.ORDINARY, Lane.URGENT)  # the urgent one says sooner that their process is dead
    dead = {sign.pid for sign in processes.silent() if sign.detail.get("lane") in lanes}
    ordinary = [sign for sign in processes.signs() if sign.detail.get("lane") == Lane.ORDINARY]
    return any(sign.pid not in dead and TASK not in sign.detail.get("failing", {}) for sign in ordinary)


def picture(enrolment: Enrolment) -> dict[str, Any] | None:
    """Yesterday and today against the usual day, as the engine sees them, and the end of the last half hour with use
    (``silent_since``, UTC epoch seconds, or None); None before the engine knows the home."""
    seen = habit_state.explain(enrolment.row)
    if seen is None:
        return None
    return day_lines(seen) | {"silent_since": seen.silent_since}


def day_lines(seen: Evidence) -> dict[str, Any]:
    """What the picture draws: half hours of the usual day, of yesterday, and of today as far as it has come."""
    today = list(seen.today)
    while today and today[-1] is None:
        today.pop()
    return {"usual": list(seen.usual_day), "yesterday": list(seen.yesterday), "today": today, "unit": "kWh"}


def _grow(watch: Watch) -> None:
    last: int | None = Enrolment.objects.aggregate(last=Max("row"))["last"]
    known = len(watch)
    missing = (-1 if last is None else last) + 1 - known
    if missing > 0:
        watch.append(missing)
        habit_state.share_budgets(watch)
        given = Finding.objects.filter(  # there are some where the engine learns anew
            service="care", kind=alarms.UNLIKE_HABIT, ended_at=None, household__enrolment__row__gte=known
        ).values_list("household__enrolment__row", "level")
        for row, level in given.order_by("level"):
            watch.hold(row, level)


def _last_run() -> datetime:
    """When the engine last heard of everything, or long ago."""
    moved_at = Watermark.objects.filter(consumer=CONSUMER).values_list("moved_at", flat=True).first()
    return moved_at or datetime(1970, 1, 1, tzinfo=UTC)


def _newly_proved(last_run: datetime) -> Sequence[Enrolment]:
    """Homes of which a person gave or found a sign of life since the engine last heard of it; marks them as heard."""
    seen = signs_of_life(last_run - COMMITTED_WITHIN)
    found = [
        one
        for one in Enrolment.objects.filter(household__in=seen, ended_at=None)
        if one.proved_alive_at < seen[one.household_id]
    ]
    for one in found:
        one.proved_alive_at = seen[one.household_id]
        one.save(update_fields=["proved_alive_at"])
    return found


def _prove(watch: Watch, proved: Sequence[Enrolment]) -> None:
    if proved:
        at = [round(one.proved_alive_at.timestamp()) for one in proved]
        watch.prove([one.row for one in proved], at)


def _feed(watch: Watch, readings: Sequence[Arrived]) -> set[int]:
    """Give the readings to the engine; returns the rows they speak of."""
    series = {reading.series_id for reading in readings}
    power = _power(readings, series)
    signals = signals_in(readings, series)
    rows = set(power.row.tolist()).union(*(signal.told.row.tolist() for signal in signals.values()))
    areas = dict(Enrolment.objects.filter(row__in=rows).values_list("row", "household__area"))
    _hold_away(watch, rows)
    watch.feed(power.row, power.end, _lit(watch, power, areas), power.seconds)
    for kind, signal in signals.items():
        known = signal.half_hours(believed(watch, kind, signal.told, areas))
        watch.feed_signal(kind, known.row, known.end, known.active)
    return rows


def _lit(watch: Watch, power: Columns, areas: Mapping[int, int]) -> NDArray[np.float64]:
    """Use, unknown where it is zero in an area without power, also of a home that is at zero on other days."""
    dark = outages.areas_without_power()
    if not dark:
        return power.value
    behind = np.array([areas[row] in dark for row in power.row.tolist()], bool)
    often_zero = watch.homes.zero_rate[power.row] >= watch.rules.zero_share
    return np.where(behind & often_zero & (power.value == 0), np.nan, power.value)


def _power(readings: Sequence[Arrived], series: set[int]) -> Columns:
    """Meter readings of homes whose person agrees to that now; nobody else's are looked at."""
    watched = Enrolment.objects.filter(agreed(), power__in=series, ended_at=None)
    known = {
        pk: (row, minutes * 60) for pk, row, minutes in watched.values_list("power", "row", "power__interval_minutes")
    }
    return Columns.of(
        [(reading, *known[reading.series_id], trusted(reading)) for reading in readings if reading.series_id in known]
    )


def _hold_away(watch: Watch, rows: set[int]) -> None:
    """Homes said to be empty are judged like all others but do not use up the city's alarm budget."""
    homes = dict(Enrolment.objects.filter(row__in=rows).values_list("row", "household_id"))
    empty = away_at(list(homes.values()), clock.now())
    watch.set_judge_only([row for row, home in homes.items() if home not in empty], False)
    watch.set_judge_only([row for row, home in homes.items() if home in empty], True)


def _settle(watch: Watch, rows: set[int]) -> None:
    """Make findings and cases say what the engine holds of these homes."""
    at = np.array(sorted(rows), np.int64)
    level = watch.homes.level[at]
    faulty = (watch.homes.flags[at] & UNJUDGEABLE) > 0
    known_until, waits = watch.known_until(at), _waits(watch, at)
    enrolments = {
        one.row: one
        for one in Enrolment.objects.filter(
            row__in=_of_interest(at, (level > 0) | faulty), ended_at=None
        ).select_related("household__area", "worker", "power__device")
    }
    told, dark = _told(enrolments.values()), outages.areas_without_power()
    for row, now_at, unjudgeable, moment, waiting in zip(
        at.tolist(), level.tolist(), faulty.tolist(), known_until.tolist(), waits.tolist(), strict=True
    ):
        enrolment = enrolments.get(row)
        if enrolment is None:
            continue
        seen_at = datetime.fromtimestamp(moment, UTC)
        before = told.get(enrolment.household_id, 0)
        if now_at > before and clock.now() - seen_at < STALE:
            if not waiting:
                _alarm(watch, enrolment, Level(now_at), seen_at)
        elif now_at == 0 and before:
            alarms.activity_returned(enrolment, at=max(seen_at, enrolment.proved_alive_at))
        if not unjudgeable:
            meters.meter_well(enrolment)
        elif clock.now() - seen_at < STALE and enrolment.household.area_id not in dark:
            _meter_fault(watch, enrolment)


def _waits(watch: Watch, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Homes of which a signal that is still heard has yet to tell of the last half hour that the meter told of."""
    waits = np.zeros(len(at), bool)
    for kind in watch.signals.kinds.values():
        place, known = kind.places(at)
        if known.any():
            behind = watch.homes.slot[at].astype(np.int64) - kind.rows["heard"][place]
            waits |= known & (behind > 0) & (behind < WAITS)
    return waits


def _meter_fault(watch: Watch, enrolment: Enrolment) -> None:
    """A meter's case; one without current waits for an hour, in which an outage of the whole area shows itself."""
    seen = watch.explain(enrolment.row)
    if seen.no_current and watch.half_hours_at_zero(enrolment.row) < 2:
        return
    ko, en = (words.meter_note(seen, one) for one in words.LANGUAGES)
    if ko and en:
        meters.meter_fault(enrolment, {"ko": ko, "en": en})


def _of_interest(at: NDArray[np.int64], striking: NDArray[np.bool_]) -> list[int]:
    """Rows that strike now, or about which a finding or a meter's case is still open."""
    open_rows = Finding.objects.filter(
        service="care", kind=alarms.UNLIKE_HABIT, ended_at=None, household__enrolment__row__in=at.tolist()
    ).values_list("household__enrolment__row", flat=True)
    meter_rows = meters.open_meter_cases().values_list("household__enrolment__row", flat=True)
    return sorted(set(at[striking].tolist()) | set(open_rows) | (set(meter_rows) & set(at.tolist())))


def _told(enrolments: Iterable[Enrolment]) -> dict[int, int]:
    """The highest level already said of each home (by id)."""
    homes = [one.household_id for one in enrolments]
    found = Finding.objects.filter(
        service="care", kind=alarms.UNLIKE_HABIT, household__in=homes, ended_at=None
    ).values_list("household_id", "level")
    told: dict[int, int] = {}
    for home, level in found:
        told[home] = max(told.get(home, 0), level)
    return told


def _alarm(watch: Watch, enrolment: Enrolment, level: Level, at: datetime) -> None:
    """Say it, but of a home whose newest half hour is one of life: that is over, or it comes again."""
    seen = watch.explain(enrolment.row)
    if not seen.hours_silent:
        return
    alarms.alarm(
        enrolment,
        level=level,
        score=seen.score,
        reason={"ko": words.reason(seen, "ko"), "en": words.reason(seen, "en")},
        evidence=seen.as_dict()
        | day_lines(seen)
        | {"what_would_change_it": {one: words.what_would_change_it(seen, one) for one in words.LANGUAGES}},
        engine_version=habits.VERSION,
        at=at,
    )
