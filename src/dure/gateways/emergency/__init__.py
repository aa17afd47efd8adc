# SPDX-License-Identifier: Apache-2.0
"""Handing a case to 119: one HTTP POST to the address a city is given for it.

The Korean 통합플랫폼's own envelope comes with its service; until then this is the plain shape that a city's
integration server can take. ``DURE_119_URL`` unset means that nobody takes it by wire: every try fails loudly on the
case, and a person telephones.
"""

from __future__ import annotations

import json

import httpx
from django.conf import settings

from dure.city import people
from dure.city.cases import Outgoing
from dure.city.errors import Unavailable
from dure.city.models import Case, Person
from dure.city.people import Purpose

READER = "gateway:119"
PATIENCE = httpx.Timeout(20.0)


def send(outgoing: Outgoing) -> str | None:
    """Post one handover with who lives there and where; the receiver's reference, or None when it answers later.

    ``Idempotency-Key`` is the handover's number, the same for every try. Raises Unavailable without an address,
    httpx.HTTPError when the other side did not take it.
    """
    if not settings.DURE_119_URL:
        raise Unavailable("119 연계 주소가 없습니다. 전화로 알리세요.", "no address for 119 is set: telephone")
    answer = httpx.post(
        settings.DURE_119_URL,
        json={
            "case": outgoing.case_number,
            "note": _note(outgoing.payload),
            "home": _home(outgoing.case_number),
        },
        headers={"Idempotency-Key": f"dure-handover-{outgoing.id}"},
        timeout=PATIENCE,
    )
    answer.raise_for_status()
    reference = answer.json().get("reference")
    return str(reference) if reference else None


def _note(payload: str) -> object:
    try:
        return json.loads(payload)
    except json.JSONDecodeError:
        return payload


def _home(case_number: str) -> dict[str, object] | None:
    """Who lives there and where; each reading is on the audit chain."""
    case = Case.objects.get(number=case_number)
    found = Person.objects.filter(household=case.household, left_at=None)
    records = people.access_people_as_process(READER, found, Purpose.EMERGENCY) if case.household else []
    if not records:
        return None
    first = records[0]
    return {
        "address": first.address,
        "lon": first.lon,
        "lat": first.lat,
        "people": [{"name": one.name, "phone": one.phone, "age": one.age, "sex": one.sex} for one in records],
    }
