# SPDX-License-Identifier: Apache-2.0
"""The monthly report: what is counted, what is hidden, what is flagged; the page and the files say the same."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from dure.city import cases, clock
from dure.city.errors import Invalid
from dure.city.models import AuditEntry, Level, Role
from dure.services.care import report_pdf
from dure.services.care.actions.alarms import alarm
from dure.services.care.models import Enrolment
from dure.services.care.report import MEASURES, Counts, Figure, Report, make_report
from dure.services.care.report_data import month_of, report_of
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.care.living import enrolled_many

REASON = {"ko": "까닭", "en": "reason"}


def figure(report: Report, area: str, key: str) -> Figure:
    column = next(at for at, one in enumerate(MEASURES) if one.key == key)
    return next(row for row in report.rows if area in (row.code, row.name)).figures[column]


def counts(people: int = 100, alarms: int = 45, **more: Any) -> Counts:
    return Counts(people=people, home_days=people * 30.0, alarms={2: alarms}, **more)


def test_rate_is_per_thousand_home_days_with_its_interval() -> None:
    report = make_report("두레시", [("1", "아람동", counts()), ("2", "보람동", counts(people=200, alarms=80))])
    seen = figure(report, "1", "alarms_attention")
    assert (seen.value, seen.n) == (pytest.approx(15.0), 45)
    assert (seen.low, seen.high) == (pytest.approx(10.94, abs=0.01), pytest.approx(20.07, abs=0.01))
    assert figure(report, "", "alarms_attention").value == pytest.approx(125 / 9)


def test_area_is_flagged_beyond_chance_only_and_the_city_never() -> None:
    usual = [(str(n), f"{n}동", counts(people=300, alarms=135)) for n in range(2, 8)]
    odd = [("8", "많은동", counts(people=300, alarms=220)), ("9", "적은동", counts(people=300, alarms=60))]
    report = make_report("두레시", [*usual, *odd])
    flags = {row.code: row.figures[2].differs for row in report.rows}
    assert (flags["8"], flags["9"], flags[""]) == (1, -1, 0)
    assert {flags[code] for code, _, _ in usual} == {0}


def test_small_cells_are_hidden_and_another_with_them_so_that_nothing_can_be_subtracted() -> None:
    report = make_report(
        "두레시",
        [
            ("1", "가동", counts(alarms=40, visits=3)),
            ("2", "나동", counts(alarms=50, visits=9)),
            ("3", "다동", counts(alarms=60, visits=30)),
        ],
    )
    hidden = [figure(report, code, "visits").hidden for code in "123"]
    assert hidden == [True, True, False]
    assert not figure(report, "1", "alarms_attention").hidden
    assert figure(report, "", "visits").value == 42


def test_share_is_hidden_where_the_few_who_are_not_in_it_could_be_known() -> None:
    made = [(str(n), f"{n}동", counts(closed=50, found_well=49)) for n in range(3)]
    assert figure(make_report("시", made), "1", "found_well").hidden


def test_area_of_few_people_shows_nothing() -> None:
    areas = [("1", "가동", counts(people=3, alarms=20)), ("2", "나동", counts()), ("3", "다동", counts(people=90))]
    few = next(row for row in make_report("시", areas).areas if row.code == "1")
    assert all(one.hidden for one in few.figures)


areas_of_any_size = st.lists(
    st.builds(
        lambda people, alarms, visits: counts(people, alarms, visits=visits),
        st.integers(0, 40), st.integers(0, 60), st.integers(0, 20),
    ), min_size=1, max_size=8,
)  # fmt: skip


@given(areas_of_any_size)
def test_no_area_of_few_ever_shows_and_none_is_hidden_alone(made: list[Counts]) -> None:
    report = make_report("시", [(str(n), f"{n}동", one) for n, one in enumerate(made)])
    for column, measure in enumerate(MEASURES):
        figures = [row.figures[column] for row in report.areas]
        assert not [one for one in figures if 0 < one.n < 5], measure.key
        if sum(one.hidden for one in figures) == 1:
            assert not [one for one in figures if not one.hidden and one.n], measure.key


@pytest.mark.parametrize("name", ["2026-13", "2026-12", "october", "", "2026-1"])
def test_month_that_is_none_or_has_not_begun_is_refused(standing_clock: StandingClock, name: str) -> None:
    with pytest.raises(Invalid, match="month"):
        month_of(name)


# ---------------------------------------------------------------- counted from the record


@pytest.fixture
def month(city: City, standing_clock: StandingClock) -> str:
    """Twelve homes from 1 October; eight alarms, each taken after 10 and reached after 30 minutes, seven found well."""
    standing_clock.stand_at(month_of("2026-10").start)
    homes = enrolled_many(city, range(1, 13))
    Enrolment.objects.update(enrolled_at=clock.now())
    worker = city.users[Role.CARE_WORKER]
    for number, home in enumerate(homes[:8]):
        standing_clock.move(days=1)
        noticed = alarm(
            home, level=Level.ATTENTION, score=3, reason=REASON, evidence={}, engine_version="1", at=clock.now()
        )
        case = noticed.cases.get()
        standing_clock.move(minutes=10)
        cases.acknowledge(case, worker)
        standing_clock.move(minutes=20)
        cases.record_visit(case, actor=worker, reached=True)
        cases.close(case, actor=worker, outcome="well_on_visit" if number else "to_hospital")
    standing_clock.stand_at(month_of("2026-10").start + timedelta(days=33))
    return "2026-10"


def signed_in(city: City, role: Role = Role.WELFARE_OFFICER) -> Client:
    client = Client()
    client.force_login(city.users[role])
    return client


@pytest.mark.django_db
def test_everything_of_the_month_is_counted_and_nothing_of_another(month: str, standing_clock: StandingClock) -> None:
    report = report_of(month_of(month))
    told = {one.key: seen for one, seen in zip(MEASURES, report.city.figures, strict=True)}
    assert (told["people"].value, told["home_days"].value) == (12, 12 * 31)
    assert told["alarms_attention"].value == pytest.approx(8 / (12 * 31 / 1000))
    assert (told["found_well"].n, told["found_well"].of) == (7, 8)
    assert (told["acknowledge_median"].value, told["reach_90"].value) == (10, 30)
    assert told["visits"].value == 8
    after = {one.key: seen for one, seen in zip(MEASURES, report_of(month_of("2026-11")).city.figures, strict=True)}
    assert (after["people"].value, after["visits"].value, after["alarms_attention"].value) == (12, 0, 0)
    assert after["home_days"].value == 24  # two days of November so far


@pytest.mark.django_db
def test_page_and_files_say_the_same_and_each_file_is_on_the_chain(city: City, month: str) -> None:
    officer = signed_in(city)
    page = officer.get("/care/report/", {"month": month}).content.decode()
    rate = "21.5 (9.28–42.4)"
    assert rate in page
    address = f"/care/report/{month}/"
    rows = list(csv.DictReader(io.StringIO(officer.get(f"{address}csv/").content.decode("utf-8-sig"))))
    found = next(row for row in rows if (row["area_code"], row["measure"]) == ("", "alarms_attention"))
    assert (found["area"], round(float(found["value"]), 1), found["n"]) == ("두레시", 21.5, "8")
    assert len(rows) == len(MEASURES) * 2
    book = openpyxl.load_workbook(io.BytesIO(officer.get(f"{address}xlsx/").content))
    assert book.sheetnames == ["요약", "값", "읽는 법"]
    summary = [[cell.value for cell in row] for row in book["요약"].iter_rows()]
    assert (summary[2][0], summary[2][1], summary[2][3]) == ("두레시", 12, rate)
    told = AuditEntry.objects.filter(tag="care:report:exported").order_by("seq")
    assert [one.detail["format"] for one in told] == ["csv", "xlsx"]


@pytest.mark.django_db
@pytest.mark.skipif(not (report_pdf.FONTS / "NanumGothic.ttf").is_file(), reason="needs Debian's fonts-nanum")
def test_pdf_can_be_read_in_korean_and_carries_its_font(city: City, month: str) -> None:
    answer = signed_in(city, Role.PLANNER).get(f"/care/report/{month}/pdf/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="care-2026-10.pdf"'
    pdf = PdfReader(io.BytesIO(answer.content))
    text = "".join(page.extract_text() for page in pdf.pages)
    for told in ("안부 확인 월간 보고 2026-10", "두레시", "아람동", "21.5 (9.28–42.4)", "무사하신 것을 확인"):
        assert told in text, told
    fonts = [font.get_object() for font in pdf.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]
    korean = [font for font in fonts if "Nanum" in font["/BaseFont"]]
    assert korean
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in korean)


@pytest.mark.django_db
def test_pdf_without_its_font_says_what_to_install(
    city: City, month: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(report_pdf, "FONTS", tmp_path)
    monkeypatch.setattr(report_pdf, "FACES", {"Dure-Absent": "NanumGothic.ttf"})
    answer = signed_in(city).get(f"/care/report/{month}/pdf/")
    assert (answer.status_code, "fonts-nanum" in answer.content.decode()) == (503, True)


@pytest.mark.django_db
def test_unknown_month_or_format_is_said_so(city: City, standing_clock: StandingClock) -> None:
    officer = signed_in(city)
    assert officer.get("/care/report/2026-10/docx/").status_code == 404
    assert officer.get("/care/report/2027-10/csv/").status_code == 422
    assert officer.get("/care/report/", {"month": "soon"}).status_code == 422
    assert "이달에 살핀 분이 없습니다" in officer.get("/care/report/").content.decode()
