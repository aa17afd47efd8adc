# SPDX-License-Identifier: Apache-2.0
"""From what is wrong with a bin to a case that somebody must finish, and back. What holds is compared with what was
told, so doing it again changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from dure.city import audit, cases, clock, escalation, findings
from dure.city.models import Case, CaseStatus, Finding, Level
from dure.city.teams import team_for
from dure.services.waste.models import Bin, BinState, BinStatus, Outcome
from dure.services.waste.rules import SensorRules

ENGINE, VERSION = "waste:sensing", "1"
FULL = "full"
TITLES = {
    BinStatus.BURNING.value: {"ko": "수거함에 불이 난 듯함", "en": "A bin seems to burn"},
    BinStatus.TILTED.value: {"ko": "수거함이 넘어져 있음", "en": "A bin has fallen over"},
    BinStatus.LID_OPEN.value: {"ko": "뚜껑이 열려 있음", "en": "A lid is open"},
    BinStatus.STUCK.value: {"ko": "감지기 값이 멈춤", "en": "A sensor is stuck"},
    FULL: {"ko": "가득 찬 채 비우지 않음", "en": "Full and not emptied"},
}


def due(state: BinState, chosen: SensorRules, now: datetime) -> dict[str, datetime]:
    """What is wrong with the bin now and has been for long enough: kind → since when."""
    since = state.status_since or now
    wait = {
        BinStatus.STUCK: timedelta(0),
        BinStatus.TILTED: timedelta(minutes=chosen.tilted_minutes),
        BinStatus.LID_OPEN: timedelta(minutes=chosen.lid_open_minutes),
    }.get(BinStatus(state.status))
    found: dict[str, datetime] = {}
    if wait is not None and now - since >= wait:
        found[state.status] = since
    if state.burnt_at is not None:
        recent = now - state.burnt_at < timedelta(hours=chosen.fire_recent_hours)
        if recent or state.status == BinStatus.BURNING:
            found[BinStatus.BURNING.value] = state.burnt_at
    if state.full_since is not None and now - state.full_since >= timedelta(hours=chosen.full_hours):
        found[FULL] = state.full_since
    return found


def told_of(bins: list[Bin]) -> dict[int, set[str]]:
    """By device's id, the kinds of what was told and is not over."""
    rows = _open_findings().filter(device__in=[one.device_id for one in bins]).values_list("device_id", "kind")
    told: dict[int, set[str]] = {}
    for device, kind in rows:
        told.setdefault(device, set()).add(kind)
    return told


@transaction.atomic
def settle(of: Bin, state: BinState, chosen: SensorRules) -> int:
    """Tell what is wrong and was not told, end what is over. Returns how many cases were opened."""
    now = clock.now()
    holds = due(state, chosen, now)
    audit.take_turn()
    told = {one.kind: one for one in _open_findings().filter(device=of.device)}
    for kind, finding in told.items():
        if kind not in holds:
            _over(of, finding, now)
    return sum(_tell(of, kind, since, state, chosen) for kind, since in holds.items() if kind not in told)


def end_what_was_dealt_with() -> int:
    """What people have closed is no longer told: if it is still so after a while, it is a case again."""
    done = _open_findings().filter(cases__closed_at__isnull=False).exclude(cases__closed_at=None)
    ended = list(done.distinct())
    for finding in ended:
        findings.end_finding(finding, clock.now())
    return len(ended)


def open_cases(of: Bin) -> QuerySet[Case]:
    """The open cases about the bin."""
    return Case.objects.filter(service="waste", about=f"bin:{of.code}", closed_at=None).order_by("pk")


def open_case(
    of: Bin,
    kind: str,
    level: Level,
    *,
    title: dict[str, str],
    due_at: datetime,
    actor: str,
    finding: Finding | None = None,
) -> Case:
    """A case about the bin, given to the team of its area, with its plan begun."""
    case = cases.open_case(
        service="waste", kind=kind, level=level, title=title, area=of.area, team=team_for("waste", of.area),
        due_at=due_at, actor=actor, device=of.device, about=f"bin:{of.code}", finding=finding, lon=of.lon, lat=of.lat,
    )  # fmt: skip
    escalation.start(case)
    return case


def _tell(of: Bin, kind: str, since: datetime, state: BinState, chosen: SensorRules) -> int:
    now = clock.now()
    about = Case.objects.filter(service="waste", about=f"bin:{of.code}", kind=kind)
    closed_after = max(since, now - timedelta(hours=chosen.again_hours))
    if about.filter(closed_at__gt=closed_after).exclude(outcome=Outcome.NORMAL_AGAIN).exists():
        return 0  # people know of just this
    burning = kind == BinStatus.BURNING
    level = Level.SEVERE if burning else Level.ATTENTION
    finding = findings.open_finding(
        service="waste",
        kind=kind,
        level=level,
        score=1.0,
        reason=_reason(of, kind, since, state, chosen),
        evidence=_evidence(of, since, state),
        engine=ENGINE,
        engine_version=VERSION,
        found_at=now,
        area=of.area,
        device=of.device,
    )
    wait = timedelta(minutes=chosen.fire_due_minutes) if burning else timedelta(hours=chosen.due_hours)
    open_case(of, kind, level, title=TITLES[kind], due_at=now + wait, actor=ENGINE, finding=finding)
    return 1


def _over(of: Bin, finding: Finding, now: datetime) -> None:
    """A case that nobody has taken closes itself, but for a fire: somebody looks at that."""
    findings.end_finding(finding, now)
    for case in open_cases(of).filter(kind=finding.kind):
        if case.status == CaseStatus.OPEN and finding.kind != BinStatus.BURNING:
            cases.close(case, actor=ENGINE, outcome=Outcome.NORMAL_AGAIN)
        else:
            text = "감지기의 값이 다시 정상입니다. / The sensor's readings are normal again."
            cases.add_note(case, actor=ENGINE, text=text)


def _open_findings() -> QuerySet[Finding]:
    return Finding.objects.filter(service="waste", engine=ENGINE, ended_at=None)


def _evidence(of: Bin, since: datetime, state: BinState) -> dict[str, Any]:
    return {"bin": of.code, "since": since.isoformat(), "fill": state.fill, "status": state.status}


def _reason(of: Bin, kind: str, since: datetime, state: BinState, chosen: SensorRules) -> dict[str, str]:
    at = f"{since.astimezone(clock.SEOUL):%m-%d %H:%M}"
    fill = round(state.fill or 0)
    words = {
        BinStatus.BURNING: (
            f"{at}에 감지기의 온도가 {chosen.fire_celsius} °C를 넘었습니다.",
            f"The sensor was hotter than {chosen.fire_celsius} °C at {at}.",
        ),
        BinStatus.TILTED: (f"{at}부터 기울어져 있습니다.", f"It has been tilted since {at}."),
        BinStatus.LID_OPEN: (f"{at}부터 뚜껑이 열려 있습니다.", f"The lid has been open since {at}."),
        BinStatus.STUCK: (
            f"다른 수거함은 차고 비는 동안 이 감지기는 {chosen.stuck_hours}시간 넘게 같은 값({fill} %)을 보냅니다.",
            f"While other bins filled and were emptied, this sensor has sent the same level ({fill} %) for more than "
            f"{chosen.stuck_hours} hours.",
        ),
        FULL: (
            f"{at}부터 {chosen.full_percent} % 넘게 차 있고 비운 것이 보이지 않습니다.",
            f"It has been more than {chosen.full_percent} % full since {at}, and no emptying was seen.",
        ),
    }
    ko, en = words[kind]
    return {"ko": f"{of.code}: {ko}", "en": f"{of.code}: {en}"}
