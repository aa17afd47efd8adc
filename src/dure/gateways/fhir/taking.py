# SPDX-License-Identifier: Apache-2.0
"""What comes in: each resource is read, allowed and its person opened, then kept; alone, or many in a Bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils.translation import override

from dure.city import follow_ups
from dure.city.errors import Conflict, DureError, Invalid, NotAllowed, require_one_of
from dure.city.models import Device, Person, Quality, User
from dure.gateways.checks import Columns, Refusal, microseconds
from dure.gateways.fhir import export, parse, search
from dure.gateways.fhir.export import Observed, Resource
from dure.gateways.fhir.parse import SentFlag, SentObservation, SentTask
from dure.gateways.fhir.search import Caller
from dure.gateways.intake import Intake, Submission, Taken
from dure.services.monitoring.actions.outside import asked_outside, noticed_outside, taken_back_outside
from dure.services.monitoring.queries import words_of_sender

ELEMENTS = {
    "device": "Observation.device.identifier",
    "series": "Observation.code",
    "at": "Observation.effectiveDateTime",
    "value": "Observation.valueQuantity.value",
    "quality": "Observation.status",
}
"""What a door's refusal names, as the element of the resource."""
KINDS = ("Observation", "Flag", "Task")
intake = Intake("fhir")


@dataclass(frozen=True)
class Opened:
    """A resource that may be kept: what it says, and of whom, who has been opened."""

    sent: SentObservation | SentFlag | SentTask
    person: Person
    device: Device | None = None

    @property
    def kind(self) -> str:
        """The resource's type."""
        return {SentObservation: "Observation", SentFlag: "Flag", SentTask: "Task"}[type(self.sent)]

    @property
    def reading(self) -> SentObservation:
        """What an Observation says."""
        assert isinstance(self.sent, SentObservation)  # noqa: S101 - asked of Observations alone
        return self.sent


@dataclass(frozen=True)
class Kept:
    """The resource as it is kept now, and whether it is new."""

    resource: Resource
    new: bool


class Opener:
    """Reads what one caller sends in one request. Each person is opened, and audited, once."""

    def __init__(self, caller: Caller, purpose: str) -> None:
        self._caller, self._purpose = caller, purpose
        self._people: dict[UUID, Person] = {}

    def open(self, found: dict[str, Any]) -> Opened:
        """Raises Invalid naming the element, NotAllowed, NotFound. Called outside a transaction."""
        kind = found.get("resourceType")
        if kind == "Observation":
            return self._observation(parse.observation(found))
        require_one_of(KINDS, kind, "resourceType")
        search.require_partner(self._caller)
        sent = parse.flag(found) if kind == "Flag" else parse.task(found)
        return Opened(sent, self._person(sent.patient))

    def _observation(self, sent: SentObservation) -> Opened:
        device = Device.objects.filter(code=sent.device).select_related("feed", "personal__person").first()
        if device is None or not search.speaks_for(self._caller, device):
            raise NotAllowed(
                "이 열쇠로 보낼 수 있는 기기가 아닙니다",
                "this key may not speak for this device",
                field=ELEMENTS["device"],
            )
        person = _wearer(device)
        if person is None or sent.patient not in (None, person.ref):
            raise Invalid("그분의 기기가 아닙니다", "is not whose device this is", field="Observation.subject")
        return Opened(sent, self._person(person.ref), device)

    def _person(self, ref: UUID) -> Person:
        if ref not in self._people:
            self._people[ref] = search.open_person(self._caller, ref, self._purpose)
        return self._people[ref]


def keep(caller: Caller, opened: Sequence[Opened]) -> list[Kept | DureError]:
    """Keep each by itself; for each in its order what is kept, or why not. Called outside a transaction."""
    readings = [one for one in opened if one.kind == "Observation"]
    stored = dict(zip(map(id, readings), _store(readings), strict=True))
    answers = [stored[id(one)] if id(one) in stored else _keep_one(caller, one) for one in opened]
    new: Counter[tuple[str, int]] = Counter()
    for one, answer in zip(opened, answers, strict=True):
        if isinstance(answer, Kept):
            new[one.kind, one.person.pk] += answer.new
    people = {one.person.pk: one.person for one in opened}
    for (kind, pk), count in new.items():
        search.note(caller, f"fhir:{kind.lower()}:imported", people[pk], count)
    return answers


