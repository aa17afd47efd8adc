# SPDX-License-Identifier: Apache-2.0
"""All verbs on one case in random order: what is not allowed raises and changes nothing, the rest holds together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from dure.city import audit, cases, escalation
from dure.city.case_flow import ALLOWED_STATUS_CHANGES, IN_HAND
from dure.city.errors import Conflict, Invalid
from dure.city.models import (
    Audience,
    AuditEntry,
    CaseEvent,
    CaseStatus,
    Channel,
    Escalation,
    EscalationAttempt,
    EscalationState,
    Handover,
    Role,
)
from tests.city.casework import at, calls, care_plan, open_care_case, snapshot
from tests.factories import City

UNDER_WAY = {"ready": "handover_ready", "sent": "handover_sent", "failed": "handover_failed"}
minutes = st.integers(1, 90)


class CaseMachine(RuleBasedStateMachine):
    """One case; time is given to every verb."""

    city: City

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.now = at("2026-11-02 09:00")
        care_plan(calls(attempts=2, gap_minutes=5, wait_minutes=10, timeout_minutes=5), rearm_minutes=60)
        self.case = open_care_case(self.city.dongs[0], self.city.team, now=self.now)
        escalation.start(self.case, self.now)
        self.worker = self.city.users[Role.CARE_WORKER]
        self.told: list[tuple[Any, ...]] = []
        self.repeat: Callable[[], CaseEvent] | None = None

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    def attempt(self, verb: Callable[..., Any], *, allowed: bool, repeatable: bool = False, **arguments: Any) -> None:
        """Call a verb: exactly where it is not ``allowed`` it raises Conflict, and then nothing has changed."""
        if repeatable:
            arguments["client_id"] = uuid4()
        before, chain = snapshot(self.case), AuditEntry.objects.count()
        if not allowed:
            with pytest.raises(Conflict):
                verb(self.case, now=self.now, **arguments)
            assert (snapshot(self.case), AuditEntry.objects.count()) == (before, chain)
            return
        event = verb(self.case, now=self.now, **arguments)
        assert AuditEntry.objects.count() > chain
        if repeatable:
            self.repeat = lambda: verb(self.case, now=self.now, **arguments)
            assert isinstance(event, CaseEvent)

    def can(self, to: CaseStatus) -> bool:
        return to in ALLOWED_STATUS_CHANGES[CaseStatus(self.case.status)]

    @property
    def is_open(self) -> bool:
        return self.case.status != CaseStatus.CLOSED

    @rule()
    def acknowledge(self) -> None:
        self.attempt(cases.acknowledge, allowed=self.can(CaseStatus.ACKNOWLEDGED), repeatable=True, user=self.worker)

    @rule(to=st.sampled_from(CaseStatus))
    def change_status(self, to: CaseStatus) -> None:
        if to == CaseStatus.CLOSED or to.startswith("handover"):
            with pytest.raises(Invalid):
                cases.change_status(self.case, to, actor=self.worker)
            return
        allowed = self.can(to) and self.is_open
        self.attempt(cases.change_status, allowed=allowed, repeatable=True, to=to, actor=self.worker)

    @rule(reached=st.booleans(), by_person=st.booleans(), visit=st.booleans())
    def call_or_visit(self, reached: bool, by_person: bool, visit: bool) -> None:
        verb = cases.record_visit if visit else cases.record_call
        actor = self.worker if by_person else "care:ai-call"
        self.attempt(verb, allowed=True, repeatable=True, actor=actor, reached=reached, text="통화")

    @rule(audience=st.sampled_from(Audience))
    def note(self, audience: Audience) -> None:
        self.attempt(cases.add_note, allowed=True, repeatable=True, actor=self.worker, text="메모", audience=audience)

    @rule(to_team=st.booleans())
    def assign(self, to_team: bool) -> None:
        to = {"team": self.city.team} if to_team else {"user": self.city.users[Role.WELFARE_OFFICER]}
        self.attempt(cases.assign, allowed=self.is_open, repeatable=True, actor=self.worker, **to)

    @rule(by=st.integers(1, 3), by_person=st.booleans())
    def raise_level(self, by: int, by_person: bool) -> None:
        actor = self.worker if by_person else "care:habits"
        level = self.case.level + by
        if level <= 4:
            self.attempt(cases.raise_level, allowed=self.is_open, level=level, actor=actor)

    @rule(level=st.integers(1, 4))
    def overrule(self, level: int) -> None:
        self.attempt(cases.overrule, allowed=self.is_open, level=level, actor=self.worker, reason="직접 확인")

    @rule(by=minutes)
    def set_due(self, by: int) -> None:
        due_at = self.now + timedelta(minutes=by)
        self.attempt(cases.set_due, allowed=self.is_open, due_at=due_at, actor=self.worker)

    @rule(by_person=st.booleans())
    def close(self, by_person: bool) -> None:
        actor = self.worker if by_person else "care:habits"
        allowed = self.can(CaseStatus.CLOSED)
        self.attempt(cases.close, allowed=allowed, repeatable=True, actor=actor, outcome="well_by_phone")

    @rule()
    def reopen(self) -> None:
        due_at = self.now + timedelta(hours=1)
        self.attempt(
            cases.reopen, allowed=not self.is_open, repeatable=True, actor=self.worker, reason="다시", due_at=due_at
        )

    @rule(by_person=st.booleans())
    def hand_over(self, by_person: bool) -> None:
        actor = self.worker if by_person else "care:119"
        allowed = self.can(CaseStatus.HANDOVER_READY) and not self.case.status.startswith("handover")
        self.attempt(cases.hand_over, allowed=allowed, target="119", payload="주소", actor=actor)

    @rule(answer=st.sampled_from(["119-1", None, OSError("down")]))
    def deliver(self, answer: str | OSError | None) -> None:
        def send(outgoing: cases.Outgoing) -> str | None:
            if isinstance(answer, OSError):
                raise answer
            return answer and f"{answer}-{outgoing.id}"

        cases.deliver_handovers(self.now, send)

    @precondition(lambda self: self.repeat is not None)
    @rule()
    def send_again(self) -> None:
        assert self.repeat is not None
        before, chain = snapshot(self.case), AuditEntry.objects.count()
        self.repeat()
        assert (snapshot(self.case), AuditEntry.objects.count()) == (before, chain)

    @rule(by=minutes)
    def time_passes(self, by: int) -> None:
        self.now += timedelta(minutes=by)
        escalation.run_due(self.now)
        cases.escalate_overdue(self.now)

    @rule(result=st.sampled_from(["reached", "no_answer", "failed"]))
    def a_try_ends(self, result: Any) -> None:
        for one in EscalationAttempt.objects.filter(result="pending").select_related("escalation__case"):
            escalation.attempt_ended(one, result, self.now)

    @invariant()
    def no_event_is_lost_or_changed(self) -> None:
        self.case.refresh_from_db()
        rows = CaseEvent.objects.filter(case=self.case).order_by("id")
        now_told = [
            (
                one.pk,
                one.at,
                one.kind,
                one.audience,
                one.actor_id,
                one.actor_name,
                str(one.data),
                one.text and one.text.token,
            )
            for one in rows
        ]
        assert now_told[: len(self.told)] == self.told
        self.told = now_told

    @invariant()
    def the_thread_moves_along_the_table_and_gives_the_case(self) -> None:
        events = list(CaseEvent.objects.filter(case=self.case).order_by("id"))
        moves = [event.data["changed"]["status"] for event in events if "status" in event.data.get("changed", {})]
        assert moves[0] == [None, "open"]
        for (_, before), (left, to) in pairwise(moves):
            assert before == left
            assert to in ALLOWED_STATUS_CHANGES[CaseStatus(left)]
        for name, value in cases.replay(events).items():
            held = getattr(self.case, name)
            assert (datetime.fromisoformat(value) if isinstance(held, datetime) else value) == held, name

    @invariant()
    def somebody_has_it_until_some_time(self) -> None:
        assert self.case.team_id
        assert self.case.due_at
        closed = self.case.status == CaseStatus.CLOSED
        assert closed == bool(self.case.outcome) == (self.case.closed_at is not None)

    @invariant()
    def the_plan_never_forgets_an_open_case(self) -> None:
        plan = Escalation.objects.get(case=self.case)
        pending = plan.tries.filter(result="pending").count()
        if self.case.status == CaseStatus.CLOSED:
            assert (plan.state, plan.next_at, pending) == (EscalationState.STOPPED, None, 0)
            return
        assert plan.next_at is not None
        assert pending <= 1
        if self.case.status in IN_HAND:
            assert (plan.state, pending) == (EscalationState.ACKNOWLEDGED, 0)

    @invariant()
    def the_outbox_and_the_case_agree(self) -> None:
        under_way = list(Handover.objects.filter(case=self.case, state__in=UNDER_WAY))
        expected = [UNDER_WAY[one.state] for one in under_way]
        assert expected == ([self.case.status] if self.case.status in UNDER_WAY.values() else [])


@pytest.mark.django_db
def test_a_case_holds_together_whatever_happens(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalation, "_channels", dict.fromkeys(Channel, lambda attempt: None))
    monkeypatch.setattr(CaseMachine, "city", city, raising=False)
    run_state_machine_as_test(
        CaseMachine,
        settings=settings(
            max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert audit.verify() == []
