# SPDX-License-Identifier: Apache-2.0
"""The clock of daily care: each day's times are made, asked about, confirmed, excused or missed.

The record is the only memory: an occasion is once a routine and day, ``next_at`` is its only timer, and each step is
one transaction. A restart repeats nothing, and a clock that steps back asks nobody twice about one day. Locks: the
turn on the audit chain, then the occasion's row.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from dure.city import audit, cases, clock, holidays, people, rules
from dure.city.errors import Conflict
from dure.city.models import Case, CaseStatus, ConsentPurpose, Level, Reading, User
from dure.engines.habits.routine import RULES as HABIT
from dure.engines.habits.routine import deadline, own_time
from dure.services.care.actions.alarms import raise_case
from dure.services.care.actions.away import away_at
from dure.services.care.actions.concerns import names_concern, open_home_case
from dure.services.care.actions.ringing import may_call, on_the_line, ring
from dure.services.care.day_plan import due_at, is_on, words_for_call
from dure.services.care.models import (
    CONCERNS,
    OPEN_OCCASION,
    Call,
    CallState,
    ConfirmBy,
    ConfirmedHow,
    Excuse,
    Occasion,
    OccasionState,
    Outcome,
    Routine,
    RoutineKind,
)
from dure.services.care.rules import CareRules

log = logging.getLogger(__name__)

CLOCK = "care:daily"
"""The name under which daily care acts in the record."""

AT_ONCE = 200
TIME_TO_ANSWER = timedelta(minutes=60)
"""After the last asking, until what nobody confirmed is missed."""
LATE = timedelta(hours=2)
"""What a sensor sees so long after the deadline still counts, late; then it may be the next time's."""
CALL_IS_LOST = timedelta(minutes=15)
"""A call that nobody ended is given up by the occasion after this; end_calls ends it long before."""
MISSED = "missed_"
TITLES = {
    RoutineKind.GREETING: {"ko": "인사 전화를 받지 않으신 댁", "en": "Greeting calls were not answered"},
    RoutineKind.MEDICINE: {"ko": "약 드신 것을 확인하지 못한 댁", "en": "Medicine was not confirmed"},
    RoutineKind.MEAL: {"ko": "식사하신 것을 확인하지 못한 댁", "en": "A meal was not confirmed"},
    RoutineKind.EXERCISE: {"ko": "운동하신 것을 확인하지 못한 댁", "en": "Exercise was not confirmed"},
    RoutineKind.APPOINTMENT: {"ko": "약속을 알려 드리지 못한 댁", "en": "Nobody could be told of an appointment"},
}


def is_daily(case: Case) -> bool:
    """Whether the case is about something missed, so that a machine has asked in vain already."""
    return case.kind.startswith(MISSED)


# ---------------------------------------------------------------- what the clock makes


def make_due(now: datetime | None = None) -> int:
    """Make the occasions whose time has come, of today and of yesterday. Returns how many; again makes none."""
    at = now or clock.now()
    local = at.astimezone(clock.SEOUL)
    made = 0
    for day in (local.date() - timedelta(days=1), local.date()):
        due = list(_without_occasion(day).select_related("person__household__area", "series"))
        ready = [one for one in due if one.since <= due_at(one, day) <= at]
        for first in range(0, len(ready), AT_ONCE):
            made += _make(ready[first : first + AT_ONCE], day, at)
    return made


def _without_occasion(day: date) -> QuerySet[Routine]:
    held = Occasion.objects.filter(routine=OuterRef("pk"), day=day)
    on = Q(from_day__lte=day) & (Q(to_day=None) | Q(to_day__gte=day))
    routines = Routine.objects.filter(~Exists(held), on, ended_at=None, weekdays__contains=str(day.isoweekday()))
    return routines.filter(person__left_at=None).exclude(person__enrolment__ended_at__isnull=False)


@transaction.atomic
def _make(routines: list[Routine], day: date, at: datetime) -> int:
    audit.take_turn()
    before = Occasion.objects.filter(day=day, routine__in=routines).count()
    made = [_occasion(one, day, at) for one in routines]
    Occasion.objects.bulk_create(made, ignore_conflicts=True)
    count = Occasion.objects.filter(day=day, routine__in=routines).count() - before
    if count:
        audit.record("care:occasions:made", actor=CLOCK, subject=f"day:{day}", detail={"occasions": count})
    return count


