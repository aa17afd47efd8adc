# SPDX-License-Identifier: Apache-2.0
"""Taking a person into care: the home, the person, the family, the consents, the devices, the worker."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dure.city import audit, cases, clock, devices, people
from dure.city.areas import valid_on
from dure.city.cases.access import may_act_in
from dure.city.database import ROWS_AT_ONCE, in_parts, refresh_statistics
from dure.city.errors import Conflict, DureError, Invalid
from dure.city.models import Area, Case, CaseStatus, ConsentPurpose, Device, Feed, Household, Series, User
from dure.city.purposes import require_reach
from dure.services.care.models import Enrolment

LINES_AT_ONCE = 500
"""Lines of a file that are taken in one transaction: the doors wait for it at most about a second."""

Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


class SeriesForm(BaseModel):
    """One quantity a device reports."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=40)]
    unit: Annotated[str, Field(max_length=16)]
    interval_minutes: Annotated[int, Field(ge=1, le=1440)]
    min: float | None = None
    max: float | None = None


class DeviceForm(BaseModel):
    """A device in the home; the feed must be registered."""

    model_config = ConfigDict(extra="forbid")
    feed: str
    code: Code
    kind: Annotated[str, Field(max_length=20)]
    series: Annotated[list[SeriesForm], Field(min_length=1)]


class ContactForm(BaseModel):
    """Family or a neighbour, in the order in which they are called."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=60)]
    phone: str
    relation: Annotated[str, Field(max_length=20)]


class PersonForm(BaseModel):
    """The person watched over."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=60)]
    phone: str | None = None
    birth_year: Annotated[int, Field(ge=1890, le=2100)]
    sex: Literal["F", "M"]
    lives_alone: bool = True
    language: Annotated[str, Field(max_length=5)] = "ko"


class EnrolmentForm(BaseModel):
    """One line of an enrolment file."""

    model_config = ConfigDict(extra="forbid")
    area: str
    address: Annotated[str, Field(min_length=1, max_length=200)]
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    person: PersonForm
    contacts: list[ContactForm] = []
    consents: list[ConsentPurpose]
    consent_until: date
    worker: str | None = None
    devices: Annotated[list[DeviceForm], Field(min_length=1)]


class AlreadyEnrolled(Conflict):
    """The same person is in care with the same devices: there is nothing to do."""


@dataclass(frozen=True)
class _Checked:
    """A line that can be taken: everything but whether its devices are free is known to be right."""

    home: people.NewHome
    devices: list[devices.NewDevice]
    worker: User | None
    power: Series
    phone: Series | None

    @property
    def codes(self) -> list[str]:
        return [one.device.code for one in self.devices]


def enrol(form: EnrolmentForm, *, actor: User | str) -> Enrolment:
    """Take a person into care. A device that is registered already makes it a Conflict and changes nothing;
    where everything is as the form says already, that is AlreadyEnrolled.

    Raises Invalid naming the field: an unknown area, worker or feed, a missing power meter or consent.
    """
    (answer,) = enrol_many([form], actor=actor)
    if isinstance(answer, DureError):
        raise answer
    return answer


def enrol_many(forms: Sequence[EnrolmentForm], *, actor: User | str) -> list[Enrolment | DureError]:
    """Take many people into care in one transaction; for each form in its order the enrolment, or why it was refused.

    As :func:`enrol`, with one audit entry of each kind for all of them.
    """
    known = _Known()
    answers: list[_Checked | Enrolment | DureError] = [_check(form, known, actor) for form in forms]
    with transaction.atomic():
        audit.take_turn()
        good = [one for one in answers if isinstance(one, _Checked)]
        taken = devices.known_codes(code for one in good for code in one.codes)
        homes = _homes_of(taken)
        answers = [_refuse_taken(one, taken, homes) if isinstance(one, _Checked) else one for one in answers]
        kept = iter(_keep([one for one in answers if isinstance(one, _Checked)], actor))
    return [next(kept) if isinstance(one, _Checked) else one for one in answers]


def _check(form: EnrolmentForm, known: _Known, actor: User | str) -> _Checked | DureError:
    try:
        area = known.area(form.area)
        if ConsentPurpose.POWER_WATCH not in form.consents:
            raise Invalid("전력 사용 확인 동의가 있어야 합니다", "consent to power_watch is needed", field="consents")
        worker = known.worker(form.worker) if form.worker is not None else None
        home = people.new_home(
            area,
            address=form.address,
            lon=form.lon,
            lat=form.lat,
            person=form.person.model_dump(),
            contacts=[one.model_dump() for one in form.contacts],
            consents=form.consents,
            consent_until=_end_of(form.consent_until),
            how=gettext_noop("등록 서류"),
            actor=actor,
        )
        registered = [_device(one, known.feed(one.feed), home.household) for one in form.devices]
        phone = _series(registered, "activity") if ConsentPurpose.PHONE_WATCH in form.consents else None
        return _Checked(home, registered, worker, _power_of(registered), phone)
    except DureError as error:
        return error


