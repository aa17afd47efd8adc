# SPDX-License-Identifier: Apache-2.0
"""The automatic well-being call: it rings, somebody presses 1 (fine) or 2 (help), or nobody does.

Here a call is a record that a page or the telephony door answers; what carries the sound comes later and changes
nothing of this. A call that nobody confirms by a key is never counted as well.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from dure.city import audit, cases, clock, escalation, people, rules
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import (
    AttemptResult,
    CaseStatus,
    ConsentPurpose,
    EscalationAttempt,
    Level,
    Person,
)
from dure.services.care.actions.alarms import raise_case
from dure.services.care.models import Call, CallState, Enrolment, Outcome
from dure.services.care.rules import CareRules

CALLER = "care:ai-call"
"""The name under which the automatic call acts in the record."""

FINE, HELP = "1", "2"

SHORTEST_DEMO_RING = timedelta(seconds=15)
"""Real time a call rings at least where city time runs fast, so that a person at the page can answer it."""

SCRIPT = {
    "ko": "안녕하세요, 시청에서 안부를 여쭙는 자동 전화입니다. 별일 없으시면 1번, 도움이 필요하시면 2번을 눌러 주세요.",
    "en": "Hello, this is an automatic call from the city. If you are well press 1; if you need help press 2.",
}


def start_call(attempt: EscalationAttempt) -> None:
    """Ring the person of the attempt's case (the channel AI_CALL).

    Without a phone or a consent there is nobody to ring: the attempt ends as failed and the next step follows.
    """
    case = attempt.escalation.case
    enrolment = Enrolment.objects.filter(household=case.household, ended_at=None).select_related("person").first()
    now = clock.now()
    if enrolment is None or not _may_call(enrolment.person, now):
        escalation.attempt_ended(attempt, AttemptResult.FAILED)
        return
    ring = timedelta(seconds=rules.load(CareRules, "care", case.area).call_rings_seconds)
    if settings.DURE_SIMULATION:
        ring = max(ring, SHORTEST_DEMO_RING * clock.speed())
    Call.objects.create(attempt=attempt, person=enrolment.person, ringing_since=now, rings_until=now + ring)
    escalation.wait_until(attempt, now + ring + timedelta(minutes=1))


def _may_call(person: Person, at: datetime) -> bool:
    return bool(person.phone) and people.has_consent(person, ConsentPurpose.AI_CALL, at)


@transaction.atomic
def answer_call(ref: UUID, key: str | None, *, by: str) -> Call:
    """The call was taken. ``key``: "1" fine, "2" help, None when nothing was pressed. Answering twice with the
    same key changes nothing.

    Raises NotFound, Invalid (field ``key``), or Conflict when the call no longer rings.
    """
    if key not in (FINE, HELP, None):
        raise Invalid("1, 2 또는 없음이어야 합니다", "must be 1, 2 or null", field="key")
    call = (
        Call.objects.select_for_update(of=("self",)).select_related("attempt__escalation__case").filter(ref=ref).first()
    )
    if call is None:
        raise NotFound("그런 전화가 없습니다", "there is no such call")
    if call.state == CallState.ANSWERED and call.key == (key or ""):
        return call
    if call.state != CallState.RINGING:
        raise Conflict("이미 끝난 전화입니다", "this call is over")
    _end(call, CallState.ANSWERED, key or "")
    audit.record("care:call:answered", actor=by, subject=f"person:{call.person.ref}", detail={"key": key})
    _act_on(call)
    return call


def _act_on(call: Call) -> None:
    case = call.attempt.escalation.case
    data = {"channel": "ai_call", "key": call.key}
    if call.key == FINE:
        cases.record_call(case, actor=CALLER, reached=True, data=data)
        escalation.attempt_ended(call.attempt, AttemptResult.REACHED)
        if case.status == CaseStatus.OPEN:
            cases.close(case, actor=CALLER, outcome=Outcome.CONFIRMED_BY_CALL)
    elif call.key == HELP:
        cases.record_call(case, actor=CALLER, reached=True, data=data | {"asks_for_help": True})
        escalation.attempt_ended(call.attempt, AttemptResult.FAILED)
        raise_case(case, Level.SEVERE, actor=CALLER)
    else:
        cases.record_call(case, actor=CALLER, reached=False, data=data)
        escalation.attempt_ended(call.attempt, AttemptResult.NO_ANSWER)


def _end(call: Call, state: CallState, key: str = "") -> None:
    call.state, call.key, call.ended_at = state, key, clock.now()
    call.save(update_fields=["state", "key", "ended_at"])


def end_unanswered() -> int:
    """Calls that rang out count as no answer, and calls whose attempt was stopped are cancelled. Returns how many."""
    ended = 0
    for ref in list(Call.objects.filter(state=CallState.RINGING).values_list("ref", flat=True)):
        with transaction.atomic():
            call = Call.objects.select_for_update(of=("self",)).select_related("attempt__escalation__case").get(ref=ref)
            if call.state != CallState.RINGING:
                continue
            if call.attempt.result != AttemptResult.PENDING:
                _end(call, CallState.CANCELLED)
                ended += 1
            elif call.rings_until <= clock.now():
                _end(call, CallState.UNANSWERED)
                cases.record_call(
                    call.attempt.escalation.case, actor=CALLER, reached=False, data={"channel": "ai_call"}
                )
                escalation.attempt_ended(call.attempt, AttemptResult.NO_ANSWER)
                ended += 1
    return ended
