# SPDX-License-Identifier: Apache-2.0
"""Files of 국민신문고."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from dure.city.clock import SEOUL
from dure.city.errors import Invalid
from dure.city.models import CaseEvent, CaseEventKind, CaseStatus
from dure.services.complaints.access import opened
from dure.services.complaints.epeople import Imported, import_file
from dure.services.complaints.models import Complaint, Door, Message, Topic
from tests.conftest import StandingClock
from tests.factories import City
from tests.gateways.complaint_desk import make_desk

pytestmark = pytest.mark.django_db
TITLES = ["순번", "신청번호", "신청 일시", "제목", "민원내용", "신청인", "휴대전화", "처리기한", "처리부서"]
ROWS: list[list[Any]] = [
    [1, "1AA-2611-000001", "2026-11-01 22:30:00", "가로등", "가로등이 꺼졌어요.\n사흘째예요, 정말로", "김순자",
     "010-1234-5678", "2026-11-10", "도로과"],
    [2, "1AA-2611-000002", "어제", "날짜가 이상함", "내용", "이영희", "", "", ""],
    [3, "1AA-2611-000003", "2026.11.1 9:05", "전화가 이상함", "내용", "박철수", "없음", "", ""],
    [4, "", "2026-11-01", "번호 없음", "내용", "", "", "", ""],
    [5, "1AA-2611-000005", "", "똠방각하", "뷁 같은 글자도 받아 주세요", "", "", "", ""],
    [None, None, None, "", " ", None, None, None, None],
]  # fmt: skip
BAD = [(4, "신청 일시"), (5, "휴대전화"), (6, "신청번호")]


@pytest.fixture(autouse=True)
def desk(city: City, standing_clock: StandingClock) -> None:
    make_desk(city)


def as_csv(encoding: str, delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([["국민신문고 민원 목록"] + [""] * 8, TITLES, *ROWS])
    return out.getvalue().encode(encoding)


def as_xlsx() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["국민신문고 민원 목록"], TITLES, *ROWS):
        sheet.append(row)
    sheet["C3"] = datetime(2026, 11, 1, 22, 30)  # noqa: DTZ001 - spreadsheets know no zones
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("utf8.csv", as_csv("utf-8-sig")),
        ("korean.csv", as_csv("cp949")),
        ("tabs.txt", as_csv("utf-8", "\t")),
        ("book.xlsx", as_xlsx()),
    ],
)
def test_good_rows_are_taken_bad_ones_named_and_again_nothing_changes(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = import_file(path, actor="tests")
    assert (done.new, done.known, [bad[:2] for bad in done.refused]) == (2, 0, BAD)
    first, second = Complaint.objects.order_by("outside_ref")
    assert (first.door, first.outside_ref) == (Door.EPEOPLE, "1AA-2611-000001")
    assert first.received_at == datetime(2026, 11, 1, 22, 30, tzinfo=SEOUL)
    assert first.answers == {"처리기한": "2026-11-10", "처리부서": "도로과"}
    record = opened(first)
    assert (record.text, record.name, record.phone) == (
        "가로등이 꺼졌어요.\n사흘째예요, 정말로",
        "김순자",
        "01012345678",
    )
    assert opened(second).text == "뷁 같은 글자도 받아 주세요"
    again = import_file(path, actor="tests")
    assert (again.new, again.known, len(again.refused)) == (0, 2, 3)
    assert Complaint.objects.count() == 2


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04 no archive", "신청번호".encode("utf-16")])
def test_a_file_that_is_no_such_export_is_refused_as_a_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        import_file(path, actor="tests")
    assert refused.value.field == "file"


def test_a_file_without_rows_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("신청번호,내용\n", encoding="utf-8")
    assert import_file(path, actor="tests") == Imported()


def test_what_was_answered_there_is_closed_here_teaches_and_rings_nobody(tmp_path: Path) -> None:
    head = "신청번호,신청일시,내용,위도,경도,처리부서,민원분류,처리일시,답변내용\n"
    lamp = "1AA-{0},2026-10-0{0} 09:00,가로등이 꺼졌어요,37.2001,127.0001,도로과,가로등,{1},켰습니다\n"
    path = tmp_path / "past.csv"
    rows = lamp.format(1, "2026-10-03 15:00"), lamp.format(2, "2026-10-03 15:00"), lamp.format(5, "2026-10-06")
    path.write_text(head + "".join(rows) + lamp.format(6, "2026-10-01"), encoding="utf-8")
    done = import_file(path, actor="tests")
    assert (done.new, [bad[:2] for bad in done.refused]) == (3, [(5, "처리일시")])
    first, second, third = Complaint.objects.order_by("outside_ref").select_related("case", "judgement")
    assert first.case == second.case != third.case  # answered on the 3rd: on the 5th it is another time
    assert {one.case.status for one in (first, second, third)} == {CaseStatus.CLOSED}
    assert first.case.closed_at == first.answered_at == datetime(2026, 10, 3, 15, tzinfo=SEOUL)
    assert first.topic == first.judgement.chosen_topic == Topic.objects.get(code="lamp")
    assert str(first.department) == str(first.judgement.chosen) == "도로과"
    assert [said.text for said in opened(first).messages] == ["켰습니다"]
    assert not Message.objects.filter(sent_at=None).exists()
    assert not CaseEvent.objects.filter(kind__in=(CaseEventKind.CALL, CaseEventKind.ESCALATION)).exists()
    assert import_file(path, actor="tests").new == 0