def _homes_of(codes: Iterable[str]) -> dict[str, Enrolment]:
    """By device code, who is in care in the device's home."""
    found = dict[str, Enrolment]()
    for part in in_parts(codes):
        homes = dict(Device.objects.filter(code__in=part).values_list("code", "household"))
        in_care = Enrolment.objects.filter(household__in=set(homes.values()), ended_at=None)
        enrolments = {one.household_id: one for one in in_care.select_related("person", "household")}
        found |= {code: enrolments[home] for code, home in homes.items() if home in enrolments}
    return found


def _refuse_taken(one: _Checked, taken: set[str], homes: Mapping[str, Enrolment]) -> _Checked | DureError:
    """The same, or a Conflict when a code of it is in ``taken``, to which its codes are added."""
    refused = [code for code in one.codes if code in taken]
    if not refused:
        taken.update(one.codes)
        return one
    there = {homes.get(code) for code in one.codes}
    enrolment = there.pop()
    if enrolment and not there and _is_as_written(enrolment, one.home):
        return AlreadyEnrolled("이미 등록된 분입니다", "already enrolled", field="devices.code")
    code = refused[0]
    return Conflict(f"이미 등록된 기기입니다: {code}", f"already registered: {code}", field="devices.code")


def _is_as_written(enrolment: Enrolment, home: people.NewHome) -> bool:
    in_area = enrolment.household.area_id == home.household.area_id
    return in_area and people.is_same_person(enrolment.person, home.person)


def _keep(checked: Sequence[_Checked], actor: User | str) -> list[Enrolment]:
    if not checked:
        return []
    people.register_homes([one.home for one in checked], actor=actor)
    devices.register_devices([device for one in checked for device in one.devices], actor=actor)
    now = clock.now()
    enrolments = [
        Enrolment(
            household=one.home.household,
            person=one.home.person,
            worker=one.worker,
            row=row,
            power=one.power,
            phone=one.phone,
            enrolled_at=now,
            proved_alive_at=now,
        )
        for row, one in enumerate(checked, start=_next_row())
    ]
    Enrolment.objects.bulk_create(enrolments, ROWS_AT_ONCE)
    refs = [one.home.person.ref for one in checked]
    detail = {"refs": refs, "areas": [one.home.household.area.code for one in checked]}
    audit.record("care:enrolment:made", actor=actor, subject=audit.about("person", refs), detail=detail)
    return enrolments


@transaction.atomic
def give_to(enrolment: Enrolment, worker: User | None, *, actor: User) -> None:
    """Let ``worker`` look after a person from now on (None: nobody yet); their open cases go along.

    Raises Invalid (field ``worker``) for somebody who may not act where the person lives.
    """
    if worker is not None and not may_act_in(worker, "care", enrolment.household.area):
        raise Invalid("이 지역을 맡을 수 없는 사람입니다", "may not work in this area", field="worker")
    if worker == enrolment.worker:
        return
    audit.take_turn()
    before, enrolment.worker = enrolment.worker, worker
    enrolment.save(update_fields=["worker"])
    names = {"from": before.username if before else None, "to": worker.username if worker else None}
    audit.record("care:enrolment:given", actor=actor, subject=f"person:{enrolment.person.ref}", detail=names)
    for case in Case.objects.filter(service="care", household=enrolment.household).exclude(status=CaseStatus.CLOSED):
        cases.assign(case, actor=actor, user=worker, team=None if worker else case.team)


@transaction.atomic
def set_voice(enrolment: Enrolment, *, words_per_minute: int | None, pitch: int | None, actor: User | str) -> None:
    """How fast and how high the calls speak to this person; None: as the city set it."""
    require_reach(actor, enrolment.household.area, people.Purpose.WELL_BEING_CHECK)
    audit.take_turn()
    enrolment.voice_words_per_minute, enrolment.voice_pitch = words_per_minute, pitch
    enrolment.save(update_fields=["voice_words_per_minute", "voice_pitch"])
    said = {"words_per_minute": words_per_minute, "pitch": pitch}
    audit.record("care:voice:set", actor=actor, subject=f"person:{enrolment.person.ref}", detail=said)


def _next_row() -> int:
    last: int | None = Enrolment.objects.aggregate(last=Max("row"))["last"]
    return 0 if last is None else last + 1


