# SPDX-License-Identifier: Apache-2.0
"""Complaints of 국민신문고 (e-People) from the file that its officers' page exports: CSV or XLSX.

The names of columns differ from export to export, so they are known by several; a line of titles before them is passed
over. A bad row is refused by itself, with its number and column; a number that is there already changes nothing.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from dure.city.clock import SEOUL
from dure.city.errors import DureError, Invalid
from dure.city.plain_text import plain
from dure.services.complaints.actions.past import Ended, take_over
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.models import Complaint, Department, Door, Topic

NAMESPACE = uuid5(NAMESPACE_URL, "dure/epeople")
MOST_BYTES = 50 * 2**20
MOST_UNPACKED = 400 * 2**20
HEADER_WITHIN = 10
"""Rows in which the names of the columns must stand."""
COLUMNS = {
    "outside_ref": ("신청번호", "접수번호", "민원번호", "민원신청번호"),
    "received_at": ("신청일시", "신청일", "신청일자", "접수일시", "접수일", "접수일자"),
    "title": ("제목", "민원제목", "신청제목"),
    "text": ("내용", "민원내용", "신청내용", "민원요지"),
    "name": ("신청인", "신청인명", "민원인", "성명", "이름"),
    "phone": ("연락처", "전화번호", "휴대전화", "휴대폰", "휴대전화번호", "신청인연락처"),
    "email": ("이메일", "전자우편", "email", "e-mail"),
    "address": ("발생위치", "민원발생지", "위치", "주소", "신청인주소"),
    "lon": ("경도", "발생위치경도", "x좌표"),
    "lat": ("위도", "발생위치위도", "y좌표"),
    "due": ("처리기한", "처리예정일", "처리기한일"),
    "department": ("처리부서", "담당부서", "처리기관부서"),
    "topic": ("민원분류", "분류", "갈래"),
    "ended_at": ("처리일시", "처리일", "처리일자", "처리완료일시", "처리완료일", "답변일시", "답변일"),
    "answer": ("답변내용", "처리내용", "처리결과", "답변"),
}
"""By field, what its column may be called; of several that are there the first counts."""
REQUIRED = ("outside_ref", "text")
_TIME = re.compile(
    r"(\d{4})[-./년 ]+(\d{1,2})[-./월 ]+(\d{1,2})[.일]?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?"
)


@dataclass
class Imported:
    """How many rows are new, how many were there, and which were refused (row, column, why)."""

    new: int = 0
    known: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def import_file(path: Path, *, actor: str) -> Imported:
    """Take in every row of a file. Raises Invalid (``file``) for a file that is no such export at all."""
    rows = _rows(path)
    columns = _columns(rows)
    done = Imported()
    for number, row in rows:
        if not any(_text(cell) for cell in row):
            continue
        try:
            fresh = _take({name: row[place] for name, place in columns.places.items() if place < len(row)}, actor)
        except DureError as error:
            column = columns.titles.get(error.field or "", error.field or "")
            done.refused.append((number, column, f"{error.ko} / {error.en}"))
            continue
        done.new += fresh
        done.known += not fresh
    return done


@dataclass(frozen=True)
class _Columns:
    """By field: in which column it stands (from 0), and what that is called in this file."""

    places: dict[str, int]
    titles: dict[str, str]


def _columns(rows: Iterator[tuple[int, Sequence[Any]]]) -> _Columns:
    """From the first row in which every required column is named; ``rows`` then stands behind it."""
    for number, row in rows:
        named = {"".join(_text(cell).split()).casefold(): place for place, cell in reversed(list(enumerate(row)))}
        places = {
            name: named[known[0]]
            for name, aliases in COLUMNS.items()
            if (known := [alias for alias in aliases if alias in named])
        }
        if all(name in places for name in REQUIRED):
            return _Columns(places, {name: _text(row[place]) for name, place in places.items()})
        if number >= HEADER_WITHIN:
            break
    raise Invalid("신청번호와 내용 열이 없습니다", "has no columns 신청번호 and 내용", field="file")


def _take(cells: Mapping[str, Any], actor: str) -> bool:
    """Take one row in; whether it is new. Raises DureError naming the field."""
    said = {name: _text(cell) for name, cell in cells.items()}
    for name in REQUIRED:
        if not said[name]:
            raise Invalid("비어 있습니다", "is empty", field=name)
    number = said["outside_ref"]
    if Complaint.objects.filter(door=Door.EPEOPLE, outside_ref=number).exists():
        return False
    kept = {"처리기한": said.get("due", ""), "처리부서": said.get("department", "")}
    received = Received(
        door=Door.EPEOPLE,
        outside_ref=number,
        client_id=uuid5(NAMESPACE, number),
        received_at=_moment(cells.get("received_at"), "received_at"),
        answers={name: value for name, value in kept.items() if value},
        text=said["text"],
        title=said.get("title", ""),
        name=said.get("name", ""),
        phone=said.get("phone", ""),
        email=said.get("email", ""),
        address=said.get("address", ""),
        lon=_degrees(said, "lon"),
        lat=_degrees(said, "lat"),
    )
    ended_at = _moment(cells.get("ended_at"), "ended_at")
    if ended_at is None:
        receive(received, actor=actor)
    else:
        department = Department.objects.filter(name__ko=said.get("department", ""), retired_at=None).first()
        topic = Topic.objects.filter(name__ko=said.get("topic", ""), retired_at=None).first()
        take_over(received, Ended(ended_at, department, said.get("answer", ""), topic), actor=actor)
    return True


def _degrees(said: Mapping[str, str], name: str) -> float | None:
    try:
        return float(said[name]) if said.get(name) else None
    except ValueError as error:
        raise Invalid("숫자가 아닙니다", "is no number", field=name) from error


def _moment(cell: Any, name: str) -> datetime | None:
    """The moment in Korea; None where nothing stands there. Raises Invalid naming the column."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=SEOUL)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day, tzinfo=SEOUL)
    text = _text(cell)
    if not text:
        return None
    found = _TIME.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=SEOUL)
    except ValueError as error:
        words = "날짜와 시각이 아닙니다. 예: 2026-11-22 09:30", "is no date and time, e.g. 2026-11-22 09:30"
        raise Invalid(*words, field=name) from error


