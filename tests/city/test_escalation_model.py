# SPDX-License-Identifier: Apache-2.0
"""Random plans, levels, rosters and events, minute by minute, against a small model without a database.

The model says what must happen when; the record must say the same: every try with its minute and its result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Literal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dure.city import cases, clock, duty, escalation
from dure.city.escalation_plans import StepSpec
from dure.city.models import AttemptResult, Case, CaseStatus, Channel, EscalationAttempt, Level, QuietAction, Role
from tests.city.casework import at, care_plan, open_care_case
from tests.factories import City

MINUTE = timedelta(minutes=1)
DAY = 24 * 60
Try = list[object]
"""[round, step, attempt, minute started, minute ended or None, result]"""


@dataclass
class Step:
    person: bool
    from_level: int
    attempts: int
    gap: int
    wait: int
    timeout: int
    quiet: tuple[int, int] | None
    """Minutes of the Korean day."""
    action: QuietAction

    def spec(self) -> StepSpec:
        quiet = [time(minute // 60, minute % 60) for minute in self.quiet or ()]
        return StepSpec(
            channel=Channel.WORKER_CALL if self.person else Channel.AI_CALL,
            from_level=Level(self.from_level),
            attempts=self.attempts,
            gap_minutes=self.gap,
            wait_minutes=self.wait,
            timeout_minutes=self.timeout,
            quiet_from=quiet[0] if quiet else None,
            quiet_to=quiet[1] if quiet else None,
            quiet_action=self.action,
        )

    def minutes_of_quiet_left(self, minute_of_day: int) -> int:
        if self.quiet is None:
            return 0
        start, end = self.quiet
        into, length = (minute_of_day - start) % DAY, (end - start) % DAY
        return length - into if into < length else 0


@dataclass
class Model:
    """What must happen. Time is whole minutes since the start."""

    steps: list[Step]
    rearm: int
    level: int
    start_of_day: int
    on_duty: tuple[int, int]
    mode: Literal["running", "in hand", "spent", "over"] = "running"
    wake: int = 0
    round: int = 1
    place: int = 1
    number: int = 1
    log: list[Try] = field(default_factory=list)
    ringing: Try | None = None

    def tick(self, now: int) -> None:
        if self.mode == "over" or now < self.wake:
            return
        if self.mode == "in hand" and now - self.wake > self.rearm:
            self.wake = now + self.rearm
            return
        if self.mode in ("in hand", "spent"):
            self.new_round()
        if self.ringing:
            self.end(now, "no_answer")
        else:
            self.ring(now)

    def ring(self, now: int) -> None:
        for place, step in enumerate(self.steps, start=1):
            if place < self.place or step.from_level > self.level:
                continue
            number = self.number if place == self.place else 1
            left = step.minutes_of_quiet_left((self.start_of_day + now) % DAY) if self.level < Level.SEVERE else 0
            if left and step.action is QuietAction.SKIP:
                continue
            self.place, self.number = place, number
            if left and step.action is QuietAction.DELAY:
                self.wake = now + left
                return
            if step.person and not self.on_duty[0] <= now < self.on_duty[1]:
                self.log.append([self.round, place, number, now, now, "nobody_on_duty"])
                continue
            self.ringing = [self.round, place, number, now, None, "pending"]
            self.log.append(self.ringing)
            self.wake = now + step.timeout
            return
        self.mode, self.wake = "spent", now + self.rearm

    def end(self, now: int, result: str) -> None:
        if self.ringing is None:
            return
        ended, self.ringing = self.ringing, None
        ended[4], ended[5] = now, result
        if ended[:3] != [self.round, self.place, self.number]:
            self.wake = now
            return
        step = self.steps[self.place - 1]
        if result != "reached" and self.number < step.attempts:
            self.number += 1
            self.wake = now + step.gap
        else:
            self.place, self.number = self.place + 1, 1
            self.wake = now + step.wait

    def new_round(self, place: int = 1) -> None:
        self.mode = "running"
        self.round, self.place, self.number = self.round + 1, place, 1

    def hang_up(self, now: int) -> None:
        if self.ringing:
            self.ringing[4], self.ringing[5] = now, "stopped"
            self.ringing = None

    def taken(self, now: int) -> None:
        if self.mode != "over":
            self.hang_up(now)
            self.mode, self.wake = "in hand", now + self.rearm

    def closed(self, now: int) -> None:
        self.hang_up(now)
        self.mode = "over"

    def given_back(self, now: int) -> None:
        self.hang_up(now)
        self.new_round()
        self.wake = now

    def raised(self, now: int, level: int) -> None:
        if level <= self.level or self.mode == "over":
            return
        self.level = level
        tried = {int(str(entry[1])) for entry in self.log if entry[0] == self.round}
        opened = [n for n, step in enumerate(self.steps, start=1) if n not in tried and step.from_level <= level]
        if opened and opened[0] > max(tried, default=0):
            self.place, self.number = opened[0], 1
        elif opened:
            self.new_round(opened[0])
        elif self.mode != "running":
            self.new_round()
        self.mode = "running"
        if not self.ringing:
            self.wake = now


steps = st.builds(
    Step,
    person=st.booleans(),
    from_level=st.integers(1, 4),
    attempts=st.integers(1, 3),
    gap=st.integers(0, 6),
    wait=st.integers(0, 12),
    timeout=st.integers(1, 6),
    quiet=st.none() | st.sampled_from([(22 * 60, 7 * 60), (12 * 60, 13 * 60), (23 * 60 + 50, 5)]),
    action=st.sampled_from(QuietAction),
)
events = st.tuples(
    st.integers(0, 14),
    st.sampled_from(
        ["wait", "reached", "no_answer", "failed", "take", "give back", "raise", "close", "worker stops for a while"]
    ),
    st.integers(2, 4),
)


@dataclass
class Scene:
    """A plan, a case, a roster and what happens: (minutes before it, what, a number that it may need)."""

    plan: list[Step]
    rearm: int
    level: int
    start_of_day: int
    on_duty: tuple[int, int]
    story: list[tuple[int, str, int]]


scenes = st.builds(
    Scene,
    plan=st.lists(steps, min_size=1, max_size=4),
    rearm=st.integers(1, 40),
    level=st.integers(1, 4),
    start_of_day=st.integers(0, DAY - 1) | st.sampled_from([21 * 60 + 50, 6 * 60 + 40, 11 * 60 + 50]),
    on_duty=st.tuples(st.integers(0, 60), st.integers(61, 200)),
    story=st.lists(events, max_size=12),
)


@pytest.fixture
def silent_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels that start a try and say nothing more."""
    monkeypatch.setattr(escalation, "_channels", dict.fromkeys(Channel, lambda attempt: None))


