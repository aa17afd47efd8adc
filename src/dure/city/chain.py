# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of the audit chain: one canonical text, one hash, one check. No database, no settings, no clock.

An entry's hash is SHA-256 over the canonical JSON of its fields, the hash of the entry before it among them
(RFC 8785 in spirit: sorted keys, no spaces, UTF-8; whole numbers are written as such). The chain's end is sealed
with HMAC-SHA-256 under a key that the database does not hold, so whoever can rewrite every row still cannot
write an end that fits. :class:`ChainCheck` reads entries in order and says what is wrong, and where.
"""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any

START = "0" * 64
"""The ``previous`` of the first entry."""
HASHED_FIELDS = ("seq", "at", "tag", "actor", "subject", "purpose", "detail", "previous")
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
MOST_COMPARED = 64
"""With more damaged entries than this, nobody gains from being told which ones changed places."""


class BreakKind(StrEnum):
    """What happened to the chain."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    REPLACED = "replaced"
    CUT_OFF = "cut_off"
    UNREADABLE = "unreadable"
    FORGED_HEAD = "forged_head"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True)
class Break:
    """One place where the chain does not hold; ``seq`` is the entry, ``ko`` and ``en`` say what is wrong."""

    kind: BreakKind
    seq: int
    ko: str
    en: str


@dataclass(frozen=True)
class Head:
    """The chain's end at some time: the last entry's number and hash, and the HMAC over both."""

    seq: int
    hash: str
    mac: str

    def fits(self, key: str) -> bool:
        """Whether the seal was made with ``key`` for this very end."""
        return hmac.compare_digest(self.mac.encode(), seal_of(self.seq, self.hash, key).encode())


def plain(value: Any) -> Any:
    """``value`` as JSON that both databases give back unchanged.

    PostgreSQL's jsonb turns 1e22 into a whole number and takes no NUL; an entry must not be lost for a strange
    character, nor look changed for having been stored. What JSON does not know is written as text.
    """
    if type(value) is str and value.isascii() and "\0" not in value:
        return value  # almost all values are such, and a chain has millions
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value).encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _plain_number(value)
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return plain(str(value))


def _plain_number(value: float) -> int | float | str:
    if not math.isfinite(value):
        return str(value)
    exact = Decimal(repr(value))
    return int(exact) if exact == exact.to_integral_value() else value


def canonical(value: Any) -> str:
    """The one JSON text of ``value``."""
    return _ENCODER.encode(plain(value))


def instant(at: datetime) -> str:
    """An aware time as the chain writes it: UTC with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def hash_of(entry: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the canonical text of ``HASHED_FIELDS``; ``at`` is text already."""
    return sha256(canonical({name: entry[name] for name in HASHED_FIELDS}).encode()).hexdigest()


def seal_of(seq: int, last_hash: str, key: str) -> str:
    """HMAC-SHA-256 (hex) over the chain's end."""
    return hmac.new(key.encode(), f"{seq}:{last_hash}".encode(), sha256).hexdigest()


