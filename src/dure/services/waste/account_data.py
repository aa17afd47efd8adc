# SPDX-License-Identifier: Apache-2.0
"""A week's account, counted from the record and kept. Words of drivers come late, so a week is counted anew until it is
two weeks over; after that it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import numpy as np
from django.db.models import Q

from dure.city import clock, rules
from dure.city.database import in_parts
from dure.city.errors import Invalid
from dure.city.models import ErrandStatus, Reading, Series
from dure.city.readings import Arrived
from dure.engines.routing.travel import great_circle
from dure.services.waste.account import MARGIN_TRUCKS, Figures, Replay, replay, tour_metres
from dure.services.waste.actions.collecting import litres
from dure.services.waste.closed_loop import Bins, Fleet
from dure.services.waste.closed_loop.tables import HOUR
from dure.services.waste.deposits import Emptied
from dure.services.waste.models import Bin, BinState, BinStatus, Emptying, Pickup, SiteKind, Truck, Turn, WeekAccount
from dure.services.waste.round_rules import RoundRules
from dure.services.waste.rules import SensorRules
from dure.services.waste.sensing import level_said
from dure.services.waste.watch import reports_of

A_WEEK = timedelta(days=7)
LATE = timedelta(days=14)
"""How long after its end a week is counted anew."""
BEFORE = timedelta(days=28)
"""How far back an emptying may lie from which on deposits are rebuilt."""
SAME = timedelta(hours=3)
"""A driver's word and what a sensor saw, this close together, are one emptying."""
FRESH = timedelta(hours=3)
"""So recent a level counts as the present one: sensors report every hour, and some reports are lost."""
SEEN_APART = timedelta(minutes=10)
"""Positions further apart in time leave a gap in what is known of the way."""
SEEN_SHARE = 0.8
"""Of a turn's time that positions must cover for its way to be taken from them."""
STANDING_M = 30
"""A truck that is seen to move by less has not moved: positions wander by that much."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Week:
    """Monday to Monday in Korea, as far as it has come: [start, end), full hours."""

    monday: date
    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """As in 2026-W45 (ISO 8601)."""
        return f"{self.monday:%G-W%V}"


def week_of(monday: date) -> Week:
    """The week that begins on that Monday."""
    start = datetime.combine(monday, time(), clock.SEOUL)
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    return Week(monday, start, min(start + A_WEEK, max(start, now)))


def week_named(name: str) -> Week:
    """The week of that name. Raises Invalid (``week``) for what is none, or has not begun."""
    try:
        monday = datetime.strptime(f"{name}-1", "%G-W%V-%u").replace(tzinfo=clock.SEOUL).date()
    except ValueError:
        monday = date.max
    if monday > clock.today():
        raise Invalid("시작된 주를 2026-W45처럼 적어 주세요", "give a week that has begun, as 2026-W45", field="week")
    return week_of(monday)


def weeks_to_count() -> list[Week]:
    """From the first week with a bin on, those that have no account yet or may still change, the oldest first."""
    first = Bin.objects.order_by("enrolled_at").values_list("enrolled_at", flat=True).first()
    if first is None:
        return []
    monday = _monday(first.astimezone(clock.SEOUL).date())
    made = dict(WeekAccount.objects.values_list("week", "made_at"))
    found = []
    while monday <= clock.today():
        week = week_of(monday)
        if monday not in made or made[monday] < week.start + A_WEEK + LATE:
            found.append(week)
        monday += A_WEEK
    return found


def keep_week(week: Week) -> WeekAccount:
    """Count the week and keep it in place of what was kept before."""
    chosen = rules.load(RoundRules, "waste")
    days = sorted(int(one) - 1 for one in set(str(chosen.habit_weekdays)) & set("1234567"))
    counted: dict[str, Figures] = defaultdict(Figures)
    bins = list(
        Bin.objects.filter(Q(retired_at=None) | Q(retired_at__gt=week.start), enrolled_at__lt=week.end)
        .select_related("area", "state")
        .order_by("code")
    )
    _levels(counted, bins, week)
    _collections(counted, week)
    _turns(counted, week)
    visits = _visits(week, days, chosen.first_hour)
    _compare(counted, bins, week, visits)
    data = {
        "areas": {code: one.as_json() for code, one in counted.items()},
        "calendar": ",".join(DAYS[i] for i in days),
    }
    return WeekAccount.objects.update_or_create(week=week.monday, defaults={"made_at": clock.now(), "data": data})[0]


# ---------------------------------------------------------------- what was


def _levels(counted: dict[str, Figures], bins: Sequence[Bin], week: Week) -> None:
    """Hours at the full level or above, by the last believed level of each hour, or of one not too long ago."""
    hours = int((week.end - week.start) / HOUR)
    if not hours:
        return
    chosen = rules.ByArea(SensorRules, "waste")
    for part in in_parts(bins):
        said = reports_of(_readings(part, week))
        for one in part:
            rule, levels = chosen.of(one.area), np.full(hours, np.nan)
            state = BinState(bin=one, status=BinStatus.OK)
            for report in sorted(said.get(one.device_id, ()), key=lambda report: report.at):
                level = level_said(state, one, report, rule)
                hour = int((report.at - week.start) / HOUR)
                if level is not None and 0 <= hour < hours:
                    levels[hour] = level
            known = _carried(levels, rule.no_level_hours)
            figures = counted[one.area.code]
            figures.bins += 1
            figures.bin_hours += hours
            figures.watched_hours += int(np.isfinite(known).sum())
            figures.overflow_hours += int((known >= rule.full_percent).sum())


def _carried(levels: np.ndarray, most: int) -> np.ndarray:
    """Hours without a level have that of the last one that had, up to ``most`` hours later."""
    last = np.where(np.isfinite(levels), np.arange(len(levels)), -1)
    last = np.maximum.accumulate(last)
    fresh = (last >= 0) & (np.arange(len(levels)) - last < most)
    return np.where(fresh, levels[np.maximum(last, 0)], np.nan)


def _readings(bins: Sequence[Bin], week: Week) -> list[Arrived]:
    series = Series.objects.filter(device__in=[one.device_id for one in bins])
    series = series.filter(name__in=("distance", "fill", "tilt", "lid", "temperature"))
    rows = Reading.objects.filter(series__in=list(series), at__gte=week.start, at__lt=week.end)
    return [Arrived(*row) for row in rows.values_list("arrival", "series_id", "at", "value", "quality")]


def _collections(counted: dict[str, Figures], week: Week) -> None:
    """What drivers said, and what sensors saw besides."""
    ended = Pickup.objects.filter(bin__isnull=False, errand__ended_at__gte=week.start, errand__ended_at__lt=week.end)
    said: dict[int, list[datetime]] = defaultdict(list)
    near = Q(errand__ended_at__gte=week.start - SAME, errand__ended_at__lt=week.end + SAME)
    done = Pickup.objects.filter(near, bin__isnull=False, errand__status=ErrandStatus.DONE)
    for bin_, at in done.values_list("bin_id", "errand__ended_at"):
        if bin_ is not None and at is not None:
            said[bin_].append(at)
    for status, name in ((ErrandStatus.DONE, "collections"), (ErrandStatus.COULD_NOT, "could_not")):
        for code in ended.filter(errand__status=status).values_list("bin__area__code", flat=True):
            setattr(counted[code], name, getattr(counted[code], name) + 1)
    seen = Emptying.objects.filter(at__gte=week.start, at__lt=week.end)
    for bin_, at, code in seen.values_list("bin_id", "at", "bin__area__code"):
        if not any(abs(at - one) <= SAME for one in said[bin_]):
            counted[code].seen_only += 1


def _turns(counted: dict[str, Figures], week: Week) -> None:
    """Way, weight and exhaust of the turns that left in the week. A turn is of the areas whose bins it emptied: its way
    by their number, its weight by what was in them."""
    left = Turn.objects.filter(started_at__gte=week.start, started_at__lt=week.end)
    for turn in left.select_related("truck__device", "round"):
        done = list(turn.pickups.filter(errand__status=ErrandStatus.DONE).select_related("bin__area", "site"))
        emptied = [one for one in done if one.bin is not None]
        driven = _driven(turn)
        metres = turn.planned_metres if driven is None else driven
        scales = [one.kg for one in done if one.site is not None]
        weighed = sum(one for one in scales if one is not None) if scales and None not in scales else None
        volume = sum(litres(one) for one in emptied)
        for one in emptied:
            figures = counted[one.bin.area.code]  # type: ignore[union-attr]
            way = metres / len(emptied)
            figures.metres += way
            figures.driven_m += way if driven is not None else 0
            figures.co2_kg += way / 1000 * turn.truck.co2_g_per_km / 1000
            estimate = litres(one) * turn.truck.grams_per_litre / 1000
            share = litres(one) / volume if volume else 1 / len(emptied)
            figures.kg += estimate if weighed is None else weighed * share
            figures.weighed_kg += 0 if weighed is None else weighed * share


def _driven(turn: Turn) -> float | None:
    """Metres by the truck's positions; None where they do not cover enough of the turn."""
    if turn.truck.device is None or turn.started_at is None:
        return None
    end = turn.ended_at or min(turn.round.ends_at, clock.now())
    found = Reading.objects.filter(
        series__device=turn.truck.device, series__name__in=("lon", "lat"), at__gte=turn.started_at, at__lte=end
    ).values_list("at", "series__name", "value")
    by_time: dict[datetime, dict[str, float]] = defaultdict(dict)
    for at, name, value in found:
        if value is not None:
            by_time[at][name] = value
    places = [(at, (one["lon"], one["lat"])) for at, one in sorted(by_time.items()) if len(one) == 2]
    close = sum((b - a for (a, _), (b, _) in pairwise(places) if b - a <= SEEN_APART), timedelta())
    if end <= turn.started_at or close < SEEN_SHARE * (end - turn.started_at):
        return None
    metres, here = 0.0, places[0][1]
    for _when, place in places:
        step = float(great_circle(*here, *place))  # positions follow the road
        if step >= STANDING_M:
            metres, here = metres + step, place
    return metres


