# SPDX-License-Identifier: Apache-2.0
"""The manager's account: what collecting came to, per area and week, beside a fixed calendar; as a page and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from dure.city.models import Area, Role, User
from dure.city.roles import areas_of, open_to, user_of
from dure.services.waste import account_chart
from dure.services.waste.account import Figures
from dure.services.waste.account_chart import Bars
from dure.services.waste.account_data import Week, week_named, week_of
from dure.services.waste.models import WeekAccount

READERS = (Role.DISPATCHER, Role.PLANNER)
SHOWN = 12
"""Weeks on the page."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read Korean as something else."""


@dataclass(frozen=True)
class Row:
    """One area, or the city, in one week."""

    code: str
    name: str
    figures: Figures


@dataclass(frozen=True)
class Measure:
    """A column: how a figure is called and written, and what it rests on ("" where nothing is to be said)."""

    label: str | Promise
    words: Callable[[Figures], str]
    rests: Callable[[Figures], str] = lambda _figures: ""


@dataclass(frozen=True)
class Comparison:
    """Ours beside the calendar's, in words, and as bars of weeks."""

    label: str | Promise
    unit: str | Promise
    ours: str
    calendar: str
    bars: Bars


Pair = tuple[float | None, float | None]
"""Ours and the calendar's, of a week."""


def _number(value: float | None, decimals: int = 0, unit: str = "") -> str:
    return "–" if value is None else f"{value:,.{decimals}f}{unit}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


MEASURES = (
    Measure(_("수거함"), lambda one: _number(one.bins)),
    Measure(_("비움"), lambda one: _number(one.collections)),
    Measure(_("못 비움"), lambda one: _number(one.could_not)),
    Measure(_("감지기만 본 비움"), lambda one: _number(one.seen_only)),
    Measure(
        _("넘침 시간 (수거함·주마다)"),
        lambda one: _number(one.overflow_per_bin_week, 2),
        lambda one: str(_("지켜본 시간 %s")) % _share(one.watched_share),
    ),
    Measure(
        _("달린 거리"),
        lambda one: _number(one.metres / 1000, 1, " km"),
        lambda one: str(_("위치로 잰 몫 %s")) % _share(one.driven_share),
    ),
    Measure(
        _("무게"),
        lambda one: _number(one.kg, 0, " kg"),
        lambda one: str(_("저울로 잰 몫 %s")) % _share(one.weighed_share),
    ),
    Measure(_("CO₂"), lambda one: _number(one.co2_kg, 1, " kg")),
)
"""The columns of the table in their order."""


@require_safe
@open_to(*READERS)
def account(request: HttpRequest) -> HttpResponse:
    """One week's areas (``week``, default: the newest that was counted), and the weeks up to it beside the calendar."""
    areas = _areas(user_of(request))
    asked = request.GET.get("week", "")
    week = week_named(asked) if asked else _newest()
    kept = WeekAccount.objects.filter(week__lte=week.monday).order_by("-week")[:SHOWN] if week else ()
    held = [(week_of(one.week), _rows(one, areas)) for one in reversed(kept)]
    context = {
        "week": week,
        "before": week_of(week.monday - timedelta(days=7)).name if week else "",
        "after": _after(week),
        "labels": [str(one.label) for one in MEASURES],
        "rows": _table(held[-1][1], week) if held and week and held[-1][0].monday == week.monday else [],
        "comparisons": _comparisons([(one, _city(rows)) for one, rows in held]),
        "W": account_chart.WIDTH,
        "H": account_chart.HEIGHT,
    }
    return render(request, "waste/account.html", context)


@require_safe
@open_to(*READERS)
def account_file(request: HttpRequest) -> HttpResponse:
    """All weeks and areas as CSV: UTF-8 with a byte order mark, one row for each area and week."""
    areas = _areas(user_of(request))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [one.name for one in fields(Figures)]
    writer.writerow(["week", "area_code", "area", *names])
    for kept in WeekAccount.objects.order_by("week"):
        for row in _rows(kept, areas):
            figures = row.figures.as_json()
            writer.writerow([week_of(kept.week).name, row.code, row.name, *(f"{figures[name]:g}" for name in names)])
    answer = HttpResponse((BYTE_ORDER_MARK + text.getvalue()).encode(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="waste-account.csv"'
    return answer


def _areas(user: User) -> dict[str, Area]:
    """By code, those whose figures the reader may see."""
    return {one.code: one for one in areas_of(user, *READERS)}


def _newest() -> Week | None:
    newest = WeekAccount.objects.order_by("-week").first()
    return week_of(newest.week) if newest else None


def _after(week: Week | None) -> str:
    there = week is not None and WeekAccount.objects.filter(week__gt=week.monday).exists()
    return week_of(week.monday + timedelta(days=7)).name if week is not None and there else ""


def _rows(kept: WeekAccount, areas: dict[str, Area]) -> list[Row]:
    found = [
        Row(code, areas[code].name, Figures.of(data)) for code, data in kept.data["areas"].items() if code in areas
    ]
    return sorted(found, key=lambda one: (one.name, one.code))


def _city(rows: list[Row]) -> Figures:
    together = Figures()
    for one in rows:
        together.add(one.figures)
    return together


def _table(rows: list[Row], week: Week) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """All together first, then each area: name, and (label, words, what it rests on) of each measure."""
    every = [Row("", str(_("모두")), _city(rows)), *rows]
    return [
        (row.name, [(str(one.label), one.words(row.figures), one.rests(row.figures)) for one in MEASURES])
        for row in every
    ]


def _comparisons(held: list[tuple[Week, Figures]]) -> list[Comparison]:
    """What there is of both; the words are of the newest week that has it."""
    weeks = [week.name.partition("-")[2] for week, _figures in held]
    figures = [one for _week, one in held]
    each = _("번 (수거함·주마다)"), _("시간 (수거함·주마다)")
    made = [
        _comparison(_("비움"), each[0], weeks, _pairs(figures, "replayed_collections", "calendar_collections")),
        _comparison(_("넘침"), each[1], weeks, _pairs(figures, "replayed_overflow", "calendar_overflow")),
        _comparison(
            _("거리"), "km", weeks,
            [(one.metres / 1000, one.calendar_m / 1000) if one.calendar_m else (None, None) for one in figures],
        ),
    ]  # fmt: skip
    return [one for one in made if one.bars.calendar]


def _pairs(figures: list[Figures], ours: str, calendar: str) -> list[Pair]:
    return [(one.per_bin_week(ours), one.per_bin_week(calendar)) for one in figures]


def _comparison(label: str | Promise, unit: str | Promise, weeks: list[str], pairs: list[Pair]) -> Comparison:
    known = [pair for pair in pairs if None not in pair]
    ours, calendar = known[-1] if known else (None, None)
    drawn = account_chart.bars(weeks, [one for one, _ in pairs], [one for _, one in pairs])
    return Comparison(label, unit, _number(ours, 1), _number(calendar, 1), drawn)