class ChainCheck:
    """Reads a chain in order and collects its breaks.

    Parameters
    ----------
    key
        The audit key, or None to check without the seals (an auditor who was not given it).
    heads
        Ends that were written down outside the database while the chain grew.
    """

    def __init__(self, key: str | None, heads: Iterable[Head] = ()) -> None:
        self.last_seq, self.last_hash, self.count = 0, START, 0
        self._key = key
        self._breaks: list[Break] = []
        self._damaged: list[Mapping[str, Any]] = []
        self._missing: list[int] = []
        self._heads: dict[int, str] = {}
        for head in heads:
            self._take_head(head)

    def _take_head(self, head: Head) -> None:
        if self._key is not None and not head.fits(self._key):
            self._say(
                BreakKind.FORGED_HEAD,
                head.seq,
                "따로 적어 둔 끝의 봉인이 맞지 않습니다",
                "an end written down outside the database has a wrong seal",
            )
        elif self._heads.setdefault(head.seq, head.hash) != head.hash:
            self._say(
                BreakKind.ROLLED_BACK,
                head.seq,
                "따로 적어 둔 두 끝이 서로 다릅니다: 그 사이에 기록이 다시 쓰였습니다",
                "two ends written down for this number differ: the chain was rewritten in between",
            )

    def _say(self, kind: BreakKind, seq: int, ko: str, en: str) -> None:
        self._breaks.append(Break(kind, seq, ko, en))

    def unreadable(self, seq: int) -> None:
        """An entry that is there but cannot be read."""
        self.count += 1
        self._say(BreakKind.UNREADABLE, seq, "읽을 수 없는 기록입니다", "the entry cannot be read")
        self.last_seq, self.last_hash = max(seq, self.last_seq), ""

    def add(self, entry: Mapping[str, Any]) -> None:
        """The next entry, with the fields of ``HASHED_FIELDS`` and ``hash``."""
        seq = entry["seq"]
        if not isinstance(seq, int):
            self.unreadable(self.last_seq)
            return
        self.count += 1
        if seq <= self.last_seq:
            self._out_of_place(seq)
            return
        sound = hash_of(entry) == entry["hash"]
        if not sound:
            self._damaged.append(entry)
        if seq > self.last_seq + 1:
            self._gap(self.last_seq + 1, seq - 1)
        elif sound and self.last_hash and entry["previous"] != self.last_hash:
            self._say(
                BreakKind.REPLACED,
                seq - 1,
                "다음 기록이 이 기록을 잇지 않습니다: 둘 중 하나가 바꿔치기되었습니다",
                "the next entry does not follow this one: one of both was replaced",
            )
        expected = self._heads.pop(seq, None)
        if expected is not None and expected != entry["hash"]:
            self._say(
                BreakKind.ROLLED_BACK,
                seq,
                "따로 적어 둔 끝과 다릅니다: 이 기록이나 그 앞이 다시 쓰였습니다",
                "differs from the end written down outside the database: this entry or one before it was rewritten",
            )
        # A damaged entry was reported as such; the ones after it are not to blame for not fitting it.
        self.last_seq, self.last_hash = seq, entry["hash"] if sound else ""

    def _out_of_place(self, seq: int) -> None:
        if seq in self._missing:
            self._missing.remove(seq)
            self._say(BreakKind.REORDERED, seq, "순서가 바뀐 기록입니다", "the entry is not in its place")
        else:
            self._say(BreakKind.INSERTED, seq, "끼워 넣은 기록입니다", "the entry was inserted")

    def _gap(self, first: int, last: int) -> None:
        self._missing.extend(range(first, min(last, first + MOST_COMPARED) + 1))
        self._say(
            BreakKind.REMOVED,
            first,
            f"{first}번부터 {last}번까지 없습니다",
            f"entries {first} to {last} are missing",
        )

    def _damage(self) -> Iterable[Break]:
        """Changed entries, told from those that were moved whole: their hash fits another place."""
        places = [*self._missing, *(entry["seq"] for entry in self._damaged)]
        for entry in self._damaged:
            tried = places if len(places) <= MOST_COMPARED else ()
            home = next((seq for seq in tried if hash_of({**entry, "seq": seq}) == entry["hash"]), None)
            if home is None:
                yield Break(BreakKind.CHANGED, entry["seq"], "내용이 바뀌었습니다", "the entry was changed")
            else:
                yield Break(
                    BreakKind.REORDERED,
                    entry["seq"],
                    f"{home}번이던 기록이 이 자리에 있습니다",
                    f"what stands here was written as entry {home}",
                )

    def finish(self, head: Head | None) -> list[Break]:
        """All breaks in the order of the chain, given its end as the database or the file has it."""
        self._breaks.extend(self._damage())
        self._check_end(head)
        for seq in sorted(self._heads):
            self._say(
                BreakKind.CUT_OFF if seq > self.last_seq else BreakKind.REMOVED,
                seq,
                "있었던 것으로 적혀 있으나 지금은 없습니다",
                "was written down outside the database as an end of the chain and is gone",
            )
        return sorted(self._breaks, key=lambda found: found.seq)

    def _check_end(self, head: Head | None) -> None:
        if head is None:
            if self.count:
                self._say(BreakKind.CUT_OFF, self.last_seq, "끝의 봉인이 없습니다", "the seal of the end is missing")
        elif self._key is not None and not head.fits(self._key):
            self._say(BreakKind.FORGED_HEAD, head.seq, "끝의 봉인이 맞지 않습니다", "the seal of the end is wrong")
        elif head.seq > self.last_seq:
            self._say(
                BreakKind.CUT_OFF,
                self.last_seq + 1,
                f"{self.last_seq + 1}번부터 {head.seq}번까지 잘려 나갔습니다",
                f"entries {self.last_seq + 1} to {head.seq} were cut off",
            )
        elif head.seq < self.last_seq:
            self._say(
                BreakKind.INSERTED,
                head.seq + 1,
                f"봉인된 끝 {head.seq}번 뒤에 기록이 붙었습니다",
                f"entries follow the sealed end {head.seq}",
            )
        elif self.last_hash and head.hash != self.last_hash:
            self._say(
                BreakKind.REPLACED,
                head.seq,
                "마지막 기록이 봉인된 끝과 다릅니다: 다시 쓰인 기록입니다",
                "the last entry is not the one that was sealed: the chain was rewritten",
            )
