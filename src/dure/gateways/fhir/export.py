# SPDX-License-Identifier: Apache-2.0
"""Our record as FHIR R4 resources. A patient is their public number and nothing else: no name goes out here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from dure.city.errors import DureError
from dure.city.models import Errand, ErrandStatus, Finding, Quality
from dure.gateways.fhir.codes import (
    ABSENT,
    CATEGORY,
    DEVICE,
    EVENT,
    FINDING,
    FLAG_CATEGORY,
    FLAG_PRIORITY,
    FOLLOW_UP,
    LOINC,
    OBSERVED,
    PRIORITIES,
    PRIORITY_OF_LEVEL,
    PROFILE,
    QUALITY,
    SERIES,
    TASK_STATUS,
    UCUM,
)

Resource = dict[str, Any]

OUTCOME_CODES = {400: "structure", 401: "login", 403: "forbidden", 404: "not-found", 409: "conflict", 503: "transient"}
"""HL7's issue types by our status; "value" otherwise."""


@dataclass(frozen=True)
class Observed:
    """One reading with all that its resource says."""

    series: int
    name: str
    device: str
    patient: UUID
    at: datetime
    minutes: int
    value: float | None
    quality: int


def observation(one: Observed) -> Resource:
    """A reading. One without a value carries ``dataAbsentReason``, never a zero; a doubtful one is "preliminary"."""
    coded = OBSERVED[one.name]
    resource: Resource = {
        "resourceType": "Observation",
        "id": observation_id(one.series, one.at),
        "meta": {"tag": [{"system": QUALITY, "code": Quality(one.quality).name.lower()}]},
        "status": "preliminary" if one.quality == Quality.SUSPECT else "final",
        "category": [{"coding": [{"system": CATEGORY, "code": coded.category}]}],
        "code": {
            "coding": [
                *({"system": LOINC, "code": code, "display": words} for code, words in coded.loinc),
                {"system": SERIES, "code": one.name},
            ],
            "text": coded.words,
        },
        "subject": patient(one.patient),
        "device": {"identifier": {"system": DEVICE, "value": one.device}},
    }
    if coded.profile:
        resource["meta"]["profile"] = [PROFILE + coded.profile]
    if coded.span:
        resource["effectivePeriod"] = _period(one.at, one.at + timedelta(minutes=one.minutes))
    else:
        resource["effectiveDateTime"] = instant(one.at)
    return resource | _value(one.value, coded.unit, coded.ucum)


def observation_id(series: int, at: datetime) -> str:
    """``<series>-<µs since 1970>``: what a reading is once by."""
    return f"{series}-{(at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)}"


def flag(one: Finding, ref: UUID, said: str = "") -> Resource:
    """A finding: what an engine noticed, or somebody outside, who ``said`` so in these words; active while it is
    open."""
    words = {"text": said} if said else {"text": one.reason["en"], "_text": _korean(one)}
    return {
        "resourceType": "Flag",
        "id": str(one.pk),
        "identifier": [{"system": FINDING, "value": str(one.pk)}],
        "extension": [
            {
                "url": FLAG_PRIORITY,
                "valueCodeableConcept": {"coding": [{"system": PRIORITIES, "code": PRIORITY_OF_LEVEL[one.level]}]},
            }
        ],
        "status": "active" if one.ended_at is None else "inactive",
        "category": [{"coding": [{"system": FLAG_CATEGORY, "code": "clinical"}]}],
        "code": {"coding": [{"system": FINDING, "code": one.kind}]} | words,
        "subject": patient(ref),
        "period": _period(one.found_at, one.ended_at),
        "author": {"display": f"{one.engine} {one.engine_version}"},
    }


def task(one: Errand, ref: UUID, words: str) -> Resource:
    """An errand: what somebody is to do for the person, and when it may be done. ``words``: the kind in English."""
    return {
        "resourceType": "Task",
        "id": str(one.pk),
        "identifier": [{"system": FOLLOW_UP, "value": str(one.pk)}],
        "status": TASK_STATUS[ErrandStatus(one.status)],
        "intent": "order",
        "code": {"coding": [{"system": FOLLOW_UP, "code": one.kind}], "text": words},
        "for": patient(ref),
        "authoredOn": instant(one.ordered_at),
        "lastModified": instant(one.ended_at or one.ordered_at),
        "restriction": {"period": _period(one.window_from, one.window_to)},
    }


def bundle(resources: Iterable[Resource], *, total: int, base: str, links: Mapping[str, str]) -> Resource:
    """What a search found. ``base``: the address below which the resources lie; ``links``: relation → address."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
        "entry": [
            {
                "fullUrl": f"{base}/{one['resourceType']}/{one['id']}",
                "resource": one,
                "search": {"mode": "match"},
            }
            for one in resources
        ],
    }


def answers(kind: str, entries: list[Resource]) -> Resource:
    """What became of the entries of a Bundle (``kind``: batch or transaction), in their order."""
    return {"resourceType": "Bundle", "type": f"{kind}-response", "entry": [{"response": one} for one in entries]}


def code_system(name: str, url: str, words: Mapping[str, str]) -> Resource:
    """Codes of our own with what they mean."""
    return {
        "resourceType": "CodeSystem",
        "id": name,
        "url": url,
        "name": "Dure" + name.title().replace("-", ""),
        "status": "active",
        "content": "complete",
        "count": len(words),
        "concept": [{"code": code, "display": said} for code, said in words.items()],
    }


def outcome(*errors: DureError) -> Resource:
    """Errors, each with the element that is to blame."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(error) for error in errors]}


def _issue(error: DureError) -> Resource:
    issue: Resource = {
        "severity": "error",
        "code": OUTCOME_CODES.get(error.status, "value"),
        "details": {"text": error.en},
        "diagnostics": error.ko,
    }
    if error.field:
        issue["expression"] = [error.field]
    return issue


def patient(ref: UUID) -> Resource:
    """A reference to a person by their public number."""
    return {"reference": f"Patient/{ref}"}


def instant(at: datetime) -> str:
    """A time as FHIR writes it, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _value(value: float | None, unit: str, ucum: str) -> Resource:
    if value is None:
        reason = {"system": ABSENT, "code": "unknown", "display": "Unknown"}
        return {"dataAbsentReason": {"coding": [reason], "text": "the device reported and had no value"}}
    if unit == EVENT:
        return {"valueBoolean": value > 0}
    return {"valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": ucum}}


def _period(start: datetime, end: datetime | None) -> Resource:
    return {"start": instant(start)} | ({"end": instant(end)} if end else {})


def _korean(one: Finding) -> Resource:
    """The Korean words beside the English ones, by HL7's own extension for translations."""
    said = [{"url": "lang", "valueCode": "ko"}, {"url": "content", "valueString": one.reason["ko"]}]
    return {"extension": [{"url": f"{PROFILE}translation", "extension": said}]}
