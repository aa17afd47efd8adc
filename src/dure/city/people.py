# SPDX-License-Identifier: Apache-2.0
"""People and homes. The ``access_…`` functions are the only way to a name, a phone or an address.

Who opens a record must hold a role that :data:`MAY_OPEN` names for the purpose, in the area of the home; some
purposes also need the person's consent. Every read is one entry on the audit chain, and so is every refusal. The
entry is committed before the values are handed out, so these functions are called outside a transaction (inside
one they raise RuntimeError): a read that is rolled back would still have been seen.

What a refusal tells: a caller without the role gets NotAllowed before anything is looked up; one with the role
gets the same NotFound whether there is no such person or the home is in another area. Only for a person of their
own area do they learn that a consent is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from dure.city import clock, phones
from dure.city.areas import area_at, successors_of, valid_on
from dure.city.audit import Tag, about, record
from dure.city.errors import DureError, NotAllowed, NotFound
from dure.city.mass_registration import NewHome, new_home, register_homes
from dure.city.models import Area, Consent, ConsentPurpose, Contact, Household, Person, User
from dure.city.purposes import MAY_OPEN, Opening, Purpose, holds_role_for
from dure.city.registration import (
    active_at,
    add_contact,
    change_phone,
    grant_consent,
    has_consent,
    leave,
    register_household,
    register_person,
    withdraw_consent,
)
from dure.city.roles import areas_of
from dure.city.sealed import Sealed, blind_index

__all__ = [
    "MAY_OPEN",
    "ContactRecord",
    "NewHome",
    "Person",
    "PersonRecord",
    "Purpose",
    "access_as_process",
    "access_own",
    "access_people",
    "access_people_as_process",
    "access_person",
    "add_contact",
    "change_phone",
    "find_by_phone",
    "follow_successions",
    "grant_consent",
    "has_consent",
    "is_same_person",
    "leave",
    "new_home",
    "reach_of",
    "register_homes",
    "register_household",
    "register_person",
    "withdraw_consent",
]


@dataclass(frozen=True, repr=False)
class ContactRecord:
    """Family or a neighbour, opened. ``id`` is the contact's in the record; ``has_page``: they have an account."""

    name: str
    phone: str
    relation: str
    id: int
    has_page: bool

    def __repr__(self) -> str:
        return "<ContactRecord>"

    @property
    def phone_spaced(self) -> str:
        """The phone with its hyphens, for reading."""
        return phones.spaced(self.phone)


@dataclass(frozen=True, repr=False)
class PersonRecord:
    """A person and their home, opened for one purpose. ``phone`` is as normalised by dure.city.phones; ``lon`` and
    ``lat`` in degrees; ``contacts`` in the order of calling, empty where the purpose does not open them."""

    ref: UUID
    household: UUID
    area: Area
    name: str
    phone: str | None
    birth_year: int
    sex: str
    lives_alone: bool
    language: str
    address: str
    lon: float | None
    lat: float | None
    contacts: tuple[ContactRecord, ...]
    registered_at: datetime
    left_at: datetime | None

    def __repr__(self) -> str:
        """Without any of the values: records end up in logs and tracebacks."""
        return f"<PersonRecord {self.ref}>"

    @property
    def age(self) -> int:
        """Years at the end of this year: only the year of birth is known."""
        return clock.today().year - self.birth_year

    @property
    def phone_spaced(self) -> str:
        """The phone with its hyphens, for reading."""
        return phones.spaced(self.phone or "")


@dataclass(frozen=True)
class _Refusal:
    why: str
    error: DureError


_NO_SUCH_PERSON = ("그런 주민이 없습니다", "there is no such person")


def access_person(user: User, ref: UUID | str, purpose: Purpose) -> PersonRecord:
    """Open one person's record.

    Raises NotAllowed (no role for the purpose; or no consent, for a person of the user's own area) or NotFound
    (unknown, or in another area: the two cannot be told apart).
    """
    if not holds_role_for(user, purpose):
        return _answer(user, ref, purpose, _Refusal("role", _not_allowed()))
    return _answer(user, ref, purpose, _within_reach(user, ref, purpose))


def access_own(user: User) -> PersonRecord:
    """A citizen opens their own record. Raises NotAllowed, or NotFound when the account has no record."""
    own = user.person if user.is_authenticated else None
    return access_person(user, own.ref if own else "", Purpose.OWN)


