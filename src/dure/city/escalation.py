# SPDX-License-Identifier: Apache-2.0
"""Runs a case's escalation plan until somebody takes the case, and brings back what was taken and left.

The record is the only memory: a try is a row written in the transaction that starts it, unique by (round, step,
attempt), and ``next_at`` says when to look again. Killing the worker anywhere loses or repeats nothing.

Decisions (docs/adr/0008-cases-and-escalation.md): only a person's acknowledgement or closing stops a plan, reaching
the elder does not; gaps and waits count from the end of a try; what comes late goes on from now, one try per case
and run; an exhausted plan begins again after the re-arm time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction

from dure.city import clock
from dure.city.case_flow import IN_HAND, CaseTag, Notice, lock, run_guarded, write
from dure.city.duty import on_duty
from dure.city.errors import Conflict, Invalid
from dure.city.escalation_plans import plan_for, quiet_until
from dure.city.models import (
    AttemptResult,
    Case,
    CaseEvent,
    CaseEventKind,
    CaseStatus,
    Channel,
    Escalation,
    EscalationAttempt,
    EscalationState,
    EscalationStep,
    HandoverState,
    Level,
    QuietAction,
    User,
)

__all__ = [
    "acknowledged",
    "attempt_ended",
    "given_back",
    "person_tried",
    "plan_for",
    "raised",
    "register_channel",
    "reopened",
    "run_due",
    "start",
    "still_in_hand",
    "stop",
    "wait_until",
]

log = logging.getLogger(__name__)

ACTOR = "escalation"
"""The name under which the plan acts in the record."""

NEEDS_SOMEBODY = frozenset({Channel.WORKER_CALL, Channel.VISIT})
"""Channels that a person on duty carries out."""

AT_ONCE = 500
"""Cases of one turn of :func:`run_due`: some seconds of work, after which the gravest are looked for again."""

TRY_AGAIN = timedelta(minutes=1)
"""After a fault of ours."""

ChannelHandler = Callable[[EscalationAttempt], None]
_channels: dict[str, ChannelHandler] = {}
_reaches: dict[str, Callable[[Case], bool]] = {}


def register_channel(
    channel: Channel, handler: ChannelHandler, *, reaches: Callable[[Case], bool] | None = None
) -> None:
    """Say what a channel does. ``handler`` runs in the transaction that creates the attempt and only writes records.

    It may end the attempt at once. If it raises, its writes are undone and the attempt ends as failed. ``reaches``:
    whether there is anybody to reach about a case; where there is not, its step is passed over without a try or a wait.
    """
    _channels[channel] = handler
    if reaches is not None:
        _reaches[channel] = reaches


# ---------------------------------------------------------------- what happens to a case


@transaction.atomic
def start(case: Case, now: datetime | None = None) -> Escalation | None:
    """Begin the plan of the case's service and area with the next :func:`run_due`; starting again changes nothing.

    Without a plan the case says so loudly (its due time still holds it) and None is returned.
    Raises Conflict for a closed case.
    """
    lock(case)
    at = now or clock.now()
    if case.status == CaseStatus.CLOSED:
        raise Conflict("닫힌 사건입니다", "the case is closed", field="status")
    if escalation := _of(case):
        return escalation
    plan = plan_for(case.service, case.area)
    if plan is None:
        _tell(case, at, "no_plan", notice=Notice.NO_PLAN)
        return None
    escalation = Escalation.objects.create(case=case, plan=plan, next_at=at)
    _tell(case, at, "started", {"plan": plan.pk})
    if case.status in IN_HAND:
        acknowledged(case, at)
    return escalation


@transaction.atomic
def acknowledged(case: Case, now: datetime | None = None) -> None:
    """Somebody has the case in hand: whatever rings stops at once, and the plan comes back after the re-arm time.

    A waiting case comes back at its due time if that is later. Saying it again counts the time anew.
    """
    lock(case)
    at = now or clock.now()
    escalation = _of(case)
    if escalation is None or escalation.state == EscalationState.STOPPED:
        return
    _stop_pending(escalation, at)
    escalation.state = EscalationState.ACKNOWLEDGED
    escalation.next_at = _comes_back_at(escalation, at)
    escalation.save()


@transaction.atomic
def still_in_hand(case: Case, now: datetime | None = None) -> None:
    """A person did something in the case: the re-arm time of a case in hand counts anew."""
    escalation = _of(case)
    if escalation and escalation.state == EscalationState.ACKNOWLEDGED:
        acknowledged(case, now)


@transaction.atomic
def person_tried(case: Case, channel: Channel, *, reached: bool, now: datetime | None = None) -> None:
    """A person called or visited: ends the pending try of that channel, and reaching somebody takes the case."""
    lock(case)
    at = now or clock.now()
    pending = EscalationAttempt.objects.filter(
        escalation__case=case, result=AttemptResult.PENDING, channel=channel
    ).first()
    if pending:
        attempt_ended(pending, AttemptResult.REACHED if reached else AttemptResult.NO_ANSWER, at)
    if reached:
        acknowledged(case, at)
    else:
        still_in_hand(case, at)


@transaction.atomic
def stop(case: Case, now: datetime | None = None) -> None:
    """The case is closed: nothing of the plan happens any more."""
    lock(case)
    if escalation := _of(case):
        _stop_pending(escalation, now or clock.now())
        escalation.state, escalation.next_at = EscalationState.STOPPED, None
        escalation.save()


@transaction.atomic
def reopened(case: Case, now: datetime | None = None) -> None:
    """A closed case was reopened by a person, who has it in hand: the plan comes back after the re-arm time."""
    lock(case)
    at = now or clock.now()
    escalation = _of(case)
    if escalation is None:
        start(case, at)
        return
    _begin_round(escalation)
    escalation.state = EscalationState.ACKNOWLEDGED
    escalation.next_at = _comes_back_at(escalation, at)
    escalation.save()


@transaction.atomic
def given_back(case: Case, now: datetime | None = None) -> None:
    """Nobody has the case in hand any more: the plan begins a new round now."""
    lock(case)
    escalation = _of(case)
    if escalation and escalation.state != EscalationState.STOPPED:
        _stop_pending(escalation, now or clock.now())
        _begin_round(escalation)
        escalation.next_at = now or clock.now()
        escalation.save()


@transaction.atomic
def raised(case: Case, now: datetime | None = None) -> None:
    """The level rose: the remaining wait is dropped, and the first step that the level opens and that this round has
    not tried comes next. A try that is pending is finished first. An acknowledgement of the lower level no longer
    holds."""
    lock(case)
    at = now or clock.now()
    escalation = _of(case)
    if escalation is None or escalation.state == EscalationState.STOPPED:
        return
    tried = set(escalation.tries.filter(round=escalation.round).values_list("step", flat=True))
    opened = next((one for one in _steps(escalation) if one.position not in tried and _is_open(one, case)), None)
    running = escalation.state == EscalationState.RUNNING
    if opened and (opened.position > max(tried, default=0)):
        escalation.step, escalation.attempt = opened.position, 1
    elif opened:
        _begin_round(escalation, opened.position)
    elif not running:
        _begin_round(escalation)
    pending = _pending(escalation)
    escalation.state = EscalationState.RUNNING
    escalation.next_at = pending.times_out_at if pending else at
    escalation.save()
    if not running:
        _back_to_open(case, at, "raised")


@transaction.atomic
def attempt_ended(attempt: EscalationAttempt, result: AttemptResult, now: datetime | None = None) -> bool:
    """Report how a try went. False, and no change, when it was over already (timed out, stopped, reported).

    REACHED saves the step's remaining tries; the next step still follows after its wait unless somebody
    acknowledges or closes the case. Raises Invalid when ``result`` is not an end.
    """
    if result == AttemptResult.PENDING:
        raise Invalid("끝난 결과여야 합니다", "must be an end", field="result")
    case = attempt.escalation.case
    lock(case)
    attempt.refresh_from_db(fields=["result", "ended_at"])
    if attempt.result != AttemptResult.PENDING:
        return False
    at = now or clock.now()
    attempt.result, attempt.ended_at = result, at
    attempt.save(update_fields=["result", "ended_at"])
    _tell(case, at, "try_ended", _place(attempt) | {"result": str(result)}, tag=CaseTag.ATTEMPT_ENDED)
    escalation = Escalation.objects.get(pk=attempt.escalation_id)
    if escalation.state == EscalationState.RUNNING:
        _go_on_after(escalation, attempt, at)
    return True


@transaction.atomic
def wait_until(attempt: EscalationAttempt, until: datetime) -> None:
    """A channel knows that its pending try takes longer than the plan allows: it is not given up before ``until``."""
    lock(attempt.escalation.case)
    longer = EscalationAttempt.objects.filter(pk=attempt.pk, result=AttemptResult.PENDING, times_out_at__lt=until)
    if longer.update(times_out_at=until):
        Escalation.objects.filter(pk=attempt.escalation_id).update(next_at=until)


# ---------------------------------------------------------------- the clock


def run_due(now: datetime | None = None) -> int:
    """Do what is due, the gravest cases first: at most one try per case, AT_ONCE cases a turn, so that who falls while
    thousands wait is next and not last. Returns how many tries were made. Safe to run in several workers.

    A case that fails does not hold up the others: it is tried again after TRY_AGAIN, and its error is raised with
    theirs, as a group, at the end.
    """
    at = now or clock.now()
    due = Escalation.objects.filter(next_at__lte=at).order_by("-case__level", "next_at", "pk")
    made, faults = 0, []
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        try:
            made += _run_one(pk, at)
        except (OperationalError, InterfaceError):
            raise
        except Exception as fault:
            log.exception("escalation %s failed", pk)
            faults.append(fault)
            Escalation.objects.filter(pk=pk, next_at__lte=at).update(next_at=at + TRY_AGAIN)
    if faults:
        raise ExceptionGroup("escalation.run_due", faults)
    return made


@transaction.atomic
def _run_one(pk: int, at: datetime) -> int:
    case = Case.objects.get(escalation=pk)
    lock(case)
    escalation = Escalation.objects.filter(pk=pk, next_at__lte=at).select_related("plan").first()
    if escalation is None:
        return 0  # another worker, or a person, was here first
    escalation.case = case
    if escalation.state == EscalationState.ACKNOWLEDGED and _was_asleep(escalation, at):
        escalation.next_at = _comes_back_at(escalation, at)
        escalation.save()
        _tell(case, at, "put_off")
        return 0
    if escalation.state != EscalationState.RUNNING:
        why = str(escalation.state)
        _begin_round(escalation)
        escalation.save()
        _back_to_open(case, at, why)
    pending = _pending(escalation)
    if pending:
        pending.escalation = escalation
        attempt_ended(pending, AttemptResult.NO_ANSWER, at)
        return 0
    return _try_next(escalation, at)


def _was_asleep(escalation: Escalation, at: datetime) -> bool:
    """Whether no worker looked for longer than the re-arm time. People then get that time once more before what
    they had taken comes back, instead of every old case ringing at the restart."""
    return at - (escalation.next_at or at) > timedelta(minutes=escalation.plan.rearm_minutes)


def _try_next(escalation: Escalation, at: datetime) -> int:
    made = 0
    for step in _steps(escalation):
        if step.position < escalation.step or not _is_open(step, escalation.case):
            continue
        number = escalation.attempt if step.position == escalation.step else 1
        if number > step.attempts:  # the plan was edited
            continue
        quiet_end = quiet_until(step, at) if escalation.case.level < Level.SEVERE else None
        if quiet_end and step.quiet_action == QuietAction.SKIP:
            continue
        escalation.step, escalation.attempt = step.position, number
        if quiet_end and step.quiet_action == QuietAction.DELAY:
            escalation.next_at = quiet_end
            escalation.save()
            _tell(escalation.case, at, "quiet", {"step": step.position, "until": quiet_end.isoformat()})
            return made
        made += 1
        if _try(escalation, step, at):
            return made
    _exhaust(escalation, at)
    return made


def _try(escalation: Escalation, step: EscalationStep, at: datetime) -> bool:
    """Make one try; False when nobody is on duty for it, so that the next step comes at once."""
    case = escalation.case
    user = _whom(escalation, step, at) if step.channel in NEEDS_SOMEBODY else None
    nobody = user is None and step.channel in NEEDS_SOMEBODY
    attempt = EscalationAttempt.objects.create(
        escalation=escalation,
        round=escalation.round,
        step=step.position,
        attempt=escalation.attempt,
        channel=step.channel,
        level=case.level,
        user=user,
        started_at=at,
        times_out_at=at + timedelta(minutes=step.timeout_minutes),
        ended_at=at if nobody else None,
        result=AttemptResult.NOBODY_ON_DUTY if nobody else AttemptResult.PENDING,
    )
    if nobody:
        team = step.team or case.team
        facts = _place(attempt) | {"team": team.pk}
        _tell(case, at, "try", facts, tag=CaseTag.ATTEMPT, notice=Notice.NOBODY_ON_DUTY)
        return False
    escalation.next_at = attempt.times_out_at
    escalation.save()
    _tell(case, at, "try", _place(attempt) | {"user": user.pk if user else None}, tag=CaseTag.ATTEMPT)
    _carry_out(attempt, at)
    return True


def _carry_out(attempt: EscalationAttempt, at: datetime) -> None:
    handler = _channels.get(attempt.channel)
    fault: Exception | str | None = "no handler" if handler is None else run_guarded(handler, attempt)
    if fault is not None:
        case = attempt.escalation.case
        reason = fault if isinstance(fault, str) else type(fault).__name__
        _tell(case, at, "channel_failed", _place(attempt) | {"reason": reason}, notice=Notice.CHANNEL_FAILED)
        attempt_ended(attempt, AttemptResult.FAILED, at)


def _whom(escalation: Escalation, step: EscalationStep, at: datetime) -> User | None:
    """The case's own worker first if on duty, then the others in turn, one a try."""
    people = on_duty(step.team or escalation.case.team, at)
    people.sort(key=lambda user: user.pk != escalation.case.assignee_id)
    return people[(escalation.attempt - 1) % len(people)] if people else None


