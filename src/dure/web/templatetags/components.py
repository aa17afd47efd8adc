# SPDX-License-Identifier: Apache-2.0
"""The parts that pages are made of; every template has them without loading."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import template
from django.apps import apps
from django.forms import BoundField
from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from dure.city import clock, navigation
from dure.city.models import Area, CaseStatus, Level
from dure.web import actors, charts

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing of ``static/img/icons.svg``; always beside words, so never read out."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("img/icons.svg"),
        name,
    )


@register.inclusion_tag("components/level.html")
def level_badge(level: int) -> dict[str, Any]:
    """관심 ○ 주의 △ 경계 ◆ 심각 ⬢"""
    return {"level": level, "label": Level(level).label, "icon_name": f"level-{level}"}


@register.inclusion_tag("components/status.html")
def status_badge(status: str) -> dict[str, Any]:
    """Where a case stands."""
    return {"status": status, "label": CaseStatus(status).label}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, help_text: str = "") -> dict[str, Any]:
    """A form field with its label, help and errors tied together for a screen reader."""
    described = [f"{bound.auto_id}-help"] if help_text or bound.help_text else []
    if bound.errors:
        described.append(f"{bound.auto_id}-error")
    attributes: dict[str, str | bool] = {"aria-invalid": "true"} if bound.errors else {}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=attributes),
        "seen": bound.as_hidden(only_initial=True) if bound.field.show_hidden_initial else "",
        "help_text": help_text or bound.help_text,
        "check": getattr(bound.field.widget, "input_type", "") == "checkbox",
    }


@register.inclusion_tag("components/choices.html")
def choices(bound: BoundField) -> dict[str, Any]:
    """Radio buttons as large as a thumb, one fieldset with its legend."""
    return {"field": bound}


@register.inclusion_tag("components/day_chart.html")
def day_chart(
    usual: charts.Values, yesterday: charts.Values, today: charts.Values, unit: str = "kWh"
) -> dict[str, Any]:
    """Today and yesterday against the usual day; see :func:`dure.web.charts.day_chart`."""
    return {
        "chart": charts.day_chart(usual, yesterday, today),
        "unit": unit,
        "ticks": range(0, charts.WIDTH + 1, charts.WIDTH // 4),
        "W": charts.WIDTH,
        "H": charts.HEIGHT,
    }


@register.inclusion_tag("components/person_ways.html", takes_context=True)
def person_ways(context: template.Context, ref: UUID, here: str = "") -> dict[str, Any]:
    """The other pages about a person that the reader may open; ``here`` is the page that they are on."""
    entries = navigation.person_pages_for(context.get("roles") or (), ref)
    return {"entries": [(reverse(one.url_name, args=[ref]), one) for one in entries if one.url_name != here]}


@register.simple_tag
def client_id() -> str:
    """A fresh number for a form, so that sending it twice changes nothing the second time."""
    return str(uuid.uuid4())


@register.filter
def service_name(label: str) -> str:
    """What a service is called (its app's ``verbose_name``); the platform's own cases carry no app's label."""
    return (
        str(apps.get_app_config(label).verbose_name) if apps.is_installed(f"dure.services.{label}") else _("도시 운영")
    )


@register.filter
def process_name(actor: str) -> str:
    """What a process or an engine that is named in the record is called."""
    return actors.process_name(actor)


@register.filter
def program_name(name: str) -> str:
    """What a program of the city is called, for people who do not start programs."""
    return actors.program_name(name)


@register.filter
def join_names(areas: Iterable[Area]) -> str:
    """The names of areas in one line."""
    return ", ".join(area.name for area in areas)


@register.filter
def split_words(text: str) -> list[str]:
    """The words of a line, to loop over."""
    return text.split()


@register.filter
def day_end(at: datetime) -> str:
    """A clock time that ends something; a day's last moment is 24:00 of that day, not 00:00 of the next."""
    local = localtime(at)
    return f"{local:%H:%M}" if local.hour or local.minute else "24:00"


@register.filter
def day(on: date | None) -> SafeString | str:
    """A day that is far enough away to need its year."""
    if on is None:
        return ""
    local = localtime(on).date() if isinstance(on, datetime) else on
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), date_format(local, _("Y년 n월 j일")))


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """A time as people say it: today's as a clock time, others with their day."""
    return _time_element(at, _spoken(at)) if at else ""


@register.filter
def ago(at: datetime | None) -> SafeString | str:
    """How long ago, or in how long, by the city's clock."""
    return _time_element(at, _distance(at - clock.now())) if at else ""


@register.filter
def really_ago(at: datetime | None) -> SafeString | str:
    """How long ago by the real clock: for signs of life, which a demo's pace does not touch."""
    return _time_element(at, _distance(at - clock.real_now())) if at else ""


def _time_element(at: datetime, words: str) -> SafeString:
    full = date_format(localtime(at), "Y-m-d H:i:s")
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(timespec="seconds"), full, words)


def _spoken(at: datetime) -> str:
    local = localtime(at)
    days = (local.date() - clock.today()).days
    clock_time = f"{local:%H:%M}"
    near = {-1: _("어제 %s"), 0: _("오늘 %s"), 1: _("내일 %s")}
    if days in near:
        return near[days] % clock_time
    day = date_format(local, _("n월 j일"))
    return f"{day} {clock_time}"


def _distance(distance: timedelta) -> str:
    minutes = round(abs(distance).total_seconds() / 60)
    if minutes < 1:
        return _("방금")
    if minutes < 60:
        words = _("%d분") % minutes
    elif minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        words = _("%d시간") % hours if hours >= 6 or not rest else _("%(h)d시간 %(m)d분") % {"h": hours, "m": rest}
    else:
        words = _("%d일") % (minutes // (24 * 60))
    return (_("%s 전") if distance < timedelta() else _("%s 뒤")) % words
