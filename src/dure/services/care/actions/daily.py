# SPDX-License-Identifier: Apache-2.0
"""Daily plans: routines made, changed, paused and ended by staff; templates and their use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction

from dure.city import audit, clock, people
from dure.city.errors import Conflict, Invalid
from dure.city.models import Person, Series, User
from dure.city.purposes import Purpose, require_reach
from dure.services.care.actions.occasions import consent_for, excuse_open
from dure.services.care.models import EVERY_DAY, ConfirmBy, Excuse, Routine, RoutineKind, RoutineTemplate, TemplateItem

LONGEST_TEXT = 60
MOST_MINUTES = 360


@dataclass(frozen=True)
class Spec:
    """One routine as it is typed. ``grace_minutes``, ``repeats`` and ``gap_minutes`` None: the city's rules."""

    kind: RoutineKind
    title: str
    at: time
    dose: str = ""
    weekdays: str = EVERY_DAY
    on_holidays: bool = True
    confirm_by: ConfirmBy = ConfirmBy.CALL
    grace_minutes: int | None = None
    repeats: int | None = None
    gap_minutes: int | None = None

    def columns(self) -> dict[str, Any]:
        """As the record's columns, checked. Raises Invalid naming the field."""
        if self.kind not in RoutineKind.values:
            raise Invalid("없는 종류입니다", f"must be one of {', '.join(RoutineKind.values)}", field="kind")
        if self.confirm_by not in ConfirmBy.values:
            raise Invalid("없는 방법입니다", f"must be one of {', '.join(ConfirmBy.values)}", field="confirm_by")
        days = "".join(sorted(set(self.weekdays)))
        if not days or not set(days) <= set(EVERY_DAY):
            raise Invalid("요일을 하나 이상 골라 주세요", "give at least one weekday, 1 to 7", field="weekdays")
        for field, most in (("grace_minutes", MOST_MINUTES), ("repeats", 6), ("gap_minutes", MOST_MINUTES)):
            value = getattr(self, field)
            if value is not None and not 0 <= value <= most:
                raise Invalid(f"0~{most}이어야 합니다", f"must be 0 to {most}", field=field)
        return {
            "kind": self.kind,
            "title": _text(self.title, "title", needed=True),
            "dose": _text(self.dose, "dose"),
            "at": self.at.replace(second=0, microsecond=0, tzinfo=None),
            "weekdays": days,
            "on_holidays": self.on_holidays,
            "confirm_by": self.confirm_by,
            "grace_minutes": self.grace_minutes,
            "repeats": self.repeats,
            "gap_minutes": self.gap_minutes,
        }


def _text(text: str, field: str, *, needed: bool = False) -> str:
    text = " ".join(text.split())
    if needed and not text:
        raise Invalid("비어 있습니다", "must not be empty", field=field)
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"{LONGEST_TEXT}자까지입니다", f"at most {LONGEST_TEXT} characters", field=field)
    return text


@transaction.atomic
def add_routine(
    person: Person,
    spec: Spec,
    *,
    actor: User | str,
    from_day: date | None = None,
    to_day: date | None = None,
    series: Series | None = None,
) -> Routine:
    """A new routine from now on (a time that is past today begins tomorrow).

    Raises NotAllowed, Invalid naming the field, or Conflict (``consent``) when the person has not agreed to it.
    """
    _require_reach(actor, person)
    columns = spec.columns()
    first = from_day or clock.today()
    _check_days(first, to_day)
    _check_series(spec.confirm_by, series, person)
    _require_consent(person, spec.kind)
    routine = Routine.objects.create(
        person=person,
        series=series if spec.confirm_by == ConfirmBy.SENSOR else None,
        from_day=first,
        to_day=to_day,
        since=clock.now(),
        made_by=actor if isinstance(actor, User) else None,
        **columns | {"dose": columns["dose"] or None},
    )
    _record("care:routine:added", routine, actor, {"kind": str(spec.kind), "at": spec.at.isoformat("minutes")})
    return routine


@transaction.atomic
def change_routine(
    routine: Routine,
    spec: Spec,
    *,
    actor: User | str,
    to_day: date | None = None,
    series: Series | None = None,
) -> Routine:
    """The same routine, otherwise: a day that was asked about already is not asked about again. Errors as adding."""
    _require_reach(actor, routine.person)
    columns = spec.columns()
    audit.take_turn()
    held = Routine.objects.select_for_update().get(pk=routine.pk)
    if held.ended_at is not None:
        raise Conflict("그만둔 일과입니다", "this routine has ended")
    _check_days(held.from_day, to_day)
    _check_series(spec.confirm_by, series, held.person)
    _require_consent(held.person, spec.kind)
    columns |= {"to_day": to_day, "series": series if spec.confirm_by == ConfirmBy.SENSOR else None}
    columns["dose"] = columns["dose"] or None
    plain = {name: value for name, value in columns.items() if name not in ("title", "dose")}
    changed = {name: str(value) for name, value in plain.items() if getattr(held, name) != value}
    for name, value in columns.items():
        setattr(held, name, value)
    if "at" in changed:
        held.since = clock.now()
    held.save()
    _record("care:routine:changed", held, actor, changed)
    return held


