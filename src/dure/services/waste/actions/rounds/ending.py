# SPDX-License-Identifier: Apache-2.0
"""A round is over: nothing of it stays open, and what nobody reached is told."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from dure.city import cases, clock, escalation, rules
from dure.city.errands import OPEN
from dure.city.models import Area, Case, Errand, ErrandStatus, Level, User
from dure.city.routes import cancel_errands
from dure.city.teams import team_for
from dure.services.waste.actions.faults import open_case, open_cases
from dure.services.waste.models import Bin, Pickup, Round, RoundStatus, TurnStatus
from dure.services.waste.rules import SensorRules

from .turns import begin, keep, require_dispatcher, subject_of

MISSED = "missed"
ROUND_OVER = "차수가 끝날 때까지 가지 못함 / not reached before the round was over"
TITLE = {"ko": "꼭 비워야 할 수거함에 가지 못함", "en": "A bin that had to be emptied was not reached"}
NOT_GIVEN_OUT = "round_not_given_out"
NOT_GIVEN_OUT_TITLE = {"ko": "수거 차수를 나눠 주지 않음", "en": "A round of collection was not given out"}
PROCESS = "waste:rounds"


@transaction.atomic
def end_round(round_: Round, actor: User | str) -> Round:
    """End the round; again changes nothing.

    Stops that nobody made are cancelled: "could not" is a driver's word, with a reason, and nobody has said it. A bin
    that had to be emptied and was not becomes a case, or a word in the one that is open about it; of a round that was
    never given out one case tells all. What a driver sends later still counts (``collecting``).
    """
    require_dispatcher(actor)
    if Round.objects.filter(pk=round_.pk, status=RoundStatus.OVER).exists():
        round_.refresh_from_db()
        return round_
    begin(round_, None)
    left = list(Errand.objects.filter(pickup__turn__round=round_, status__in=OPEN))
    cancelled = cancel_errands(left, reason=ROUND_OVER, subject=subject_of(round_), actor=actor)
    now = clock.now()
    round_.turns.filter(status=TurnStatus.PLANNED).update(status=TurnStatus.OFF)
    round_.turns.filter(status=TurnStatus.DRIVING).update(status=TurnStatus.BACK, ended_at=now)
    missed = _missed(round_)
    if round_.status == RoundStatus.GIVEN_OUT:
        for one in missed:
            _tell(one)
    elif missed:
        _tell_of_round(missed[0].area)
    round_.status = RoundStatus.OVER
    detail = {"cancelled": cancelled, "missed": [one.code for one in missed]}
    keep(round_, "waste:round:over", actor=actor, detail=detail)
    return round_


def _missed(round_: Round) -> list[Bin]:
    """Bins that had to be visited by the last plan and were not emptied."""
    must = [code for code, said in round_.plan.get("reasons", {}).items() if said.get("must")]
    done = Pickup.objects.filter(turn__round=round_, errand__status=ErrandStatus.DONE, bin__isnull=False)
    found = Bin.objects.filter(code__in=must, retired_at=None).exclude(pk__in=done.values("bin"))
    return list(found.select_related("area", "device").order_by("code"))


def _tell(of: Bin) -> None:
    known = open_cases(of).first()
    if known is not None:
        cases.add_note(known, actor=PROCESS, text=f"{TITLE['ko']} / {TITLE['en']}")
        return
    hours = rules.load(SensorRules, "waste", of.area).due_hours
    due_at = clock.now() + timedelta(hours=hours)
    open_case(of, MISSED, Level.ATTENTION, title=TITLE, due_at=due_at, actor=PROCESS)


def _tell_of_round(area: Area) -> None:
    about = "waste:rounds"
    if Case.objects.filter(service="waste", kind=NOT_GIVEN_OUT, about=about, closed_at=None).exists():
        return
    due = timedelta(hours=rules.load(SensorRules, "waste", area).due_hours)
    case = cases.open_case(
        service="waste", kind=NOT_GIVEN_OUT, level=Level.ATTENTION, title=NOT_GIVEN_OUT_TITLE, area=area,
        team=team_for("waste", area), due_at=clock.now() + due, actor=PROCESS, about=about,
    )  # fmt: skip
    escalation.start(case)
