# SPDX-License-Identifier: Apache-2.0
"""An escalation plan in sentences that nobody needs to be a programmer for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from django.utils.translation import gettext as _

from dure.city.escalation_plans import StepSpec
from dure.city.models import Channel, EscalationStep, Level, QuietAction, Team

Step = EscalationStep | StepSpec
ICONS = {
    Channel.AI_CALL: "bell",
    Channel.FAMILY_CALL: "people",
    Channel.WORKER_CALL: "phone",
    Channel.VISIT: "visit",
    Channel.HANDOVER_119: "handover",
    Channel.NOTIFY_TEAM: "people",
}


@dataclass(frozen=True)
class Line:
    """One step in words: what is done, what else must be known, and how long nobody may answer before the next."""

    icon: str
    what: str
    notes: tuple[str, ...]
    then: str


def lines(steps: Sequence[Step]) -> list[Line]:
    """The plan step by step."""
    return [
        Line(ICONS[Channel(one.channel)], _what(one), tuple(_notes(one)), _then(one) if one is not steps[-1] else "")
        for one in steps
    ]


def brief(steps: Sequence[Step]) -> str:
    """The plan in one line: “자동 전화 2번 → 10분 뒤 담당자 전화 …”."""
    parts: list[str] = []
    wait = 0
    for one in steps:
        times = _("%(what)s %(n)d번") if one.attempts > 1 else "%(what)s"
        said = times % {"what": Channel(one.channel).label, "n": one.attempts}
        if one.from_level > Level.ATTENTION:
            said = _("%(what)s(%(level)s부터)") % {"what": said, "level": Level(one.from_level).label}
        parts.append(_("%(wait)s 뒤 %(what)s") % {"wait": minutes(wait), "what": said} if parts and wait else said)
        wait = one.wait_minutes
    return " → ".join(parts)


def again(rearm_minutes: int, steps: Sequence[Step]) -> list[str]:
    """What stops the plan and what brings it back; what its quiet hours do not hold back (ADR 13)."""
    time_said = minutes(rearm_minutes)
    loud = [_("심각 수준의 사건은 조용한 시간에도 멈추지 않고 이어집니다.")] if any(map(_holds_back, steps)) else []
    return [
        *loud,
        _("누구든 사건을 맡으면 그 자리에서 멈춥니다. 어르신이 전화를 받은 것만으로는 멈추지 않습니다."),
        _("맡은 뒤 %s 동안 아무 일도 적지 않으면 처음부터 다시 시작합니다.") % time_said,
        _("끝까지 아무도 맡지 않으면 %s 뒤 처음부터 다시 시작합니다.") % time_said,
    ]


def minutes(count: int) -> str:
    """A length of time as people say it."""
    if count and count % 1440 == 0:
        return _("%d일") % (count // 1440)
    if count and count % 60 == 0:
        return _("%d시간") % (count // 60)
    if count > 60:
        return _("%(h)d시간 %(m)d분") % {"h": count // 60, "m": count % 60}
    return _("%d분") % count


def _what(step: Step) -> str:
    sentences = {
        Channel.AI_CALL: _("자동 전화를 겁니다."),
        Channel.FAMILY_CALL: _("가족에게 자동 전화를 겁니다. 가족에게 알리는 데 동의한 분만, 적힌 차례대로입니다."),
        Channel.WORKER_CALL: _("당직인 담당자에게 전화해 보라고 알립니다."),
        Channel.VISIT: _("당직인 담당자에게 찾아가 보라고 알립니다."),
        Channel.HANDOVER_119: _("119에 넘깁니다."),
        Channel.NOTIFY_TEAM: _("팀 모두에게 알립니다."),
    }
    said = sentences[Channel(step.channel)]
    if step.from_level > Level.ATTENTION:
        said = _("%(level)s 수준부터: %(what)s") % {"level": Level(step.from_level).label, "what": said}
    return said


def _notes(step: Step) -> list[str]:
    waits = _("한 번에 %s까지 답을 기다립니다.") % minutes(step.timeout_minutes)
    said = [waits]
    if step.attempts > 1:
        facts = {"gap": minutes(step.gap_minutes), "n": step.attempts}
        said.insert(0, _("답이 없으면 %(gap)s 뒤 다시, 모두 %(n)d번까지.") % facts)
    if step.quiet_from is not None and step.quiet_to is not None and step.from_level < Level.SEVERE:
        actions = {
            QuietAction.DELAY: _("%(from)s부터 %(to)s까지는 조용히 두고, 끝나면 합니다."),
            QuietAction.SKIP: _("%(from)s부터 %(to)s까지는 건너뛰고 바로 다음 단계로 갑니다."),
            QuietAction.GO: _("%(from)s부터 %(to)s까지도 그대로 합니다."),
        }
        hours = {"from": f"{step.quiet_from:%H:%M}", "to": f"{step.quiet_to:%H:%M}"}
        said.append(actions[QuietAction(step.quiet_action)] % hours)
    if step.team is not None:
        said.append(_("맡는 팀: %s") % step.team)
    return said


def _holds_back(step: Step) -> bool:
    quiet = step.quiet_from is not None and step.quiet_action != QuietAction.GO
    return quiet and step.from_level < Level.SEVERE


def _then(step: Step) -> str:
    if not step.wait_minutes:
        return _("그래도 아무도 맡지 않으면 바로")
    return _("그래도 %s 동안 아무도 맡지 않으면") % minutes(step.wait_minutes)


def steps_of(detail: Mapping[str, object]) -> list[StepSpec]:
    """The steps as an audit entry of ``set_plan`` tells them; the team by its name only."""
    told = detail.get("steps")
    return [_step_of(one) for one in told] if isinstance(told, list) else []


def _step_of(told: Mapping[str, str]) -> StepSpec:
    return StepSpec(
        channel=Channel(told["channel"]),
        from_level=Level(int(told["from_level"])),
        attempts=int(told["attempts"]),
        gap_minutes=int(told["gap_minutes"]),
        wait_minutes=int(told["wait_minutes"]),
        timeout_minutes=int(told["timeout_minutes"]),
        quiet_from=time.fromisoformat(told["quiet_from"]) if "quiet_from" in told else None,
        quiet_to=time.fromisoformat(told["quiet_to"]) if "quiet_to" in told else None,
        quiet_action=QuietAction(told["quiet_action"]),
        team=Team(name=told["team"]) if "team" in told else None,
    )
