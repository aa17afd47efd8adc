# SPDX-License-Identifier: Apache-2.0
"""A thread's entries in words: what happened, in one line, from the facts that the record keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dure.city import follow_ups, outcomes
from dure.city.cases import Notice, ThreadEntry
from dure.city.models import AttemptResult, CaseEventKind, CaseStatus, Channel, Errand, Level
from dure.web.actors import process_name

ICONS = {
    CaseEventKind.OPENED: "open",
    CaseEventKind.STATUS: "in_progress",
    CaseEventKind.LEVEL: "bell",
    CaseEventKind.FINDING: "search",
    CaseEventKind.ASSIGNED: "person",
    CaseEventKind.DUE: "clock",
    CaseEventKind.NOTE: "note",
    CaseEventKind.CALL: "phone",
    CaseEventKind.VISIT: "visit",
    CaseEventKind.HANDOVER: "handover",
    CaseEventKind.ERRAND: "visit",
    CaseEventKind.ESCALATION: "bell",
    CaseEventKind.OVERRULED: "person",
    CaseEventKind.OUTCOME: "done",
}
NOTICES = {
    Notice.OVERDUE: gettext_lazy("기한을 넘겼습니다"),
    Notice.NOBODY_ON_DUTY: gettext_lazy("당직자가 없습니다"),
    Notice.EXHAUSTED: gettext_lazy("계획의 모든 단계를 마쳤으나 아무도 맡지 않았습니다"),
    Notice.NO_PLAN: gettext_lazy("단계 계획이 없습니다"),
    Notice.CHANNEL_FAILED: gettext_lazy("연락 방법이 움직이지 않았습니다"),
    Notice.HANDOVER_FAILED: gettext_lazy("인계하지 못했습니다"),
    Notice.CAME_BACK: gettext_lazy("맡은 이의 소식이 없어 다시 열렸습니다"),
}


@dataclass(frozen=True)
class Line:
    """One entry as the page shows it."""

    entry: ThreadEntry
    who: str
    icon: str
    what: str
    more: str
    notice: str


def lines(service: str, entries: list[ThreadEntry]) -> list[Line]:
    """The entries in words, the newest first."""
    return [_line(service, entry) for entry in reversed(entries)]


def _line(service: str, entry: ThreadEntry) -> Line:
    notice = entry.data.get("notice", "")
    return Line(
        entry=entry,
        who=process_name(entry.who) if entry.is_process else entry.who,
        icon=ICONS[entry.kind],
        what=str(entry.kind.label),
        more=_more(service, entry),
        notice=str(NOTICES[Notice(notice)]) if notice in list(Notice) else "",
    )


def _more(service: str, entry: ThreadEntry) -> str:
    changed: dict[str, list[Any]] = entry.data.get("changed", {})
    told = [
        _new(changed, "status", lambda value: CaseStatus(value).label) if entry.kind != CaseEventKind.OPENED else "",
        _new(changed, "level", lambda value: Level(value).label),
        _new(changed, "outcome", lambda value: outcomes.label(service, value)) if changed.get("outcome") else "",
        _reached(entry) if "reached" in entry.data else "",
        str(Channel(entry.data["channel"]).label) if entry.data.get("channel") in Channel.values else "",
        str(AttemptResult(entry.data["result"]).label) if entry.data.get("result") in AttemptResult.values else "",
        _step(entry) if entry.kind is CaseEventKind.ESCALATION else "",
        _follow_up(entry) if entry.kind is CaseEventKind.ERRAND else "",
        entry.data.get("target", "") if entry.kind is CaseEventKind.HANDOVER else "",
    ]
    return " · ".join(part for part in told if part)


def _new(changed: dict[str, list[Any]], name: str, words: Callable[[Any], Any]) -> str:
    return str(words(changed[name][1])) if changed.get(name) and changed[name][1] else ""


def _reached(entry: ThreadEntry) -> str:
    if entry.kind is CaseEventKind.VISIT:
        return _("만났음") if entry.data["reached"] else _("만나지 못함")
    return _("통화했음") if entry.data["reached"] else _("받지 않음")


def _step(entry: ThreadEntry) -> str:
    """What the plan did where no channel, result or notice tells it."""
    if entry.data.get("what") == "quiet":
        return _("조용한 시간이라 %s까지 기다림") % _hour(datetime.fromisoformat(entry.data["until"]))
    return {"started": _("단계 계획을 시작함"), "put_off": _("나중으로 미룸")}.get(entry.data.get("what", ""), "")


def _follow_up(entry: ThreadEntry) -> str:
    """What was ordered, and until when it is to be done; or that it was cancelled."""
    if entry.data.get("cancelled"):
        return f"{_kind_of(entry.data['follow_up'])} · " + _("취소함")
    return _until(entry.data.get("follow_up", ""), datetime.fromisoformat(entry.data["to"]))


def follow_up_line(errand: Errand) -> str:
    """A follow-up that nobody has made yet: what, and until when."""
    return _until(errand.kind, errand.window_to)


def _until(kind: str, until: datetime) -> str:
    return f"{_kind_of(kind)} · " + _("%s까지") % _hour(until)


def _hour(at: datetime) -> str:
    return str(date_format(localtime(at), _("n월 j일 H:i")))


def _kind_of(kind: str) -> str:
    known = follow_ups.KINDS.get(kind)
    return str(known.label) if known else kind
