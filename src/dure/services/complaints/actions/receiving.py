# SPDX-License-Identifier: Apache-2.0
"""A complaint comes: masked, judged, joined with what is the same, given a number, a place to be and a due time."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from dure.city import audit, cases, clock, escalation, phones, rules
from dure.city.areas import area_at
from dure.city.case_flow import lock
from dure.city.duty import require_aware
from dure.city.errors import Invalid, require_one_of
from dure.city.models import Area, Case, CaseStatus, Level, User
from dure.city.pictures import made_anew
from dure.city.plain_text import plain
from dure.city.sealed import blind_index
from dure.city.working_time import Calendar, add_working_hours
from dure.engines.language.addresses import front
from dure.services.complaints import joining, judging, masking, messages, numbers, plan
from dure.services.complaints.actions import collective, protection
from dure.services.complaints.actions.departments import known_topic
from dure.services.complaints.assist import Judged
from dure.services.complaints.models import (
    Complaint,
    Department,
    Door,
    Judgement,
    Kind,
    MessageKind,
    Picture,
    Topic,
    Transfer,
)
from dure.services.complaints.periods import period_of
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE, desk_team, whole_city

LONGEST = 20_000
"""Characters; an e-mail may be long, a novel is none."""
MOST_PICTURE_BYTES = 8 * 2**20
LANGUAGES = ("ko", "en")
ACTOR = "complaints"
_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,190}")


@dataclass(frozen=True)
class Received:
    """What a door has taken. ``topic``: a row or a code; ``area``: where it lies, else found by place, else the city;
    ``client_id``: the sender's number, ``outside_ref``: the door's own; ``joins``: the number of a case that the
    citizen says it is about; ``follows``: that of the complaint of theirs, ended by now, that they go on with;
    ``pictures``: JPEG or PNG."""

    door: str
    text: str
    client_id: UUID
    title: str = ""
    language: str = "ko"
    topic: Topic | str | None = None
    kind: str | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    area: Area | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    outside_ref: str = ""
    joins: str = ""
    follows: str = ""
    received_at: datetime | None = None
    pictures: Sequence[bytes] = ()

    def __repr__(self) -> str:
        """Without any of the values: it ends up in logs and tracebacks."""
        return f"<Received {self.door} {self.client_id}>"


@dataclass(frozen=True)
class Prepared:
    """What is made of it before the record is touched, so that nobody waits for it."""

    given: Received
    topic: Topic | None
    area: Area
    at: datetime
    title: str
    masked: str
    vault: dict[str, str]
    answers: dict[str, Any]
    judged: Judged
    pictures: list[bytes]
    where: joining.Where

    @property
    def danger(self) -> bool:
        return self.judged.urgency >= Level.SEVERE


def receive(received: Received, *, actor: User | str) -> tuple[Complaint, str]:
    """Take a complaint in and see that somebody has it; the complaint and its PIN.

    The same ``client_id``, or the same ``outside_ref`` of a door, again changes nothing and returns the first one.
    What is surely another department's goes there at once; danger and what nobody can tell stay with the desk.
    Called outside transactions: texts are judged before one begins.

    Raises Invalid naming the field, Conflict where the city has no desk yet.
    """
    if known := received_before(received):
        return known, numbers.pin_for(known.client_id)
    prepared = prepare(received)
    with transaction.atomic():
        audit.take_turn()
        if known := received_before(received):
            return known, numbers.pin_for(known.client_id)
        complaint = _keep(prepared, actor)
    return complaint, numbers.pin_for(complaint.client_id)


def received_before(received: Received) -> Complaint | None:
    """The complaint that this very sending made before."""
    if found := Complaint.objects.filter(client_id=received.client_id).first():
        return found
    if not received.outside_ref:
        return None
    return Complaint.objects.filter(door=received.door, outside_ref=received.outside_ref).first()


def prepare(received: Received) -> Prepared:
    """Check, mask and judge it. Called outside transactions; raises as :func:`receive`."""
    given = _checked(received)
    topic = known_topic(given.topic) if isinstance(given.topic, str) else given.topic
    now = clock.now()
    area = given.area or _area_of(given) or whole_city()
    most = rules.load(DeskRules, SERVICE, area).most_pictures
    if len(given.pictures) > most:
        raise Invalid(f"사진은 {most}장까지입니다", f"at most {most} photos", field="pictures")
    known = [given.name, given.phone, phones.spaced(given.phone), given.email]
    title = masking.mask(given.title, known=known)
    masked = masking.mask(given.text, title.vault, known=known)
    answers, vault = masking.mask_answers(given.answers, masked.vault)
    whole = f"{title.text}\n{masked.text}" if title.text else masked.text
    return Prepared(
        given=given,
        topic=topic,
        area=area,
        at=min(given.received_at or now, now),
        title=title.text[:120],
        masked=masked.text,
        vault=vault,
        answers=answers,
        judged=judging.judge(whole, topic=topic, lon=given.lon, lat=given.lat),
        pictures=[made_anew(one, most_bytes=MOST_PICTURE_BYTES) for one in given.pictures],
        where=joining.Where(given.lon, given.lat, _house_of(given)),
    )


def _checked(received: Received) -> Received:
    require_one_of(Door.values, received.door, "door")
    require_one_of(LANGUAGES, received.language, "language")
    if received.kind is not None:
        require_one_of(Kind.values, received.kind, "kind")
    text = plain(received.text).strip()
    if not text or len(text) > LONGEST:
        raise Invalid(f"1~{LONGEST}자로 적어 주세요", f"must be 1 to {LONGEST} characters", field="text")
    for name, longest in (("title", 200), ("name", 60), ("address", 300), ("outside_ref", 200)):
        if len(getattr(received, name)) > longest:
            raise Invalid(f"{longest}자까지입니다", f"must be at most {longest} characters", field=name)
    if received.email and not _EMAIL.fullmatch(received.email.strip()):
        raise Invalid("전자우편 주소가 아닙니다", "is no e-mail address", field="email")
    if (received.lon is None) != (received.lat is None):
        raise Invalid("경도와 위도를 함께 적어 주세요", "give lon and lat together", field="lon")
    if not (abs(received.lon or 0) <= 180 and abs(received.lat or 0) <= 90):  # so that "not a number" is none either
        raise Invalid("경도 ±180, 위도 ±90 안이어야 합니다", "must be within ±180 °E and ±90 °N", field="lon")
    if received.received_at is not None:
        require_aware(received.received_at, "received_at")
    phone = phones.normalise(received.phone) if received.phone.strip() else ""
    return replace(
        received, text=text, title=plain(received.title).strip(), name=plain(received.name).strip(), phone=phone,
        email=received.email.strip(), address=plain(received.address).strip(),
    )  # fmt: skip


def _area_of(given: Received) -> Area | None:
    if given.lon is None or given.lat is None:
        return None
    return area_at(given.lon, given.lat, clock.today())


def _house_of(given: Received) -> str:
    """The digest of the house in front of which it is, by the address or by the words; "" where none is named."""
    named = front(given.address) or front(given.text)
    return blind_index(f"place:{named}") if named else ""


def _keep(prepared: Prepared, actor: User | str) -> Complaint:
    """In the turn on the chain: the rows of a complaint, and what follows from it."""
    given, judged, now = prepared.given, prepared.judged, clock.now()
    desk = rules.load(DeskRules, SERVICE, prepared.area)
    topic = prepared.topic or _topic_of(judged)
    department = _department_of(judged)
    kind = given.kind or (topic.kind if topic else Kind.OTHER)
    due_at = period_of(kind, topic, desk).ends(prepared.at, Calendar())
    decided = department if judged.decided else None
    same = None if prepared.danger else _same_case(prepared, topic)
    goes_to = department if same is None and goes_at_once(judged, department) else None
    case = same or _open_case(prepared, topic, goes_to, due_at, actor)
    complaint = row_of(prepared, case, topic, kind=kind, due_at=due_at)
    complaint.department = joining.department_of(case) if same else decided
    complaint.reply_by = _reply_by(given)
    complaint.repeats = joining.repeated(complaint)
    complaint.save()
    keep_judgement(complaint, judged, now)
    _keep_pictures(complaint, prepared.pictures, now)
    detail = {
        "case": case.number, "door": given.door, "decided": judged.decided, "urgency": judged.urgency,
        "joined": same is not None, "department": department.code if department else None,
    }  # fmt: skip
    audit.record("complaints:complaint:received", actor=actor, subject=f"complaint:{complaint.number}", detail=detail)
    if same is not None:
        _tell_joined(complaint, case, judged)
    if before := Complaint.objects.filter(number=given.follows).exclude(pk=complaint.pk).first():
        _tell_follows(complaint, before)
    if goes_to is not None:
        _send(case, goes_to, judged, desk.transfer_hours)
    if prepared.danger:
        plan.ensure_plan(case.area, ACTOR)
        escalation.start(case)
    text = messages.receipt(complaint, numbers.pin_for(given.client_id), joining.department_of(case))
    messages.say(complaint, MessageKind.RECEIPT, text, at=now, automatic=True)
    protection.see(complaint, f"{given.title}\n{given.text}", actor=ACTOR)
    collective.see(complaint, f"{prepared.title}\n{prepared.masked}")
    return complaint


def row_of(prepared: Prepared, case: Case, topic: Topic | None, *, kind: str, due_at: datetime) -> Complaint:
    """The complaint with its number and PIN, not saved yet; in the turn on the chain."""
    given = prepared.given
    complaint = Complaint(
        client_id=given.client_id, case=case, door=given.door, outside_ref=given.outside_ref, language=given.language,
        kind=kind, topic=topic, area=prepared.area, title=prepared.title, text=given.text, masked=prepared.masked,
        vault=json.dumps(prepared.vault, ensure_ascii=False), answers=prepared.answers, reporter=_reporter(given),
        reporter_index=_reporter_index(given), address=given.address or None, place_index=prepared.where.house,
        lon=given.lon, lat=given.lat, received_at=prepared.at, due_at=due_at, number=numbers.next_number(prepared.at),
    )  # fmt: skip
    complaint.pin = numbers.digest_of(complaint.number, numbers.pin_for(given.client_id))
    return complaint


def _same_case(prepared: Prepared, topic: Topic | None) -> Case | None:
    """The open case of the same thing, locked: what the citizen named, or what lies there."""
    given = prepared.given
    same = joining.named(given.joins, topic)
    if same is None:
        same = joining.same_thing(prepared.masked, prepared.where, topic, prepared.judged.topics, clock.now())
    if same is not None:
        lock(same)
    return same if same is not None and same.status != CaseStatus.CLOSED else None


def goes_at_once(judged: Judged, department: Department | None) -> bool:
    """Whether it leaves for the department without a person: it is sure, within the city, and no danger."""
    return judged.decided and department is not None and not department.outside and judged.urgency < Level.SEVERE


def _open_case(
    prepared: Prepared, topic: Topic | None, goes_to: Department | None, due_at: datetime, actor: User | str
) -> Case:
    given, now = prepared.given, clock.now()
    if prepared.danger:
        minutes = rules.load(DeskRules, SERVICE, prepared.area).danger_minutes
        due_at = min(due_at, now + timedelta(minutes=minutes))
    return cases.open_case(
        service=SERVICE,
        kind=topic.code if topic else "complaint",
        level=prepared.judged.urgency,
        title=title_of(topic, prepared.area),
        area=prepared.area,
        team=goes_to.team if goes_to else desk_team(prepared.area),
        due_at=max(due_at, now + timedelta(minutes=1)),  # what came late by a file is late from the beginning
        actor=actor,
        lon=given.lon if topic and topic.placed else None,
        lat=given.lat if topic and topic.placed else None,
    )


def title_of(topic: Topic | None, area: Area) -> dict[str, str]:
    """What a case is called: its topic and where it is, nothing of what anybody wrote."""
    names = topic.name if topic else {"ko": "민원", "en": "A complaint"}
    return {language: f"{names[language]} ({area.name})" for language in ("ko", "en")}


def _send(case: Case, department: Department, judged: Judged, hours: int) -> None:
    """It is surely that department's: it has to say within so many working hours whether it takes it."""
    now, likely = clock.now(), judged.labels[0]["p"]
    Transfer.objects.create(
        case=case,
        to_department=department,
        at=now,
        reason=f"스스로 나눔 ({likely:.0%})" if likely else "시민이 고른 갈래",
        answer_by=add_working_hours(now, hours),
    )
    detail = {"to": department.code, "from": None, "by": judged.engine}
    audit.record("complaints:transfer:sent", actor=ACTOR, subject=f"case:{case.number}", detail=detail)


