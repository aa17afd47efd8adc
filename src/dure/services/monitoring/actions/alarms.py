# SPDX-License-Identifier: Apache-2.0
"""From a fall, a call for help or a lasting departure to a case that a named worker must finish, and back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from dure.city import carers, cases, clock, escalation, findings, reviews
from dure.city.models import Case, CaseStatus, Device, Finding, Level, Person
from dure.city.teams import team_for
from dure.engines import vitals
from dure.engines.vitals import Assessment, Judgement, Range, Vital, words
from dure.services.monitoring.actions.ranges import ENGINE
from dure.services.monitoring.kinds import URGENT, words_of
from dure.services.monitoring.models import Outcome
from dure.services.monitoring.rules import MonitoringRules

DEPARTED = "vitals"
OUTSIDE = "outside"
ASKED = "follow_up_asked"
TITLES = {
    "fall": {"ko": "넘어지심 알림", "en": "A fall was reported"},
    "sos": {"ko": "도움을 부르심", "en": "A call for help"},
    OUTSIDE: {"ko": "다른 기관이 알려 온 일", "en": "Reported from outside"},
    ASKED: {"ko": "다른 기관이 청한 후속 지원", "en": "Follow-up asked for from outside"},
    DEPARTED: {"ko": "건강 수치가 평소와 다름", "en": "Vital signs unlike usual"},
}
ENDED = (
    "건강 정보 확인 동의가 끝나 더 살피지 않습니다. / The consent to health monitoring has ended; nothing is watched."
)


@transaction.atomic
def urgent(person: Person, device: Device, kind: str, *, at: datetime, chosen: MonitoringRules) -> Case | None:
    """A fall or a call for help (``kind``) of ``at``: 심각, at once. None when the same was told just before."""
    told = _open_findings(person).filter(kind=kind)
    again = timedelta(minutes=chosen.urgent_again_minutes)
    if told.filter(cases__closed_at=None, found_at__gt=at - again, found_at__lt=at + again).exists():
        return None
    local = at.astimezone(clock.SEOUL)
    called = words_of(device.kind)
    finding = findings.open_finding(
        service="monitoring",
        kind=kind,
        level=Level.SEVERE,
        score=1.0,
        reason={lang: words.urgent_reason(kind, local, called[lang], lang) for lang in words.LANGUAGES},
        evidence=_about(person)
        | {
            "device": device.code,
            "at": at.isoformat(),
            "what_would_change_it": {lang: words.urgent_change(kind, lang) for lang in words.LANGUAGES},
        },
        engine="vitals",
        engine_version=vitals.VERSION,
        found_at=at,
        area=person.household.area,
        household=person.household,
        device=device,
    )
    return put_to_work(person, finding, Q(kind__in=URGENT), chosen)


@transaction.atomic
def departed(
    person: Person, found: Assessment, usual: dict[Vital, Range], *, at: datetime, chosen: MonitoringRules
) -> Case | None:
    """Signs have left their ranges. A finding where that is new or more urgent than what was told, and a case from
    주의 on; at 관심 it is for a person to read."""
    told = list(_open_findings(person).filter(kind=DEPARTED))
    signs = {one.vital.value for one in found.departures}
    level = max((one.level for one in told), default=0)
    if found.level <= level and signs <= {sign for one in told for sign in one.evidence["signs"]}:
        return None
    finding = findings.open_finding(
        service="monitoring",
        kind=DEPARTED,
        level=Level(found.level),
        score=float(found.total),
        reason={
            lang: " ".join(words.reason(one, usual[one.vital], lang) for one in found.departures)
            for lang in words.LANGUAGES
        },
        evidence=_about(person)
        | {
            "signs": sorted(signs),
            "news2_at_least": found.total,
            "departures": [_figures(one, usual[one.vital]) for one in found.departures],
            "what_would_change_it": {
                lang: " ".join(words.what_would_change_it(one, usual[one.vital], lang) for one in found.departures)
                for lang in words.LANGUAGES
            },
        },
        engine="vitals",
        engine_version=vitals.VERSION,
        found_at=at,
        area=person.household.area,
        household=person.household,
    )
    if finding.level < Level.ATTENTION:
        return None
    ringing = Q(kind__in=URGENT, status=CaseStatus.OPEN)  # of a fall that nobody has answered yet, they are one matter
    return put_to_work(person, finding, Q(kind=DEPARTED) | ringing, chosen)


@transaction.atomic
def back_to_usual(person: Person, settled: set[str], *, at: datetime) -> None:
    """The signs named ``settled`` are within their ranges again. What was told of them alone is over; a case that
    nobody has taken closes itself, one that a person has is theirs to close."""
    over: set[str] = set()
    for finding in _open_findings(person).filter(kind=DEPARTED):
        if set(finding.evidence["signs"]) <= settled:
            findings.end_finding(finding, at)
            over |= set(finding.evidence["signs"])
    if not over or _open_findings(person).filter(kind=DEPARTED).exists():
        return
    for case in open_cases(person).filter(kind=DEPARTED):
        if case.status == CaseStatus.OPEN:
            cases.close(case, actor=ENGINE, outcome=Outcome.BACK_TO_USUAL, data={"at": at.isoformat()})
        else:
            said = [words.over(Vital(sign), lang) for lang in words.LANGUAGES for sign in sorted(over)]
            cases.add_note(case, actor=ENGINE, text=" ".join(said), data={"at": at.isoformat()})


@transaction.atomic
def watch_ended(person: Person) -> None:
    """The person no longer agrees: what was held against them ends. A fall may still be somebody on the floor, so such
    a case, and one that a person has taken, stays and says what happened."""
    for finding in _open_findings(person):
        findings.end_finding(finding, clock.now())
    for case in open_cases(person):
        if case.kind == DEPARTED and case.status == CaseStatus.OPEN:
            cases.close(case, actor=ENGINE, outcome=Outcome.WATCH_ENDED)
        else:
            cases.add_note(case, actor=ENGINE, text=ENDED)


def end_what_was_dealt_with() -> int:
    """A fall, a call for help or a report from outside is over when people have closed its case. Returns how many."""
    done = Finding.objects.filter(
        service="monitoring", kind__in=(*URGENT, OUTSIDE), ended_at=None, cases__closed_at__isnull=False
    ).exclude(cases__closed_at=None)
    ended = list(done.distinct())
    for finding in ended:
        findings.end_finding(finding, clock.now())
    return len(ended)


def open_cases(person: Person) -> QuerySet[Case]:
    """Monitoring's open cases about a person."""
    return Case.objects.filter(service="monitoring", about=_subject(person), closed_at=None).order_by("pk")


