# SPDX-License-Identifier: Apache-2.0
"""The monthly report: a page, and the same figures as files. It names nobody."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dure.city import audit
from dure.city.errors import NotFound
from dure.city.models import Role, User
from dure.city.roles import open_to, user_of
from dure.services.care.report import MEASURES, Row
from dure.services.care.report_data import Month, last_month, month_of, report_of
from dure.services.care.report_files import FORMATS, file_name
from dure.services.care.report_words import differs_words, figure_words, notes, title_of

READERS = (Role.WELFARE_OFFICER, Role.PLANNER)


@dataclass(frozen=True)
class Cell:
    """A figure in words; ``differs`` as Figure has it."""

    label: str
    words: str
    differs: int
    told: str


@require_safe
@open_to(*READERS)
def report(request: HttpRequest) -> HttpResponse:
    """One month's report (``month``, default: the last complete one)."""
    asked = request.GET.get("month", "")
    month = month_of(asked) if asked else last_month()
    made = report_of(month)
    context = {
        "month": month,
        "title": title_of(month.name),
        "city": made.city.name,
        "figures": _cells(made.city),
        "labels": [str(measure.label) for measure in MEASURES],
        "rows": [(row.name, _cells(row)) for row in made.areas],
        "formats": list(FORMATS),
        "notes": notes(),
    }
    return render(request, "care/report.html", context)


@require_safe
@open_to(*READERS)
def report_file(request: HttpRequest, month: str, ending: str) -> HttpResponse:
    """The report as a file."""
    if ending not in FORMATS:
        raise NotFound("그런 형식이 없습니다", "there is no such format")
    chosen = month_of(month)
    media, make = FORMATS[ending]
    body = make(report_of(chosen), chosen.name)
    _record(user_of(request), chosen, ending)
    answer = HttpResponse(body, content_type=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name(chosen.name, ending)}"'
    return answer


def _cells(row: Row) -> list[Cell]:
    return [
        Cell(str(measure.label), figure_words(measure, one), one.differs, differs_words(one))
        for measure, one in zip(MEASURES, row.figures, strict=True)
    ]


@transaction.atomic
def _record(user: User, month: Month, ending: str) -> None:
    audit.record("care:report:exported", actor=user, subject=f"report:{month.name}", detail={"format": ending})
