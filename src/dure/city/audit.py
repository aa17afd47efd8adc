# SPDX-License-Identifier: Apache-2.0
"""The audit chain: who did or read what, on whom and why. Append-only, without gaps, verifiable offline.

An entry is written in the transaction of the deed, so there is never one without the other. On PostgreSQL writers
take turns by an advisory lock that they hold until they commit: take row locks before you record, and keep what
follows short. On SQLite a transaction that writes is alone anyway (IMMEDIATE).

Three things hold the chain: the hashes hold the entries together, :class:`AuditHead` seals their end with a key
that is not in the database, and :func:`write_head` notes that end in a file outside the database, so that even a
database put back to an earlier day is found (docs/adr/0004-audit-chain.md).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from dure.city import chain_file, clock
from dure.city.chain import START, Break, ChainCheck, Head, hash_of, instant, plain, seal_of
from dure.city.models import AuditEntry, AuditHead, AuditMention, User

TAG_SHAPE = re.compile(r"[a-z0-9_]+:[a-z0-9_]+:[a-z0-9_]+")
WRITERS_LOCK = 0x647572655F617564
"""Key of the advisory lock on PostgreSQL ("dure_aud" in ASCII)."""
MENTIONS_AT_ONCE = 500
AT_ONCE = 5_000
"""Entries read in one query while verifying."""
BROKEN = ""
"""The seal of an end that did not fit its chain when the next entry came: it stays broken, and so does verify."""

_MANY = {"person": "people"}
_log = logging.getLogger(__name__)


class Tag:
    """``source:subject:action``, grouped per source. A service keeps a StrEnum of its own."""

    class Person(StrEnum):
        REGISTERED = "person:record:registered"
        CHANGED = "person:record:changed"
        LEFT = "person:record:left"
        READ = "person:record:read"
        LISTED = "person:record:listed"
        FOUND_BY_PHONE = "person:phone:searched"
        DENIED = "person:record:denied"
        CONTACT_ADDED = "person:contact:added"
        CONSENT_GRANTED = "person:consent:granted"
        CONSENT_WITHDRAWN = "person:consent:withdrawn"

    class Household(StrEnum):
        REGISTERED = "household:record:registered"
        MOVED = "household:area:moved"

    class Device(StrEnum):
        FEED_REGISTERED = "device:feed:registered"
        REGISTERED = "device:record:registered"
        SERIES_ADDED = "device:series:added"
        RETIRED = "device:record:retired"
        KEY_ISSUED = "device:key:issued"
        KEY_REVOKED = "device:key:revoked"

    class Finding(StrEnum):
        OPENED = "city:finding:opened"
        ENDED = "city:finding:ended"

    class Area(StrEnum):
        IMPORTED = "area:boundaries:imported"

    class Secrets(StrEnum):
        ROTATED = "secrets:sealing:rotated"

    class Account(StrEnum):
        ADDED = "account:user:added"
        ROLE_GIVEN = "account:role:given"

    class Team(StrEnum):
        SET = "city:team:set"

    class Audit(StrEnum):
        EXPORTED = "audit:chain:exported"
        VIEWED = "audit:chain:viewed"


def name_of(actor: User | AnonymousUser | str) -> str:
    """How the chain names who acted: ``user:<username>`` or the process's own name. User names are never reused."""
    if isinstance(actor, str):
        return actor
    return f"user:{actor.username}" if actor.is_authenticated else "anonymous"


def record(
    tag: str,
    *,
    actor: User | AnonymousUser | str,
    subject: str,
    purpose: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry in the caller's transaction (or in one of its own).

    ``subject`` is ``<kind>:<reference>`` and ``detail`` JSON without personal data; what JSON does not know is
    written as text. Raises ValueError when the tag is not of its shape or a field is longer than its column.
    """
    if not TAG_SHAPE.fullmatch(tag):
        raise ValueError(f"audit tag: expected 'source:subject:action', got {tag!r}")
    with transaction.atomic(savepoint=False):
        take_turn()
        head, seq, previous = _end()
        entry = AuditEntry(
            seq=seq,
            at=clock.now(),
            tag=plain(tag),
            actor=plain(name_of(actor)),
            subject=plain(subject),
            purpose=plain(purpose),
            detail=plain(detail or {}),
            previous=previous,
        )
        _refuse_what_is_too_long(entry)
        entry.hash = hash_of(_as_hashed(entry))
        entry.save(force_insert=True)
        mac = seal_of(entry.seq, entry.hash, settings.DURE_AUDIT_KEY) if head is not None else BROKEN
        end = {"seq": entry.seq, "hash": entry.hash, "mac": mac}
        if not AuditHead.objects.filter(pk=1).update(**end):
            AuditHead.objects.create(pk=1, **end)
        AuditMention.objects.bulk_create(mentions_of(entry), MENTIONS_AT_ONCE)
    return entry


def mentions_of(entry: AuditEntry) -> list[AuditMention]:
    """Whom the entry names in ``detail["refs"]``, each once."""
    return [AuditMention(ref=ref, seq=entry.seq) for ref in dict.fromkeys(entry.detail.get("refs", ()))]


def about(kind: str, refs: Sequence[object]) -> str:
    """The ``subject`` of an entry about one thing, or about many, whose ``detail["refs"]`` then names them all."""
    return f"{kind}:{refs[0]}" if len(refs) == 1 else f"{_MANY.get(kind, f'{kind}s')}:{len(refs)}"


def take_turn() -> None:
    """Wait for this transaction's turn on the chain. Who will lock rows that others lock, and then record, takes it
    first: chain before rows is then everybody's order, and nobody waits in a ring."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS_LOCK])


def _end() -> tuple[Head | None, int, str]:
    """The sound end, or None when the chain does not fit its seal; the next entry's number; the hash it follows.

    A chain that was tampered with is not refused, because that would stop the city's services; but its end is
    never sealed again, and a gap that a cut-off left stays a gap.
    """
    head = read_head()
    last = AuditEntry.objects.order_by("-seq").values_list("seq", "hash").first()
    if head is None and last is None:
        return Head(0, START, ""), 1, START
    if head is not None and head.fits(settings.DURE_AUDIT_KEY) and last == (head.seq, head.hash):
        return head, head.seq + 1, head.hash
    _log.error("the audit chain does not fit its sealed end: run `dure audit verify`")
    ends = [(head.seq, head.hash)] if head is not None else []
    seq, previous = max([*ends, *([last] if last is not None else [])])
    return None, seq + 1, previous


def read_head() -> Head | None:
    """The chain's end as the database has it."""
    row = AuditHead.objects.filter(pk=1).values("seq", "hash", "mac").first()
    return Head(**row) if row else None


def _as_hashed(entry: AuditEntry) -> dict[str, Any]:
    return _hashed_row({field.attname: getattr(entry, field.attname) for field in AuditEntry._meta.concrete_fields})


def _hashed_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "at": instant(row["at"])}


