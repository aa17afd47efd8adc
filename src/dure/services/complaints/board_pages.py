# SPDX-License-Identifier: Apache-2.0
"""The lead's board: figures of the desk with what each rests on, as a page and as CSV tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dure.city import clock
from dure.city.errors import NotFound
from dure.city.roles import open_to, user_of
from dure.city.templatetags.dure import in_language
from dure.services.complaints import board as figures
from dure.services.complaints.board import READERS, Answers, CurvePoint
from dure.services.complaints.models import Complaint
from dure.services.complaints.rising import FEWEST_WEEKS

PERIODS = (7, 28, 91)
"""Days that the page can look back on."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read Korean as something else."""
WIDTH, HEIGHT = 480, 160
"""Of the curve, in SVG user units."""
Table = tuple[Sequence[str], list[Sequence[object]]]


@require_safe
@open_to(*READERS)
def board(request: HttpRequest) -> HttpResponse:
    """Of the last ``days``."""
    days = _days(request)
    since = clock.now() - timedelta(days=days)
    complaints = figures.complaints_of(user_of(request))
    every, departments = figures.answers(complaints, since)
    points = figures.curve(complaints, since)
    context = {
        "days": days,
        "periods": PERIODS,
        "closed": figures.closed(),
        "waiting": figures.waiting(complaints),
        "every": every,
        "departments": [every, *departments] if every.received else [],
        "rising": figures.rising(complaints),
        "fewest_weeks": FEWEST_WEEKS,
        "unsure": figures.unsure(complaints, since),
        "points": points,
        "drawn": _drawn(points),
        "dots": [(round(_x(one)), round(_y(one))) for one in points],
        "assisted": [one for one in figures.assisted(complaints, since) if one.received],
        "W": WIDTH,
        "H": HEIGHT,
    }
    return render(request, "complaints/board.html", context)


@require_safe
@open_to(*READERS)
def board_file(request: HttpRequest, table: str) -> HttpResponse:
    """One of its tables as CSV: UTF-8 with a byte order mark. Raises NotFound."""
    if table not in TABLES:
        raise NotFound("그런 표가 없습니다", f"there is no table {table[:40]!r}", field="table")
    complaints = figures.complaints_of(user_of(request))
    head, rows = TABLES[table](complaints, _days(request))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_harmless(one) for one in row] for row in rows)
    answer = HttpResponse((BYTE_ORDER_MARK + text.getvalue()).encode(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="complaints-{table}.csv"'
    return answer


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else PERIODS[1]


def _drawn(points: Sequence[CurvePoint]) -> str:
    """The curve as a path: percent to the right, accuracy from a half upwards."""
    return "M" + "L".join(f"{_x(one):.0f} {_y(one):.0f}" for one in points) if points else ""


def _x(point: CurvePoint) -> float:
    return WIDTH * point.percent / 100


def _y(point: CurvePoint) -> float:
    return HEIGHT * (1 - max(point.accuracy - 0.5, 0) / 0.5)


def _harmless(value: object) -> object:
    """A spreadsheet takes what begins so for a formula; none of our figures does."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t" else value


def _answers_table(complaints: QuerySet[Complaint], days: int) -> Table:
    every, departments = figures.answers(complaints, clock.now() - timedelta(days=days))
    return ("department", *_ANSWER_HEAD), [_answers_row(one) for one in [every, *departments]]


def _assisted_table(complaints: QuerySet[Complaint], days: int) -> Table:
    both = figures.assisted(complaints, clock.now() - timedelta(days=days))
    return ("assistant", *_ANSWER_HEAD), [_answers_row(one) for one in both]


_ANSWER_HEAD = (
    "received", "waiting", "late", "answered", "on_time", "reopened", "median_working_hours", "mean_rating",
)  # fmt: skip


def _answers_row(one: Answers) -> Sequence[object]:
    hours = "" if one.median_hours is None else f"{one.median_hours:.2f}"
    rating = "" if one.rating is None else f"{one.rating:.2f}"
    return one.name, one.received, one.waiting, one.late, one.answered, one.on_time, one.reopened, hours, rating


def _rising_table(complaints: QuerySet[Complaint], days: int) -> Table:
    rising = figures.rising(complaints)
    return ("topic", "name", "area", "this_week", "usual_week", "p"), [
        (topic.code, in_language(topic.name), area.full_name, one.now, f"{one.usual:.2f}", f"{one.p:.2g}")
        for topic, area, one in rising.found
    ]


def _unsure_table(complaints: QuerySet[Complaint], days: int) -> Table:
    unsure = figures.unsure(complaints, clock.now() - timedelta(days=days))
    return ("said", "chosen", "count"), list(unsure.pairs)


def _curve_table(complaints: QuerySet[Complaint], days: int) -> Table:
    points = figures.curve(complaints, clock.now() - timedelta(days=days))
    return ("percent_sent_on", "accuracy", "least_p"), [
        (one.percent, f"{one.accuracy:.4f}", f"{one.p:.4f}") for one in points
    ]


TABLES: dict[str, Callable[[QuerySet[Complaint], int], Table]] = {
    "answers": _answers_table,
    "rising": _rising_table,
    "unsure": _unsure_table,
    "curve": _curve_table,
    "assistant": _assisted_table,
}