def put_to_work(person: Person, finding: Finding, joins: Q, chosen: MonitoringRules) -> Case:
    """Open a case for the finding, or add it to the open one that it ``joins``, raising that where it is less
    urgent."""
    area, level = person.household.area, Level(finding.level)
    due_at = clock.now() + _time_allowed(level, chosen)
    case = open_cases(person).filter(joins).first()
    if case is not None:
        if level > case.level:
            cases.raise_level(case, level, actor=ENGINE, finding=finding)
            if due_at < case.due_at:
                cases.set_due(case, due_at, actor=ENGINE)
        else:
            cases.add_finding(case, finding, actor=ENGINE)
        return case
    case = cases.open_case(
        service="monitoring",
        kind=finding.kind,
        level=level,
        title=TITLES[finding.kind],
        area=area,
        team=team_for("monitoring", area),
        due_at=due_at,
        actor=ENGINE,
        household=person.household,
        device=finding.device,
        about=_subject(person),
        finding=finding,
    )
    carer = carers.carer_of(person.household)
    if carer is not None:
        cases.assign(case, actor=ENGINE, user=carer)
    if not reviews.refused(case):  # else people decide
        escalation.start(case)
    return case


def _time_allowed(level: Level, chosen: MonitoringRules) -> timedelta:
    minutes = {
        Level.ALERT: chosen.alert_due_minutes,
        Level.SEVERE: chosen.severe_due_minutes,
    }.get(level, chosen.attention_due_minutes)
    return timedelta(minutes=minutes)


def _open_findings(person: Person) -> QuerySet[Finding]:
    return Finding.objects.filter(
        service="monitoring", household=person.household, evidence__person=str(person.ref), ended_at=None
    )


def _about(person: Person) -> dict[str, Any]:
    return {"person": str(person.ref)}


def _subject(person: Person) -> str:
    return f"person:{person.ref}"


def _figures(one: Judgement, usual: Range) -> dict[str, Any]:
    return {
        "sign": str(one.vital),
        "way": one.way,
        "value": one.value,
        "outside": one.outside,
        "of": one.of,
        "since": one.since,
        "until": one.until,
        "points": one.points,
        "low": usual.low,
        "high": usual.high,
        "source": str(usual.source),
    }