class Life:
    """A case in the record and the same case in the model, living through the same minutes."""

    def __init__(self, case: Case, model: Model, city: City) -> None:
        self.case, self.model = case, model
        self.start = case.opened_at
        self.minute = 0
        self.worker = city.users[Role.CARE_WORKER]

    def live(self, minutes: int) -> None:
        for _ in range(minutes):
            self.look()
            self.minute += 1

    def look(self) -> None:
        escalation.run_due(self.start + self.minute * MINUTE)
        self.model.tick(self.minute)

    def happen(self, what: str, level: int) -> None:
        now = self.start + self.minute * MINUTE
        self.case.refresh_from_db()
        if what in ("reached", "no_answer", "failed"):
            pending = EscalationAttempt.objects.filter(result="pending").select_related("escalation__case").first()
            if pending:
                escalation.attempt_ended(pending, AttemptResult(what), now)
            self.model.end(self.minute, what)
        elif what == "worker stops for a while":
            self.minute += level * 40
        elif self.case.status == "closed":
            return
        elif what == "take" and self.case.status == "open":
            cases.acknowledge(self.case, self.worker, now=now)
            self.model.taken(self.minute)
        elif what == "give back" and self.case.status == "acknowledged":
            cases.change_status(self.case, CaseStatus.OPEN, actor=self.worker, now=now)
            self.model.given_back(self.minute)
        elif what == "raise":
            cases.raise_level(self.case, level, actor="care:habits", now=now)
            self.model.raised(self.minute, level)
        elif what == "close":
            cases.close(self.case, actor=self.worker, outcome="well_by_phone", now=now)
            self.model.closed(self.minute)

    def recorded(self) -> list[Try]:
        def minute(moment: object) -> int | None:
            return None if moment is None else int((moment - self.start) / MINUTE)  # type: ignore[operator]

        return [
            [one.round, one.step, one.attempt, minute(one.started_at), minute(one.ended_at), one.result]
            for one in EscalationAttempt.objects.filter(escalation__case=self.case).order_by("id")
        ]


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenes)
def test_the_record_says_what_the_model_says(silent_channels: None, city: City, scene: Scene) -> None:
    start = at("2026-11-02 00:00") + scene.start_of_day * MINUTE
    with transaction.atomic(), clock.frozen(start):
        care_plan(*(step.spec() for step in scene.plan), rearm_minutes=scene.rearm)
        duty.add_shift(
            city.team,
            city.users[Role.CARE_WORKER],
            starts_at=start + scene.on_duty[0] * MINUTE,
            ends_at=start + scene.on_duty[1] * MINUTE,
            actor="tests",
        )
        case = open_care_case(city.dongs[0], city.team, level=scene.level, due_at=start + timedelta(days=99))
        escalation.start(case)
        life = Life(case, Model(scene.plan, scene.rearm, scene.level, scene.start_of_day, scene.on_duty), city)
        for delay, what, number in scene.story:
            life.live(delay)
            life.happen(what, number)
            assert life.recorded() == life.model.log
        life.live(60)
        assert life.recorded() == life.model.log
        transaction.set_rollback(True)