# ---------------------------------------------------------------- what the calendar would have done


def _visits(week: Week, days: Sequence[int], hour: int) -> set[datetime]:
    """When the calendar empties all bins, wall-clock times; also before the week, so that it finds bins as it would."""
    first = week.monday - BEFORE
    dates = (first + timedelta(days=number) for number in range(BEFORE.days + 7))
    return {datetime.combine(one, time(hour)) for one in dates if one.weekday() in days}


def _compare(counted: dict[str, Figures], bins: Sequence[Bin], week: Week, visits: set[datetime]) -> None:
    start, end = _wall(week.start), _wall(min(week.end, clock.now().replace(minute=0, second=0, microsecond=0) - FRESH))
    if end <= start:
        return
    known = {one.code: one for one in bins}
    was = replay(_emptyings(bins, week), start, end, visits)
    for code in was.collections:
        figures = counted[known[code].area.code]
        figures.replayed_hours += was.hours
        figures.replayed_collections += was.collections[code]
        figures.replayed_overflow += was.overflow[code]
        figures.calendar_collections += was.calendar_collections[code]
        figures.calendar_overflow += was.calendar_overflow[code]
    tours = sum(start <= one < end for one in visits)
    if bins and tours and (metres := _tour(bins, was)):
        for one in bins:
            counted[one.area.code].calendar_m += tours * metres / len(bins)


