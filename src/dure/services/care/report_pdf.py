# SPDX-License-Identifier: Apache-2.0
"""The monthly report on paper. The font is Debian's fonts-nanum, embedded in the file; nothing is fetched."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from dure.city import clock
from dure.city.errors import Unavailable
from dure.services.care.report import MEASURES, Figure, Measure, Report, Row
from dure.services.care.report_words import differs_words, figure_words, notes, title_of

FONTS = Path("/usr/share/fonts/truetype/nanum")
"""Where Debian's package fonts-nanum puts them."""
FACES = {"Dure": "NanumGothic.ttf", "Dure-Bold": "NanumGothicBold.ttf"}
AT_ONCE = 8
"""Columns of areas' figures on one page: as many as stay readable."""
INK, SOFT, LINE, WASH, LOUD = (colors.HexColor(one) for one in ("#1b2420", "#5a665f", "#c9c6ba", "#eef3f0", "#a3271c"))


def draw(report: Report, month: str) -> bytes:
    """The report as a PDF. Raises Unavailable where the fonts are not installed."""
    _use_fonts()
    held = io.BytesIO()
    page = SimpleDocTemplate(
        held, pagesize=landscape(A4), title=title_of(month), author=_("두레"), lang="ko",
        leftMargin=14 * mm, rightMargin=14 * mm, topMargin=13 * mm, bottomMargin=14 * mm,
    )  # fmt: skip
    told = _("%s에 만듦") % date_format(timezone.localtime(clock.now()), "Y-m-d H:i")
    parts: list[Flowable] = [
        Paragraph(title_of(month), _style(17, bold=True)),
        Paragraph(f"{report.city.name} · {told}", _style(9, colour=SOFT)),
        Spacer(1, 4 * mm),
        _city(report.city),
    ]
    for start in range(0, len(MEASURES), AT_ONCE):
        parts += [Spacer(1, 6 * mm), _areas(report, slice(start, start + AT_ONCE))]
    parts += [Spacer(1, 5 * mm), *(Paragraph(f"· {note}", _style(8.5, colour=SOFT)) for note in notes())]
    page.build(parts, onFirstPage=_number, onLaterPages=_number)
    return held.getvalue()


def _city(row: Row) -> Table:
    """The city's figures, four to a line."""
    cells = [
        [
            Paragraph(str(measure.label), _style(8, colour=SOFT)),
            Paragraph(figure_words(measure, one).replace("<", "&lt;"), _style(11, bold=True)),
        ]
        for measure, one in zip(MEASURES, row.figures, strict=True)
    ]
    lines = [cells[start : start + 4] for start in range(0, len(cells), 4)]
    return Table(lines, colWidths=[67 * mm] * 4, style=TableStyle([("BACKGROUND", (0, 0), (-1, -1), WASH),
                 ("BOX", (0, 0), (-1, -1), 0.5, LINE), ("VALIGN", (0, 0), (-1, -1), "TOP")]))  # fmt: skip


def _areas(report: Report, part: slice) -> Table:
    """Some columns of every area; the heading is repeated on each page."""
    measures = MEASURES[part]
    head = [Paragraph(text, _style(8, bold=True)) for text in (_("지역"), *(str(one.label) for one in measures))]
    body = [
        [Paragraph(row.name, _style(8, bold=not row.code)), *(map(_cell, measures, row.figures[part]))]
        for row in report.rows
    ]
    width = (269 - 27) / len(measures) * mm
    return Table([head, *body], colWidths=[27 * mm] + [width] * len(measures), repeatRows=1, style=TableStyle([
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, SOFT), ("LINEBELOW", (0, 1), (-1, -1), 0.3, LINE),
        ("BACKGROUND", (0, 1), (-1, 1), WASH), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]))  # fmt: skip


def _cell(measure: Measure, one: Figure) -> Paragraph:
    marked = f"<br/>{differs_words(one)}" if one.differs else ""
    words = figure_words(measure, one).replace("<", "&lt;")
    return Paragraph(words + marked, _style(8, colour=LOUD if marked else INK))


@cache
def _style(size: float, *, bold: bool = False, colour: colors.Color = INK) -> ParagraphStyle:
    name = "Dure-Bold" if bold else "Dure"
    return ParagraphStyle(f"{name}-{size}", fontName=name, fontSize=size, leading=size * 1.4, textColor=colour)


def _use_fonts() -> None:
    """Make the faces known to ReportLab, once."""
    for name, file in FACES.items():
        if name in pdfmetrics.getRegisteredFontNames():
            continue
        if not (FONTS / file).is_file():
            raise Unavailable(
                "PDF에 쓸 한글 글꼴이 없습니다. 시스템 관리자에게 fonts-nanum을 설치해 달라고 해 주세요.",
                "no Korean font for the PDF: install Debian's fonts-nanum",
            )
        pdfmetrics.registerFont(TTFont(name, str(FONTS / file)))


def _number(canvas: Any, page: Any) -> None:
    canvas.setFont("Dure", 8)
    canvas.setFillColor(SOFT)
    canvas.drawRightString(landscape(A4)[0] - 14 * mm, 8 * mm, str(page.page))