def _tell_joined(complaint: Complaint, case: Case, judged: Judged) -> None:
    cases.add_note(
        case,
        actor=ACTOR,
        text=f"같은 일에 민원이 더해졌습니다: {complaint.number}",
        data={"what": "joined", "complaint": complaint.number},
    )
    keep_pace(case, complaint, judged.urgency)


def _tell_follows(complaint: Complaint, before: Complaint) -> None:
    for case, text in (
        (complaint.case, f"마친 민원 {before.number}에 이어서 온 글입니다 ({complaint.number})"),
        (before.case, f"마친 뒤에 글이 더 왔습니다: {complaint.number}"),
    ):
        cases.add_note(case, actor=ACTOR, text=text, data={"what": "follows", "complaint": complaint.number})


def keep_pace(case: Case, complaint: Complaint, urgency: int) -> None:
    """The case is as urgent as the most urgent of its complaints and due when the first of them is."""
    if urgency > case.level:
        cases.raise_level(case, urgency, actor=ACTOR)
    if clock.now() < complaint.due_at < case.due_at:
        cases.set_due(case, complaint.due_at, actor=ACTOR)


def _topic_of(judged: Judged) -> Topic | None:
    """The topic that surely is meant: the likeliest one, where it is the decided department's."""
    if not (judged.decided and judged.labels and judged.topics):
        return None
    code, department = judged.topics[0]["label"], judged.labels[0]["label"]
    return Topic.objects.filter(code=code, department__code=department, retired_at=None).first()