def _go_on_after(escalation: Escalation, attempt: EscalationAttempt, at: datetime) -> None:
    step = escalation.plan.steps.filter(position=attempt.step).first()
    moved_on = (escalation.round, escalation.step, escalation.attempt) != (attempt.round, attempt.step, attempt.attempt)
    if moved_on:  # the level rose meanwhile
        escalation.next_at = at
    elif step and attempt.result != AttemptResult.REACHED and attempt.attempt < step.attempts:
        escalation.attempt += 1
        escalation.next_at = at + timedelta(minutes=step.gap_minutes)
    else:
        escalation.step, escalation.attempt = attempt.step + 1, 1
        escalation.next_at = at + timedelta(minutes=step.wait_minutes if step else 0)
    escalation.save()


def _exhaust(escalation: Escalation, at: datetime) -> None:
    escalation.state = EscalationState.EXHAUSTED
    escalation.next_at = at + timedelta(minutes=escalation.plan.rearm_minutes)
    escalation.save()
    _tell(escalation.case, at, "exhausted", {"round": escalation.round}, notice=Notice.EXHAUSTED)


# ---------------------------------------------------------------- the parts


def _of(case: Case) -> Escalation | None:
    escalation = Escalation.objects.filter(case=case).select_related("plan").first()
    if escalation:
        escalation.case = case
    return escalation


