# SPDX-License-Identifier: Apache-2.0
"""Who did something, in words: the record names a user or a process."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dure.city.models import User

PROCESSES = {
    "care:ai-call": gettext_lazy("자동 전화"),
    "care": gettext_lazy("안부 확인"),
    "care:consents": gettext_lazy("동의"),
    "care:daily": gettext_lazy("일과 돌봄"),
    "care:habits": gettext_lazy("습관 엔진"),
    "care:plan": gettext_lazy("단계 계획"),
    "citizen": gettext_lazy("시민"),
    "city:retention": gettext_lazy("보관 기한"),
    "city:reviews": gettext_lazy("자동 결정 요구"),
    "city:vigil": gettext_lazy("침묵 감시"),
    "complaints": gettext_lazy("민원 창구"),
    "complaints:delivery": gettext_lazy("답 보내기"),
    "deadline": gettext_lazy("기한 감시"),
    "demo": gettext_lazy("시연 준비"),
    "escalation": gettext_lazy("단계 계획"),
    "habits": gettext_lazy("습관 엔진"),
    "handover": gettext_lazy("인계"),
    "monitoring": gettext_lazy("건강 모니터링"),
    "monitoring:vitals": gettext_lazy("건강 엔진"),
    "gateway:email": gettext_lazy("전자우편 문"),
    "gateway:lorawan": gettext_lazy("로라 문"),
    "page:bin": gettext_lazy("수거함 신고"),
    "page:call": gettext_lazy("전화"),
    "page:complain": gettext_lazy("시민 민원 화면"),
    "vitals": gettext_lazy("건강 엔진"),
    "waste:driver": gettext_lazy("수거 기사"),
    "waste:rounds": gettext_lazy("수거 차수"),
    "waste:sensing": gettext_lazy("수거함 감지"),
    "worker": gettext_lazy("정기 작업"),
}

PROGRAMS = {
    "gateway-http": gettext_lazy("HTTP 문"),
    "gateway-email": gettext_lazy("전자우편 문"),
    "gateway-mqtt": gettext_lazy("MQTT 문"),
    "gateway-119": gettext_lazy("119 문"),
    "web": gettext_lazy("화면"),
    "worker": gettext_lazy("정기 작업"),
    "worker-outside": gettext_lazy("밖과 잇는 작업"),
    "worker-urgent": gettext_lazy("급한 작업"),
}
"""Programs that sign life, by the first part of the name under which they do."""


def program_name(name: str) -> str:
    """What a running program is called; what tells it from others of its kind stays as it is."""
    kind = max((one for one in PROGRAMS if name == one or name.startswith(f"{one}-")), key=len, default=None)
    return f"{PROGRAMS[kind]}{name.removeprefix(kind).replace('-', ' ')}" if kind else name


def process_name(actor: str) -> str:
    """What a process of ours is called; one that has no name is called as the record does."""
    kind, _colon, rest = actor.partition(":")
    if actor in PROCESSES:
        return str(PROCESSES[actor])
    if kind == "feed":
        return _("공급원 %s") % rest
    if kind == "device":
        return _("기기 %s") % rest
    if kind == "truck":
        return _("수거 차량 %s") % rest
    return _("명령 %s") % rest if kind == "command" else actor


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """By actor as the record has it (``user:…`` or a process), what a person calls them."""
    asked = set(actors)
    usernames = [actor.removeprefix("user:") for actor in asked if actor.startswith("user:")]
    users = {f"user:{one.username}": str(one) for one in User.objects.filter(username__in=usernames)}
    return {actor: users.get(actor) or process_name(actor) for actor in asked}