@transaction.atomic
def keep_all(caller: Caller, opened: Sequence[Opened]) -> list[Kept]:
    """Keep all, or none: raises NotKept for the first that cannot be, and then nothing was kept."""
    kept = []
    for position, answer in enumerate(keep(caller, opened)):
        if isinstance(answer, DureError):
            raise NotKept(position, answer)
        kept.append(answer)
    return kept


class NotKept(Exception):
    """The one at ``position`` cannot be kept, because of ``error``."""

    def __init__(self, position: int, error: DureError) -> None:
        super().__init__(str(error))
        self.position, self.error = position, error


def _keep_one(caller: Caller, one: Opened) -> Kept | DureError:
    actor = search.actor_of(caller)
    try:
        return _asked(one, one.sent, actor) if isinstance(one.sent, SentTask) else _noticed(one, actor)
    except DureError as error:
        return error


def _noticed(one: Opened, actor: User | str) -> Kept:
    sent = one.sent
    assert isinstance(sent, SentFlag)  # noqa: S101 - observations are kept together, before
    finding, new = noticed_outside(
        one.person, number=sent.number, text=sent.text, level=sent.level, ended=sent.ended, actor=actor
    )
    return Kept(export.flag(finding, one.person.ref, words_of_sender(finding)), new)


def _asked(one: Opened, sent: SentTask, actor: User | str) -> Kept:
    if sent.cancelled:
        errand, new = taken_back_outside(one.person, number=sent.number, why=sent.why, actor=actor), False
    else:
        errand, new = asked_outside(one.person, number=sent.number, kind=sent.kind, actor=actor)
    return Kept(export.task(errand, one.person.ref, words_of(errand.kind)), new)


def words_of(kind: str) -> str:
    """The kind of an errand in English."""
    known = follow_ups.KINDS.get(kind)
    with override("en"):
        return str(known.label) if known else kind


def _store(opened: Sequence[Opened]) -> list[Kept | DureError]:
    """The readings through the same checks as at every door, in one transaction; what came of each."""
    if not opened:
        return []
    taken = intake.take_group([_submission(one) for one in opened])
    return [_stored(one, answer) for one, answer in zip(opened, taken, strict=True)]


def _submission(one: Opened) -> Submission:
    sent = one.reading
    assert one.device is not None  # noqa: S101 - a reading is opened by its device
    missing = sent.value is None
    columns = Columns(
        index=np.array([0]),
        device=[sent.device],
        series=[sent.series],
        at=np.array([microseconds(sent.at)], np.int64),
        value=np.array([np.nan if sent.value is None else sent.value]),
        missing=np.array([missing]),
        quality=np.array([Quality.NO_VALUE if missing else sent.quality], np.int16),
        feed=[one.device.feed.code],
    )
    return Submission(columns, lambda _: f"Observation {sent.series} of {sent.device}")


def _stored(one: Opened, answer: Taken | DureError) -> Kept | DureError:
    if isinstance(answer, DureError):
        return answer
    for refusal in answer.rejected:
        return Invalid(refusal.message_ko, refusal.message, field=_element(refusal))
    for refusal in answer.conflicts:
        return Conflict(refusal.message_ko, refusal.message, field=_element(refusal))
    sent, device = one.reading, one.device
    assert device is not None  # noqa: S101 - as above
    series = device.series.get(name=sent.series)
    observed = Observed(
        series.pk, sent.series, device.code, one.person.ref, sent.at, series.interval_minutes, sent.value, sent.quality
    )
    return Kept(export.observation(observed), answer.stored == 1)


def _element(refusal: Refusal) -> str:
    return ELEMENTS.get(refusal.field, refusal.field)


def _wearer(device: Device) -> Person | None:
    given = getattr(device, "personal", None)
    return given.person if given is not None and given.ended_at is None else None