def _emptyings(bins: Sequence[Bin], week: Week) -> dict[str, list[Emptied]]:
    """All that is known of each bin's emptyings near the week, and at the end what is in it now: that fell in, too."""
    since, until = week.start - BEFORE, week.end + LATE
    found: dict[int, list[Emptied]] = defaultdict(list)
    seen: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
    for bin_, at, fill in Emptying.objects.filter(at__gte=since, at__lt=until).values_list("bin", "at", "fill_before"):
        seen[bin_].append((at, fill))
    done = Pickup.objects.filter(
        bin__isnull=False, errand__status=ErrandStatus.DONE, errand__ended_at__gte=since, errand__ended_at__lt=until
    )
    for pk, ended_at, looked, expected in done.values_list("bin_id", "errand__ended_at", "found", "fill"):
        if pk is None or ended_at is None:
            continue
        near = [one for one in seen[pk] if abs(one[0] - ended_at) <= SAME]
        seen[pk] = [one for one in seen[pk] if one not in near]
        said = near[0][1] if near else looked if looked is not None else expected
        found[pk].append(Emptied(_wall(ended_at), min(said or 0.0, 100.0)))
    for bin_, rest in seen.items():
        found[bin_] += [Emptied(_wall(at), fill) for at, fill in rest]
    for one in bins:
        if one.state.fill is not None and one.state.fill_at is not None and one.state.fill_at < until:
            found[one.pk].append(Emptied(_wall(one.state.fill_at), one.state.fill))
    return {one.code: sorted(found[one.pk], key=_time) for one in bins if found[one.pk]}


def _tour(bins: Sequence[Bin], was: Replay) -> int:
    """The calendar's way, once: all bins, as full as it finds them on average, by the city's trucks."""
    trucks = list(Truck.objects.filter(retired_at=None).select_related("depot").prefetch_related("tips"))
    if not trucks:
        return 0
    depot = trucks[0].depot
    tip = next((site for truck in trucks for site in truck.tips.all() if site.kind == SiteKind.TIP), depot)
    usual = float(np.mean(list(was.calendar_level.values()) or [0.0]))
    fleet = Fleet(
        (depot.lon, depot.lat),
        (tip.lon, tip.lat),
        trucks=MARGIN_TRUCKS * len(trucks),
        capacity=round(float(np.mean([one.capacity_l for one in trucks]))),
    )
    places = Bins(tuple(one.code for one in bins), *(np.array(column, float) for column in _columns(bins)))
    return tour_metres(places, np.array([was.calendar_level.get(one.code, usual) for one in bins]), fleet)


def _columns(bins: Iterable[Bin]) -> list[tuple[float, ...]]:
    return list(zip(*((one.lon, one.lat, one.volume_l) for one in bins), strict=True))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _wall(at: datetime) -> datetime:
    """As the clock on the wall shows it: what deposits are rebuilt by."""
    return at.astimezone(clock.SEOUL).replace(tzinfo=None)


def _time(one: Emptied) -> datetime:
    return one.at
