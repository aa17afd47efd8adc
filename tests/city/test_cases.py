# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from dure.city import case_flow, cases, clock
from dure.city.errors import Conflict, Invalid, NotAllowed, NotFound
from dure.city.models import (
    Audience,
    AuditEntry,
    Case,
    CaseEvent,
    CaseEventKind,
    CaseStatus,
    Finding,
    Level,
    Role,
    Team,
    User,
)
from tests.city.casework import notices, open_care_case, snapshot
from tests.conftest import StandingClock
from tests.factories import City, make_home, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(standing_clock: StandingClock) -> StandingClock:
    return standing_clock


@pytest.fixture
def case(now: StandingClock, city: City) -> Case:
    return open_care_case(city.dongs[0], city.team)


@pytest.fixture
def worker(city: City) -> User:
    return city.users[Role.CARE_WORKER]


@pytest.fixture
def officer(city: City) -> User:
    return city.users[Role.WELFARE_OFFICER]


def make_finding(case: Case, level: Level = Level.ALERT) -> Finding:
    return Finding.objects.create(
        service="care", kind="unlike_habit", area=case.area, level=level, score=1.0,
        reason={"ko": "조용함", "en": "silence"}, engine="habits", engine_version="1", found_at=clock.now(),
    )  # fmt: skip


# ---------------------------------------------------------------- opening


def test_a_case_opens_with_number_team_due_time_event_and_audit(case: Case, city: City) -> None:
    case.refresh_from_db()
    assert case.number == "2026-000001"
    assert (case.status, case.team, case.due_at) == ("open", city.team, clock.now() + timedelta(hours=2))
    (event,) = case.events.all()
    assert (event.kind, event.actor_name) == (CaseEventKind.OPENED, "care:habits")
    assert AuditEntry.objects.filter(subject="case:2026-000001", tag="city:case:opened").count() == 1


def test_numbers_count_on_and_begin_anew_with_the_korean_year(now: StandingClock, city: City) -> None:
    numbers = [open_care_case(city.area, city.team).number for _ in range(3)]
    now.stand_at(datetime(2027, 1, 1, 0, 0, tzinfo=clock.SEOUL))
    numbers.append(open_care_case(city.area, city.team).number)
    assert numbers == ["2026-000001", "2026-000002", "2026-000003", "2027-000001"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"service": ""}, "service"),
        ({"kind": "x" * 41}, "kind"),
        ({"level": 5}, "level"),
        ({"title": {"ko": "제목"}}, "title.en"),
        ({"due_at": datetime(2026, 11, 2, 0, 0, tzinfo=clock.SEOUL)}, "due_at"),
        ({"due_at": datetime(2026, 11, 3)}, "due_at"),  # noqa: DTZ001 - the point of the test
        ({"lon": 127.0}, "lon"),
        ({"lon": 127.0, "lat": 91.0}, "lat"),
        ({"actor": ""}, "actor"),
    ],
)
def test_what_a_case_must_have_is_said_by_field(
    now: StandingClock, city: City, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        open_care_case(city.area, city.team, **fields)
    assert error.value.field == field
    assert error.value.ko
    assert error.value.en
    assert not Case.objects.exists()


@pytest.mark.parametrize("column", ["team", "due_at", "area"])
def test_the_database_refuses_a_case_without_team_or_due_time(case: Case, column: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**{column: None})


def test_the_database_refuses_a_closed_case_without_outcome(case: Case) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSED, closed_at=clock.now())