def _steps(escalation: Escalation) -> list[EscalationStep]:
    return list(escalation.plan.steps.select_related("team").order_by("position"))


def _is_open(step: EscalationStep, case: Case) -> bool:
    """Whether the case's level allows the step and there is anybody to reach by it. A plan hands a case over once;
    again is for a person to decide."""
    if step.from_level > case.level:
        return False
    if step.channel == Channel.HANDOVER_119:
        return not case.handovers.exclude(state=HandoverState.WITHDRAWN).exists()
    reaches = _reaches.get(step.channel)
    return reaches is None or reaches(case)


def _pending(escalation: Escalation) -> EscalationAttempt | None:
    return escalation.tries.filter(result=AttemptResult.PENDING).first()


def _stop_pending(escalation: Escalation, at: datetime) -> None:
    """End the try under way. Its channel sees that it is no longer pending and hangs up."""
    escalation.tries.filter(result=AttemptResult.PENDING).update(result=AttemptResult.STOPPED, ended_at=at)


def _begin_round(escalation: Escalation, step: int = 1) -> None:
    """A new round, under the plan that the city has now."""
    escalation.plan = plan_for(escalation.case.service, escalation.case.area) or escalation.plan
    escalation.state = EscalationState.RUNNING
    escalation.round += 1
    escalation.step, escalation.attempt = step, 1


def _comes_back_at(escalation: Escalation, at: datetime) -> datetime:
    back = at + timedelta(minutes=escalation.plan.rearm_minutes)
    case = escalation.case
    return max(back, case.due_at) if case.status == CaseStatus.WAITING else back


def _back_to_open(case: Case, at: datetime, why: str) -> None:
    changes = {"status": CaseStatus.OPEN} if case.status in IN_HAND else None
    _tell(case, at, "came_back", {"why": why}, notice=Notice.CAME_BACK, changes=changes)


def _place(attempt: EscalationAttempt) -> dict[str, object]:
    return {
        "round": attempt.round,
        "step": attempt.step,
        "attempt": attempt.attempt,
        "channel": str(attempt.channel),
    }


def _tell(
    case: Case,
    at: datetime,
    what: str,
    data: dict[str, object] | None = None,
    *,
    tag: CaseTag = CaseTag.ESCALATION,
    notice: Notice | None = None,
    changes: Mapping[str, object] | None = None,
) -> CaseEvent:
    facts = {"what": what} | (data or {})
    return write(case, CaseEventKind.ESCALATION, tag, actor=ACTOR, at=at, data=facts, changes=changes, notice=notice)