def _refuse_what_is_too_long(entry: AuditEntry) -> None:
    for field in AuditEntry._meta.concrete_fields:
        value, longest = getattr(entry, field.attname), field.max_length
        if longest is not None and isinstance(value, str) and len(value) > longest:
            raise ValueError(f"audit entry: {field.attname} is longer than {longest} characters")


def verify(heads: Path | None = None) -> list[Break]:
    """Every place where the database's chain does not hold, in its order; an empty list when it is whole.

    ``heads`` is the file of :func:`write_head` (default: this installation's). Entries may be written meanwhile.
    """
    noted, breaks = chain_file.read_heads(heads or heads_file())
    check = ChainCheck(settings.DURE_AUDIT_KEY, noted)
    reading = _Reading()
    for row in reading:
        if isinstance(row, int):
            check.unreadable(row)
        else:
            check.add(row)
    return sorted([*breaks, *check.finish(reading.head)], key=lambda found: found.seq)


def verify_file(path: Path, heads: Path | None = None) -> list[Break]:
    """As :func:`verify`, for an export; the file alone is read."""
    return chain_file.verify_export(path, settings.DURE_AUDIT_KEY, heads)[1]


def export(path: Path, *, actor: User | str = "command:audit-export") -> int:
    """Write the whole chain to ``path`` for checking elsewhere; returns how many entries. The export is audited.

    Raises OSError when the file cannot be written.
    """
    record(Tag.Audit.EXPORTED, actor=actor, subject="audit:chain")
    reading = _Reading()
    entries = (row for row in reading if not isinstance(row, int))
    return chain_file.write_export(path, entries, lambda: reading.head)


def count() -> int:
    """How many entries the chain has."""
    return AuditEntry.objects.count()


class _Reading:
    """All entries in the order of ``seq``, and then ``head``; for an entry that cannot be read, its number.

    The head is read after the entries, and what was appended meanwhile after the head, so that writers need not
    wait and the end that the database names is always reached.
    """

    head: Head | None = None

    def __iter__(self) -> Iterator[dict[str, Any] | int]:
        last: int | None = None
        for seq, row in _rows(None, None):
            last = seq if last is None else max(seq, last)
            yield row
        self.head = read_head()
        if self.head is not None:
            yield from (row for _, row in _rows(last, self.head.seq))


def _rows(after: int | None, until: int | None) -> Iterator[tuple[int, dict[str, Any] | int]]:
    entries = AuditEntry.objects.order_by("seq")
    if until is not None:
        entries = entries.filter(seq__lte=until)
    while True:
        part = entries if after is None else entries.filter(seq__gt=after)
        seqs = list(part.values_list("seq", flat=True)[:AT_ONCE])
        yield from _readable(seqs)
        if len(seqs) < AT_ONCE:
            return
        after = seqs[-1]


def _readable(seqs: list[int]) -> Iterator[tuple[int, dict[str, Any] | int]]:
    """The entries of these numbers. One that the database cannot give back is found by halving."""
    if not seqs:
        return
    try:
        rows = [_hashed_row(row) for row in AuditEntry.objects.filter(seq__in=seqs).order_by("seq").values()]
    except (ValueError, TypeError, AttributeError):
        if len(seqs) == 1:
            seq = seqs[0] if isinstance(seqs[0], int) else -1  # SQLite keeps text in a column of numbers
            yield seq, seq
            return
        for half in (seqs[: len(seqs) // 2], seqs[len(seqs) // 2 :]):
            yield from _readable(half)
    else:
        yield from ((row["seq"], row) for row in rows)


def heads_file() -> Path:
    """Where this installation notes the chain's ends. Copy it to where the database's administrator cannot write."""
    return Path(settings.DURE_HOME) / "audit-heads.jsonl"


def write_head() -> Head | None:
    """Note the chain's present end in the heads file, on disk before this returns; nothing when it is noted already.

    Returns the end, or None for an empty chain. Raises OSError when the file cannot be written.
    """
    last = AuditEntry.objects.order_by("-seq").values_list("seq", "hash").first()
    if last is None:
        return None
    head = Head(*last, seal_of(*last, settings.DURE_AUDIT_KEY))
    chain_file.append_head(heads_file(), head, instant(clock.now()))
    return head