def _occasion(routine: Routine, day: date, at: datetime) -> Occasion:
    due, chosen = due_at(routine, day), rules.load(CareRules, "care", routine.person.household.area)
    grace, repeats, gap = _timing(routine, chosen)
    is_sensor = routine.confirm_by == ConfirmBy.SENSOR
    past = _past_delays(routine, due) if is_sensor else []
    if is_sensor:
        ask_at, over = due + _minutes(own_time(past, grace)), due + _minutes(deadline(past, grace))
    else:
        wait = grace if routine.confirm_by == ConfirmBy.BUTTON else 0
        ask_at, over = due + _minutes(wait), due + _minutes(grace + repeats * gap) + TIME_TO_ANSWER
    occasion = Occasion(
        routine=routine,
        day=day,
        opens_at=_opens_at(routine, due, timedelta(hours=chosen.daily_before_hours)),
        due_at=due,
        deadline=over,
        next_at=max(ask_at, due),
    )
    if (excuse := _excuse(occasion, at)) or (at > over and not is_sensor):
        occasion.state, occasion.excuse, occasion.ended_at = OccasionState.EXCUSED, excuse or Excuse.NOT_ASKED, at
        occasion.next_at = None
    return occasion


def _timing(routine: Routine, chosen: CareRules) -> tuple[int, int, int]:
    """Grace (minutes), how often it is asked again, gap (minutes): the routine's own, else the city's."""
    own = (routine.grace_minutes, routine.repeats, routine.gap_minutes)
    city = (chosen.daily_grace_minutes, chosen.daily_repeats, chosen.daily_gap_minutes)
    grace, repeats, gap = (mine if mine is not None else theirs for mine, theirs in zip(own, city, strict=True))
    return grace, repeats, gap


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def _past_delays(routine: Routine, due: datetime) -> list[float]:
    seen = Occasion.objects.filter(
        routine=routine, how=ConfirmedHow.SENSOR, due_at__gte=due - timedelta(days=HABIT.memory_days), due_at__lt=due
    )
    return [(end - was).total_seconds() / 60 for end, was in seen.values_list("ended_at", "due_at") if end]


def _opens_at(routine: Routine, due: datetime, before: timedelta) -> datetime:
    """What was done earlier belongs to an earlier time of the same sensor, as far as that has used it."""
    earliest = due - before
    if routine.series_id is None:
        return earliest
    used = Occasion.objects.filter(routine__series=routine.series_id, due_at__lt=due, due_at__gte=earliest - LATE)
    ends = [one.ended_at if one.state == OccasionState.CONFIRMED and one.ended_at else one.deadline for one in used]
    return max([earliest, *(min(end, due) for end in ends)])


def _excuse(occasion: Occasion, at: datetime) -> str:
    """Why nobody asks now; "" when somebody may."""
    routine = occasion.routine
    person = routine.person
    away = away_at([person.household_id], at) or away_at([person.household_id], occasion.due_at)
    if away:
        return Excuse(next(iter(away.values())).reason)
    if routine.ended_at is not None or person.left_at is not None:
        return Excuse.ENDED
    if routine.paused_until is not None and occasion.due_at < routine.paused_until:
        return Excuse.PAUSED
    if not routine.on_holidays and occasion.day in holidays.days_off(occasion.day.year):
        return Excuse.HOLIDAY
    return "" if people.has_consent(person, consent_for(RoutineKind(routine.kind)), at) else Excuse.NO_CONSENT


def consent_for(kind: RoutineKind) -> ConsentPurpose:
    """Everything but a greeting tells of somebody's health (개인정보 보호법 제23조)."""
    return ConsentPurpose.AI_CALL if kind == RoutineKind.GREETING else ConsentPurpose.DAILY_CARE


# ---------------------------------------------------------------- what the clock does with them


def run_due(now: datetime | None = None) -> int:
    """Confirm what sensors have seen, and do what is due: ask, excuse, miss. Returns how many occasions moved.

    One that fails does not hold up the others: its error is raised with theirs, as a group, at the end.
    """
    at = now or clock.now()
    moved = _confirm_by_sensors(at)
    due = Occasion.objects.filter(state__in=OPEN_OCCASION, next_at__lte=at).order_by("next_at", "pk")
    faults = []
    for pk in list(due.values_list("pk", flat=True)):
        try:
            moved += _step(pk, at)
        except (OperationalError, InterfaceError):
            raise
        except Exception as fault:
            log.exception("occasion %s failed", pk)
            faults.append(fault)
    if faults:
        raise ExceptionGroup("occasions.run_due", faults)
    return moved


def _confirm_by_sensors(at: datetime) -> int:
    seen = Reading.objects.filter(series=OuterRef("routine__series"), at__gt=OuterRef("opens_at"), value__gt=0)
    open_ones = Q(state__in=OPEN_OCCASION) & Exists(seen.filter(at__lte=OuterRef("deadline")))
    late = Q(state=OccasionState.MISSED, deadline__gt=at - LATE) & Exists(seen.filter(at__gt=at - 2 * LATE))
    found = Occasion.objects.filter(open_ones | late, routine__series__isnull=False).order_by("due_at", "pk")
    return sum(_confirm_by_sensor(pk) for pk in list(found.values_list("pk", flat=True)))