def _department_of(judged: Judged) -> Department | None:
    if not judged.labels:
        return None
    code = judged.labels[0]["label"]
    return Department.objects.filter(code=code, retired_at=None).select_related("team").first()


def _reply_by(given: Received) -> str:
    """By mail to whoever left an address, and in the talk to who came by it."""
    if given.door == Door.CHAT:
        return Door.CHAT
    return Door.EMAIL if given.email else ""


def _reporter(given: Received) -> str | None:
    said = {name: getattr(given, name) for name in ("name", "phone", "email") if getattr(given, name)}
    return json.dumps(said, ensure_ascii=False) if said else None


def _reporter_index(given: Received) -> str:
    known = given.phone or given.email.lower()
    return blind_index(f"reporter:{known}") if known else ""


def keep_judgement(complaint: Complaint, judged: Judged, now: datetime) -> Judgement:
    return Judgement.objects.create(
        complaint=complaint, engine=judged.engine, at=now, labels=judged.labels, topics=judged.topics,
        decided=judged.decided, urgency=judged.urgency, urgent_words=judged.urgent_words, parts=judged.parts,
        why=judged.why,
    )  # fmt: skip


def _keep_pictures(complaint: Complaint, pictures: Sequence[bytes], now: datetime) -> None:
    for place, jpeg in enumerate(pictures):
        Picture.objects.create(
            complaint=complaint,
            at=now,
            client_id=uuid5(complaint.client_id, f"picture:{place}"),
            jpeg=base64.b64encode(jpeg).decode(),
        )
