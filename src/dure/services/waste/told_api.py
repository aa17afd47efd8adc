# SPDX-License-Identifier: Apache-2.0
"""What the platform noticed of the bins, for whoever compares it with what really happened."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from dure.city.bearer import MachineKey
from dure.city.given_time import GivenTime
from dure.city.models import Case
from dure.services.waste.models import Emptying, Report

router = Router(tags=["waste"])


class EmptyingLine(Schema):
    """An emptying that was seen from readings; levels in percent."""

    bin: str
    at: datetime
    fill_before: float
    fill_after: float


class WasteCaseLine(Schema):
    """What became of one case. ``bin``: None where it is about several or none of them."""

    bin: str | None
    area: str
    kind: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: str


class ReportLine(Schema):
    """That a passer-by reported a bin, without what they wrote."""

    bin: str
    kind: str
    at: datetime


class WasteTold(Schema):
    """By their times."""

    emptyings: list[EmptyingLine]
    cases: list[WasteCaseLine]
    reports: list[ReportLine]


@router.get(
    "/waste/told", auth=MachineKey("statistics"), response=WasteTold, summary="Emptyings, cases and reports of bins"
)
def told(request: HttpRequest, since: GivenTime) -> dict[str, object]:
    """What came at or after ``since``, without any personal data."""
    emptyings = Emptying.objects.filter(at__gte=since).select_related("bin").order_by("at", "pk")
    cases = Case.objects.filter(service="waste", opened_at__gte=since).select_related("area", "device__bin")
    reports = Report.objects.filter(at__gte=since).select_related("bin").order_by("at", "pk")
    return {
        "emptyings": [
            {"bin": one.bin.code, "at": one.at, "fill_before": one.fill_before, "fill_after": one.fill_after}
            for one in emptyings
        ],
        "cases": [
            {
                "bin": _bin_of(case),
                "area": case.area.code,
                "kind": case.kind,
                "opened_at": case.opened_at,
                "closed_at": case.closed_at,
                "outcome": case.outcome,
            }
            for case in cases.order_by("opened_at", "pk")
        ],
        "reports": [{"bin": one.bin.code, "kind": one.kind, "at": one.at} for one in reports],
    }


def _bin_of(case: Case) -> str | None:
    if case.about.startswith("bin:"):
        return case.about.removeprefix("bin:")
    of = getattr(case.device, "bin", None)
    return of.code if of is not None else None
