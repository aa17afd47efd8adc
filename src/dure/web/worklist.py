# SPDX-License-Identifier: Apache-2.0
"""The one list of work: every case that the reader may see, of every service."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dure.city import clock
from dure.city.cases import visible_cases
from dure.city.models import Area, AreaLevel, Case, CaseStatus, Level, Role, User
from dure.city.roles import areas_of
from dure.web.templatetags.components import service_name

STAFF = tuple(role for role in Role if role not in (Role.CITIZEN, Role.FAMILY))
PAGE = 60
"""Rows of one page of the list."""


class Filters(forms.Form):
    """What to show; an impossible choice is an error of its field and shows everything."""

    service = forms.ChoiceField(label=_("서비스"), required=False)
    level = forms.TypedChoiceField(label=_("수준"), required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(label=_("상태"), required=False)
    area = forms.ChoiceField(label=_("지역"), required=False)
    mine = forms.BooleanField(label=_("내 것만"), required=False)

    def __init__(self, data: object, *, services: list[str], areas: list[Area]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        choices = {
            "service": [("", _("모두")), *((name, service_name(name)) for name in services)],
            "level": [("", _("모두")), *((str(level.value), _("%s 이상") % level.label) for level in Level)],
            "state": [("", _("열린 것")), *CaseStatus.choices],
            "area": [("", _("모두")), *((area.code, area.name) for area in areas)],
        }
        for name, choice in choices.items():
            self.fields[name].choices = choice  # type: ignore[attr-defined]

    def applied_to(self, cases: QuerySet[Case], user: User) -> QuerySet[Case]:
        """``cases`` narrowed to what is asked for."""
        self.is_valid()
        wanted = self.cleaned_data
        conditions = Q(status=wanted["state"]) if wanted.get("state") else Q(closed_at=None)
        if wanted.get("service"):
            conditions &= Q(service=wanted["service"])
        if wanted.get("level"):
            conditions &= Q(level__gte=wanted["level"])
        if wanted.get("area"):
            conditions &= Q(area__code=wanted["area"])
        if wanted.get("mine"):
            conditions &= Q(assignee=user)
        return cases.filter(conditions)


@dataclass(frozen=True)
class AreaLoad:
    """Open cases of one area: how many, the gravest level, how many past their time."""

    area: Area
    open: int
    level: int
    late: int


def reading_areas(user: User) -> QuerySet[Area]:
    """The 행정동 of today that lie where the reader works, by name."""
    today = clock.today()
    return (
        areas_of(user, *STAFF)
        .filter(level=AreaLevel.DONG, valid_from__lte=today)
        .filter(Q(valid_to=None) | Q(valid_to__gt=today))
        .order_by("name")
    )


def open_cases(user: User) -> QuerySet[Case]:
    """Every case that the reader may see and that is not closed."""
    return visible_cases(user).filter(closed_at=None)


def loads(user: User) -> list[AreaLoad]:
    """Areas with open cases, the gravest and fullest first. An area that is gone has its cases still."""
    late = Count("id", filter=Q(due_at__lt=clock.now()))
    rows = open_cases(user).order_by().values("area").annotate(open=Count("id"), gravest=Max("level"), late=late)
    areas = Area.objects.in_bulk([row["area"] for row in rows])
    found = [AreaLoad(areas[row["area"]], row["open"], row["gravest"], row["late"]) for row in rows]
    return sorted(found, key=lambda load: (-load.level, -load.open, load.area.name))


def page_of(cases: QuerySet[Case], number: str | None) -> Page[Case]:
    """One page, the gravest first and among equals what is due first."""
    ordered = cases.select_related("area", "team", "assignee").order_by("-level", "due_at", "id")
    return Paginator(ordered, PAGE).get_page(number)
