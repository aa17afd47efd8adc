# SPDX-License-Identifier: Apache-2.0
"""Sharing people out through the page: first shown, then done; never over the limit, never out of reach."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dure.city import rules
from dure.city.audit import Tag
from dure.city.models import AuditEntry, Role, User
from dure.services.care.models import Enrolment
from dure.services.care.rules import CareRules
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import enrolled_many

pytestmark = pytest.mark.django_db
WORKERS = "/care/workers/"


@pytest.fixture
def homes(city: City, standing_clock: StandingClock) -> list[Enrolment]:
    """Six people of one worker, and two workers who have nobody."""
    make_user("first", Role.CARE_WORKER, display_name="이바다")
    make_user("second", Role.CARE_WORKER, display_name="박누리")
    return enrolled_many(city, range(1, 7))


def client_of(user: User) -> Client:
    client = Client(headers={"accept-language": "ko"})
    client.force_login(user)
    return client


def chosen(homes: list[Enrolment], *to: str) -> dict[str, Any]:
    return {"of": "care_worker", "person": [str(one.person.ref) for one in homes], "to": list(to)}


def workers_of(homes: list[Enrolment]) -> list[str]:
    found = Enrolment.objects.filter(pk__in=[one.pk for one in homes]).order_by("pk")
    return [one.worker.username if one.worker else "" for one in found.select_related("worker")]


def test_page_opens_nobodys_name_until_a_worker_is_chosen(city: City, homes: list[Enrolment]) -> None:
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    assert "김순자" not in officer.get(WORKERS).content.decode()
    assert not AuditEntry.objects.filter(tag=Tag.Person.LISTED).exists()
    text = officer.get(f"{WORKERS}?of=care_worker").content.decode()
    assert text.count("<b>김순자</b>") == 6
    assert AuditEntry.objects.get(tag=Tag.Person.LISTED).subject == "people:6"
    assert "checked" not in text[text.index('name="person"') : text.index('name="to"')]
    everybody = officer.get(f"{WORKERS}?of=care_worker&all").content.decode()
    assert everybody.count('name="person"') == everybody[: everybody.index('name="to"')].count("checked") == 6


def test_sharing_is_shown_first_and_changes_nothing(city: City, homes: list[Enrolment]) -> None:
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    answer: Any = officer.post(f"{WORKERS}share/", chosen(homes, "first", "second"))
    assert [(str(one.worker), one.before, one.after) for one in answer.context["changes"]] == [
        ("박누리", 0, 3),
        ("이바다", 0, 3),
    ]
    assert workers_of(homes) == ["care_worker"] * 6


def test_what_was_shown_is_done(city: City, homes: list[Enrolment]) -> None:
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    shown: Any = officer.post(f"{WORKERS}share/", chosen(homes[:4], "first", "second"))
    form = {"of": "care_worker", "give": shown.context["pairs"]}
    done = officer.post(f"{WORKERS}give/", form, follow=True).content.decode()
    assert "4분의 담당을 바꾸었습니다" in done
    assert sorted(workers_of(homes)) == ["care_worker", "care_worker", "first", "first", "second", "second"]
    again = officer.post(f"{WORKERS}give/", form, follow=True).content.decode()
    assert "그 사이 담당이 바뀐 4분은 그대로 두었습니다" in again


def test_limit_is_kept_and_who_is_left_out_is_named(city: City, homes: list[Enrolment]) -> None:
    rules.set_rule(CareRules, "care", "people_per_worker", 2, by=city.users[Role.WELFARE_OFFICER])
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    answer: Any = officer.post(f"{WORKERS}share/", chosen(homes, "first"))
    assert [one.after for one in answer.context["changes"]] == [2]
    assert len(answer.context["left_out"]) == 4
    assert "4분은 맡을 사람이 없습니다" in answer.content.decode()


def test_people_nobody_has_are_shared_too(city: City, homes: list[Enrolment]) -> None:
    Enrolment.objects.update(worker=None)
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    shown: Any = officer.post(f"{WORKERS}share/", chosen(homes, "first", "second") | {"of": "none"})
    officer.post(f"{WORKERS}give/", {"of": "none", "give": shown.context["pairs"]})
    assert sorted(workers_of(homes)) == ["first"] * 3 + ["second"] * 3


def test_nothing_chosen_is_said(city: City, homes: list[Enrolment]) -> None:
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    for form in (chosen([], "first"), chosen(homes), chosen(homes, "care_worker"), chosen(homes, "nobody")):
        answer = officer.post(f"{WORKERS}share/", form, follow=True)
        assert "나눌 분과 맡을 생활지원사를 고르세요" in answer.content.decode()


def test_officer_of_another_area_neither_sees_nor_moves_them(city: City, homes: list[Enrolment]) -> None:
    elsewhere = client_of(make_user("elsewhere", Role.WELFARE_OFFICER, area=city.dongs[1]))
    assert "김순자" not in elsewhere.get(f"{WORKERS}?of=care_worker").content.decode()
    pairs = [f"{one.person.ref}:first" for one in homes]
    elsewhere.post(f"{WORKERS}give/", {"of": "care_worker", "give": [*pairs, "x:y", ":"]})
    assert workers_of(homes) == ["care_worker"] * 6
    assert client_of(city.users[Role.CARE_WORKER]).get(WORKERS).status_code == 403