@transaction.atomic
def _confirm_by_sensor(pk: int) -> bool:
    occasion = _locked(pk)
    readings = Reading.objects.filter(
        series=occasion.routine.series_id, at__gt=occasion.opens_at, at__lte=occasion.deadline + LATE, value__gt=0
    )
    first: datetime | None = readings.aggregate(first=Min("at"))["first"]
    if first is None or occasion.state == OccasionState.CONFIRMED:
        return False
    _confirmed(occasion, ConfirmedHow.SENSOR, actor=CLOCK, at=first)
    return True


@transaction.atomic
def _step(pk: int, at: datetime) -> bool:
    occasion = _locked(pk)
    if occasion.state not in OPEN_OCCASION or occasion.next_at is None or occasion.next_at > at:
        return False  # another worker was here first
    person = occasion.routine.person
    if excuse := _excuse(occasion, at):
        _excused(occasion, excuse, actor=CLOCK, at=at)
    elif at >= occasion.deadline or _asked_enough(occasion):
        _missed(occasion, at)
    elif not may_call(person, at):
        _wait(occasion, occasion.deadline)
    elif on_the_line(person):
        _wait(occasion, at + timedelta(minutes=1))
    else:
        _ask(occasion, at)
    return True


def _locked(pk: int) -> Occasion:
    audit.take_turn()
    found = Occasion.objects.select_for_update(of=("self",)).filter(pk=pk)
    return found.select_related("routine__person__household__area", "routine__series", "case").get()


def _asked_enough(occasion: Occasion) -> bool:
    chosen = rules.load(CareRules, "care", occasion.routine.person.household.area)
    return occasion.asked > _timing(occasion.routine, chosen)[1]


def _wait(occasion: Occasion, until: datetime) -> None:
    occasion.state, occasion.next_at = OccasionState.WAITING, until
    occasion.save(update_fields=["state", "next_at"])


def _ask(occasion: Occasion, at: datetime) -> None:
    routine = occasion.routine
    call = ring(routine.person, script_for(routine), values=words_for_call(routine), occasion=occasion)
    occasion.state, occasion.asked = OccasionState.ASKING, occasion.asked + 1
    occasion.next_at = call.rings_until + CALL_IS_LOST
    occasion.save(update_fields=["state", "asked", "next_at"])
    _record("care:occasion:asked", occasion, CLOCK, {"asked": occasion.asked})


def script_for(routine: Routine) -> str:
    """The script that asks about this routine."""
    if routine.kind == RoutineKind.GREETING:
        return "greeting_morning" if routine.at.hour < 12 else "greeting_evening"
    return routine.kind


def answered(call: Call) -> None:
    """A call is over: what it says of the occasion that it asked about. In the caller's transaction."""
    if call.occasion_id is None:
        return
    occasion, at = _locked(call.occasion_id), clock.now()
    if occasion.state not in OPEN_OCCASION:
        return
    if call.is_well:
        _confirmed(occasion, ConfirmedHow.CALL, actor=CLOCK, at=at)
    elif call.outcome in CONCERNS:
        occasion.case = call.case
        _end(occasion, OccasionState.MISSED, at)
        _record("care:occasion:missed", occasion, CLOCK, {"outcome": call.outcome})
    else:
        if call.state == CallState.CANCELLED:  # it gave way to another call and was not heard
            occasion.asked -= 1
            occasion.save(update_fields=["asked"])
        if _asked_enough(occasion):
            _missed(occasion, at)
        else:
            chosen = rules.load(CareRules, "care", occasion.routine.person.household.area)
            _wait(occasion, at + _minutes(_timing(occasion.routine, chosen)[2]))


# ---------------------------------------------------------------- how an occasion ends


@transaction.atomic
def confirm(occasion: Occasion, *, how: ConfirmedHow, actor: User) -> Occasion:
    """Somebody says that it was done, in time or late; saying it again changes nothing."""
    held, at = _locked(occasion.pk), clock.now()
    if held.state != OccasionState.CONFIRMED:
        _confirmed(held, how, actor=actor, at=at)
    return held


@transaction.atomic
def confirm_routine(routine: Routine, *, how: ConfirmedHow, actor: User) -> Occasion:
    """It was done today, or a little before its time. Raises Conflict when today is not its day or not yet."""
    audit.take_turn()
    at, day = clock.now(), clock.today()
    held = Occasion.objects.filter(routine=routine, day=day).first()
    if held is None:
        early = timedelta(hours=rules.load(CareRules, "care", routine.person.household.area).daily_before_hours)
        if not is_on(routine, day) or due_at(routine, day) - early > at:
            raise Conflict("아직 때가 아닙니다", "it is not time for this yet")
        held = _occasion(routine, day, at)
        held.save()
    return confirm(held, how=how, actor=actor)


