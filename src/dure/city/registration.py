# SPDX-License-Identifier: Apache-2.0
"""How homes, people, their contacts and consents come into the record. Called as functions of dure.city.people.

Each verb is one transaction with its audit entry. An actor who is a user must hold the role for it in the home's
area; an actor given as text is a process of ours. Wrong input is Invalid, naming the field.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from dure.city import clock, phones
from dure.city.audit import Tag, record
from dure.city.errors import Invalid
from dure.city.models import Area, Consent, ConsentPurpose, Contact, Household, Person, Sex, User
from dure.city.purposes import Purpose, require_reach
from dure.city.sealed import blind_index

OLDEST = 130
"""Years; nobody on record lived longer than 122 (Jeanne Calment)."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


@transaction.atomic
def register_household(
    *, area: Area | str, address: str, actor: User | str, lon: float | None = None, lat: float | None = None
) -> Household:
    """Keep a home. ``area`` is an area that is valid today, or its code; ``lon``, ``lat`` in degrees (WGS 84)."""
    household = new_household(_valid_area(area), address, lon, lat)
    require_reach(actor, household.area, Purpose.ENROLMENT)
    household.save()
    detail = {"area": household.area.code}
    record(Tag.Household.REGISTERED, actor=actor, subject=f"household:{household.ref}", detail=detail)
    return household


@transaction.atomic
def register_person(
    *,
    household: Household,
    name: str,
    birth_year: int,
    sex: str,
    actor: User | str,
    phone: str | None = None,
    lives_alone: bool = True,
    language: str = "ko",
) -> Person:
    """Keep a resident of ``household``."""
    require_reach(actor, household.area, Purpose.ENROLMENT)
    person = new_person(
        household, name=name, phone=phone, birth_year=birth_year, sex=sex, lives_alone=lives_alone, language=language
    )
    person.save()
    record(
        Tag.Person.REGISTERED,
        actor=actor,
        subject=_subject(person),
        purpose=Purpose.ENROLMENT,
        detail={"household": household.ref},
    )
    return person


@transaction.atomic
def change_phone(person: Person, phone: str | None, *, actor: User | str) -> None:
    """The person has another number, or none any more."""
    require_reach(actor, person.household.area, Purpose.ENROLMENT)
    number = phones.normalise(phone) if phone else None
    person.phone, person.phone_index = number, blind_index(number) if number else ""
    person.save(update_fields=["phone", "phone_index"])
    record(Tag.Person.CHANGED, actor=actor, subject=_subject(person), detail={"field": "phone"})


@transaction.atomic
def add_contact(person: Person, *, name: str, phone: str, relation: str, actor: User | str) -> Contact:
    """Add family or a neighbour, called after those who are there already."""
    require_reach(actor, person.household.area, Purpose.ENROLMENT)
    contact = new_contact(person, name=name, phone=phone, relation=relation, position=person.contacts.count() + 1)
    contact.save()
    record(Tag.Person.CONTACT_ADDED, actor=actor, subject=_subject(person), detail={"position": contact.position})
    return contact


@transaction.atomic
def leave(person: Person, *, actor: User | str) -> None:
    """The person moved away or died. Saying it twice changes nothing."""
    require_reach(actor, person.household.area, Purpose.ENROLMENT)
    if Person.objects.filter(pk=person.pk, left_at=None).update(left_at=clock.now()):
        person.refresh_from_db(fields=["left_at"])
        record(Tag.Person.LEFT, actor=actor, subject=_subject(person))


@transaction.atomic
def grant_consent(
    person: Person,
    purpose: ConsentPurpose | str,
    *,
    expires_at: datetime,
    how: str,
    actor: User | str,
    granted_at: datetime | None = None,
) -> Consent:
    """The person agreed to ``purpose`` from ``granted_at`` (default: now) until ``expires_at`` (both aware).

    The same consent again changes nothing.
    """
    require_consent_reach(actor, person)
    asked = new_consent(person, purpose, since=granted_at or clock.now(), until=expires_at, how=how, actor=actor)
    consent, is_new = Consent.objects.get_or_create(
        person=person,
        purpose=asked.purpose,
        granted_at=asked.granted_at,
        expires_at=asked.expires_at,
        defaults={"how": asked.how, "recorded_by": asked.recorded_by},
    )
    if is_new:
        record(
            Tag.Person.CONSENT_GRANTED,
            actor=actor,
            subject=_subject(person),
            purpose=consent.purpose,
            detail={"from": consent.granted_at, "until": consent.expires_at},
        )
    return consent


@transaction.atomic
def withdraw_consent(person: Person, purpose: ConsentPurpose | str, *, actor: User | str) -> int:
    """The person no longer agrees, from now on; they may say so themselves. Returns how many consents ended."""
    require_consent_reach(actor, person)
    refused = ConsentPurpose(_choice(purpose, ConsentPurpose, "purpose", "목적"))
    ended = Consent.objects.filter(active_at(clock.now()), person=person, purpose=refused).update(
        withdrawn_at=clock.now()
    )
    if ended:
        record(Tag.Person.CONSENT_WITHDRAWN, actor=actor, subject=_subject(person), purpose=refused)
    return ended


def new_household(area: Area, address: str, lon: float | None, lat: float | None) -> Household:
    """A home that is not kept yet; Invalid for what is wrong with it."""
    return Household(area=area, address=_text(address, "address", "주소", 200), place=_place(lon, lat))


