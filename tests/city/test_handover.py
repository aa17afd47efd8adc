# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from dure.city import cases, clock, escalation
from dure.city.cases import Outgoing
from dure.city.errors import Conflict, Invalid
from dure.city.models import AuditEntry, Case, CaseStatus, Channel, EscalationAttempt, Role, User
from tests.city.casework import care_plan, notices, open_care_case, tries
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db

PAYLOAD = "두레로 1, 김순자, 응답 없음"


class Receiver:
    """An outside system that answers as it is told to and remembers what arrived."""

    def __init__(self) -> None:
        self.arrived: list[Outgoing] = []
        self.answer: str | Exception | None = "119-77"

    def __call__(self, outgoing: Outgoing) -> str | None:
        assert not connection.in_atomic_block or connection.savepoint_ids == []
        self.arrived.append(outgoing)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def case(standing_clock: StandingClock, city: City) -> Case:
    return open_care_case(city.dongs[0], city.team)


@pytest.fixture
def worker(city: City) -> User:
    return city.users[Role.CARE_WORKER]


def deliver(case: Case, receiver: Receiver) -> int:
    accepted = cases.deliver_handovers(clock.now(), receiver)
    case.refresh_from_db()
    return accepted


def test_a_handover_is_sent_and_accepted_with_a_reference(case: Case, worker: User, receiver: Receiver) -> None:
    handover = cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    assert (case.status, handover.state) == ("handover_ready", "ready")
    assert deliver(case, receiver) == 1
    assert receiver.arrived == [Outgoing(handover.pk, case.number, "119", PAYLOAD, 1)]
    handover.refresh_from_db()
    assert (case.status, handover.state, handover.reference) == ("handover_accepted", "accepted", "119-77")
    assert deliver(case, receiver) == 0
    moves = [event.data["changed"]["status"][1] for event in case.events.filter(kind="handover").order_by("id")]
    assert moves == ["handover_ready", "handover_sent", "handover_accepted"]


def test_the_payload_is_sealed_and_on_no_chain(case: Case, worker: User, receiver: Receiver) -> None:
    cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    deliver(case, receiver)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM city_handover")
        assert "김순자" not in str(cursor.fetchall())
    assert not any("김순자" in str(detail) for detail in AuditEntry.objects.values_list("detail", flat=True))


