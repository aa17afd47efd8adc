# SPDX-License-Identifier: Apache-2.0
"""The files of ``dure complaints``: one JSON object a line. A bad line is said by number and field, others count."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from dure.engines.language.documents import Document

Record = TypeVar("Record")


class FieldError(ValueError):
    """A field of a line that is missing or not what it should be."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")


class Lines(list[Record]):
    """What could be read, and how many lines could not."""

    refused: int = 0


def read(path: Path, parse: Callable[[dict[str, Any]], Record]) -> Lines[Record]:
    """Each line of ``path`` as ``parse`` understands it; what it refuses is said on standard error."""
    good: Lines[Record] = Lines()
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                good.append(parse(_object(line)))
            except FieldError as error:
                good.refused += 1
                print(f"{path}:{number}: {error}", file=sys.stderr)
    return good


def write(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """One line a record, in place of what was there; nothing is changed unless all could be written."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
    fresh.replace(path)


def _object(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FieldError("줄 line", f"UTF-8이 아닙니다 / not UTF-8 (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise FieldError("줄 line", f"JSON이 아닙니다 / not JSON ({error})") from error
    if not isinstance(record, dict):
        raise FieldError("줄 line", "JSON 객체가 아닙니다 / not a JSON object")
    return record


def _text(record: dict[str, Any], field: str, *, required: bool = False) -> str:
    value = record.get(field)
    if value is None and not required:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and field == "id":
        value = str(value)
    if not isinstance(value, str):
        raise FieldError(field, "글이어야 합니다 / must be a string")
    if required and not value.strip():
        raise FieldError(field, "비어 있습니다 / is empty")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise FieldError(field, "짝이 없는 대리 문자 / holds a lone surrogate")
    return value


def _day(record: dict[str, Any], field: str) -> date | None:
    try:
        return date.fromisoformat(_text(record, field)) if record.get(field) is not None else None
    except ValueError as error:
        raise FieldError(field, "YYYY-MM-DD가 아닙니다 / not YYYY-MM-DD") from error


def document(record: dict[str, Any]) -> Document:
    """``{"id","title","text","category","topic"}``, and where given ``valid_from`` and ``valid_to``."""
    return Document(
        _text(record, "id", required=True),
        _text(record, "text", required=True),
        _text(record, "title"),
        _text(record, "category"),
        _text(record, "topic"),
        _day(record, "valid_from"),
        _day(record, "valid_to"),
    )


def guide(record: dict[str, Any]) -> Document:
    """A document that must have a category."""
    _text(record, "category", required=True)
    return document(record)


def labelled(record: dict[str, Any]) -> Document:
    """``{"id","text","category"}`` (or ``label`` for ``category``), and where given ``topic``."""
    return guide(record if "category" in record else {**record, "category": record.get("label")})


def query(record: dict[str, Any]) -> tuple[str, str]:
    """``{"id","text"}``; an empty text is a question that nothing answers."""
    if not isinstance(record.get("text"), str):
        raise FieldError("text", "글이어야 합니다 / must be a string")
    return _text(record, "id", required=True), _text(record, "text")


def once(documents: Lines[Document], path: Path) -> Iterator[Document]:
    """The documents; of those with the same id the last, and it is said that there were others."""
    last = {one.id: one for one in documents}
    if len(last) < len(documents):
        count = len(documents) - len(last)
        print(f"{path}: id가 같은 줄 {count}개는 마지막 것만 / {count} repeated ids, the last counts", file=sys.stderr)
    yield from last.values()