def access_as_process(process: str, ref: UUID | str, purpose: Purpose) -> PersonRecord:
    """A process opens a record with nobody asking, under the person's consent to that.

    Raises NotFound, or NotAllowed when no process may open it for ``purpose`` or the consent is missing.
    """
    automatic = MAY_OPEN[purpose].automatic
    if not automatic:
        return _answer(process, ref, purpose, _Refusal("process", _not_allowed()))
    person = _find(ref)
    if person is None:
        return _answer(process, ref, purpose, _Refusal("unknown", NotFound(*_NO_SUCH_PERSON)))
    if not any(has_consent(person, one, clock.now()) for one in automatic):
        return _answer(process, ref, purpose, _Refusal("consent", _no_consent()))
    return _answer(process, ref, purpose, person)


def access_people(user: User, people: QuerySet[Person], purpose: Purpose) -> list[PersonRecord]:
    """Open those of ``people`` that the user may open for ``purpose``, in their order, as one audit entry.

    Raises NotAllowed when the user has no role for the purpose.
    """
    if not holds_role_for(user, purpose):
        with transaction.atomic(durable=True):
            _record_refusal(user, "person:unknown", purpose, "role")
        raise _not_allowed()
    return _answer_list(user, people, purpose, _reach(user, purpose), Tag.Person.LISTED)


def access_people_as_process(process: str, people: QuerySet[Person], purpose: Purpose) -> list[PersonRecord]:
    """As :func:`access_as_process` for those of ``people`` who agreed to it, as one audit entry."""
    automatic = MAY_OPEN[purpose].automatic
    if not automatic:
        with transaction.atomic(durable=True):
            _record_refusal(process, "person:unknown", purpose, "process")
        raise _not_allowed()
    return _answer_list(process, people, purpose, _agreed(Person.objects.all(), *automatic), Tag.Person.LISTED)


def find_by_phone(user: User, phone: str, purpose: Purpose) -> list[PersonRecord]:
    """The people with this number whom the user may open; the search is audited, found or not.

    Raises NotAllowed, or Invalid (field ``phone``) when it is no telephone number.
    """
    number = phones.normalise(phone)
    if not holds_role_for(user, purpose):
        with transaction.atomic(durable=True):
            _record_refusal(user, "person:unknown", purpose, "role")
        raise _not_allowed()
    found = Person.objects.filter(phone_index=blind_index(number), left_at=None).order_by("id")
    return _answer_list(user, found, purpose, _reach(user, purpose), Tag.Person.FOUND_BY_PHONE)


def is_same_person(one: Person, other: Person) -> bool:
    """Whether two rows tell of one person, as far as can be told with neither opened: phone, year of birth, sex."""
    return (one.phone_index, one.birth_year, one.sex) == (other.phone_index, other.birth_year, other.sex)


@transaction.atomic
def follow_successions(*, actor: User | str) -> int:
    """Book the homes of areas that ended where they lie now: by their place, or in the one area that followed.

    Homes whose area cannot be told stay where they are; who is responsible for a successor still reaches them.
    Returns how many moved. Doing it again changes nothing.
    """
    today = clock.today()
    ended = Household.objects.filter(area__valid_to__lte=today).select_related("area").select_for_update(of=("self",))
    moved: dict[str, list[UUID]] = {}
    for home in ended:
        if (area := _area_now(home, today)) is not None:
            moved.setdefault(f"{home.area.code}>{area.code}", []).append(home.ref)
            home.area = area
            home.save(update_fields=["area"])
    for change, refs in moved.items():
        record(Tag.Household.MOVED, actor=actor, subject=f"areas:{change}", detail={"refs": refs})
    return sum(len(refs) for refs in moved.values())


def _area_now(home: Household, today: date) -> Area | None:
    lon, lat = _degrees(home.place)
    if lon is not None and lat is not None and (area := area_at(lon, lat, today)) is not None:
        return area
    followers = list(valid_on(today).filter(pk__in=successors_of([home.area_id]))[:2])
    return followers[0] if len(followers) == 1 else None


def _answer(reader: User | str, ref: UUID | str, purpose: Purpose, found: Person | _Refusal) -> PersonRecord:
    """Audit the outcome, commit, and only then open or refuse."""
    with transaction.atomic(durable=True):
        if isinstance(found, Person):
            record(Tag.Person.READ, actor=reader, subject=f"person:{found.ref}", purpose=purpose)
        else:
            _record_refusal(reader, f"person:{_number(ref) or 'unknown'}", purpose, found.why)
    if isinstance(found, _Refusal):
        raise found.error
    return _opened(found, MAY_OPEN[purpose])