def test_a_failure_is_seen_on_the_case_and_tried_again_with_the_same_number(
    standing_clock: StandingClock, case: Case, worker: User, receiver: Receiver
) -> None:
    handover = cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    receiver.answer = ConnectionError("line is down")
    waits = []
    for _ in range(8):
        assert deliver(case, receiver) == 0
        assert case.status == "handover_failed"
        handover.refresh_from_db()
        assert handover.next_at is not None
        waits.append((handover.next_at - clock.now()) // timedelta(minutes=1))
        standing_clock.stand_at(handover.next_at - timedelta(seconds=1))
        assert deliver(case, receiver) == 0
        standing_clock.move(seconds=1)
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    receiver.answer = "119-78"
    assert deliver(case, receiver) == 1
    assert case.status == "handover_accepted"
    assert {outgoing.id for outgoing in receiver.arrived} == {handover.pk}
    assert [outgoing.attempt for outgoing in receiver.arrived] == list(range(1, 10))
    assert notices(case).count("handover_failed") == 8


def test_an_answer_may_come_later_and_twice(case: Case, worker: User, receiver: Receiver) -> None:
    handover = cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    receiver.answer = None
    assert deliver(case, receiver) == 0
    assert case.status == "handover_sent"
    assert cases.handover_accepted(handover.pk, "119-79") is True
    assert cases.handover_accepted(handover.pk, "119-79") is False
    case.refresh_from_db()
    assert case.status == "handover_accepted"


def test_what_was_sent_and_never_answered_is_sent_again(
    standing_clock: StandingClock, case: Case, worker: User, receiver: Receiver
) -> None:
    """As after a kill between sending and writing the answer down."""
    cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    receiver.answer = None
    for minutes in (0, 4, 1):
        standing_clock.move(minutes=minutes)
        deliver(case, receiver)
    assert case.status == "handover_failed"
    receiver.answer = "119-80"
    standing_clock.move(minutes=1)
    assert deliver(case, receiver) == 1
    assert [outgoing.attempt for outgoing in receiver.arrived] == [1, 2]
    assert len({outgoing.id for outgoing in receiver.arrived}) == 1


def test_an_answer_to_a_try_given_up_is_taken(
    standing_clock: StandingClock, case: Case, worker: User, receiver: Receiver
) -> None:
    handover = cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    receiver.answer = TimeoutError("no answer")
    deliver(case, receiver)
    assert cases.handover_accepted(handover.pk, "119-81") is True
    case.refresh_from_db()
    assert case.status == "handover_accepted"
    standing_clock.move(hours=1)
    assert deliver(case, receiver) == 0
    assert len(receiver.arrived) == 1


def test_a_person_takes_back_what_has_not_left(case: Case, worker: User, receiver: Receiver) -> None:
    handover = cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    cases.change_status(case, CaseStatus.IN_PROGRESS, actor=worker, note="받았음")
    assert deliver(case, receiver) == 0
    assert receiver.arrived == []
    handover.refresh_from_db()
    assert handover.state == "withdrawn"
    again = cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    assert again.pk != handover.pk
    cases.close(case, actor=worker, outcome="well_by_phone")
    assert deliver(case, receiver) == 0


def test_what_is_on_its_way_can_be_neither_withdrawn_nor_closed(case: Case, worker: User, receiver: Receiver) -> None:
    cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    receiver.answer = None
    deliver(case, receiver)
    with pytest.raises(Conflict):
        cases.change_status(case, CaseStatus.IN_PROGRESS, actor=worker)
    with pytest.raises(Conflict):
        cases.close(case, actor=worker, outcome="well_by_phone")


def test_an_answer_to_a_withdrawn_handover_is_loud(case: Case, worker: User, receiver: Receiver) -> None:
    handover = cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    receiver.answer = TimeoutError("no answer")
    deliver(case, receiver)
    cases.change_status(case, CaseStatus.IN_PROGRESS, actor=worker)
    assert cases.handover_accepted(handover.pk, "119-82") is False
    assert notices(case) == ["handover_failed", "handover_failed"]
    case.refresh_from_db()
    assert case.status == "in_progress"


def test_one_handover_at_a_time(case: Case, worker: User, receiver: Receiver) -> None:
    handover = cases.hand_over(case, target="119", payload=PAYLOAD, actor=worker)
    receiver.answer = TimeoutError("no answer")
    for _ in range(2):
        with pytest.raises(Conflict):
            cases.hand_over(case, target="112", payload=PAYLOAD, actor=worker)
        deliver(case, receiver)
    handover.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        handover.save(force_insert=True)


@pytest.mark.parametrize(
    ("target", "payload", "field"), [("", PAYLOAD, "target"), ("x" * 21, PAYLOAD, "target"), ("119", " ", "payload")]
)
def test_a_wrong_handover_says_which_field(case: Case, worker: User, target: str, payload: str, field: str) -> None:
    with pytest.raises(Invalid) as error:
        cases.hand_over(case, target=target, payload=payload, actor=worker)
    assert error.value.field == field


def test_the_plans_own_handover_ends_its_try_when_it_is_accepted(
    standing_clock: StandingClock, city: City, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dure.city.escalation_plans import StepSpec

    def to_119(attempt: EscalationAttempt) -> None:
        cases.hand_over(attempt.escalation.case, target="119", payload=PAYLOAD, actor="care:119")

    monkeypatch.setattr(escalation, "_channels", {Channel.HANDOVER_119: to_119})
    care_plan(StepSpec(channel=Channel.HANDOVER_119), rearm_minutes=60)
    case = open_care_case(city.dongs[0], city.team)
    escalation.start(case)
    escalation.run_due()
    assert tries(case) == [(1, 1, 1, "pending")]
    assert deliver(case, receiver) == 1
    assert tries(case) == [(1, 1, 1, "reached")]
    assert case.status == "handover_accepted"
    standing_clock.move(minutes=60)
    escalation.run_due()
    case.refresh_from_db()
    assert case.events.filter(data__what="came_back").exists()  # nobody told us how it ended
    assert (case.status, notices(case)) == ("open", ["came_back", "exhausted"])
    assert len(receiver.arrived) == 1  # the plan does not send 119 a second time by itself