def test_the_database_refuses_to_change_or_remove_an_event(case: Case) -> None:
    for change in (lambda events: events.update(kind="note"), lambda events: events.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(CaseEvent.objects.filter(case=case))


# ---------------------------------------------------------------- the verbs


def test_acknowledging_takes_the_case(case: Case, worker: User) -> None:
    cases.acknowledge(case, worker)
    assert (case.status, case.assignee, case.acknowledged_at) == ("acknowledged", worker, clock.now())


def test_acknowledging_another_workers_case_leaves_it_theirs(case: Case, worker: User, officer: User) -> None:
    cases.assign(case, actor=officer, user=worker)
    cases.acknowledge(case, officer)
    assert case.assignee == worker


def test_the_same_client_id_changes_nothing(case: Case, worker: User) -> None:
    due_at = clock.now() + timedelta(hours=1)
    verbs: list[tuple[Any, dict[str, Any]]] = [
        (cases.acknowledge, {"user": worker}),
        (cases.add_note, {"actor": worker, "text": "문 앞에 우유가 있다"}),
        (cases.record_call, {"actor": worker, "reached": False}),
        (cases.record_visit, {"actor": worker, "reached": True}),
        (cases.assign, {"actor": worker, "user": worker}),
        (cases.change_status, {"to": CaseStatus.WAITING, "actor": worker}),
        (cases.set_due, {"due_at": due_at, "actor": worker}),
        (cases.raise_level, {"level": Level.ALERT, "actor": worker}),
        (cases.hand_over, {"target": "119", "payload": "주소", "actor": worker}),
        (cases.close, {"actor": worker, "outcome": "well_on_visit"}),
        (cases.reopen, {"actor": worker, "reason": "잘못 닫음", "due_at": due_at}),
    ]
    for verb, arguments in verbs:
        number = uuid4()
        first = verb(case, **arguments, client_id=number)
        before, chain = snapshot(case), AuditEntry.objects.count()
        later = clock.now() + timedelta(hours=3)  # a phone may be without connection for long
        again = verb(Case.objects.get(pk=case.pk), **arguments, client_id=number, now=later)
        assert again == first, verb.__name__
        assert snapshot(case) == before
        assert AuditEntry.objects.count() == chain


def test_a_client_id_of_another_entry_is_refused(case: Case, worker: User, officer: User) -> None:
    number = uuid4()
    cases.add_note(case, actor=worker, text="메모", client_id=number)
    with pytest.raises(Conflict) as error:
        cases.acknowledge(case, worker, client_id=number)
    assert error.value.field == "client_id"
    with pytest.raises(Conflict):
        cases.add_note(case, actor=officer, text="메모", client_id=number)


def test_a_sealed_text_is_ciphertext_in_the_database_and_not_on_the_chain(case: Case, worker: User) -> None:
    event = cases.add_note(case, actor=worker, text="김순자 님 손목 골절")
    assert "김순자" not in str(CaseEvent.objects.values_list("text", flat=True).get(pk=event.pk))
    assert not any("김순자" in str(detail) for detail in AuditEntry.objects.values_list("detail", flat=True))


def test_a_person_reaching_somebody_takes_the_case_in_hand(case: Case, worker: User) -> None:
    cases.record_call(case, actor=worker, reached=False)
    assert case.status == "open"
    cases.record_call(case, actor=worker, reached=True, text="잘 계심")
    assert (case.status, case.assignee) == ("in_progress", worker)


def test_an_automatic_call_does_not_take_the_case(case: Case) -> None:
    cases.record_call(case, actor="care:ai-call", reached=True)
    assert case.status == "open"


def test_what_was_typed_for_a_closed_case_is_kept(case: Case, worker: User) -> None:
    cases.close(case, actor=worker, outcome="well_by_phone")
    cases.record_visit(case, actor=worker, reached=True, text="방문함")
    cases.add_note(case, actor=worker, text="늦은 메모")
    assert case.status == "closed"
    assert [entry.text for entry in cases.thread(worker, case)][-2:] == ["방문함", "늦은 메모"]


def test_levels_only_rise_and_findings_are_added_once(case: Case) -> None:
    finding = make_finding(case)
    cases.raise_level(case, Level.ALERT, actor="care:habits", finding=finding)
    assert cases.raise_level(case, Level.ALERT, actor="care:habits", finding=finding) is None
    assert cases.raise_level(case, Level.INTEREST, actor="care:habits") is None
    assert cases.add_finding(case, finding) is None
    assert case.level == Level.ALERT
    assert [event.kind for event in case.events.order_by("id")] == ["opened", "level"]


def test_a_person_overrules_with_a_reason(case: Case, worker: User) -> None:
    with pytest.raises(Invalid) as error:
        cases.overrule(case, Level.INTEREST, actor=worker, reason=" ")
    assert error.value.field == "reason"
    event = cases.overrule(case, Level.INTEREST, actor=worker, reason="여행 중임을 알고 있음")
    assert case.level == Level.INTEREST
    assert (event.kind, event.data["changed"]["level"]) == ("overruled", [2, 1])


def test_another_teams_case_is_nobodys_until_it_takes_it(case: Case, worker: User, officer: User) -> None:
    night = Team.objects.create(name="야간 센터")
    cases.assign(case, actor=officer, user=worker)
    cases.assign(case, actor=officer, team=night)
    assert (case.team, case.assignee) == (night, None)


def test_a_case_is_not_given_to_somebody_who_may_not_act_on_it(case: Case, city: City, officer: User) -> None:
    elsewhere = make_user("other-dong", Role.CARE_WORKER, area=city.dongs[1])
    for user in (elsewhere, city.users[Role.DRIVER]):
        with pytest.raises(Invalid) as error:
            cases.assign(case, actor=officer, user=user)
        assert error.value.field == "user"


def test_closing_needs_an_outcome_and_reopening_a_reason_and_a_due_time(case: Case, worker: User) -> None:
    with pytest.raises(Invalid) as error:
        cases.close(case, actor=worker, outcome="")
    assert error.value.field == "outcome"
    cases.close(case, actor=worker, outcome="false_alarm")
    assert (case.status, case.outcome, case.closed_at) == ("closed", "false_alarm", clock.now())
    with pytest.raises(Conflict):
        cases.change_status(case, CaseStatus.IN_PROGRESS, actor=worker)
    with pytest.raises(Invalid) as error:
        cases.reopen(case, actor=worker, reason="다시 봄", due_at=clock.now())
    assert error.value.field == "due_at"
    cases.reopen(case, actor=worker, reason="다시 봄", due_at=clock.now() + timedelta(hours=1))
    assert (case.status, case.outcome, case.closed_at, case.assignee) == ("in_progress", "", None, worker)
    assert case.events.filter(kind="outcome").get().data["changed"]["outcome"] == ["", "false_alarm"]


@pytest.mark.parametrize("to", [s for s in CaseStatus if s.value.startswith("handover") or s == CaseStatus.CLOSED])
def test_a_status_with_a_verb_of_its_own_is_not_set_by_hand(case: Case, worker: User, to: CaseStatus) -> None:
    with pytest.raises(Invalid) as error:
        cases.change_status(case, to, actor=worker)
    assert error.value.field == "to"


def test_a_verb_brings_a_stale_case_up_to_date_before_it_judges(case: Case, worker: User, officer: User) -> None:
    stale = Case.objects.get(pk=case.pk)
    cases.close(case, actor=officer, outcome="well_by_phone")
    with pytest.raises(Conflict):
        cases.acknowledge(stale, worker)
    assert stale.status == "closed"


# ---------------------------------------------------------------- who may see and act


def test_a_worker_sees_cases_of_their_own_and_of_their_teams_in_their_areas(case: Case, city: City) -> None:
    stranger = make_user("stranger", Role.CARE_WORKER, area=city.dongs[0])
    assert not cases.visible_cases(stranger).exists()
    cases.assign(case, actor=city.users[Role.WELFARE_OFFICER], user=stranger)
    assert cases.access_case(stranger, case.number) == case
    other_dong = make_user("other-dong", Role.CARE_WORKER, area=city.dongs[1])
    city.team.members.add(other_dong)
    assert not cases.visible_cases(other_dong).exists()


def test_an_officer_sees_the_areas_below_their_own(case: Case, city: City) -> None:
    district = make_user("district", Role.WELFARE_OFFICER, area=city.dongs[0].parent)
    next_door = make_user("next-door", Role.WELFARE_OFFICER, area=city.dongs[1])
    assert list(cases.visible_cases(district)) == [case]
    with pytest.raises(NotFound):
        cases.access_case(next_door, case.number)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CARE_WORKER, Role.WELFARE_OFFICER}))
