# SPDX-License-Identifier: Apache-2.0
"""An area without power or values is one case of the area; it closes itself when the homes are back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from dure.city import cases, clock, findings
from dure.city.models import Area, Case, CaseStatus, Feed, Finding, Level
from dure.city.teams import team_for
from dure.engines import habits
from dure.engines.habits import words
from dure.services.care.actions.alarms import time_allowed
from dure.services.care.actions.meters import ENGINE, open_meter_cases
from dure.services.care.models import Outcome
from dure.services.care.outages import AreaOfFeed, areas_of_feeds, limits_of

AREA_OUTAGE = "area_outage"


def watch_areas() -> None:
    """Open a case for every area whose homes lost power or values together, close those that are over. Running it
    again changes nothing."""
    found = list(areas_of_feeds())
    areas = Area.objects.in_bulk([one.area for one in found])
    feeds = Feed.objects.in_bulk([one.feed for one in found])
    open_now = {case.about: case for case in open_outages()}
    for one in found:
        area, about = areas[one.area], f"power:{feeds[one.feed].code}:{areas[one.area].code}"
        limits, case = limits_of(area), open_now.get(about)
        if case is None and one.is_out(*limits):
            share = one.struck / one.homes
            _open(area, about, _title(area, one), score=share, reason=_account(area, one), evidence=_evidence(one))
        elif case is not None and one.is_over(*limits):
            outage_over(case)


@transaction.atomic
def signal_outage(kind: str, area: Area, *, expected: float, used: int, homes: int) -> Case | None:
    """All at once nothing comes of one kind of signal in an area where ``expected`` homes should show activity: its
    silence says nothing of anybody. None when that is known already."""
    about = f"{kind}:{area.code}"
    if open_outages().filter(about=about).exists():
        return None
    ko, en = (words.signal_name(kind, lang) for lang in words.LANGUAGES)
    title = {"ko": f"{area.name}: {ko} 신호가 한꺼번에 멈춤", "en": f"{area.name}: nothing from {en} all at once"}
    reason = {
        "ko": f"{area.name}의 {homes}댁 가운데 평소라면 약 {expected:.0f}댁에서 {ko} 기척이 있을 때인데 {used}댁에서만 "
        "있었습니다. 댁마다 알리지 않고, 다시 오기 전까지 이 신호는 세지 않습니다.",
        "en": f"Of {homes} homes in {area.name} about {expected:.0f} usually show activity of {en} at this hour, now "
        f"{used}. No home is reported for it, and this signal does not count until it is back.",
    }
    evidence: dict[str, object] = {"expected": expected, "used": used, "homes": homes}
    return _open(area, about, title, score=1 - used / expected, reason=reason, evidence=evidence)


@transaction.atomic
def outage_over(case: Case) -> None:
    """Power, values or the signal are back: the homes are judged by them again. A case that somebody has taken is
    theirs to close."""
    now = clock.now()
    for finding in case.findings.filter(ended_at=None):
        findings.end_finding(finding, now)
    if case.status == CaseStatus.OPEN:
        cases.close(case, actor=ENGINE, outcome=Outcome.DATA_FAULT)
    elif not case.events.filter(data__over=True).exists():
        text = "다시 들어왔습니다. 댁마다 다시 살핍니다. / It is back, and each home is judged again."
        cases.add_note(case, actor=ENGINE, text=text, data={"over": True})


def open_outages() -> QuerySet[Case]:
    """Outages that go on: one that is over, though its case waits for somebody, holds nothing back."""
    gone_on = Finding.objects.filter(kind=AREA_OUTAGE, ended_at=None)
    return Case.objects.filter(service="care", kind=AREA_OUTAGE, closed_at=None, findings__in=gone_on)


def areas_without_power() -> set[int]:
    """Areas (by id) whose homes have lost power or values together."""
    return set(open_outages().filter(about__startswith="power:").values_list("area", flat=True))


@transaction.atomic
def _open(
    area: Area,
    about: str,
    title: dict[str, str],
    *,
    score: float,
    reason: dict[str, str],
    evidence: dict[str, object],
) -> Case:
    now = clock.now()
    finding = findings.open_finding(
        service="care",
        kind=AREA_OUTAGE,
        level=Level.ATTENTION,
        score=score,
        reason=reason,
        evidence=evidence | {"about": about},
        engine="habits",
        engine_version=habits.VERSION,
        found_at=now,
        area=area,
    )
    case = cases.open_case(
        service="care",
        kind=AREA_OUTAGE,
        level=Level.ATTENTION,
        title=title,
        area=area,
        team=team_for("care", area),
        due_at=now + time_allowed(Level.ATTENTION, area),
        actor=ENGINE,
        about=about,
        finding=finding,
    )
    if about.startswith("power:"):
        for meter in open_meter_cases().filter(household__area=area, status=CaseStatus.OPEN):
            cases.close(meter, actor=ENGINE, outcome=Outcome.DATA_FAULT, data={"part_of": case.number})
    return case


def _title(area: Area, one: AreaOfFeed) -> dict[str, str]:
    if one.dark >= one.mute:
        return {"ko": f"{area.name}: 전기가 한꺼번에 나감", "en": f"{area.name}: power failed in many homes at once"}
    return {"ko": f"{area.name}: 계량기 값이 한꺼번에 끊김", "en": f"{area.name}: values of many homes stopped at once"}


def _account(area: Area, one: AreaOfFeed) -> dict[str, str]:
    return {
        "ko": f"{area.name}에서 살피는 {one.homes}댁 가운데 {one.dark}댁의 계량기가 0을 보내고 {one.mute}댁에서는 값이 "
        "오지 않습니다. 댁마다 알리지 않으며, 다시 들어오면 댁마다 다시 살핍니다.",
        "en": f"Of {one.homes} homes in {area.name}, the meters of {one.dark} read zero and {one.mute} send nothing. "
        "No home is reported for it; each is judged again when it is back.",
    }


def _evidence(one: AreaOfFeed) -> dict[str, object]:
    return {"homes": one.homes, "dark": one.dark, "mute": one.mute, "newest": one.newest.isoformat()}
