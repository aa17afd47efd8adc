# SPDX-License-Identifier: Apache-2.0
"""The monthly report as files: CSV for machines, XLSX for a desk, PDF (report_pdf.py) for paper."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dure.services.care.report import MEASURES, Figure, Measure, Report, Row, Unit
from dure.services.care.report_words import differs_words, figure_words, notes, title_of

if TYPE_CHECKING:
    import xlsxwriter

COLUMNS = (
    *("area_code", "area", "measure", "label", "unit", "value", "low_95", "high_95"),
    *("n", "of", "differs", "hidden"),
)
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read Korean as something else."""


def lines(report: Report) -> Iterator[tuple[str | float | int | None, ...]]:
    """One row for each area and measure, in COLUMNS; the city's ``area_code`` is empty. Shares are of 1, rates per
    1,000 home-days, times minutes; ``differs`` is +1, -1 or 0."""
    for row in report.rows:
        for measure, one in zip(MEASURES, row.figures, strict=True):
            what = (row.code, row.name, measure.key, str(measure.label), measure.unit.value)
            made_of = (None, None) if one.hidden else (one.n, one.of or None)
            yield (*what, one.value, one.low, one.high, *made_of, one.differs, int(one.hidden))


def as_csv(report: Report, month: str) -> bytes:
    """UTF-8 with a byte order mark; numbers with a point, cells that are hidden or unknown empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines(report):
        writer.writerow([_harmless(one) if isinstance(one, str) else one for one in line])
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text


def as_xlsx(report: Report, month: str) -> bytes:
    """Three sheets: the figures as they are read, each with its interval for further work, and what they mean."""
    import xlsxwriter  # noqa: PLC0415 - every process of the pages begins without it

    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E4EFEC"})
        book.set_properties({"title": title_of(month)})
        _summary(book.add_worksheet(_("요약")), report, month, head)
        sheet = book.add_worksheet(_("값"))
        sheet.write_row(0, 0, COLUMNS, head)
        for number, line in enumerate(lines(report), start=1):
            sheet.write_row(number, 0, line)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 3, 18)
        about = book.add_worksheet(_("읽는 법"))
        about.set_column(0, 0, 110)
        for number, note in enumerate(notes()):
            about.write_string(number, 0, note)
    return held.getvalue()


def _summary(sheet: xlsxwriter.worksheet.Worksheet, report: Report, month: str, head: object) -> None:
    sheet.write_string(0, 0, title_of(month), head)
    sheet.write_row(1, 0, [_("지역"), *(str(measure.label) for measure in MEASURES)], head)
    for number, row in enumerate(report.rows, start=2):
        sheet.write_row(number, 0, [row.name, *(_cell(*pair) for pair in zip(MEASURES, row.figures, strict=True))])
    sheet.freeze_panes(3, 1)
    sheet.set_column(0, len(MEASURES), 20)


def _cell(measure: Measure, one: Figure) -> str | float:
    plain = measure.unit is Unit.COUNT and not one.hidden and one.value is not None
    marked = f" {differs_words(one)}" if one.differs else ""
    return one.value if plain and one.value is not None else figure_words(measure, one) + marked


def as_pdf(report: Report, month: str) -> bytes:
    """Pages of A4, the city first. Raises Unavailable where this machine has no Korean font."""
    from dure.services.care import report_pdf  # noqa: PLC0415 - and without what draws PDF

    return report_pdf.draw(report, month)


FORMATS: dict[str, tuple[str, Callable[[Report, str], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "pdf": ("application/pdf", as_pdf),
}
"""By the ending of the file's name: its media type, and how it is made."""


def file_name(month: str, ending: str) -> str:
    """As in care-2026-10.xlsx."""
    return f"care-{month}.{ending}"


__all__ = ["FORMATS", "Row", "as_csv", "as_pdf", "as_xlsx", "file_name", "lines"]