def _text(cell: Any) -> str:
    """What stands in a cell; a number that a spreadsheet made of one (2026001.0) as it was."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return plain(str(cell)).strip()


def _rows(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    """Each row with its number, as a spreadsheet counts them."""
    if path.stat().st_size > MOST_BYTES:
        raise Invalid(f"{MOST_BYTES // 2**20} MiB까지입니다", f"at most {MOST_BYTES // 2**20} MiB", field="file")
    content = path.read_bytes()
    rows = _of_workbook(content) if content.startswith(b"PK") else _of_text(content)
    return enumerate(rows, start=1)


def _of_text(content: bytes) -> Iterator[Sequence[str]]:
    """Rows of a CSV in UTF-8 or the code page that spreadsheets in Korea write; a row is one though it has lines."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp949")
        except UnicodeDecodeError as error:
            raise Invalid("UTF-8도 CP949도 아닙니다", "neither UTF-8 nor CP949", field="file") from error
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    csv.field_size_limit(1_000_000)
    try:
        yield from csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise Invalid("CSV가 아닙니다", f"is no CSV ({error})", field="file") from error


def _of_workbook(content: bytes) -> Iterator[Sequence[Any]]:
    """Rows of the first sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
                raise Invalid("풀면 너무 큽니다", "unpacks to too much", field="file")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        yield from book.worksheets[0].iter_rows(values_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, SyntaxError) as error:
        raise Invalid("XLSX가 아닙니다", "is no XLSX", field="file") from error