def new_person(
    household: Household,
    *,
    name: str,
    phone: str | None,
    birth_year: int,
    sex: str,
    lives_alone: bool,
    language: str,
) -> Person:
    """A resident who is not kept yet; Invalid for what is wrong."""
    number = phones.normalise(phone) if phone else None
    return Person(
        household=household,
        name=_text(name, "name", "이름", 60),
        phone=number,
        phone_index=blind_index(number) if number else "",
        birth_year=_birth_year(birth_year),
        sex=_choice(sex, Sex, "sex", "성별"),
        lives_alone=lives_alone,
        language=_language(language),
        registered_at=clock.now(),
    )


def new_contact(person: Person, *, name: str, phone: str, relation: str, position: int) -> Contact:
    """Family or a neighbour who is not kept yet; Invalid for what is wrong."""
    return Contact(
        person=person,
        name=_text(name, "contacts.name", "연락처 이름", 60),
        phone=phones.normalise(phone, field="contacts.phone"),
        relation=_text(relation, "contacts.relation", "관계", 20),
        position=position,
    )


def new_consent(
    person: Person,
    purpose: ConsentPurpose | str,
    *,
    since: datetime,
    until: datetime,
    how: str,
    actor: User | str,
) -> Consent:
    """A consent that is not kept yet; Invalid for what is wrong."""
    _aware(since, "granted_at", "동의 시각")
    _aware(until, "expires_at", "만료 시각")
    if since > clock.now():
        raise Invalid("동의 시각이 미래입니다", "the consent lies in the future", field="granted_at")
    if until <= since:
        raise Invalid("만료가 동의보다 앞섭니다", "the consent ends before it begins", field="expires_at")
    return Consent(
        person=person,
        purpose=_choice(purpose, ConsentPurpose, "purpose", "목적"),
        granted_at=since,
        expires_at=until,
        how=_text(how, "how", "받은 방법", 40),
        recorded_by=actor if isinstance(actor, User) else None,
    )


def has_consent(person: Person, purpose: ConsentPurpose | str, at: datetime) -> bool:
    """Whether the person's consent to ``purpose`` holds at ``at``."""
    return Consent.objects.filter(active_at(at), person=person, purpose=purpose).exists()


def active_at(at: datetime) -> Q:
    """The consents that hold at ``at``."""
    return Q(granted_at__lte=at, expires_at__gt=at) & (Q(withdrawn_at=None) | Q(withdrawn_at__gt=at))


def require_consent_reach(actor: User | str, person: Person) -> None:
    """Raise NotAllowed unless ``actor`` may keep this person's consents: themselves, their carers, a process."""
    if isinstance(actor, User) and actor.is_active and actor.person_id == person.pk:
        return
    require_reach(actor, person.household.area, Purpose.CONSENT)


def _subject(person: Person) -> str:
    return f"person:{person.ref}"


def _valid_area(area: Area | str) -> Area:
    today = clock.today()
    valid = Area.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today), valid_from__lte=today)
    found = valid.filter(code=area).first() if isinstance(area, str) else valid.filter(pk=area.pk).first()
    if found is None:
        code = area if isinstance(area, str) else area.code
        raise Invalid(f"지금 쓰이는 지역이 아닙니다: {code}", f"no area that is valid today: {code}", field="area")
    return found


def _place(lon: float | None, lat: float | None) -> str | None:
    if lon is None and lat is None:
        return None
    if lon is None or not -180 <= lon <= 180:
        raise Invalid("경도는 -180~180이어야 합니다", "must be within -180 and 180 degrees", field="lon")
    if lat is None or not -90 <= lat <= 90:
        raise Invalid("위도는 -90~90이어야 합니다", "must be within -90 and 90 degrees", field="lat")
    return f"{lon:.7f},{lat:.7f}"


def _text(value: str, field: str, ko: str, longest: int) -> str:
    text = " ".join(value.split())
    if not text:
        raise Invalid(f"{ko}: 비어 있습니다", "must not be empty", field=field)
    if len(text) > longest:
        raise Invalid(f"{ko}: {longest}자보다 깁니다", f"must have at most {longest} characters", field=field)
    return text


def _birth_year(year: int) -> int:
    newest = clock.today().year
    if not newest - OLDEST <= year <= newest:
        raise Invalid(
            f"태어난 해: {newest - OLDEST}~{newest}년이어야 합니다",
            f"must be within {newest - OLDEST} and {newest}",
            field="birth_year",
        )
    return year


def _choice(value: str, choices: type[Sex] | type[ConsentPurpose], field: str, ko: str) -> str:
    try:
        return str(choices(value))
    except ValueError as error:
        known = ", ".join(choices.values)
        raise Invalid(f"{ko}: {known} 가운데 하나여야 합니다", f"must be one of {known}", field=field) from error


def _language(code: str) -> str:
    if not _LANGUAGE.fullmatch(code) or len(code) > 5:
        raise Invalid(
            "쓰는 말: ko, en 같은 코드여야 합니다", "must be a language code such as ko or en", field="language"
        )
    return code


def _aware(at: datetime, field: str, ko: str) -> datetime:
    if at.tzinfo is None:
        raise Invalid(f"{ko}: 시간대가 없습니다", "the time has no time zone", field=field)
    return at