def _confirmed(occasion: Occasion, how: ConfirmedHow, *, actor: User | str, at: datetime) -> None:
    was_missed = occasion.state == OccasionState.MISSED
    occasion.how, occasion.excuse = how, ""
    occasion.confirmed_by = actor if isinstance(actor, User) else None
    _end(occasion, OccasionState.CONFIRMED, at)
    _record("care:occasion:confirmed", occasion, actor, {"how": how, "late": was_missed})
    Call.objects.filter(occasion=occasion, state=CallState.RINGING).update(
        state=CallState.CANCELLED, ended_at=clock.now()
    )
    if was_missed and occasion.case is not None:
        _done_after_all(occasion.case)


def _done_after_all(case: Case) -> None:
    """What was missed is done: a case that nobody has taken and that holds nothing else closes itself."""
    if case.status == CaseStatus.CLOSED:
        return
    left = case.occasions.filter(state=OccasionState.MISSED).exists()
    if is_daily(case) and case.status == CaseStatus.OPEN and not left and not names_concern(case):
        cases.close(case, actor=CLOCK, outcome=Outcome.CONFIRMED_LATE)
    else:
        cases.add_note(case, actor=CLOCK, text="늦게 하신 것을 확인했습니다. / It was confirmed, late.")


def excuse_open(routines: Iterable[Routine], excuse: Excuse, *, actor: User | str) -> None:
    """These routines are not to be asked about any more today. In the caller's transaction."""
    now = clock.now()
    for pk in list(
        Occasion.objects.filter(routine__in=list(routines), state__in=OPEN_OCCASION).values_list("pk", flat=True)
    ):
        _excused(_locked(pk), excuse, actor=actor, at=now)


def _excused(occasion: Occasion, excuse: str, *, actor: User | str, at: datetime) -> None:
    occasion.excuse = excuse
    _end(occasion, OccasionState.EXCUSED, at)
    _record("care:occasion:excused", occasion, actor, {"excuse": str(excuse)})


def _missed(occasion: Occasion, at: datetime) -> None:
    """Nobody confirmed it in its time: the home's case of what was missed, opened or more urgent."""
    kind = RoutineKind(occasion.routine.kind)
    level = _missed_level(occasion, kind)
    case = _open_missed_case(occasion)
    if case is None:
        case = open_home_case(occasion.routine.person, f"{MISSED}{kind}", level, TITLES[kind], actor=CLOCK)
    elif level > case.level:
        raise_case(case, level, actor=CLOCK)
    occasion.case = case
    _end(occasion, OccasionState.MISSED, at)
    data = {"occasion": str(occasion.ref), "routine": kind.value, "asked": occasion.asked}
    cases.add_note(case, actor=CLOCK, text=_account(occasion), data=data)
    _record("care:occasion:missed", occasion, CLOCK, {"asked": occasion.asked, "case": case.number})


def _missed_level(occasion: Occasion, kind: RoutineKind) -> Level:
    chosen = rules.load(CareRules, "care", occasion.routine.person.household.area)
    levels = {
        RoutineKind.MEDICINE: chosen.missed_medicine_level,
        RoutineKind.GREETING: chosen.missed_greeting_level,
    }
    return Level(levels.get(kind, chosen.missed_other_level))


def _open_missed_case(occasion: Occasion) -> Case | None:
    home = occasion.routine.person.household_id
    found = Case.objects.filter(service="care", household=home, kind__startswith=MISSED)
    return found.exclude(status=CaseStatus.CLOSED).order_by("-level", "opened_at").first()


def _account(occasion: Occasion) -> str:
    """In words for the case's thread, whose texts are sealed."""
    what = words_for_call(occasion.routine)["what"]
    due = occasion.due_at.astimezone(clock.SEOUL)
    asked = occasion.asked
    ko = f"{asked}번 여쭈었으나 하신 것을 확인하지 못했습니다" if asked else "하신 것이 보이지 않습니다"
    en = f"asked {asked} times, not confirmed" if asked else "not seen"
    return f"{due:%H:%M} {what}: {ko}. / {en}."


def _end(occasion: Occasion, state: OccasionState, at: datetime) -> None:
    occasion.state, occasion.ended_at, occasion.next_at = state, at, None
    occasion.save()


def _record(tag: str, occasion: Occasion, actor: User | str, detail: dict[str, object]) -> None:
    audit.record(tag, actor=actor, subject=f"person:{occasion.routine.person.ref}",
                 detail={"occasion": str(occasion.ref)} | detail)  # fmt: skip
