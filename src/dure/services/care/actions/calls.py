# SPDX-License-Identifier: Apache-2.0
"""The automatic call: it rings, somebody answers by keys or words as its script asks, or nobody does.

Here a call is a record that a page or the telephony door answers; what carries the sound changes nothing of this.
Only an end that the script calls good counts as well; silence, a cut line and what was not understood never do. A
person has at most one call at a time (a database constraint). Locks: the turn on the audit chain, then the call's row.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from dure.city import audit, cases, clock, escalation, reviews
from dure.city.errors import Conflict, Invalid, NotFound
from dure.city.models import AttemptResult, CaseStatus, EscalationAttempt, Person
from dure.engines.speech.script import KEYS
from dure.services.care import conversation
from dure.services.care.actions.concerns import facts_of, names_concern, raise_concern
from dure.services.care.actions.occasions import answered, is_daily
from dure.services.care.actions.ringing import CALLER, lines_of, may_call, patience, ring
from dure.services.care.models import CONCERNS, ON_THE_LINE, Call, CallOutcome, CallState, Enrolment, Outcome

WELLBEING = "wellbeing"
LONGEST_ANSWER = 500
"""Characters of one answer."""


def start_call(attempt: EscalationAttempt) -> None:
    """Ring the person of the attempt's case (the channel AI_CALL).

    Without a phone or a consent there is nobody to ring: the attempt ends as failed and the next step follows. While
    they are talking in another call it counts as no answer; a call that only rings gives way. Whoever asked for help in
    a call of this case, was asked in vain about their day, or refuses automatic decisions is rung by a person.
    """
    case = attempt.escalation.case
    enrolment = Enrolment.objects.filter(household=case.household, ended_at=None).select_related("person").first()
    if enrolment is None or not may_call(enrolment.person, clock.now()):
        escalation.attempt_ended(attempt, AttemptResult.FAILED)
        return
    if reviews.refused(case):  # a machine's judgement is shown to a person and does nothing by itself
        escalation.attempt_ended(attempt, AttemptResult.FAILED)
        escalation.raised(case)
        return
    if is_daily(case) or names_concern(case):  # asked already: a person comes next, not a machine again
        escalation.attempt_ended(attempt, AttemptResult.REACHED)
        escalation.raised(case)
        return
    if not _line_is_free(enrolment.person):
        escalation.attempt_ended(attempt, AttemptResult.NO_ANSWER)
        return
    call = ring(enrolment.person, WELLBEING, attempt=attempt, case=case)
    escalation.wait_until(attempt, call.rings_until + timedelta(minutes=1))


def _line_is_free(person: Person) -> bool:
    """Make room for the call that asks for a sign of life; False while they talk."""
    audit.take_turn()
    current = lines_of(person).select_for_update(of=("self",)).first()
    if current is None:
        return True
    if current.rings_until <= clock.now():
        _not_reached(current)
    elif current.state == CallState.RINGING and current.attempt is None:
        _end(current, CallState.CANCELLED)
        answered(current)
    else:
        return False
    return True


@transaction.atomic
def answer_call(
    ref: UUID, key: str | None = None, said: str | None = None, *, turn: int | None = None, by: str
) -> Call:
    """The person answered: by a key, by words, or (both None) not at all. The dialogue goes on or ends.

    ``turn`` is the number of the answer, from 0: an answer that was sent before changes nothing. Without it, only the
    last answer of a call that is over is known again. Raises NotFound, Invalid (``key``, ``said``, ``turn``), Conflict.
    """
    if key is not None and key not in KEYS:
        raise Invalid("전화기의 번호가 아닙니다", "is no key of a telephone", field="key")
    if said is not None and len(said) > LONGEST_ANSWER:
        raise Invalid(f"{LONGEST_ANSWER}자까지입니다", f"at most {LONGEST_ANSWER} characters", field="said")
    call = _locked(ref)
    dialogue = conversation.dialogue_of(call)
    heard = (None if key is not None else said) or None
    if _was_heard(call, [(one.key, one.heard) for one in dialogue.turns], (key, heard), turn):
        return call
    if call.state not in ON_THE_LINE:
        raise Conflict("이미 끝난 전화입니다", "this call is over")
    dialogue.hear(heard, key=key)
    conversation.keep(call, dialogue)
    detail = {"turn": len(dialogue.turns), "key": key, "words": heard is not None}
    audit.record("care:call:answered", actor=by, subject=f"person:{call.person.ref}", detail=detail)
    if dialogue.outcome:
        _ended(call, dialogue.outcome, is_well=dialogue.is_well)
    else:
        call.state = CallState.TALKING
        call.rings_until = clock.now() + patience("call_answer_seconds", call.person.household.area)
        call.save(update_fields=["state", "rings_until", "dialogue"])
        if call.attempt is not None:
            escalation.wait_until(call.attempt, call.rings_until + timedelta(minutes=1))
    return call


def _was_heard(
    call: Call, turns: list[tuple[str | None, str | None]], answer: tuple[str | None, str | None], turn: int | None
) -> bool:
    if turn is None:
        return call.state == CallState.ANSWERED and turns[-1:] == [answer]
    if turn < len(turns):
        if turns[turn] != answer:
            raise Conflict("그 차례에는 다른 대답을 받았습니다", "another answer was taken for this turn", field="turn")
        return True
    if turn > len(turns):
        raise Invalid(f"다음 차례는 {len(turns)}입니다", f"the next turn is {len(turns)}", field="turn")
    return False


@transaction.atomic
def hang_up(ref: UUID, *, by: str) -> Call:
    """The line was cut. Before an end nobody knows how they are: not reached. After one it changes nothing."""
    call = _locked(ref)
    if call.state in ON_THE_LINE:
        audit.record("care:call:hung_up", actor=by, subject=f"person:{call.person.ref}")
        _not_reached(call)
    return call


def _locked(ref: UUID) -> Call:
    audit.take_turn()
    found = Call.objects.select_for_update(of=("self",)).filter(ref=ref)
    call = found.select_related(
        "attempt__escalation__case", "case", "occasion__routine__person__household__area", "person__household__area"
    ).first()
    if call is None:
        raise NotFound("그런 전화가 없습니다", "there is no such call")
    return call


def _ended(call: Call, outcome: str, *, is_well: bool) -> None:
    """A conversation came to its end: what follows for the case."""
    call.outcome, call.is_well = outcome, is_well
    _end(call, CallState.ANSWERED)
    account = conversation.account(conversation.dialogue_of(call), outcome)
    if outcome in CONCERNS:
        _end_try(call, AttemptResult.REACHED)
        call.case = raise_concern(call, actor=CALLER, account=account)
        call.save(update_fields=["case"])
        answered(call)
    elif call.occasion is not None:
        answered(call)
    elif call.case is not None:
        reached = outcome != CallOutcome.LOST
        cases.record_call(call.case, actor=CALLER, reached=reached, text=account, data=facts_of(call))
        _end_try(call, AttemptResult.REACHED if is_well else AttemptResult.NO_ANSWER)
        if outcome == CallOutcome.WELL and call.case.status == CaseStatus.OPEN and not names_concern(call.case):
            cases.close(call.case, actor=CALLER, outcome=Outcome.CONFIRMED_BY_CALL)


def _not_reached(call: Call) -> None:
    """It rang out, or the line was cut before an end."""
    talked = call.state == CallState.TALKING
    if talked:
        call.outcome = CallOutcome.CUT_OFF
    _end(call, CallState.ANSWERED if talked else CallState.UNANSWERED)
    if call.case is not None:
        text = conversation.account(conversation.dialogue_of(call), CallOutcome.CUT_OFF) if talked else ""
        cases.record_call(call.case, actor=CALLER, reached=False, text=text, data=facts_of(call))
        _end_try(call, AttemptResult.NO_ANSWER)
    answered(call)


def _end_try(call: Call, result: AttemptResult) -> None:
    if call.attempt is not None:
        escalation.attempt_ended(call.attempt, result)


def _end(call: Call, state: CallState) -> None:
    call.state, call.ended_at = state, clock.now()
    call.save(update_fields=["state", "ended_at", "dialogue", "outcome", "is_well"])


def end_unanswered() -> int:
    """Calls that rang out or broke off count as no answer, and calls whose attempt was stopped are cancelled. Returns
    how many."""
    return sum(
        _end_if_over(ref) for ref in list(Call.objects.filter(state__in=ON_THE_LINE).values_list("ref", flat=True))
    )


@transaction.atomic
def _end_if_over(ref: UUID) -> bool:
    call = _locked(ref)
    if call.state not in ON_THE_LINE:
        return False
    stopped = call.attempt is not None and call.attempt.result != AttemptResult.PENDING
    if stopped and call.state == CallState.RINGING:
        _end(call, CallState.CANCELLED)
        return True
    if call.rings_until <= clock.now():
        _not_reached(call)
        return True
    return False
