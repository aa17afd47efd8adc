# SPDX-License-Identifier: Apache-2.0
"""The audit chain as files: an export of all of it, and the ends noted while it grew. Needs no database.

Both are JSON lines in canonical form. An export holds one entry a line and, last, ``{"end": {seq, hash, mac}}``.
A heads file holds ``{at, seq, hash, mac}`` a line, the oldest first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dure.city.chain import HASHED_FIELDS, Break, BreakKind, ChainCheck, Head, canonical

ENTRY_FIELDS = frozenset({*HASHED_FIELDS, "hash"})
LONGEST_HEAD_LINE = 1024
"""Bytes; a line of a heads file has about 220."""


def write_export(path: Path, entries: Iterable[Mapping[str, Any]], end: Callable[[], Head | None]) -> int:
    """Write ``entries`` (``ENTRY_FIELDS``, ``at`` as text) and then what ``end`` returns; counts the entries."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for entry in entries:
            file.write(canonical(entry) + "\n")
            count += 1
        if (head := end()) is not None:
            file.write(canonical({"end": _as_json(head)}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return count


def verify_export(path: Path, key: str | None, heads: Path | None = None) -> tuple[int, list[Break]]:
    """How many entries an export has, and every place where its chain does not hold.

    Without ``key`` the seals are not checked: then a cut-off end with a made-up seal goes unseen unless ``heads``
    noted a later end. Raises OSError when a file cannot be read.
    """
    noted, breaks = read_heads(heads) if heads else ([], [])
    check = ChainCheck(key, noted)
    end: Head | None = None
    for number, line in _numbered(path):
        if end is not None:
            breaks.append(
                Break(BreakKind.INSERTED, end.seq, f"끝난 뒤의 줄 {number}", f"line {number} follows the end")
            )
            continue
        found = _parsed(line)
        if (head := _head_of(found.get("end"))) is not None and len(found) == 1:
            end = head
        elif isinstance(found.get("seq"), int) and found.keys() == ENTRY_FIELDS:
            check.add(found)
        else:
            breaks.append(_unreadable(check.last_seq + 1, path, number))
    return check.count, sorted([*breaks, *check.finish(end)], key=lambda one: one.seq)


def read_heads(path: Path) -> tuple[list[Head], list[Break]]:
    """The ends that a heads file notes, and the lines of it that are not ends. A missing file notes none."""
    heads: list[Head] = []
    breaks: list[Break] = []
    for number, line in _numbered(path) if path.exists() else ():
        found = _parsed(line)
        head = _head_of({name: found.get(name) for name in ("seq", "hash", "mac")})
        if head is None:
            breaks.append(_unreadable(heads[-1].seq if heads else 0, path, number))
        else:
            heads.append(head)
    return heads, breaks


def append_head(path: Path, head: Head, at: str) -> None:
    """Note ``head`` at the file's end, on disk before this returns; nothing when it is the last one noted.

    Raises OSError when it cannot be written; a line that the disk took in part is taken back.
    """
    line = (canonical({"at": at, **_as_json(head)}) + "\n").encode()
    with path.open("a+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LONGEST_HEAD_LINE))
        last = file.read().rsplit(b"\n", 2)
        if len(last) > 1 and _parsed(last[-2].decode(errors="replace")).get("hash") == head.hash:
            return
        try:
            if file.write(line) != len(line):
                raise OSError(f"{path}: the disk took only a part of the line")
        except OSError:
            file.truncate(size)
            raise
        os.fsync(file.fileno())
    if size == 0:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            yield number, line.decode("utf-8", "surrogateescape").removesuffix("\n")


def _parsed(line: str) -> dict[str, Any]:
    """The line's object; empty when it is none or not in canonical form, so that no byte can change unseen."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and _is_canonical(found, line) else {}


def _is_canonical(found: dict[str, Any], line: str) -> bool:
    try:
        return canonical(found) == line
    except ValueError:
        return False


def _head_of(found: Any) -> Head | None:
    if not isinstance(found, dict) or found.keys() != {"seq", "hash", "mac"}:
        return None
    seq, last_hash, mac = found["seq"], found["hash"], found["mac"]
    if not isinstance(seq, int) or not isinstance(last_hash, str) or not isinstance(mac, str):
        return None
    return Head(seq, last_hash, mac)


def _as_json(head: Head) -> dict[str, Any]:
    return {"seq": head.seq, "hash": head.hash, "mac": head.mac}


def _unreadable(seq: int, path: Path, number: int) -> Break:
    return Break(
        BreakKind.UNREADABLE,
        seq,
        f"{path.name} {number}번째 줄은 우리가 적은 줄이 아닙니다",
        f"line {number} of {path.name} is not a line that we wrote",
    )
