# SPDX-License-Identifier: Apache-2.0
"""Care's pages through Django: who may open what and where, what a form refuses, what is left on the audit chain."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from dure.city import cases, clock, escalation, processes, rules
from dure.city.audit import Tag
from dure.city.models import AuditEntry, Case, CaseEvent, CaseStatus, Device, Level, Membership, Role, RuleSetting, User
from dure.city.retention import RetentionRules
from dure.services.care import overview, queries
from dure.services.care.actions.alarms import alarm
from dure.services.care.models import Away, Call, CallState, Enrolment
from dure.services.care.rules import CareRules
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import enrolled, enrolled_many

pytestmark = pytest.mark.django_db
REASON = {"ko": "08시면 28일 중 25일은 전기를 쓰셨습니다.", "en": "On 25 of 28 days power was used at 8."}
EVIDENCE = {"what_would_change_it": {"ko": "30분만 쓰셨어도 알리지 않았을 것입니다.", "en": "Half an hour would do."}}


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    return enrolled(city)


def noticed(enrolment: Enrolment, clock: StandingClock, level: Level = Level.ATTENTION) -> Case:
    finding = alarm(
        enrolment, level=level, score=3.0, reason=REASON, evidence=EVIDENCE, engine_version="test", at=clock.now
    )
    return finding.cases.get()


def page_of(user: User | None, address: str, language: str = "ko") -> Any:
    client = Client(headers={"accept-language": language})
    if user:
        client.force_login(user)
    return client.get(address)


def post(user: User, address: str, **form: object) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(address, form)


PAGES = {
    "/care/today/": {Role.CARE_WORKER},
    "/care/people/{ref}/": {Role.CARE_WORKER, Role.WELFARE_OFFICER},
    "/care/board/": {Role.WELFARE_OFFICER},
    "/care/rules/": {Role.WELFARE_OFFICER},
}


@pytest.mark.parametrize("address", PAGES)
def test_page_opens_to_its_roles_and_to_nobody_else(city: City, enrolment: Enrolment, address: str) -> None:
    place = address.format(ref=enrolment.person.ref)
    for role, user in city.users.items():
        assert page_of(user, place).status_code == (200 if role in PAGES[address] else 403), role
    visitor = page_of(None, place)
    assert visitor.status_code == 302
    assert "/accounts/login/" in visitor.headers["Location"]


def test_worker_sees_who_first_and_why_and_the_reading_is_on_the_chain(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    worse = enrolled(city, number=2)
    calm = enrolled(city, number=3)
    noticed(enrolment, standing_clock)
    noticed(worse, standing_clock, Level.ALERT)
    answer = page_of(city.users[Role.CARE_WORKER], "/care/today/")
    text = answer.content.decode()
    order = [text.index(str(one.person.ref)) for one in (worse, enrolment, calm)]
    assert order == sorted(order)
    assert text.count(REASON["ko"]) == 2
    assert answer.headers["Dure-Offline"] == "keep"
    read = AuditEntry.objects.get(tag=Tag.Person.LISTED)
    assert (read.actor, read.subject, read.purpose) == ("user:care_worker", "people:3", "well_being_check")


def test_nobody_is_as_usual_of_whom_nothing_is_known(city: City, enrolment: Enrolment) -> None:
    worker, quiet = city.users[Role.CARE_WORKER], enrolled(city, number=2)
    processes.alive("worker", {"lane": "ordinary", "failing": {}})
    assert "맡은 2분 모두 평소와 같습니다" in page_of(worker, "/care/today/").content.decode()
    Device.objects.filter(household=quiet.household).update(silent_since=clock.now())
    page = page_of(worker, "/care/today/")
    assert "1분은 지금 알 수 없습니다. 나머지 1분은 평소와 같습니다" in page.content.decode()
    assert [one.enrolment for one in page.context["unknown"]] == [quiet]
    broken = {"care.tasks.watch_habits": "OSError"}
    for lane, failing, urgent in (("ordinary", broken, 60), ("ordinary", {}, 0), ("outside", {}, 60)):
        processes.alive("worker", {"lane": lane, "failing": failing})
        processes.alive("worker-urgent", {"lane": "urgent"}, silent_after_seconds=urgent)
        text = page_of(worker, "/care/today/").content.decode()
        assert "자동 확인이 멈추어 있습니다" in text
        assert "평소와 같" not in text


def test_worker_is_told_that_somebody_asked_for_help(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    from dure.services.care.actions.calls import answer_call

    noticed(enrolment, standing_clock)
    escalation.run_due()
    answer_call(Call.objects.get().ref, "2", by="tests")
    assert "도움이 필요하다고 하셨습니다" in page_of(city.users[Role.CARE_WORKER], "/care/today/").content.decode()


def test_page_of_many_people_asks_no_more_than_that_of_few(
    city: City,
    enrolment: Enrolment,
    standing_clock: StandingClock,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for other in enrolled_many(city, range(2, 32))[1::3]:
        noticed(other, standing_clock)
    client = Client()
    client.force_login(city.users[Role.CARE_WORKER])
    with django_assert_max_num_queries(40):
        answer = client.get("/care/today/")
    assert answer.content.decode().count("/care/people/") == 31


def test_nobody_to_look_after_is_said(city: City, standing_clock: StandingClock) -> None:
    assert "아직 맡은 분이 없습니다" in page_of(city.users[Role.CARE_WORKER], "/care/today/").content.decode()


def test_person_of_another_area_is_as_unknown_as_nobody(city: City, enrolment: Enrolment) -> None:
    stranger = make_user("stranger", Role.CARE_WORKER, area=city.dongs[1])
    for ref in (enrolment.person.ref, uuid4()):
        assert page_of(stranger, f"/care/people/{ref}/").status_code == 404
    denied = AuditEntry.objects.filter(tag=Tag.Person.DENIED, actor="user:stranger")
    assert next(one.subject for one in denied.order_by("seq")) == f"person:{enrolment.person.ref}"
    assert denied.count() == 2


def test_reading_a_person_is_on_the_chain(city: City, enrolment: Enrolment) -> None:
    answer = page_of(city.users[Role.CARE_WORKER], f"/care/people/{enrolment.person.ref}/")
    assert "tel:01000000001" in answer.content.decode()
    read = AuditEntry.objects.get(tag=Tag.Person.READ)
    assert (read.actor, read.subject) == ("user:care_worker", f"person:{enrolment.person.ref}")


def test_board_counts_only_the_officers_own_areas(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    elsewhere = enrolled(city, number=2, area=city.dongs[1].code)
    noticed(elsewhere, standing_clock)
    Membership.objects.filter(user=city.users[Role.WELFARE_OFFICER]).update(area=city.dongs[0])
    board = page_of(city.users[Role.WELFARE_OFFICER], "/care/board/").context["board"]
    assert (board.homes, board.open) == (1, 0)
    Membership.objects.filter(user=city.users[Role.WELFARE_OFFICER]).update(area=None)
    board = page_of(city.users[Role.WELFARE_OFFICER], "/care/board/").context["board"]
    assert (board.homes, board.open) == (2, 1)
    assert board.by_status == [("open", [1, 0, 0, 0], 1)]


def test_board_speaks_of_no_rate_before_enough_was_watched(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    noticed(enrolment, standing_clock)
    officer = city.users[Role.WELFARE_OFFICER]
    assert page_of(officer, "/care/board/").context["board"].budgets[0].actual is None
    enrolled_many(city, range(2, 102))
    Enrolment.objects.update(enrolled_at=standing_clock.now - timedelta(days=30))
    board = page_of(officer, "/care/board/").context["board"]
    assert board.home_days == pytest.approx(101 * 7)
    assert board.budgets[0].actual == pytest.approx(1000 / 707)
    assert not board.budgets[0].over


def test_board_shows_who_has_too_many_and_who_has_nobody(city: City, enrolment: Enrolment) -> None:
    enrolled(city, number=2, worker=None)
    officer = city.users[Role.WELFARE_OFFICER]
    rules.set_rule(CareRules, "care", "people_per_worker", 1, by=officer)
    enrolled(city, number=3)
    board = page_of(officer, "/care/board/").context["board"]
    loads = [(load.worker and load.worker.username, load.people, load.too_many) for load in board.loads]
    assert loads == [(None, 1, True), ("care_worker", 2, True)]
    assert [one.power.device.code for one in board.unassigned] == ["meter-000002"]


def test_board_asks_the_database_as_often_in_a_large_city_as_in_a_small_one(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    officer = Client()
    officer.force_login(city.users[Role.WELFARE_OFFICER])
    noticed(enrolment, standing_clock)
    with CaptureQueriesContext(connection) as few:
        officer.get("/care/board/")
    others = enrolled_many(city, range(2, 42, 2), worker=None) + enrolled_many(city, range(3, 42, 2))
    for other in others:
        Device.objects.filter(household=other.household).update(silent_since=standing_clock.now)
        noticed(other, standing_clock)
    with CaptureQueriesContext(connection) as many:
        officer.get("/care/board/")
    assert len(many) <= len(few) + 2, "the lists that were empty before are drawn now"
    assert max(len(query["sql"]) for query in many.captured_queries) < 20_000, "no list of all homes in a statement"


def test_board_shows_the_first_of_a_long_list_and_says_how_many_more_there_are(
    city: City, enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "SHOWN", 10)
    enrolled_many(city, range(2, 15), worker=None, consent_until="2026-11-20")
    answer = page_of(city.users[Role.WELFARE_OFFICER], "/care/board/")
    board = answer.context["board"]
    for long in (board.unassigned, board.expiring):
        assert (len(long), len(long.rows), long.left_out) == (13, 10, 3)
    assert answer.content.decode().count("그 밖에 3댁이 더 있습니다") == 2


def test_worker_of_too_many_sees_those_in_need_first_and_is_told_of_the_rest(
    city: City, enrolment: Enrolment, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PEOPLE_SHOWN", 2)
    for number in (2, 3):
        enrolled(city, number=number)
    last = enrolled(city, number=4)
    noticed(last, standing_clock)
    text = page_of(city.users[Role.CARE_WORKER], "/care/today/").content.decode()
    assert text.count("/care/people/") == 2
    assert str(last.person.ref) in text
    assert "2분은 여기에 없습니다" in text


def test_officer_gives_a_person_and_their_open_case_to_another_worker(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    case = noticed(enrolment, standing_clock)
    other = make_user("other", Role.CARE_WORKER)
    address = f"/care/people/{enrolment.person.ref}/worker/"
    assert post(city.users[Role.CARE_WORKER], address, worker=other.pk).status_code == 403
    assert post(city.users[Role.WELFARE_OFFICER], address, worker=other.pk).status_code == 302
    enrolment.refresh_from_db()
    case.refresh_from_db()
    assert enrolment.worker == case.assignee == other
    assert AuditEntry.objects.get(tag="care:enrolment:given").detail == {"from": "care_worker", "to": "other"}
    assert post(city.users[Role.WELFARE_OFFICER], address, worker="").status_code == 302
    enrolment.refresh_from_db()
    assert enrolment.worker is None


def test_worker_of_another_area_is_not_among_the_choices(city: City, enrolment: Enrolment) -> None:
    far = make_user("far", Role.CARE_WORKER, area=city.dongs[1])
    officer = make_user("near_officer", Role.WELFARE_OFFICER, area=city.dongs[0])
    answer = post(officer, f"/care/people/{enrolment.person.ref}/worker/", worker=far.pk)
    assert answer.status_code == 422
    enrolment.refresh_from_db()
    assert enrolment.worker == city.users[Role.CARE_WORKER]


def stay(**changed: str) -> dict[str, str]:
    return {"starts": "2026-11-02T09:00", "until": "2026-11-03T18:00", "said_by": "family"} | changed


def test_away_is_written_once_however_often_it_is_sent(city: City, enrolment: Enrolment) -> None:
    worker, address = city.users[Role.CARE_WORKER], f"/care/people/{enrolment.person.ref}/away/"
    for _ in range(2):
        assert post(worker, address, **stay()).status_code == 302
    away = Away.objects.get()
    assert away.recorded_by == worker
    assert (away.starts_at.isoformat(), away.ends_at.isoformat()) == (
        "2026-11-02T00:00:00+00:00",
        "2026-11-03T09:00:00+00:00",
    )
    assert post(worker, f"/care/people/{enrolment.person.ref}/back/").status_code == 302
    away.refresh_from_db()
    assert away.returned_at is not None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"until": "2026-11-01T18:00"}, "until"),
        ({"until": "2027-11-01T18:00"}, "until"),
        ({"until": ""}, "until"),
        ({"starts": "soon"}, "starts"),
        ({"said_by": "neighbour"}, "said_by"),
    ],
)
def test_wrong_stay_comes_back_with_what_was_typed(
    city: City, enrolment: Enrolment, changed: dict[str, str], field: str
) -> None:
    answer = post(city.users[Role.CARE_WORKER], f"/care/people/{enrolment.person.ref}/away/", **stay(**changed))
    assert answer.status_code == 422
    form = answer.context["away_form"]
    assert list(form.errors) == [field]
    assert form["until"].value() == stay(**changed)["until"]
    assert not Away.objects.exists()


def test_rules_are_set_within_their_bounds_and_by_whom_is_kept(city: City, standing_clock: StandingClock) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    form = {one.name: str(one.value()) for one in page_of(officer, "/care/rules/").context["form"]}
    refused = post(officer, "/care/rules/", **form | {"attention_per_1000": "0", "call_rings_seconds": "half"})
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["attention_per_1000", "call_rings_seconds"]
    assert not RuleSetting.objects.exists()
    assert post(officer, "/care/rules/", **form | {"attention_per_1000": "12.5"}).status_code == 302
    assert rules.load(CareRules, "care").attention_per_1000 == 12.5
    only = RuleSetting.objects.get()
    assert (only.name, only.set_by) == ("attention_per_1000", officer)
    assert AuditEntry.objects.get(tag="care:rule:set").actor == "user:welfare_officer"


def test_rule_that_another_has_set_meanwhile_is_not_set_back(city: City, standing_clock: StandingClock) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    page = page_of(officer, "/care/rules/").content.decode()
    seen = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', page))
    for change in ({"attention_per_1000": "20.0"}, {"alert_per_1000": "6.0"}):
        assert post(officer, "/care/rules/", **seen | change).status_code == 302
    held = rules.load(CareRules, "care")
    assert (held.attention_per_1000, held.alert_per_1000) == (20, 6)


def test_every_rule_is_on_the_page_once(city: City, standing_clock: StandingClock) -> None:
    form = page_of(city.users[Role.WELFARE_OFFICER], "/care/rules/").context["form"]
    shown = [one.name for _, group in form.groups() for one, _setting in group]
    assert sorted(shown) == sorted([*CareRules.__dataclass_fields__, *RetentionRules.__dataclass_fields__])
    for field in form:
        assert "처음 값" in field.help_text


def test_rule_says_who_set_it_and_only_an_officer_of_the_whole_city_does(
    city: City, standing_clock: StandingClock
) -> None:
    officer, address = city.users[Role.WELFARE_OFFICER], "/care/rules/"
    assert "님이" not in page_of(officer, address).content.decode()
    form = {one.name: str(one.value()) for one in page_of(officer, address).context["form"]}
    assert post(officer, address, **form | {"rejected_days": "14"}).status_code == 302
    assert rules.load(RetentionRules, "city").rejected_days == 14
    only = RuleSetting.objects.get()
    assert (only.service, only.name, only.set_by) == ("city", "rejected_days", officer)
    local = make_user("local_officer", Role.WELFARE_OFFICER, area=city.dongs[0])
    text = page_of(local, address).content.decode()
    assert f"{officer} 님이" in text
    assert "도시 전체를 맡은 담당만" in text
    assert post(local, address, **form | {"rejected_days": "7"}).status_code == 403
    assert RuleSetting.objects.count() == 1


def test_case_says_who_lives_there_why_and_what_would_change_it(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    case = noticed(enrolment, standing_clock)
    text = page_of(city.users[Role.CARE_WORKER], f"/cases/{case.number}/").content.decode()
    for words in ("김순자", "tel:01000000001", "tel:01000005001", "두레로 1", REASON["ko"], "알리지 않았을 것입니다"):
        assert words in text, words
    assert f"/care/people/{enrolment.person.ref}/" in text
    read = AuditEntry.objects.get(tag=Tag.Person.READ)
    assert (read.actor, read.subject) == ("user:care_worker", f"person:{enrolment.person.ref}")
    english = page_of(city.users[Role.CARE_WORKER], f"/cases/{case.number}/", "en").content.decode()
    assert EVIDENCE["what_would_change_it"]["en"] in english


def test_119_is_told_the_reason_untyped_and_called_when_it_cannot_be_told(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    case, officer = noticed(enrolment, standing_clock), city.users[Role.WELFARE_OFFICER]
    page = page_of(officer, f"/cases/{case.number}/")
    assert page.context["forms"]["hand_over"]["payload"].value() == REASON["ko"]
    assert 'href="tel:119"' not in page.content.decode()
    form = {"target": "119", "payload": REASON["ko"], "client_id": uuid4()}
    assert post(officer, f"/cases/{case.number}/hand_over/", **form).status_code == 302

    def fail(_outgoing: cases.Outgoing) -> str | None:
        raise ConnectionError

    cases.deliver_handovers(standing_clock.now, fail)
    assert 'href="tel:119"' in page_of(officer, f"/cases/{case.number}/").content.decode()


def test_person_overrules_the_engine_and_says_why(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    case, worker = noticed(enrolment, standing_clock, Level.ALERT), city.users[Role.CARE_WORKER]
    address = f"/cases/{case.number}/overrule/"
    refused = post(worker, address, level="1", reason=" ")
    assert refused.status_code == 422
    number = str(UUID(int=7))
    for _ in range(2):
        post(worker, address, level="1", reason="따님 댁에 계심", client_id=number)
    case.refresh_from_db()
    assert case.level == Level.INTEREST
    assert CaseEvent.objects.filter(case=case, kind="overruled").count() == 1
    assert AuditEntry.objects.filter(tag="city:case:overruled", actor="user:care_worker").count() == 1


def test_telephone_page_is_only_in_a_made_city(
    enrolment: Enrolment, standing_clock: StandingClock, settings: Settings
) -> None:
    noticed(enrolment, standing_clock)
    escalation.run_due()
    call = Call.objects.get()
    for address in ("/care/phone/", f"/care/call/{call.ref}/"):
        settings.DURE_SIMULATION = False
        assert page_of(None, address).status_code == 404
        settings.DURE_SIMULATION = True
        text = page_of(None, address).content.decode()
        assert "김순자" not in text
        assert "1000" not in text


def test_key_pressed_on_the_telephone_page_closes_the_case(
    enrolment: Enrolment, standing_clock: StandingClock, settings: Settings
) -> None:
    settings.DURE_SIMULATION = True
    case = noticed(enrolment, standing_clock)
    escalation.run_due()
    call = Call.objects.get()
    answer = Client().post(f"/care/call/{call.ref}/", {"key": "1"})
    assert "괜찮다고 알려 주셨습니다" in answer.content.decode()
    case.refresh_from_db()
    assert case.status == CaseStatus.CLOSED
    late = Client().post(f"/care/call/{call.ref}/", {"key": "2"})
    assert late.status_code == 409
    assert Client().post(f"/care/call/{call.ref}/", {"key": "2", "turn": "x"}).status_code == 422
    assert Client().post(f"/care/call/{uuid4()}/", {"key": "1"}).status_code == 404
    assert Call.objects.get().state == CallState.ANSWERED


def test_note_of_a_worker_is_not_for_one_of_another_area(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    case = noticed(enrolment, standing_clock)
    cases.add_note(case, actor=city.users[Role.CARE_WORKER], text="문 앞에 신문")
    stranger = make_user("stranger", Role.CARE_WORKER, area=city.dongs[1])
    assert page_of(stranger, f"/cases/{case.number}/").status_code == 404