@transaction.atomic
def end_routine(routine: Routine, *, actor: User | str) -> None:
    """It is done no more; what is being asked today is not asked on. Again changes nothing."""
    _require_reach(actor, routine.person)
    audit.take_turn()
    if Routine.objects.filter(pk=routine.pk, ended_at=None).update(ended_at=clock.now()):
        excuse_open([routine], Excuse.ENDED, actor=actor)
        _record("care:routine:ended", routine, actor, {})


@transaction.atomic
def pause_routine(routine: Routine, until: datetime | None, *, actor: User | str) -> None:
    """Nobody asks before ``until``; None: they are asked again from now on. Raises Invalid for a past time."""
    _require_reach(actor, routine.person)
    if until is not None and until <= clock.now():
        raise Invalid("지금보다 뒤여야 합니다", "must be later than now", field="until")
    audit.take_turn()
    Routine.objects.filter(pk=routine.pk).update(paused_until=until)
    if until is not None:
        excuse_open([routine], Excuse.PAUSED, actor=actor)
    _record("care:routine:paused", routine, actor, {"until": until.isoformat() if until else None})


@transaction.atomic
def set_template(
    name: str, items: Sequence[Spec], *, actor: User, template: RoutineTemplate | None = None
) -> RoutineTemplate:
    """Make a template, or set an existing one anew. People it was applied to keep what they have.

    Raises Invalid naming the field (``items.2.title`` is the second item's), or Conflict for a name that is taken.
    """
    name = _text(name, "name", needed=True)
    if not items:
        raise Invalid("항목이 하나는 있어야 합니다", "give at least one item", field="items")
    columns = [_in_item(position, spec) for position, spec in enumerate(items, start=1)]
    audit.take_turn()
    kept = template or RoutineTemplate()
    kept.name = name
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError as error:
        raise Conflict("같은 이름의 틀이 있습니다", "there is a template of that name", field="name") from error
    kept.items.all().delete()
    TemplateItem.objects.bulk_create(TemplateItem(template=kept, **one) for one in columns)
    audit.record("care:template:set", actor=actor, subject=f"template:{kept.pk}",
                 detail={"name": name, "items": len(columns)})  # fmt: skip
    return kept


def _in_item(position: int, spec: Spec) -> dict[str, Any]:
    try:
        if spec.confirm_by == ConfirmBy.SENSOR:
            raise Invalid("틀에는 감지기를 쓸 수 없습니다", "a template knows no sensor", field="confirm_by")
        return spec.columns()
    except Invalid as error:
        raise Invalid(error.ko, error.en, field=f"items.{position}.{error.field}") from error


@transaction.atomic
def end_template(template: RoutineTemplate, *, actor: User) -> None:
    """The template is offered no more. Again changes nothing."""
    audit.take_turn()
    if RoutineTemplate.objects.filter(pk=template.pk, ended_at=None).update(ended_at=clock.now()):
        audit.record("care:template:ended", actor=actor, subject=f"template:{template.pk}")


@transaction.atomic
def apply_template(template: RoutineTemplate, person: Person, *, actor: User | str) -> list[Routine]:
    """Give a person the template's routines that they do not have at that time already. Errors as adding."""
    held = set(Routine.objects.filter(person=person, ended_at=None).values_list("kind", "at"))
    new = [item for item in template.items.all() if (item.kind, item.at) not in held]
    return [add_routine(person, spec_of(item), actor=actor) for item in new]


def spec_of(item: TemplateItem, **changed: Any) -> Spec:
    """An item of a template as it would be typed."""
    fields: Mapping[str, Any] = {name: getattr(item, name) for name in Spec.__dataclass_fields__}
    return Spec(**{**fields, **changed})


def _require_reach(actor: User | str, person: Person) -> None:
    require_reach(actor, person.household.area, Purpose.WELL_BEING_CHECK)


def _check_days(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise Invalid("첫날보다 앞섭니다", "lies before the first day", field="to_day")


def _check_series(confirm_by: str, series: Series | None, person: Person) -> None:
    if confirm_by != ConfirmBy.SENSOR:
        return
    if series is None:
        raise Invalid("감지기를 골라 주세요", "choose the sensor", field="series")
    if series.device.household_id != person.household_id:
        raise Invalid("이 댁의 감지기가 아닙니다", "is not a sensor of this home", field="series")


def _require_consent(person: Person, kind: RoutineKind) -> None:
    needed = consent_for(RoutineKind(kind))
    if not people.has_consent(person, needed, clock.now()):
        raise Conflict(
            f"‘{needed.label}’ 동의가 없습니다. 먼저 동의를 받아 주세요",
            f"there is no consent to {needed.value}; ask for it first",
            field="consent",
        )


def _record(tag: str, routine: Routine, actor: User | str, detail: Mapping[str, object]) -> None:
    audit.record(
        tag, actor=actor, subject=f"person:{routine.person.ref}", detail={"routine": str(routine.ref), **detail}
    )