def test_no_other_role_may_know_of_a_care_case(case: Case, city: City, role: Role) -> None:
    user = city.users[role]
    for attempt in (
        lambda: cases.access_case(user, case.number),
        lambda: cases.thread(user, case),
        lambda: cases.acknowledge(case, user),
        lambda: cases.add_note(case, actor=user, text="메모"),
        lambda: cases.close(case, actor=user, outcome="false_alarm"),
        lambda: cases.hand_over(case, target="119", payload="주소", actor=user),
        lambda: cases.set_due(case, clock.now() + timedelta(hours=1), actor=user),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert case.events.count() == 1
    with pytest.raises(NotAllowed):
        open_care_case(city.area, city.team, actor=user)


def test_a_user_who_left_sees_nothing(case: Case, worker: User) -> None:
    worker.is_active = False
    worker.save()
    assert not cases.visible_cases(worker).exists()


def test_a_reader_who_is_no_actor_may_see_and_not_act(case: Case, city: City, worker: User) -> None:
    planner = city.users[Role.PLANNER]
    from dure.city.cases import access

    kept = access._services["care"]
    try:
        cases.register_service("care", readers={**kept.readers, Role.PLANNER: cases.Sees.AREA}, actors=kept.actors)
        assert cases.access_case(planner, case.number) == case
        with pytest.raises(NotAllowed):
            cases.acknowledge(case, planner)
    finally:
        access._services["care"] = kept


def test_an_actor_who_is_no_reader_cannot_be_registered() -> None:
    with pytest.raises(ValueError, match="may act but not see"):
        cases.register_service("nothing", readers={}, actors={Role.DRIVER})


def test_the_thread_is_opened_in_order_and_the_read_is_audited(case: Case, worker: User) -> None:
    cases.add_note(case, actor=worker, text="첫째")
    cases.add_note(case, actor=worker, text="둘째", audience=Audience.CITIZEN)
    before = AuditEntry.objects.filter(tag="city:case:thread_read").count()
    entries = cases.thread(worker, case)
    assert [(entry.kind, entry.text, entry.who) for entry in entries] == [
        ("opened", "", "care:habits"),
        ("note", "첫째", str(worker)),
        ("note", "둘째", str(worker)),
    ]
    assert AuditEntry.objects.filter(tag="city:case:thread_read").count() == before + 1


def test_a_citizen_sees_of_their_own_case_what_is_meant_for_them(now: StandingClock, city: City) -> None:
    home = make_home(city.dongs[0])
    citizen, worker = city.users[Role.CITIZEN], city.users[Role.CARE_WORKER]
    citizen.person = home.person
    citizen.save()
    mine = open_care_case(city.dongs[0], city.team, household=home.household)
    open_care_case(city.dongs[0], city.team, household=make_home(city.dongs[0]).household)
    cases.add_note(mine, actor=worker, text="직원만")
    cases.add_note(mine, actor=worker, text="본인께", audience=Audience.CITIZEN)
    assert list(cases.visible_cases(citizen)) == [mine]
    assert [entry.text for entry in cases.thread(citizen, mine)] == ["본인께"]
    with pytest.raises(NotAllowed):
        cases.add_note(mine, actor=citizen, text="저요")


# ---------------------------------------------------------------- the due time


def test_passing_the_due_time_is_told_once_and_raises_the_level(case: Case, now: StandingClock) -> None:
    assert cases.escalate_overdue() == 0
    now.move(hours=2)
    assert (cases.escalate_overdue(), cases.escalate_overdue()) == (1, 0)
    case.refresh_from_db()
    assert (case.level, case.status) == (Level.ALERT, "open")
    assert notices(case) == ["overdue"]
    assert AuditEntry.objects.filter(tag="city:case:overdue").count() == 1


def test_lateness_alone_never_makes_a_case_severe(now: StandingClock, city: City) -> None:
    alert, severe = (open_care_case(city.area, city.team, level=level) for level in (Level.ALERT, Level.SEVERE))
    now.move(hours=3)
    assert cases.escalate_overdue() == 2
    alert.refresh_from_db()
    severe.refresh_from_db()
    assert (alert.level, severe.level) == (Level.ALERT, Level.SEVERE)
    assert notices(alert) == notices(severe) == ["overdue"]


def test_a_new_due_time_is_told_anew(case: Case, now: StandingClock, worker: User) -> None:
    now.move(hours=2)
    cases.escalate_overdue()
    cases.set_due(case, clock.now() + timedelta(hours=1), actor=worker)
    assert cases.escalate_overdue() == 0
    now.move(hours=1)
    assert cases.escalate_overdue() == 1
    assert notices(case) == ["overdue", "overdue"]


def test_a_closed_case_is_not_overdue(case: Case, now: StandingClock, worker: User) -> None:
    cases.close(case, actor=worker, outcome="well_by_phone")
    now.move(hours=9)
    assert cases.escalate_overdue() == 0


# ---------------------------------------------------------------- notices


def test_a_notice_reaches_its_handlers_and_a_broken_one_harms_nothing(
    case: Case, now: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []

    def broken(_case: Case, _event: CaseEvent) -> None:
        raise RuntimeError("broken on purpose")

    def keep(told_of: Case, event: CaseEvent) -> None:
        told.append(f"{told_of.number} {event.data['notice']}")

    kept = list(case_flow._notice_handlers)
    try:
        cases.register_notice(broken)
        cases.register_notice(keep)
        now.move(hours=2)
        assert cases.escalate_overdue() == 1
    finally:
        case_flow._notice_handlers[:] = kept
    assert told == ["2026-000001 overdue"]
    assert "broken on purpose" in caplog.text
    assert notices(case) == ["overdue"]


# ---------------------------------------------------------------- the one table


@pytest.mark.parametrize("left", CaseStatus)
def test_the_writer_itself_refuses_a_status_that_the_table_does_not_allow(case: Case, left: CaseStatus) -> None:
    case.status = left
    for to in set(CaseStatus) - cases.ALLOWED_STATUS_CHANGES[left] - {left}:
        with pytest.raises(Conflict) as error:
            case_flow.write(
                case, CaseEventKind.STATUS, case_flow.CaseTag.STATUS,
                actor="tests", at=clock.now(), changes={"status": to},
            )  # fmt: skip
        assert (error.value.field, case.status) == ("status", left)
    assert case.events.count() == 1


def test_every_status_is_in_the_table_and_every_open_one_can_end() -> None:
    table = cases.ALLOWED_STATUS_CHANGES
    assert set(table) == set(CaseStatus)
    for status in CaseStatus:
        reached, frontier = {status}, {status}
        while frontier:
            frontier = {to for one in frontier for to in table[one]} - reached
            reached |= frontier
        assert CaseStatus.CLOSED in reached
        assert CaseStatus.OPEN in reached


def test_thousands_of_late_cases_are_told_in_turns(
    case: Case, city: City, now: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dure.city.cases.overdue.AT_ONCE", 2)
    for _ in range(2):
        open_care_case(city.area, city.team)
    now.move(hours=3)
    assert [cases.escalate_overdue() for _ in range(3)] == [2, 1, 0]
