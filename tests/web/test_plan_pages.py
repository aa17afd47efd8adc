# SPDX-License-Identifier: Apache-2.0
"""Escalation plans through their pages: who sets which, what is refused and where it says so, what is left behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from django.test import Client

from dure.city.escalation_plans import StepSpec, plan_for
from dure.city.models import AuditEntry, Channel, EscalationPlan, Level, Membership, QuietAction, Role, User
from dure.services.care.plan import set_default_plan
from dure.web import plan_words
from tests.conftest import StandingClock
from tests.factories import City, make_user

pytestmark = pytest.mark.django_db
WHOLE = "/plans/care/city/"


@pytest.fixture(autouse=True)
def plan(city: City, standing_clock: StandingClock) -> EscalationPlan:
    return set_default_plan("tests")


def client_of(user: User, language: str = "ko") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def typed(**changed: str) -> dict[str, str]:
    """Two steps, as the form sends them."""
    step = {
        "channel": "ai_call",
        "from_level": "2",
        "attempts": "2",
        "gap_minutes": "5",
        "wait_minutes": "10",
        "timeout_minutes": "3",
        "quiet_from": "22:00",
        "quiet_to": "07:00",
        "quiet_action": "delay",
        "team": "",
    }
    other = step | {"channel": "worker_call", "quiet_from": "", "quiet_to": ""}
    form = {"name": "우리 계획", "rearm_minutes": "90", "steps": "2", "seen": newest(), "do": "save"}
    form |= {f"s0-{name}": value for name, value in step.items()}
    form |= {f"s1-{name}": value for name, value in other.items()}
    return form | changed


def newest() -> str:
    found = AuditEntry.objects.filter(subject__startswith="plan:").order_by("-seq").first()
    return str(found.seq) if found else "0"


def test_officer_reads_the_plan_as_sentences(city: City) -> None:
    text = client_of(city.users[Role.WELFARE_OFFICER]).get(WHOLE).content.decode()
    for words in (
        "자동 전화를 겁니다.",
        "답이 없으면 20분 뒤 다시, 모두 2번까지.",
        "22:00부터 07:00까지는 조용히 두고, 끝나면 합니다.",
        "그래도 10분 동안 아무도 맡지 않으면",
        "심각 수준부터: 119에 넘깁니다.",
        "맡은 뒤 2시간 동안 아무 일도 적지 않으면 처음부터 다시 시작합니다.",
        "심각 수준의 사건은 조용한 시간에도 멈추지 않고 이어집니다.",
    ):
        assert words in text, words
    english = client_of(city.users[Role.WELFARE_OFFICER], "en").get(WHOLE).content.decode()
    assert "An automatic call is made." in english


def test_quiet_hours_that_hold_nothing_back_are_not_spoken_of() -> None:
    severe = StepSpec(Channel.AI_CALL, from_level=Level.SEVERE, quiet_from=time(22), quiet_to=time(7))
    (line,) = plan_words.lines([severe])
    assert not any("22:00" in note for note in line.notes)
    for step in (
        severe,
        StepSpec(Channel.AI_CALL),
        replace(severe, from_level=Level.ALERT, quiet_action=QuietAction.GO),
    ):
        assert not any("조용한 시간" in said for said in plan_words.again(60, [step]))


def test_list_says_in_one_line_how_it_goes_and_where_it_holds(city: City) -> None:
    text = client_of(city.users[Role.WELFARE_OFFICER]).get("/plans/").content.decode()
    assert "자동 전화 2번 → 10분 뒤 가족에게 자동 전화 2번 → 5분 뒤 담당자 전화 2번 → 30분 뒤 방문" in text
    assert "따르는 곳: 보람동, 아람동" in text


def test_saved_plan_is_the_citys_and_its_change_is_shown_with_who(city: City, plan: EscalationPlan) -> None:
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    assert officer.post(WHOLE, typed()).status_code == 302
    plan.refresh_from_db()
    assert (plan.name, plan.rearm_minutes) == ("우리 계획", 90)
    assert [(one.channel, one.attempts, one.timeout_minutes) for one in plan.steps.all()] == [
        (Channel.AI_CALL, 2, 3),
        (Channel.WORKER_CALL, 2, 3),
    ]
    text = officer.get(WHOLE).content.decode()
    changes = text[text.index('id="changes"') :]
    assert "자동 전화 2번 → 10분 뒤 담당자 전화 2번<" in changes
    assert "복지 공무원 · " in changes


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"s1-attempts": "0"}, "s1-attempts"),
        ({"s0-quiet_to": ""}, "s0-quiet_to"),
        ({"s0-quiet_to": "22:00"}, "s0-quiet_to"),
        ({"s1-channel": "pigeon"}, "s1-channel"),
        ({"s1-team": "999"}, "s1-team"),
        ({"rearm_minutes": "0"}, "rearm_minutes"),
        ({"name": "  "}, "name"),
        ({"name": "가" * 61}, "name"),
    ],
)
def test_error_stands_at_its_field_and_what_was_typed_stays(
    city: City, plan: EscalationPlan, changed: dict[str, str], field: str
) -> None:
    answer = client_of(city.users[Role.WELFARE_OFFICER]).post(WHOLE, typed(**changed))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'id="id_{field}-error"' in text
    assert f'<a href="#id_{field}">' in text
    assert 'value="90"' in text or field == "rearm_minutes"
    plan.refresh_from_db()
    assert plan.name != "우리 계획"


@pytest.mark.parametrize(
    ("do", "channels"),
    [
        ("add", ["ai_call", "worker_call", "worker_call"]),
        ("remove-0", ["worker_call"]),
        ("down-0", ["worker_call", "ai_call"]),
        ("up-1", ["worker_call", "ai_call"]),
        ("up-0", ["ai_call", "worker_call"]),
        ("remove-9", ["ai_call", "worker_call"]),
    ],
)
def test_steps_are_rearranged_without_saving_or_judging(
    city: City, plan: EscalationPlan, do: str, channels: list[str]
) -> None:
    form = typed(do=do, **{"s1-attempts": "not yet"})
    answer: Any = client_of(city.users[Role.WELFARE_OFFICER]).post(WHOLE, form)
    assert answer.status_code == 200
    assert [step["channel"].value() for step in answer.context["editor"].steps] == channels
    plan.refresh_from_db()
    assert plan.steps.count() == 5


def test_preview_says_what_is_typed_and_saves_nothing(city: City, plan: EscalationPlan) -> None:
    answer = client_of(city.users[Role.WELFARE_OFFICER]).post(WHOLE, typed(do="preview", **{"s0-attempts": "7"}))
    assert "모두 7번까지." in answer.content.decode()
    assert plan.steps.count() == 5


def test_change_by_somebody_else_meanwhile_is_not_overwritten(city: City, plan: EscalationPlan) -> None:
    mine = typed()
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    assert officer.post(WHOLE, typed(name="먼저 바꾼 계획")).status_code == 302
    answer = officer.post(WHOLE, mine)
    assert answer.status_code == 422
    assert "그 사이 다른 사람이 이 계획을 바꾸었습니다" in answer.content.decode()
    plan.refresh_from_db()
    assert plan.name == "먼저 바꾼 계획"
    assert officer.post(WHOLE, mine | {"seen": newest()}).status_code == 302


def test_area_gets_a_plan_of_its_own_and_gives_it_back(city: City, plan: EscalationPlan) -> None:
    dong, other = city.dongs
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    place = f"/plans/care/{dong.code}/"
    assert "위 지역의 계획을 따릅니다" in officer.get(place).content.decode()
    assert officer.post(place, typed(seen="0")).status_code == 302
    own = plan_for("care", dong)
    assert own is not None
    assert own.area == dong
    assert plan_for("care", other) == plan
    listed = officer.get("/plans/").content.decode()
    assert "따르는 곳: 보람동\n" in listed
    assert "따르는 곳: 아람동\n" in listed
    assert officer.post(place, {"do": "retire"}).status_code == 302
    assert plan_for("care", dong) == plan
    assert AuditEntry.objects.filter(tag="city:escalation:plan_retired", actor="user:welfare_officer").count() == 1


def test_officer_of_a_part_sees_the_citys_plan_and_sets_only_their_own(city: City, plan: EscalationPlan) -> None:
    officer = make_user("dong_officer", Role.WELFARE_OFFICER, area=city.dongs[0])
    client = client_of(officer)
    text = client.get(WHOLE).content.decode()
    assert "도시 전체를 맡은 담당만 바꿉니다" in text
    assert 'name="do"' not in text
    assert client.post(WHOLE, typed()).status_code == 404
    assert client.get(f"/plans/care/{city.dongs[1].code}/").status_code == 404
    assert client.post(f"/plans/care/{city.dongs[0].code}/", typed(seen="0")).status_code == 302
    Membership.objects.filter(user=officer).delete()
    assert client.get(WHOLE).status_code == 403


def test_plan_of_no_service_is_unknown(city: City) -> None:
    assert client_of(city.users[Role.WELFARE_OFFICER]).get("/plans/nothing/city/").status_code == 404
