# SPDX-License-Identifier: Apache-2.0
"""What the law asks for beside the answer, on a complaint's page: the clock that stands, complaints of many, the
committee."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from dure.city import clock
from dure.city.clock import SEOUL
from dure.city.errors import Invalid, NotFound
from dure.city.models import User
from dure.services.complaints.access import opinion_of
from dure.services.complaints.actions import handling
from dure.services.complaints.actions.pauses import OFFICE_GROUNDS
from dure.services.complaints.actions.transfers import leads
from dure.services.complaints.models import Collective, Complaint, Decision, Kind, Matter, PauseGround


def context(of: Complaint, user: User) -> dict[str, Any]:
    """What ``complaints/complaint_law.html`` shows."""
    reviews = of.reviews.select_related("asked_by", "recorded_by").order_by("pk")
    grievance = of.kind == Kind.GRIEVANCE
    grounds = [one for one in OFFICE_GROUNDS if grievance or one != PauseGround.INSPECTION]
    return {
        "pauses": of.pauses.select_related("by").order_by("from_at", "pk"),
        "grounds": [(one.value, one.label) for one in grounds],
        "collective": Collective.objects.filter(complaint=of).select_related("by").first(),
        "reviews": [(one, opinion_of(one)) for one in reviews],
        "matters": Matter.choices,
        "decisions": Decision.choices,
        "leads": leads(user, of.case),
        "today": clock.today(),
    }


def _stand(of: Complaint, user: User, form: QueryDict) -> str:
    until = _end_of(form, "until") if form.get("until") else None
    handling.pause(of, form.get("ground", ""), form.get("reason", ""), until, user)
    return _("그동안은 처리 기간에 넣지 않습니다. 시민에게 알렸습니다.")


def _prolong(of: Complaint, user: User, form: QueryDict) -> str:
    pause = handling.pause_of(of, _number(form, "pause"))
    handling.prolong(pause, _end_of(form, "until"), form.get("reason", ""), user)
    return _("기한을 늘리고 시민에게 알렸습니다.")


def _go_on(of: Complaint, user: User, form: QueryDict) -> str:
    pause = handling.pause_of(of, _number(form, "pause"))
    handling.end_pause(of, actor=user, ground=pause.ground)
    return _("처리 기간이 다시 갑니다.")


def _many(of: Complaint, user: User, form: QueryDict) -> str:
    signers, households = (_number(form, one) if form.get(one) else None for one in ("signers", "households"))
    handling.decide_collective(of, form.get("stage", ""), signers, households, user)
    return _("적었습니다.")


def _committee(of: Complaint, user: User, form: QueryDict) -> str:
    handling.ask_committee(of, form.get("matter", ""), form.get("reason", ""), user)
    return _("민원조정위원회에 올린 것을 적었습니다.")


def _review(of: Complaint, user: User, form: QueryDict) -> str:
    review = of.reviews.filter(pk=_number(form, "review")).first()
    if review is None:
        raise NotFound("올린 것이 없습니다", "nothing was put to the committee")
    held_on = _day(form, "held_on") if form.get("held_on") else None
    handling.record_review(review, form.get("decision", ""), form.get("opinion", ""), user, held_on=held_on)
    return _("위원회의 결과를 적었습니다.")


VERBS = {
    "stand": _stand,
    "prolong": _prolong,
    "go_on": _go_on,
    "many": _many,
    "committee": _committee,
    "review": _review,
}


def _number(form: QueryDict, name: str) -> int:
    number = form.get(name, "")
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        raise Invalid("숫자로 적어 주세요", "is no whole number", field=name)
    return int(number)


def _day(form: QueryDict, name: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError as error:
        raise Invalid("날짜를 적어 주세요", "is no date", field=name) from error


def _end_of(form: QueryDict, name: str) -> datetime:
    """The last minute of a day."""
    return datetime.combine(_day(form, name), time(23, 59), tzinfo=SEOUL)
