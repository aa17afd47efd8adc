# SPDX-License-Identifier: Apache-2.0
"""What a passer-by says at a bin: a case, or a word more in the one that is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from dure.city import audit, cases, clock, rules
from dure.city.errors import DureError, Invalid
from dure.city.models import Case, Level
from dure.services.waste.actions.faults import FULL, open_case, open_cases
from dure.services.waste.models import Bin, BinStatus, Report, ReportKind
from dure.services.waste.rules import SensorRules

PAGE = "page:bin"
LONGEST = 400
CITY_PER_MINUTE = 60
"""Reports of all bins within a minute; more are no passers-by."""
TITLES = {
    ReportKind.OVERFLOWING: {"ko": "시민 신고: 수거함이 넘침", "en": "Reported: a bin overflows"},
    ReportKind.BROKEN: {"ko": "시민 신고: 수거함 고장", "en": "Reported: a bin is broken"},
    ReportKind.OTHER: {"ko": "시민 신고: 수거함", "en": "Reported: a bin"},
}
SAME = {
    ReportKind.OVERFLOWING: (FULL,),
    ReportKind.BROKEN: (BinStatus.TILTED.value, BinStatus.LID_OPEN.value, BinStatus.STUCK.value),
    ReportKind.OTHER: (),
}
"""Cases that the sensor has opened about the same."""


class TooManyReports(DureError):
    """The bin, or the city, has had enough of them for now."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "이 수거함의 신고를 이미 여러 건 받아 처리하고 있습니다. 잠시 뒤에 다시 알려 주세요.",
            "this bin has been reported several times and is being dealt with; try again later",
        )


@transaction.atomic
def report(of: Bin, kind: str, text: str, *, client_id: UUID) -> Report:
    """Keep what somebody said and see that it is dealt with; the same ``client_id`` again changes nothing.

    Raises Invalid naming ``kind`` or ``text``, TooManyReports.
    """
    if kind not in ReportKind.values:
        raise Invalid("하나를 골라 주세요", "choose one", field="kind")
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid(f"{LONGEST}자까지 적어 주세요", f"must be at most {LONGEST} characters", field="text")
    audit.take_turn()  # two who report the same bin at once open one case
    if done := Report.objects.filter(client_id=client_id).first():
        return done
    _require_room(of)
    case = case_for(of, f"reported_{kind}", TITLES[ReportKind(kind)], joins=SAME[ReportKind(kind)], actor=PAGE)
    if text:
        cases.add_note(case, actor=PAGE, text=text)
    made = Report.objects.create(bin=of, kind=kind, text=text or None, at=clock.now(), client_id=client_id, case=case)
    detail = {"kind": kind, "case": case.number}
    audit.record("waste:report:received", actor=PAGE, subject=f"bin:{of.code}", detail=detail)
    return made


def _require_room(of: Bin) -> None:
    now = clock.now()
    most = rules.load(SensorRules, "waste", of.area).reports_per_hour
    of_bin = Report.objects.filter(bin=of, at__gt=now - timedelta(hours=1)).count()
    of_city = Report.objects.filter(at__gt=now - timedelta(minutes=1)).count()
    if of_bin >= most or of_city >= CITY_PER_MINUTE:
        raise TooManyReports


def case_for(of: Bin, kind: str, title: dict[str, str], *, joins: Sequence[str], actor: str) -> Case:
    """The open case about the bin of this kind, or of one that it ``joins``; else a new one."""
    known = open_cases(of).filter(kind__in=(kind, *joins)).first()
    if known is not None:
        return known
    hours = rules.load(SensorRules, "waste", of.area).due_hours
    due_at = clock.now() + timedelta(hours=hours)
    return open_case(of, kind, Level.ATTENTION, title=title, due_at=due_at, actor=actor)
