# SPDX-License-Identifier: Apache-2.0
"""Taking a person into care: the home, the person, the family, the consents, the devices, the worker."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from django.db import transaction
from django.db.models import Max
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dure.city import audit, cases, clock, devices, people
from dure.city.cases.access import may_act_in
from dure.city.errors import Conflict, DureError, Invalid
from dure.city.models import Area, Case, CaseStatus, ConsentPurpose, Device, Feed, Household, Series, User
from dure.services.care.models import Enrolment

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


@transaction.atomic
def enrol(form: EnrolmentForm, *, actor: User | str) -> Enrolment:
    """Take a person into care. A power meter that is enrolled already makes it a Conflict and changes nothing.

    Raises Invalid naming the field: an unknown area, worker or feed, a missing power meter or consent.
    """
    now = clock.now()
    area = _area(form.area)
    if ConsentPurpose.POWER_WATCH not in form.consents:
        raise Invalid("전력 사용 확인 동의가 있어야 합니다", "consent to power_watch is needed", field="consents")
    household = people.register_household(area=area, address=form.address, lon=form.lon, lat=form.lat, actor=actor)
    person = people.register_person(
        household=household,
        name=form.person.name,
        phone=form.person.phone,
        birth_year=form.person.birth_year,
        sex=form.person.sex,
        lives_alone=form.person.lives_alone,
        language=form.person.language,
        actor=actor,
    )
    for contact in form.contacts:
        people.add_contact(person, actor=actor, **contact.model_dump())
    expires_at = datetime.combine(form.consent_until, time(), clock.SEOUL).astimezone(UTC) + timedelta(days=1)
    for purpose in form.consents:
        people.grant_consent(person, purpose, expires_at=expires_at, how="등록 서류", actor=actor)
    registered = [_device(one, household) for one in form.devices]
    enrolment = Enrolment.objects.create(
        household=household,
        person=person,
        worker=_worker(form.worker),
        row=_next_row(),
        power=_power_of(registered),
        phone=_series(registered, "activity") if ConsentPurpose.PHONE_WATCH in form.consents else None,
        enrolled_at=now,
        proved_alive_at=now,
    )
    audit.record("care:enrolment:made", actor=actor, subject=f"person:{person.ref}", detail={"area": area.code})
    return enrolment


@transaction.atomic
def give_to(enrolment: Enrolment, worker: User | None, *, actor: User) -> None:
    """Let ``worker`` look after a person from now on (None: nobody yet); their open cases go along.

    Raises Invalid (field ``worker``) for somebody who may not act where the person lives.
    """
    if worker is not None and not may_act_in(worker, "care", enrolment.household.area):
        raise Invalid("이 지역을 맡을 수 없는 사람입니다", "may not work in this area", field="worker")
    if worker == enrolment.worker:
        return
    before, enrolment.worker = enrolment.worker, worker
    enrolment.save(update_fields=["worker"])
    names = {"from": before.username if before else None, "to": worker.username if worker else None}
    audit.record("care:enrolment:given", actor=actor, subject=f"person:{enrolment.person.ref}", detail=names)
    for case in Case.objects.filter(service="care", household=enrolment.household).exclude(status=CaseStatus.CLOSED):
        cases.assign(case, actor=actor, user=worker, team=None if worker else case.team)


def _next_row() -> int:
    last: int | None = Enrolment.objects.aggregate(last=Max("row"))["last"]
    return 0 if last is None else last + 1


def _area(code: str) -> Area:
    area = Area.objects.filter(code=code, valid_to=None).first()
    if area is None:
        raise Invalid(f"없는 지역 코드입니다: {code}", f"unknown area code: {code}", field="area")
    return area


def _worker(username: str | None) -> User | None:
    if username is None:
        return None
    worker = User.objects.filter(username=username, is_active=True).first()
    if worker is None:
        raise Invalid(f"없는 담당자입니다: {username}", f"unknown worker: {username}", field="worker")
    return worker


def _device(form: DeviceForm, household: Household) -> Device:
    feed = Feed.objects.filter(code=form.feed).first()
    if feed is None:
        raise Invalid(f"없는 공급원입니다: {form.feed}", f"unknown feed: {form.feed}", field="devices.feed")
    if Device.objects.filter(code=form.code).exists():
        raise Conflict(f"이미 등록된 기기입니다: {form.code}", f"already registered: {form.code}", field="devices.code")
    specs = [devices.SeriesSpec(one.name, one.unit, one.interval_minutes, one.min, one.max) for one in form.series]
    return devices.register_device(feed, form.code, form.kind, series=specs, household=household)


def _power_of(registered: list[Device]) -> Series:
    power = _series(registered, "power")
    if power is None:
        raise Invalid("‘power’ 계열이 있어야 합니다", "a series named 'power' is needed", field="devices.series")
    return power


def _series(registered: list[Device], name: str) -> Series | None:
    return Series.objects.filter(device__in=registered, name=name).first()


def enrol_file(path: Path, *, actor: User | str) -> tuple[int, list[tuple[int, str]]]:
    """Enrol every line of a JSON-lines file. A bad line is refused by itself and the others are taken.

    Returns how many were taken and, for each refused line, its number and why. A meter that is enrolled
    already is refused, so that running a file again changes nothing.
    """
    taken, refused = 0, []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                enrol(EnrolmentForm.model_validate_json(line), actor=actor)
                taken += 1
            except ValidationError as error:
                refused.append((number, _first_fault(error)))
            except DureError as error:
                refused.append((number, str(error)))
    return taken, refused


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in fault['loc']) or 'line'}: {fault['msg']}"
