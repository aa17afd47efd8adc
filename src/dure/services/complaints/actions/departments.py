# SPDX-License-Identifier: Apache-2.0
"""The table of duties: departments, what each of them does, and the topics that citizens choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from dure.city import audit, clock, teams
from dure.city.errors import Conflict, Invalid, require_one_of
from dure.city.models import Team, User
from dure.services.complaints.models import Department, Duty, Kind, PeriodUnit, Topic

SERVICE = "complaints"
"""Of departments' teams too, so that the desk's lead sets their rosters; the desk's own is the one of no department
(:func:`dure.services.complaints.queries.desk_team`)."""
FIELD_TYPES = ("text", "number", "datetime", "one", "many")
LONGEST_CODE = 40
MOST_FIELDS = 20
MOST_OF_A_UNIT = {PeriodUnit.DAY: 365, PeriodUnit.WEEK: 104, PeriodUnit.MONTH: 24, PeriodUnit.YEAR: 5}
"""How long a topic's own period may be."""


@dataclass(frozen=True)
class DepartmentSpec:
    """A department as the city names it, with a team of its own. ``members``: user names, ``duties``: its lines of the
    table; None leaves either as it is."""

    code: str
    name: dict[str, str]
    phone: str = ""
    outside: bool = False
    members: list[str] | None = None
    duties: list[str] | None = None


@dataclass(frozen=True)
class TopicSpec:
    """As :class:`dure.services.complaints.models.Topic`; ``department`` is a code."""

    code: str
    name: dict[str, str]
    department: str
    about: dict[str, str] = field(default_factory=dict)
    group: dict[str, str] = field(default_factory=dict)
    keywords: list[str] = field(default_factory=list)
    kind: str = Kind.OTHER
    period: int | None = None
    period_unit: str = PeriodUnit.DAY
    placed: bool = False
    public: bool = True
    metres: int = 0
    days: int = 14
    fields: list[dict[str, Any]] = field(default_factory=list)


@transaction.atomic
def set_department(spec: DepartmentSpec, *, actor: User | str) -> Department:
    """Keep a department and, where given, exactly these duties; again changes nothing. A retired one comes back.

    Raises Invalid naming the field.
    """
    _check_code(spec.code)
    name = _words(spec.name, "name")
    if len(spec.phone) > 20:
        raise Invalid("20자까지입니다", "must be at most 20 characters", field="phone")
    audit.take_turn()
    department = Department.objects.filter(code=spec.code).first()
    columns: dict[str, Any] = {"name": name, "phone": spec.phone, "outside": spec.outside, "retired_at": None}
    if department is None:
        department = Department(code=spec.code, team=_team(spec, name["ko"], actor))
        changed = list(columns)
    else:
        changed = [column for column, value in columns.items() if getattr(department, column) != value]
        if spec.members is not None:
            _set_members(department.team, spec.members, actor)
    if changed:
        for column in changed:
            setattr(department, column, columns[column])
        department.save()
        detail = {"code": spec.code, "changed": changed}
        audit.record("complaints:department:set", actor=actor, subject=f"department:{spec.code}", detail=detail)
    if spec.duties is not None:
        set_duties(department, spec.duties, actor=actor)
    return department


@transaction.atomic
def set_duties(department: Department, duties: Sequence[str], *, actor: User | str) -> None:
    """The department does exactly this; again changes nothing. Raises Invalid (``duties``)."""
    wanted = list(dict.fromkeys(one.strip() for one in duties))
    if not all(wanted):
        raise Invalid("빈 업무가 있습니다", "one is empty", field="duties")
    audit.take_turn()
    known = {duty.text: duty for duty in department.duties.all()}
    gone = [duty.pk for text, duty in known.items() if text not in wanted]
    new = [text for text in wanted if text not in known]
    if gone or new:
        Duty.objects.filter(pk__in=gone).delete()
        Duty.objects.bulk_create(Duty(department=department, text=text) for text in new)
        detail = {"added": len(new), "removed": len(gone)}
        audit.record("complaints:duties:set", actor=actor, subject=f"department:{department.code}", detail=detail)


@transaction.atomic
def add_duty(code: str, text: str, *, actor: User | str) -> None:
    """One duty more of the department of that ``code``; again changes nothing. Raises Invalid naming the field."""
    department = known_department(code)
    if not text.strip():
        raise Invalid("비어 있습니다", "is empty", field="text")
    audit.take_turn()
    if Duty.objects.get_or_create(department=department, text=text.strip())[1]:
        audit.record("complaints:duties:set", actor=actor, subject=f"department:{code}", detail={"added": 1})


@transaction.atomic
def set_topic(spec: TopicSpec, *, actor: User | str) -> Topic:
    """Keep a topic; again changes nothing. A retired one comes back. Raises Invalid naming the field."""
    _check_code(spec.code)
    columns: dict[str, Any] = {
        "name": _words(spec.name, "name"), "about": dict(spec.about), "group": dict(spec.group),
        "keywords": list(spec.keywords), "department": known_department(spec.department), "kind": spec.kind,
        "period": spec.period, "period_unit": spec.period_unit, "placed": spec.placed, "public": spec.public,
        "metres": spec.metres, "days": spec.days, "retired_at": None,
        "fields": [_field(one, place) for place, one in enumerate(spec.fields)],
    }  # fmt: skip
    require_one_of(Kind.values, spec.kind, "kind")
    require_one_of(PeriodUnit.values, spec.period_unit, "period_unit")
    _check_numbers(spec)
    audit.take_turn()
    topic = Topic.objects.filter(code=spec.code).first() or Topic(code=spec.code)
    changed = [name for name, value in columns.items() if topic.pk is None or getattr(topic, name) != value]
    if changed:
        for name in changed:
            setattr(topic, name, columns[name])
        topic.save()
        detail = {"department": spec.department, "changed": changed}
        audit.record("complaints:topic:set", actor=actor, subject=f"topic:{spec.code}", detail=detail)
    return topic


