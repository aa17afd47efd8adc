# SPDX-License-Identifier: Apache-2.0
"""Many resources in one Bundle. A batch keeps what is right and names the fault of the others, a transaction keeps all
or nothing (hl7.org/fhir/R4/http.html#transaction)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from dure.city.errors import DureError, Invalid
from dure.city.models import User
from dure.gateways.fhir import export, parse, taking
from dure.gateways.fhir.export import Resource
from dure.gateways.fhir.search import Caller
from dure.gateways.fhir.taking import KINDS, Kept, NotKept, Opened, Opener

MOST_ENTRIES = 500
MOST_BYTES = 1024 * 1024
TYPES = ("batch", "transaction")


class Refused(DureError):
    """A transaction of which nothing was kept; ``errors`` say why."""

    def __init__(self, errors: list[DureError]) -> None:
        super().__init__(errors[0].ko, errors[0].en, field=errors[0].field)
        self.errors, self.status = errors, errors[0].status


def take(caller: Caller, body: bytes, purpose: str, base: str) -> Resource:
    """The Bundle that answers one. ``base``: the address below which resources lie.

    Raises Invalid for what is no batch or transaction, and Refused.
    """
    kind, entries = _read(body)
    opener = Opener(caller, purpose)
    opened: dict[int, Opened] = {}
    wrong: dict[int, DureError] = {}
    for index, entry in enumerate(entries):
        try:
            opened[index] = _open(opener, entry, caller, kind)
        except DureError as error:
            wrong[index] = _named(error, index)
    if kind == "transaction" and wrong:
        raise Refused(list(wrong.values()))
    answers = wrong | (_kept_all(caller, opened) if kind == "transaction" else _kept(caller, opened))
    return export.answers(kind, [_said(answers[index], base) for index in range(len(entries))])


def _kept(caller: Caller, opened: dict[int, Opened]) -> dict[int, Kept | DureError]:
    kept = dict(zip(opened, taking.keep(caller, list(opened.values())), strict=True))
    return {index: _named(one, index) if isinstance(one, DureError) else one for index, one in kept.items()}


def _kept_all(caller: Caller, opened: dict[int, Opened]) -> dict[int, Kept | DureError]:
    try:
        return dict(zip(opened, taking.keep_all(caller, list(opened.values())), strict=True))
    except NotKept as fault:
        raise Refused([_named(fault.error, fault.position)]) from fault


def _read(body: bytes) -> tuple[str, list[Any]]:
    found = parse.resource(body, "Bundle", most_bytes=MOST_BYTES)
    kind, entries = found.get("type"), found.get("entry")
    if kind not in TYPES:
        raise Invalid("batch나 transaction이어야 합니다", "must be batch or transaction", field="Bundle.type")
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_ENTRIES:
        raise Invalid(f"1~{MOST_ENTRIES}개여야 합니다", f"must be 1 to {MOST_ENTRIES}", field="Bundle.entry")
    return kind, entries


def _open(opener: Opener, entry: object, caller: Caller, kind: str) -> Opened:
    request = entry.get("request") if isinstance(entry, dict) else None
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(request, dict) or request.get("method") != "POST":
        raise Invalid("POST만 받습니다", "only POST is taken", field="entry.request.method")
    if not isinstance(resource, dict):
        raise Invalid("있어야 하는 객체입니다", "a required object", field="entry.resource")
    if resource.get("resourceType") in KINDS and request.get("url") != resource["resourceType"]:
        raise Invalid("자원의 종류여야 합니다", "must be the resource's type", field="entry.request.url")
    opened = opener.open(resource)
    if kind == "transaction" and opened.kind == "Task" and isinstance(caller, User):
        raise Invalid("직원은 batch로 보내야 합니다", "an officer sends it in a batch", field="entry.resource")
    return opened


def _named(error: DureError, index: int) -> DureError:
    """The same error, naming the element of the Bundle."""
    named = DureError(error.ko, error.en, field=_element(error.field or "", f"Bundle.entry[{index}]"))
    named.status = error.status
    return named


def _element(field: str, within: str) -> str:
    first, _dot, rest = field.partition(".")
    if first == "entry":
        return f"{within}.{rest}"
    if first in KINDS:
        return f"{within}.resource.{rest}"
    return f"{within}.resource.resourceType" if field == "resourceType" else field or within


def _said(answer: Kept | DureError, base: str) -> Resource:
    if isinstance(answer, DureError):
        return {"status": _status(answer.status), "outcome": export.outcome(answer)}
    kept = answer.resource
    return {"status": _status(201 if answer.new else 200), "location": f"{base}/{kept['resourceType']}/{kept['id']}"}


def _status(code: int) -> str:
    return f"{code} {HTTPStatus(code).phrase}"