def _answer_list(
    reader: User | str, people: QuerySet[Person], purpose: Purpose, allowed: QuerySet[Person], tag: str
) -> list[PersonRecord]:
    asked = list(people.values_list("pk", flat=True))
    opened = {person.pk: person for person in _whole(allowed.filter(pk__in=asked), contacts=MAY_OPEN[purpose].contacts)}
    found = [opened[pk] for pk in asked if pk in opened]
    if asked or tag == Tag.Person.FOUND_BY_PHONE:
        with transaction.atomic(durable=True):
            _record_list(reader, found, purpose, tag, left_out=len(asked) - len(found))
    return [_opened(person, MAY_OPEN[purpose]) for person in found]


def _record_list(reader: User | str, found: Sequence[Person], purpose: Purpose, tag: str, *, left_out: int) -> None:
    record(
        tag,
        actor=reader,
        subject=about("person", [person.ref for person in found]),
        purpose=purpose,
        detail={"refs": [person.ref for person in found], "left_out": left_out},
    )


def _record_refusal(reader: User | str, subject: str, purpose: Purpose, why: str) -> None:
    record(Tag.Person.DENIED, actor=reader, subject=subject, purpose=purpose, detail={"why": why})


def _within_reach(user: User, ref: UUID | str, purpose: Purpose) -> Person | _Refusal:
    person = _find(ref)
    if person is None:
        return _Refusal("unknown", NotFound(*_NO_SUCH_PERSON))
    if not _in_areas(user, purpose).filter(pk=person.pk).exists():
        return _Refusal("area", NotFound(*_NO_SUCH_PERSON))
    consent = MAY_OPEN[purpose].consent
    if consent is not None and not has_consent(person, consent, clock.now()):
        return _Refusal("consent", _no_consent())
    return person


def reach_of(user: User, purpose: Purpose) -> QuerySet[Person]:
    """Whom the user may open for the purpose; without the role for it, nobody."""
    return _reach(user, purpose) if holds_role_for(user, purpose) else Person.objects.none()


def _reach(user: User, purpose: Purpose) -> QuerySet[Person]:
    consent = MAY_OPEN[purpose].consent
    people = _in_areas(user, purpose)
    return people if consent is None else _agreed(people, consent)


def _in_areas(user: User, purpose: Purpose) -> QuerySet[Person]:
    if purpose is Purpose.OWN:
        return Person.objects.filter(user=user)
    if purpose is Purpose.FAMILY:
        return Person.objects.filter(pk__in=user.relatives.values("person"), left_at=None)
    return Person.objects.filter(household__area__in=areas_of(user, *MAY_OPEN[purpose].roles))


def _agreed(people: QuerySet[Person], *consents: ConsentPurpose) -> QuerySet[Person]:
    """Those of ``people`` who agreed to one of ``consents``."""
    holding = Consent.objects.filter(active_at(clock.now()), person=OuterRef("pk"), purpose__in=consents)
    return people.filter(Exists(holding))


def _find(ref: UUID | str) -> Person | None:
    number = _number(ref)
    return _whole(Person.objects.filter(ref=number), contacts=True).first() if number else None


def _whole(people: QuerySet[Person], *, contacts: bool) -> QuerySet[Person]:
    whole = people.select_related("household__area")
    return whole.prefetch_related("contacts") if contacts else whole


def _number(ref: UUID | str) -> UUID | None:
    try:
        return ref if isinstance(ref, UUID) else UUID(ref)
    except ValueError:
        return None


def _opened(person: Person, opening: Opening) -> PersonRecord:
    home = person.household
    lon, lat = _degrees(home.place)
    contacts = person.contacts.all() if opening.contacts else ()
    return PersonRecord(
        ref=person.ref,
        household=home.ref,
        area=home.area,
        name=person.name.open(),
        phone=person.phone.open() if person.phone else None,
        birth_year=person.birth_year,
        sex=person.sex,
        lives_alone=person.lives_alone,
        language=person.language,
        address=home.address.open(),
        lon=lon,
        lat=lat,
        contacts=tuple(_contact(one) for one in contacts),
        registered_at=person.registered_at,
        left_at=person.left_at,
    )


def _contact(one: Contact) -> ContactRecord:
    return ContactRecord(one.name.open(), one.phone.open(), one.relation, one.pk, one.user_id is not None)


def _degrees(place: Sealed | None) -> tuple[float, float] | tuple[None, None]:
    if place is None:
        return None, None
    lon, lat = place.open().split(",")
    return float(lon), float(lat)


def _not_allowed() -> NotAllowed:
    return NotAllowed("이 목적으로 기록을 볼 권한이 없습니다", "your role may not open records for this purpose")


def _no_consent() -> NotAllowed:
    return NotAllowed("본인 동의가 없거나 끝났습니다", "the person has not agreed to this, or no longer")