@transaction.atomic
def retire_department(department: Department, *, actor: User | str) -> None:
    """It is no more; what it did stays on the record. Again changes nothing.

    Raises Conflict (``code``) while it has a topic or an open case: those are given to others first.
    """
    audit.take_turn()
    if department.topics.filter(retired_at=None).exists():
        raise Conflict("맡은 갈래가 있습니다. 먼저 옮기세요.", "it still has topics; move them first", field="code")
    if department.team.cases.filter(service="complaints", closed_at=None).exists():
        raise Conflict("열린 민원이 있습니다. 먼저 옮기세요.", "it still has open cases; move them first", field="code")
    if Department.objects.filter(pk=department.pk, retired_at=None).update(retired_at=clock.now()):
        audit.record("complaints:department:retired", actor=actor, subject=f"department:{department.code}")


@transaction.atomic
def retire_topic(topic: Topic, *, actor: User | str) -> None:
    """Nobody can choose it any more; complaints that have it keep it. Again changes nothing."""
    audit.take_turn()
    if Topic.objects.filter(pk=topic.pk, retired_at=None).update(retired_at=clock.now()):
        audit.record("complaints:topic:retired", actor=actor, subject=f"topic:{topic.code}")


def _team(spec: DepartmentSpec, name: str, actor: User | str) -> Team:
    """The department's own team. Two departments of one name have one each."""
    taken = Team.objects.filter(name=name[:60], service=SERVICE, departments__isnull=False).exists()
    called = f"{name[: 60 - LONGEST_CODE]} {spec.code}" if taken else name[:60]
    return teams.set_team(called, _users(spec.members or []), service=SERVICE, actor=actor)


def _set_members(team: Team, members: Sequence[str], actor: User | str) -> None:
    teams.set_team(team.name, _users(members), service=team.service, area=team.area, actor=actor)


def _users(names: Sequence[str]) -> list[User]:
    found = {user.username: user for user in User.objects.filter(username__in=names)}
    if missing := [name for name in names if name not in found]:
        raise Invalid(f"없는 사용자: {missing[0]}", f"no such user: {missing[0]}", field="members")
    return list(found.values())


def known_department(code: str) -> Department:
    """The department of that code. Raises Invalid (``department``) for one that is none, or no more."""
    department = Department.objects.filter(code=code, retired_at=None).first()
    if department is None:
        raise Invalid(f"없는 부서: {code}", f"no such department: {code}", field="department")
    return department


def known_topic(code: str) -> Topic:
    """The topic of that code that can be chosen. Raises Invalid (``topic``)."""
    topic = Topic.objects.filter(code=code, retired_at=None).select_related("department").first()
    if topic is None:
        raise Invalid(f"없는 갈래: {code}", f"no such topic: {code}", field="topic")
    return topic


def _check_code(code: str) -> None:
    if not 0 < len(code) <= LONGEST_CODE or slugify(code) != code.lower():
        words = f"영문자·숫자와 - _ 로 {LONGEST_CODE}자까지", f"letters, digits, - and _, at most {LONGEST_CODE}"
        raise Invalid(*words, field="code")


def _words(words: Mapping[str, str], field_name: str) -> dict[str, str]:
    kept = {language: str(words.get(language, "")).strip() for language in ("ko", "en")}
    for language, text in kept.items():
        if not text:
            where = f"{field_name}.{language}"
            raise Invalid("한국어와 영어로 적어야 합니다", "give it in Korean and English", field=where)
    return kept


def _check_numbers(spec: TopicSpec) -> None:
    for name, value, least, most in (
        ("period", spec.period, 1, MOST_OF_A_UNIT[PeriodUnit(spec.period_unit)]),
        ("metres", spec.metres, 0, 2_000),
        ("days", spec.days, 1, 365),
    ):
        if value is not None and not least <= value <= most:
            raise Invalid(f"{least}~{most}이어야 합니다", f"must be {least} to {most}", field=name)


def _field(one: Mapping[str, Any], place: int) -> dict[str, Any]:
    """A question of a topic, checked; see the model."""
    at = f"fields.{place}"
    if place >= MOST_FIELDS:
        raise Invalid(f"{MOST_FIELDS}개까지입니다", f"at most {MOST_FIELDS}", field="fields")
    _check_code(str(one.get("code", "")))
    require_one_of(FIELD_TYPES, one.get("type"), f"{at}.type")
    values = list(one.get("values", []))
    if one["type"] in ("one", "many") and not values:
        raise Invalid("고를 것이 있어야 합니다", "must have values to choose from", field=f"{at}.values")
    return {
        "code": str(one["code"]),
        "name": _words(one.get("name", {}), f"{at}.name"),
        "type": one["type"],
        "required": bool(one.get("required", False)),
        "values": [
            {"key": str(value.get("key", "")), "name": _words(value.get("name", {}), f"{at}.values")}
            for value in values
        ],
    }
