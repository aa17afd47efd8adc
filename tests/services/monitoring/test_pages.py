# SPDX-License-Identifier: Apache-2.0
"""Monitoring's pages: what they show, to whom, and what a wrong form says."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dure.city import people, readings, rules
from dure.city.models import AuditEntry, ConsentPurpose, Role, User
from dure.services.monitoring.models import PersonalDevice, UsualRange
from dure.services.monitoring.rules import MonitoringRules
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.monitoring.wearing import Wearing, judge, wearing

pytestmark = pytest.mark.django_db


@pytest.fixture
def worn(city: City, standing_clock: StandingClock) -> Wearing:
    found = wearing(city, "wearable", "smartphone")
    standing_clock.move(hours=2)
    return found


def client_of(user: User, language: str = "ko") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def address(worn: Wearing, rest: str = "") -> str:
    return f"/monitoring/people/{worn.person.ref}/{rest}"


def text_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def typed(**changed: object) -> dict[str, Any]:
    form = {
        "sign": "heart_rate", "low": "45", "high": "105", "clinician": "이의사 (두레의원)", "reason": "심방세동 약",
        "last_day": "2026-12-31",
    }  # fmt: skip
    return form | changed


def test_person_page_shows_the_newest_with_range_quality_and_curve(
    worn: Wearing, city: City, standing_clock: StandingClock
) -> None:
    worn.say("heart_rate", *[70] * 11, 72, until=standing_clock.now)
    worn.say("spo2", 97, until=standing_clock.now, quality="suspect")
    worn.say("breathing", None, until=standing_clock.now)
    worn.say("battery", 9, until=standing_clock.now)
    worn.say("steps", 120, 80, until=standing_clock.now, kind="smartphone")
    readings.advance_latest()
    text = text_of(client_of(city.users[Role.CARE_WORKER]), address(worn))
    assert "72회/분" in text
    assert "어른의 일반 범위(51–90회/분)" in text
    assert "정상 12" in text
    assert "의심" in text
    assert "기기가 값을 재지 못했습니다" in text
    assert text.count('<path class="sign__line"') == 1, "what is doubtful is not drawn"
    assert "배터리 9%" in " ".join(text.split())
    assert "200" in text
    english = text_of(client_of(city.users[Role.CARE_WORKER], "en"), address(worn))
    assert "the usual range of adults (51–90 /min)" in english
    read = AuditEntry.objects.filter(tag="person:record:read").latest("seq")
    assert (read.actor, read.purpose, read.subject) == ("user:care_worker", "health_check", f"person:{worn.person.ref}")


def test_without_consent_the_page_shows_who_it_is_and_no_figure(
    worn: Wearing, city: City, standing_clock: StandingClock
) -> None:
    worn.say("heart_rate", 72, until=standing_clock.now)
    readings.advance_latest()
    people.withdraw_consent(worn.person, ConsentPurpose.HEALTH_WATCH, actor="tests")
    text = text_of(client_of(city.users[Role.WELFARE_OFFICER]), address(worn))
    assert "동의하지 않으셨거나 동의가 끝나" in text
    assert "회/분" not in text
    assert "do-range" not in text
    assert worn.person.name.open() not in text_of(client_of(city.users[Role.WELFARE_OFFICER]), "/monitoring/people/")


def test_list_says_who_first_and_why(worn: Wearing, city: City, standing_clock: StandingClock) -> None:
    calm = wearing(city, name="박정수")
    calm.say("heart_rate", 70, until=standing_clock.now)
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    readings.advance_latest()
    text = text_of(client_of(city.users[Role.WELFARE_OFFICER]), "/monitoring/people/")
    assert text.index("넘어지심을 알렸습니다") < text.index("박정수")
    assert "심박수 70회/분" in text
    devices = text_of(client_of(city.users[Role.WELFARE_OFFICER]), "/monitoring/devices/")
    assert calm.code() in devices
    assert "아직 값이 온 적 없음" in devices


def test_empty_states(city: City) -> None:
    client = client_of(city.users[Role.WELFARE_OFFICER])
    assert "건강 모니터링을 받는 분이 없습니다" in text_of(client, "/monitoring/people/")
    assert "맡긴 기기가 없습니다" in text_of(client, "/monitoring/devices/")


def test_another_areas_worker_finds_nobody(worn: Wearing, city: City) -> None:
    elsewhere = make_user("elsewhere", Role.CARE_WORKER, area=city.dongs[1])
    client = client_of(elsewhere)
    text_of(client, address(worn), 404)
    assert "살피고 있습니다" not in text_of(client, "/monitoring/people/")


def test_officer_sets_a_clinicians_range_and_ends_it(worn: Wearing, city: City, standing_clock: StandingClock) -> None:
    client = client_of(city.users[Role.WELFARE_OFFICER])
    assert client.post(address(worn, "range/"), typed()).status_code == 302
    text = text_of(client, address(worn))
    assert "심박수 45–105회/분" in text
    assert "이의사 (두레의원) · 심방세동 약" in text
    assert client.post(address(worn, "range/"), typed(high="100")).status_code == 302
    kept = UsualRange.objects.get(ended_at=None)
    assert kept.high == 100
    assert "심방세동" not in str(UsualRange.objects.values_list("reason", flat=True))
    assert [one.tag for one in AuditEntry.objects.filter(tag__startswith="monitoring:range")] == [
        "monitoring:range:set",
        "monitoring:range:set",
    ]
    assert client.post(address(worn, f"range/{kept.pk}/end/")).status_code == 302
    assert "정한 범위가 없습니다" in text_of(client, address(worn))
    assert AuditEntry.objects.latest("seq").tag in {"person:record:read", "monitoring:range:ended"}
    assert AuditEntry.objects.filter(tag="monitoring:range:ended").count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"sign": "blood_sugar"}, "sign"),
        ({"low": "much"}, "low"),
        ({"low": "5"}, "low"),
        ({"high": "900"}, "high"),
        ({"high": "47"}, "high"),
        ({"clinician": " "}, "clinician"),
        ({"reason": ""}, "reason"),
        ({"last_day": "2026-10-01"}, "last_day"),
        ({"last_day": "2029-10-01"}, "last_day"),
    ],
)
def test_wrong_range_names_its_field_and_keeps_what_was_typed(
    worn: Wearing, city: City, changed: dict[str, object], field: str
) -> None:
    answer = client_of(city.users[Role.WELFARE_OFFICER]).post(address(worn, "range/"), typed(**changed))
    assert answer.status_code == 422
    assert f'id="range_{field}-error"' in answer.content.decode()
    assert not UsualRange.objects.exists()


def test_worker_gives_a_device_and_takes_it_back(worn: Wearing, city: City) -> None:
    client = client_of(city.users[Role.CARE_WORKER])
    form = {"kind": "thermometer", "feed": worn.feed.pk, "code": "thermo-1"}
    assert client.post(address(worn, "devices/give/"), form).status_code == 302
    assert "체온계" in text_of(client, address(worn))
    assert client.post(address(worn, "devices/thermo-1/end/")).status_code == 302
    assert PersonalDevice.objects.get(device__code="thermo-1").ended_at is not None
    assert client.post(address(worn, "devices/thermo-1/end/")).status_code == 404


@pytest.mark.parametrize(
    ("changed", "field"), [({"code": "a/b"}, "code"), ({"kind": "tricorder"}, "kind"), ({"feed": ""}, "feed")]
)
def test_wrong_device_names_its_field(worn: Wearing, city: City, changed: dict[str, object], field: str) -> None:
    form = {"kind": "thermometer", "feed": worn.feed.pk, "code": "thermo-1"} | changed
    answer = client_of(city.users[Role.CARE_WORKER]).post(address(worn, "devices/give/"), form)
    assert answer.status_code == 422
    assert f'id="give_{field}-error"' in answer.content.decode()


def test_somebody_elses_device_is_not_given(worn: Wearing, city: City) -> None:
    other = wearing(city, name="박정수", dong=1)
    form = {"kind": "wearable", "feed": worn.feed.pk, "code": other.code()}
    answer = client_of(city.users[Role.CARE_WORKER]).post(address(worn, "devices/give/"), form)
    assert answer.status_code == 422
    assert "give_code-error" in answer.content.decode()


def test_case_page_says_who_and_leads_to_the_figures(worn: Wearing, city: City, standing_clock: StandingClock) -> None:
    from dure.city.models import Case

    worn.say("fall", 1, until=standing_clock.now)
    judge()
    text = text_of(client_of(city.users[Role.WELFARE_OFFICER]), f"/cases/{Case.objects.get().number}/")
    assert "김순자" in text
    assert address(worn) in text
    assert "넘어지심을 알렸습니다" in text


def test_a_long_list_is_turned_page_by_page(city: City, standing_clock: StandingClock, monkeypatch: Any) -> None:
    from dure.services.monitoring import queries

    monkeypatch.setattr(queries, "SHOWN", 1)
    for name in ("김순자", "박정수"):
        wearing(city, name=name)
    first = text_of(client_of(city.users[Role.WELFARE_OFFICER]), "/monitoring/people/")
    second = text_of(client_of(city.users[Role.WELFARE_OFFICER]), "/monitoring/people/?page=2")
    assert ("김순자" in first, "박정수" in first) == (True, False)
    assert ("김순자" in second, "박정수" in second) == (False, True)


def test_officer_sets_a_rule_that_holds_from_then_on(city: City, standing_clock: StandingClock) -> None:
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    form = {one.name: str(one.value()) for one in officer.get("/monitoring/rules/").context["form"]}
    refused = officer.post("/monitoring/rules/", form | {"slots_outside": "2"})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.content.decode()
    assert officer.post("/monitoring/rules/", form | {"severe_due_minutes": "20"}).status_code == 302
    assert rules.load(MonitoringRules, "monitoring").severe_due_minutes == 20
    assert str(city.users[Role.WELFARE_OFFICER]) in text_of(officer, "/monitoring/rules/")
    assert "Falls and calls for help" in text_of(
        client_of(city.users[Role.WELFARE_OFFICER], "en"), "/monitoring/rules/"
    )
    text_of(client_of(city.users[Role.CARE_WORKER]), "/monitoring/rules/", status=403)


def test_officer_of_one_area_reads_the_rules_and_sets_none(city: City, standing_clock: StandingClock) -> None:
    local = client_of(make_user("local", Role.WELFARE_OFFICER, area=city.dongs[0]))
    form = {one.name: str(one.value()) for one in local.get("/monitoring/rules/").context["form"]}
    assert local.post("/monitoring/rules/", form | {"severe_due_minutes": "20"}).status_code == 403
    assert rules.load(MonitoringRules, "monitoring").severe_due_minutes == 15
