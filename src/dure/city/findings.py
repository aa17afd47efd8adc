# SPDX-License-Identifier: Apache-2.0
"""What an engine noticed, kept with its reason in words and as data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from dure.city import audit
from dure.city.audit import Tag
from dure.city.errors import Invalid
from dure.city.models import Area, Device, Finding, Household, Level


@transaction.atomic
def open_finding(
    *,
    service: str,
    kind: str,
    level: Level,
    score: float,
    reason: dict[str, str],
    evidence: dict[str, Any],
    engine: str,
    engine_version: str,
    found_at: datetime,
    area: Area,
    household: Household | None = None,
    device: Device | None = None,
) -> Finding:
    """Keep a judgement; on the audit chain it is the engine's.

    Raises Invalid when the reason is not said in both languages (promise 4)."""
    if not reason.get("ko") or not reason.get("en"):
        raise Invalid("까닭을 한국어와 영어로 적어야 합니다", "give the reason in Korean and English", field="reason")
    audit.take_turn()
    finding = Finding.objects.create(
        service=service,
        kind=kind,
        level=level,
        score=score,
        reason=reason,
        evidence=evidence,
        engine=engine,
        engine_version=engine_version,
        found_at=found_at,
        area=area,
        household=household,
        device=device,
    )
    _record(Tag.Finding.OPENED, finding, {"kind": kind, "level": int(level)})
    return finding


@transaction.atomic
def end_finding(finding: Finding, at: datetime) -> None:
    """The thing noticed is over; ending it again changes nothing."""
    audit.take_turn()
    if finding.ended_at is None:
        finding.ended_at = at
        finding.save(update_fields=["ended_at"])
        _record(Tag.Finding.ENDED, finding, {"at": at})


def _record(tag: Tag.Finding, finding: Finding, detail: dict[str, Any]) -> None:
    about = {"refs": [finding.household.ref]} if finding.household else {}
    audit.record(tag, actor=finding.engine, subject=f"finding:{finding.pk}", detail=detail | about)
