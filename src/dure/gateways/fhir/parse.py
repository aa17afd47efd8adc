# SPDX-License-Identifier: Apache-2.0
"""FHIR R4 resources as others send them → what our verbs take. What is wrong is Invalid, naming the element."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dure.city.errors import DureError, Invalid, require_one_of
from dure.city.follow_ups import KINDS
from dure.city.models import Level, Quality
from dure.gateways.checks import QUALITIES
from dure.gateways.fhir.codes import (
    BY_CODE,
    DEVICE,
    EVENT,
    FLAG_PRIORITY,
    FOLLOW_UP,
    LEVEL_OF_PRIORITY,
    OBSERVED,
    QUALITY,
    UCUM,
)

MOST_BYTES = 64 * 1024
"""Of one resource."""
LONGEST_TEXT = 400
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
KEPT = ("final", "amended", "corrected", "preliminary")
"""Statuses of an Observation that is taken; "preliminary" is a doubtful one."""
ENDED = ("inactive", "entered-in-error")


class NotJson(DureError):
    """A body that is no JSON object."""

    status = 400


@dataclass(frozen=True)
class SentObservation:
    """A reading as somebody sent it. ``patient`` is checked against whose device it is."""

    device: str
    series: str
    at: datetime
    value: float | None
    quality: Quality
    patient: UUID | None


@dataclass(frozen=True)
class SentFlag:
    """Something that somebody outside noticed; ``number`` is theirs, so that the same again is the same."""

    number: str
    patient: UUID
    text: str
    level: Level
    ended: bool


@dataclass(frozen=True)
class SentTask:
    """Help that somebody outside asks for, or takes back."""

    number: str
    patient: UUID
    kind: str
    cancelled: bool
    why: str


def resource(body: bytes, kind: str, *, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """The JSON object of a resource of that kind. Raises NotJson, or Invalid naming ``resourceType``."""
    if len(body) > most_bytes:
        raise NotJson(f"{most_bytes // 1024} KiB까지 받습니다", f"at most {most_bytes // 1024} KiB")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotJson("JSON이 아닙니다", "is not JSON") from error
    if not isinstance(found, dict):
        raise NotJson("JSON 객체여야 합니다", "must be a JSON object")
    if found.get("resourceType") != kind:
        raise Invalid(f"{kind}여야 합니다", f"must be {kind}", field="resourceType")
    return found


def observation(found: dict[str, Any]) -> SentObservation:
    """A reading, from an Observation."""
    status = found.get("status")
    require_one_of(KEPT, status, "Observation.status")
    name = _series(_object(found, "code", "Observation"))
    value = _measured(found, name)
    return SentObservation(
        device=_device(found.get("device")),
        series=name,
        at=_effective(found),
        value=value,
        quality=_quality(found, value, preliminary=status == "preliminary"),
        patient=_patient(found["subject"], "Observation.subject") if "subject" in found else None,
    )


def flag(found: dict[str, Any]) -> SentFlag:
    """Something noticed, from a Flag."""
    status = found.get("status")
    if status not in (*ENDED, "active"):
        raise Invalid("active 또는 inactive여야 합니다", "must be active or inactive", field="Flag.status")
    return SentFlag(
        number=_number(found, "Flag"),
        patient=_patient(found.get("subject"), "Flag.subject"),
        text=_text(_object(found, "code", "Flag"), "Flag.code"),
        level=_priority(found.get("extension", [])),
        ended=status in ENDED,
    )


def task(found: dict[str, Any]) -> SentTask:
    """Help asked for, from a Task."""
    status = found.get("status")
    if status not in ("requested", "cancelled"):
        raise Invalid("requested 또는 cancelled여야 합니다", "must be requested or cancelled", field="Task.status")
    if found.get("intent") not in ("order", "plan", "proposal"):
        raise Invalid(
            "order, plan, proposal 가운데 하나여야 합니다", "must be order, plan or proposal", field="Task.intent"
        )
    kinds = [code for system, code in _codings(_object(found, "code", "Task"), "Task.code") if system == FOLLOW_UP]
    if not kinds or kinds[0] not in KINDS:
        known = ", ".join(KINDS)
        raise Invalid(
            f"{FOLLOW_UP}의 코드 하나여야 합니다: {known}", f"needs a code of {FOLLOW_UP}: {known}", field="Task.code"
        )
    reason = found.get("statusReason")
    return SentTask(
        number=_number(found, "Task"),
        patient=_patient(found.get("for"), "Task.for"),
        kind=kinds[0],
        cancelled=status == "cancelled",
        why=_text(reason, "Task.statusReason") if isinstance(reason, dict) else "",
    )


def date_time(text: object, field: str) -> datetime:
    """A FHIR dateTime to the second with its zone: a day alone says too little of a reading."""
    if not isinstance(text, str) or not _DATE_TIME.fullmatch(text):
        raise Invalid(
            "2026-11-02T09:00:00+09:00처럼 초와 시간대까지 적어야 합니다",
            "must be a time to the second with its zone, as 2026-11-02T09:00:00+09:00",
            field=field,
        )
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("없는 시각입니다", "there is no such time", field=field) from error


def number_of_patient(text: str, field: str) -> UUID:
    """The public number in ``Patient/<number>``, or alone."""
    try:
        return UUID(text.removeprefix("Patient/"))
    except ValueError as error:
        raise Invalid("Patient/<공개 번호>여야 합니다", "must be Patient/<public number>", field=field) from error


def _object(found: dict[str, Any], name: str, within: str) -> dict[str, Any]:
    value = found.get(name)
    if not isinstance(value, dict):
        raise Invalid("있어야 하는 객체입니다", "a required object", field=f"{within}.{name}")
    return value


def _codings(concept: dict[str, Any], field: str) -> list[tuple[str, str]]:
    codings = concept.get("coding", [])
    if not isinstance(codings, list) or not all(isinstance(one, dict) for one in codings):
        raise Invalid("객체의 목록이어야 합니다", "must be a list of objects", field=f"{field}.coding")
    return [(str(one.get("system", "")), str(one.get("code", ""))) for one in codings]


def _series(concept: dict[str, Any]) -> str:
    names = [BY_CODE[one] for one in _codings(concept, "Observation.code") if one in BY_CODE]
    if not names:
        known = ", ".join(code for _, code in BY_CODE)
        raise Invalid(f"모르는 코드입니다. 아는 코드: {known}", f"unknown; known are {known}", field="Observation.code")
    if len(set(names)) > 1:
        raise Invalid(
            "서로 다른 것을 뜻하는 코드들입니다", "codes that mean different things", field="Observation.code"
        )
    return names[0]


def _effective(found: dict[str, Any]) -> datetime:
    period = found.get("effectivePeriod")
    if isinstance(period, dict):
        return date_time(period.get("start"), "Observation.effectivePeriod.start")
    return date_time(found.get("effectiveDateTime"), "Observation.effectiveDateTime")


def _measured(found: dict[str, Any], name: str) -> float | None:
    """The value, or None with a ``dataAbsentReason``; one of the two is needed and both together contradict (obs-6)."""
    coded = OBSERVED[name]
    absent = "dataAbsentReason" in found
    kind = "valueBoolean" if coded.unit == EVENT else "valueQuantity"
    if absent and kind in found:
        raise Invalid("값이 있으면 쓸 수 없습니다", "not beside a value", field="Observation.dataAbsentReason")
    if absent:
        _object(found, "dataAbsentReason", "Observation")
        return None
    value = found.get(kind)
    if coded.unit == EVENT:
        if not isinstance(value, bool):
            raise Invalid("참이나 거짓이어야 합니다", "must be true or false", field="Observation.valueBoolean")
        return float(value)
    return _quantity(value, coded.ucum)


def _quantity(value: object, ucum: str) -> float:
    field = "Observation.valueQuantity"
    if not isinstance(value, dict):
        raise Invalid("값이나 dataAbsentReason이 있어야 합니다", "a value or a dataAbsentReason is needed", field=field)
    if (value.get("system", UCUM), value.get("code")) != (UCUM, ucum):
        raise Invalid(f"UCUM 단위 {ucum}이어야 합니다", f"must be in the UCUM unit {ucum}", field=f"{field}.code")
    number = value.get("value")
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise Invalid("유한한 수여야 합니다", "must be a finite number", field=f"{field}.value")
    return float(number)


def _quality(found: dict[str, Any], value: float | None, *, preliminary: bool) -> Quality:
    if value is None:
        return Quality.NO_VALUE
    if preliminary:
        return Quality.SUSPECT
    meta = found.get("meta")
    tags = meta.get("tag", []) if isinstance(meta, dict) else []
    said = [code for system, code in _codings({"coding": tags}, "Observation.meta.tag") if system == QUALITY]
    return QUALITIES.get(said[0], Quality.GOOD) if said else Quality.GOOD


def _device(reference: object) -> str:
    field = "Observation.device.identifier"
    identifier = reference.get("identifier") if isinstance(reference, dict) else None
    if not isinstance(identifier, dict) or identifier.get("system") != DEVICE:
        raise Invalid(f"{DEVICE} 체계의 기기 코드가 있어야 합니다", f"a device code of {DEVICE} is needed", field=field)
    return str(identifier.get("value", ""))[:64]


def _patient(reference: object, field: str) -> UUID:
    text = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(text, str):
        raise Invalid("누구인지 있어야 합니다", "must say of whom", field=field)
    return number_of_patient(text, field)


def _number(found: dict[str, Any], kind: str) -> str:
    """The sender's own number, with its system: ``<system>|<value>``."""
    identifiers = found.get("identifier")
    first = identifiers[0] if isinstance(identifiers, list) and identifiers else None
    if not isinstance(first, dict) or not first.get("system") or not first.get("value"):
        raise Invalid(
            "보내는 곳의 번호(system, value)가 있어야 합니다",
            "the sender's own number is needed, with system and value",
            field=f"{kind}.identifier",
        )
    return f"{first['system']}|{first['value']}"[:200]


def _text(concept: dict[str, Any], field: str) -> str:
    text = concept.get("text")
    if not isinstance(text, str) or not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise Invalid(
            f"1~{LONGEST_TEXT}자의 글이 있어야 합니다", f"needs 1 to {LONGEST_TEXT} characters", field=f"{field}.text"
        )
    return text.strip()


def _priority(extensions: object) -> Level:
    for one in extensions if isinstance(extensions, list) else []:
        if (
            isinstance(one, dict)
            and one.get("url") == FLAG_PRIORITY
            and isinstance(one.get("valueCodeableConcept"), dict)
        ):
            for _, code in _codings(one["valueCodeableConcept"], "Flag.extension"):
                if code in LEVEL_OF_PRIORITY:
                    return Level(LEVEL_OF_PRIORITY[code])
    return Level.ATTENTION
