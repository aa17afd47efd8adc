# SPDX-License-Identifier: Apache-2.0
"""Several processes at once: here threads with a connection each, on really committed rows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from dure.city import audit, cases, clock, escalation
from dure.city.errors import Conflict
from dure.city.models import (
    AttemptResult,
    Case,
    CaseEvent,
    Escalation,
    EscalationAttempt,
    Handover,
    Role,
    User,
)
from tests.city.casework import calls, care_plan, open_care_case
from tests.factories import City

pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER = 6


def together(*tasks: Callable[[], object]) -> list[object]:
    """Run the tasks at the same moment, each in a thread; what each returned or raised."""
    results: list[object] = [None] * len(tasks)
    start = threading.Barrier(len(tasks))

    def run(index: int) -> None:
        try:
            start.wait(30)
            results[index] = tasks[index]()
        except Exception as error:  # noqa: BLE001 - what a thread raised is its result
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    return results


def worker_of(city: City) -> User:
    return city.users[Role.CARE_WORKER]


def test_numbers_are_unique_and_without_gaps(city: City) -> None:
    opened = together(*[lambda: open_care_case(city.area, city.team)] * TOGETHER)
    numbers = sorted(case.number for case in opened if isinstance(case, Case))
    year = clock.today().year
    assert numbers == [f"{year}-{number:06d}" for number in range(1, TOGETHER + 1)]


def test_the_same_client_id_at_the_same_moment_is_one_entry(city: City) -> None:
    case = open_care_case(city.area, city.team)
    note, closing = uuid4(), uuid4()

    def write() -> CaseEvent:
        mine = Case.objects.get(pk=case.pk)
        return cases.add_note(mine, actor=worker_of(city), text="메모", client_id=note)

    def close() -> CaseEvent:
        mine = Case.objects.get(pk=case.pk)
        return cases.close(mine, actor=worker_of(city), outcome="well_by_phone", client_id=closing)

    assert len(set(together(*[write] * TOGETHER))) == 1
    assert len(set(together(*[close] * TOGETHER))) == 1
    assert [event.kind for event in case.events.order_by("id")] == ["opened", "note", "outcome"]
    assert audit.verify() == []


def test_of_two_who_take_a_case_one_is_told_that_it_is_taken(city: City) -> None:
    case = open_care_case(city.area, city.team)
    users = (worker_of(city), city.users[Role.WELFARE_OFFICER])
    results = together(*[lambda user=user: cases.acknowledge(Case.objects.get(pk=case.pk), user) for user in users])
    assert sorted(type(result) is CaseEvent for result in results) == [False, True]
    assert any(isinstance(result, Conflict) for result in results)


def test_several_workers_make_each_try_once(city: City, rung: list[EscalationAttempt]) -> None:
    care_plan(calls(attempts=2, gap_minutes=0))
    opened = [open_care_case(city.area, city.team) for _ in range(10)]
    for case in opened:
        escalation.start(case)
    now = clock.now()
    made = together(*[lambda: escalation.run_due(now)] * 3)
    assert sum(n for n in made if isinstance(n, int)) == 10, made
    assert len(rung) == EscalationAttempt.objects.count() == 10


def test_a_case_taken_while_workers_run_rings_no_more(city: City, rung: list[EscalationAttempt]) -> None:
    care_plan(calls(attempts=50, gap_minutes=0))
    case = open_care_case(city.area, city.team)
    escalation.start(case)
    now = clock.now()
    ended: list[int] = []

    def ring() -> None:
        for _ in range(15):
            escalation.run_due(now)
            for attempt in EscalationAttempt.objects.filter(result=AttemptResult.PENDING):
                escalation.attempt_ended(attempt, AttemptResult.NO_ANSWER, now)

    def take() -> None:
        cases.acknowledge(Case.objects.get(pk=case.pk), worker_of(city))
        ended.append(EscalationAttempt.objects.count())

    results = together(ring, ring, take)
    assert results == [None] * 3
    assert EscalationAttempt.objects.count() == ended[0]
    assert Escalation.objects.get().state == "acknowledged"
    assert not EscalationAttempt.objects.filter(result=AttemptResult.PENDING).exists()


def test_verbs_across_many_cases_in_one_transaction_wait_for_nobody_in_a_ring(city: City) -> None:
    """A consumer touches many cases in one transaction, in any order, while people work on them."""
    from django.db import transaction

    first, second = (open_care_case(city.area, city.team) for _ in range(2))

    def both(order: tuple[Case, Case]) -> None:
        for _ in range(5):
            with transaction.atomic():
                for case in order:
                    cases.add_note(Case.objects.get(pk=case.pk), actor="care:habits", text="seen")

    assert together(lambda: both((first, second)), lambda: both((second, first))) == [None, None]
    assert CaseEvent.objects.filter(kind="note").count() == 20


def test_several_workers_send_a_handover_once(city: City) -> None:
    case = open_care_case(city.area, city.team)
    cases.hand_over(case, target="119", payload="두레로 1", actor=worker_of(city))
    sent: list[int] = []

    def send(outgoing: cases.Outgoing) -> str:
        sent.append(outgoing.id)
        return "A-1"

    now = clock.now()
    together(*[lambda: cases.deliver_handovers(now, send)] * 3)
    assert sent == [Handover.objects.get().pk]
    assert Handover.objects.get().state == "accepted"


def test_passing_the_due_time_is_told_once_by_several_workers(city: City) -> None:
    for _ in range(5):
        open_care_case(city.area, city.team)
    later = clock.now() + timedelta(hours=3)
    made = together(*[lambda: cases.escalate_overdue(later)] * 3)
    assert sum(n for n in made if isinstance(n, int)) == 5, made
