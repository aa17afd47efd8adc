# SPDX-License-Identifier: Apache-2.0
"""A service's thresholds: typed defaults in its rules.py, a city's own values in the record.

A rules class is a frozen dataclass of numbers whose fields carry ``metadata=rule(…)``: label, unit, source and
bounds. The newest setting of the nearest area wins over that of the whole city, and that over the default.
"""

from __future__ import annotations

from dataclasses import Field, fields
from datetime import datetime
from typing import Any, Generic, TypedDict, TypeVar

from dure.city import audit, clock
from dure.city.errors import Invalid
from dure.city.models import Area, RuleSetting, User
from dure.city.teams import lineage

Rules = TypeVar("Rules")


class RuleNote(TypedDict):
    """What a person must know to set a rule."""

    ko: str
    en: str
    unit: str
    source: str
    least: float
    most: float


def rule(*, ko: str, en: str, unit: str, source: str, least: float, most: float) -> RuleNote:
    """Metadata of a rule: what it is, in which unit, where the default comes from, and its bounds."""
    return RuleNote(ko=ko, en=en, unit=unit, source=source, least=least, most=most)


def load(kind: type[Rules], service: str, area: Area | None = None, *, at: datetime | None = None) -> Rules:
    """The rules that hold for ``area`` (or the whole city) at ``at`` (default: now)."""
    settings = RuleSetting.objects.filter(service=service, set_at__lte=at or clock.now()).order_by("set_at", "id")
    places: list[int | None] = [None, *(one.id for one in reversed(lineage(area)))] if area else [None]
    newest = {(one.area_id, one.name): one.value for one in settings}
    chosen: dict[str, Any] = {}
    for place in places:
        chosen |= {name: value for (where, name), value in newest.items() if where == place}
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in chosen.items() if name in known})


class ByArea(Generic[Rules]):
    """The rules of each area, loaded once: for whoever judges many places in one turn."""

    def __init__(self, kind: type[Rules], service: str) -> None:
        self._kind, self._service = kind, service
        self._known: dict[int, Rules] = {}

    def of(self, area: Area) -> Rules:
        """Those that hold for ``area``."""
        if area.pk not in self._known:
            self._known[area.pk] = load(self._kind, self._service, area)
        return self._known[area.pk]


def settings_of(service: str) -> dict[str, RuleSetting]:
    """By rule, the setting of the whole city that holds, with who made it; a rule that was never set is not there."""
    found = RuleSetting.objects.filter(service=service, area=None, set_at__lte=clock.now()).order_by("set_at", "id")
    return {one.name: one for one in found.select_related("set_by")}


def set_rule(kind: type[Any], service: str, name: str, value: float, *, by: User, area: Area | None = None) -> None:
    """Set one rule from now on. Raises Invalid naming the rule when it is unknown or out of bounds."""
    field = next((one for one in fields(kind) if one.name == name), None)
    if field is None:
        raise Invalid("없는 규칙입니다", "there is no such rule", field=name)
    checked = _checked(field, value)
    RuleSetting.objects.create(service=service, name=name, area=area, value=checked, set_by=by, set_at=clock.now())
    audit.record(
        f"{service}:rule:set",
        actor=by,
        subject=f"rule:{service}.{name}",
        detail={"value": checked, "area": area.code if area else None},
    )


def _checked(field: Field[Any], value: float) -> float:
    note = field.metadata
    if not note["least"] <= value <= note["most"]:
        bounds = f"{note['least']:g}–{note['most']:g} {note['unit']}"
        raise Invalid(
            f"{note['ko']}: {bounds} 사이여야 합니다", f"{note['en']}: must be within {bounds}", field=field.name
        )
    return int(value) if field.type in (int, "int") else float(value)