class _Known:
    """Areas, workers and feeds, each looked up once for a whole batch."""

    def __init__(self) -> None:
        self._areas = {area.code: area for area in valid_on(clock.today())}
        self._feeds = {feed.code: feed for feed in Feed.objects.all()}
        self._workers: dict[str, User | None] = {}

    def area(self, code: str) -> Area:
        if code not in self._areas:
            raise Invalid(f"없는 지역 코드입니다: {code}", f"unknown area code: {code}", field="area")
        return self._areas[code]

    def worker(self, username: str) -> User:
        if username not in self._workers:
            self._workers[username] = User.objects.filter(username=username, is_active=True).first()
        if (worker := self._workers[username]) is None:
            raise Invalid(f"없는 담당자입니다: {username}", f"unknown worker: {username}", field="worker")
        return worker

    def feed(self, code: str) -> Feed:
        if code not in self._feeds:
            raise Invalid(f"없는 공급원입니다: {code}", f"unknown feed: {code}", field="devices.feed")
        return self._feeds[code]


def _end_of(day: date) -> datetime:
    """The first moment after ``day`` in Korea."""
    return datetime.combine(day, time(), clock.SEOUL).astimezone(UTC) + timedelta(days=1)


def _device(form: DeviceForm, feed: Feed, household: Household) -> devices.NewDevice:
    specs = [devices.SeriesSpec(one.name, one.unit, one.interval_minutes, one.min, one.max) for one in form.series]
    return devices.new_device(feed, form.code, form.kind, series=specs, household=household)


def _power_of(registered: list[devices.NewDevice]) -> Series:
    """The home's use. Of two meters nobody knows which shows the person, and their sum would be judged by one alone
    when the other is missing."""
    power = _series(registered, "power")
    if power is None:
        raise Invalid("‘power’ 계열이 있어야 합니다", "a series named 'power' is needed", field="devices.series")
    if sum(series.name == "power" for one in registered for series in one.series) > 1:
        raise Invalid("‘power’ 계열은 하나여야 합니다", "more than one series named 'power'", field="devices.series")
    return power


def _series(registered: list[devices.NewDevice], name: str) -> Series | None:
    return next((series for one in registered for series in one.series if series.name == name), None)


@dataclass(frozen=True)
class Progress:
    """How far a file has been taken: lines ``read`` so far; of these last ones people ``taken``, ``known`` (enrolled
    already, as the line says) and lines ``refused``: (line number, why)."""

    read: int
    taken: int
    known: int
    refused: list[tuple[int, str]]


def enrol_file(path: Path, *, actor: User | str) -> Progress:
    """Enrol every line of a JSON-lines file. A bad line is refused by itself and the others are taken.

    Who is enrolled already is only counted, so that a file can be run again; a meter that is somebody else's, or that
    the file names twice, is refused. Returns what came of the whole file.
    """
    parts = list(enrol_in_batches(path, actor=actor))
    return Progress(
        read=parts[-1].read if parts else 0,
        taken=sum(part.taken for part in parts),
        known=sum(part.known for part in parts),
        refused=[fault for part in parts for fault in part.refused],
    )


def enrol_in_batches(path: Path, *, actor: User | str) -> Iterator[Progress]:
    """As :func:`enrol_file`, telling after each transaction of LINES_AT_ONCE lines how far it is."""
    seen: set[str] = set()
    with path.open("rb") as file:
        lines = enumerate(file, start=1)
        for batch in in_parts(lines, LINES_AT_ONCE):
            yield _enrol_lines(batch, seen, actor)
    refresh_statistics()


def _enrol_lines(lines: Sequence[tuple[int, bytes]], seen: set[str], actor: User | str) -> Progress:
    """``seen``: the device codes of the lines before, to which those of these are added."""
    forms: dict[int, EnrolmentForm] = {}
    refused: list[tuple[int, str]] = []
    for number, line in lines:
        try:
            if line.strip():
                forms[number] = _read(line, seen)
        except ValidationError as error:
            refused.append((number, _first_fault(error)))
        except Conflict as error:
            refused.append((number, str(error)))
    answers = dict(zip(forms, enrol_many(list(forms.values()), actor=actor), strict=True))
    known = sum(isinstance(answer, AlreadyEnrolled) for answer in answers.values())
    wrong = [
        (number, str(answer))
        for number, answer in answers.items()
        if isinstance(answer, DureError) and not isinstance(answer, AlreadyEnrolled)
    ]
    return Progress(lines[-1][0], len(answers) - known - len(wrong), known, sorted(refused + wrong))


def _read(line: bytes, seen: set[str]) -> EnrolmentForm:
    form = EnrolmentForm.model_validate_json(line.removeprefix(BOM_UTF8))  # written by some editors
    codes = {one.code for one in form.devices}
    if twice := sorted(codes & seen):
        raise Conflict(
            f"이 파일에 두 번 적힌 기기입니다: {twice[0]}", f"twice in this file: {twice[0]}", field="devices.code"
        )
    seen |= codes
    return form


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in fault['loc']) or 'line'}: {fault['msg']}"
