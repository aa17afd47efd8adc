# SPDX-License-Identifier: Apache-2.0
"""Pages of daily care through Django: who may open what, what a form refuses, what is kept and audited."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.html import strip_tags

from dure.city.models import AuditEntry, Role, User
from dure.services.care.actions.daily import Spec, add_routine, set_template
from dure.services.care.models import (
    Away,
    ConfirmBy,
    ConfirmedHow,
    Enrolment,
    Occasion,
    OccasionState,
    Routine,
    RoutineKind,
    RoutineTemplate,
)
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.days import MEDICINE, at, pass_time, pill_box, planned, tick

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    at(standing_clock, 7)
    return planned(city)


@pytest.fixture
def elder(city: City, enrolment: Enrolment) -> User:
    user = city.users[Role.CITIZEN]
    user.person = enrolment.person
    user.save()
    return user


def signed_in(user: User, language: str = "ko") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def typed(**changed: Any) -> dict[str, Any]:
    """The form of a routine as a person fills it in."""
    return {
        "kind": "medicine",
        "title": "혈압약",
        "dose": "2알",
        "at": "08:30",
        "weekdays": list("1234567"),
        "confirm_by": "call",
    } | changed


def test_pages_open_to_their_roles_and_to_nobody_else(city: City, enrolment: Enrolment) -> None:
    routine = add_routine(enrolment.person, MEDICINE, actor="tests")
    template = set_template("보통 날", [MEDICINE], actor=city.users[Role.WELFARE_OFFICER])
    staff = {Role.CARE_WORKER, Role.WELFARE_OFFICER}
    pages = {
        f"/care/people/{enrolment.person.ref}/plan/": staff,
        f"/care/routines/{routine.ref}/": staff,
        "/care/templates/": {Role.WELFARE_OFFICER},
        f"/care/templates/{template.pk}/": {Role.WELFARE_OFFICER},
        "/care/my/day/": {Role.CITIZEN},
    }
    for address, roles in pages.items():
        for role, user in city.users.items():
            assert signed_in(user).get(address).status_code == (200 if role in roles else 403), (address, role)


def test_worker_of_another_area_learns_nothing(city: City, enrolment: Enrolment) -> None:
    routine = add_routine(enrolment.person, MEDICINE, actor="tests")
    stranger = signed_in(make_user("stranger", Role.CARE_WORKER, area=city.dongs[1]))
    assert stranger.get(f"/care/people/{enrolment.person.ref}/plan/").status_code == 404
    for address in (f"/care/routines/{routine.ref}/", f"/care/routines/{uuid4()}/"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/care/routines/{routine.ref}/end/").status_code == 404
    assert stranger.post(f"/care/people/{enrolment.person.ref}/plan/add/", typed()).status_code == 404
    assert Routine.objects.get().ended_at is None


def test_routine_is_added_changed_paused_and_ended(city: City, enrolment: Enrolment) -> None:
    worker = signed_in(city.users[Role.CARE_WORKER])
    page = f"/care/people/{enrolment.person.ref}/plan/"
    assert worker.post(f"{page}add/", typed(weekdays=["1", "3"])).status_code == 302
    routine = Routine.objects.get()
    assert (routine.weekdays, routine.at, routine.kind) == ("13", time(8, 30), "medicine")
    text = worker.get(page).content.decode()
    assert "08:30 혈압약 2알" in strip_tags(text)
    assert f"/care/routines/{routine.ref}/done/" in text, "an hour and a half before it may be said that it was done"
    address = f"/care/routines/{routine.ref}/"
    assert 'value="혈압약"' in worker.get(address).content.decode()
    assert worker.post(address, typed(title="당뇨약", dose="", repeats="0")).status_code == 302
    routine.refresh_from_db()
    assert (routine.weekdays, routine.repeats, routine.dose) == ("1234567", 0, None)
    assert "당뇨약" in worker.get(page).content.decode()
    worker.post(f"{address}pause/", {"until": "2026-11-05"})
    assert "다시 하기" in worker.get(address).content.decode()
    worker.post(f"{address}pause/", {"again": "1"})
    assert Routine.objects.get().paused_until is None
    assert worker.post(f"{address}pause/", {"until": "2026-10-01"}).status_code == 422
    worker.post(f"{address}end/")
    assert Routine.objects.get().ended_at is not None
    assert worker.get(address).status_code == 404
    tags = set(AuditEntry.objects.filter(tag__startswith="care:routine").values_list("tag", flat=True))
    assert tags == {f"care:routine:{verb}" for verb in ("added", "changed", "paused", "ended")}
    assert AuditEntry.objects.filter(tag="care:plan:read", actor="user:care_worker").exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": " "}, "title"),
        ({"at": "25:00"}, "at"),
        ({"weekdays": []}, "weekdays"),
        ({"kind": "nonsense"}, "kind"),
        ({"confirm_by": "sensor"}, "series"),
        ({"to_day": "2026-01-01"}, "to_day"),
        ({"repeats": "99"}, "repeats"),
    ],
)
def test_wrong_routine_comes_back_with_what_was_typed(
    city: City, enrolment: Enrolment, changed: dict[str, Any], field: str
) -> None:
    worker = signed_in(city.users[Role.CARE_WORKER])
    answer = worker.post(f"/care/people/{enrolment.person.ref}/plan/add/", typed(**changed))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["dose"].value() == "2알"
    assert not Routine.objects.exists()


def test_without_consent_only_a_greeting_can_be_planned(city: City, standing_clock: StandingClock) -> None:
    enrolment = planned(city, consents=["power_watch", "ai_call"])
    worker = signed_in(city.users[Role.CARE_WORKER])
    page = f"/care/people/{enrolment.person.ref}/plan/"
    assert "동의가 없습니다" in worker.get(page).content.decode()
    assert worker.post(f"{page}add/", typed()).status_code == 422
    assert worker.post(f"{page}add/", typed(kind="greeting", title="아침 인사")).status_code == 302


def test_sensor_of_the_home_confirms_and_another_homes_is_not_offered(city: City, enrolment: Enrolment) -> None:
    own, other = pill_box(enrolment), pill_box(planned(city, number=2))
    worker = signed_in(city.users[Role.CARE_WORKER])
    address = f"/care/people/{enrolment.person.ref}/plan/add/"
    assert worker.post(address, typed(confirm_by="sensor", series=other.pk)).status_code == 422
    assert worker.post(address, typed(confirm_by="sensor", series=own.pk)).status_code == 302
    assert Routine.objects.get().series == own


def test_template_is_made_changed_applied_once_and_ended(city: City, enrolment: Enrolment) -> None:
    officer = signed_in(city.users[Role.WELFARE_OFFICER])
    assert officer.post("/care/templates/", typed(name="보통 날")).status_code == 302
    assert officer.post("/care/templates/", typed(name="보통 날")).status_code == 422
    template = RoutineTemplate.objects.get()
    address = f"/care/templates/{template.pk}/"
    officer.post(address, typed(kind="meal", title="점심", dose="", at="12:00"))
    assert template.items.count() == 2
    apply = f"/care/people/{enrolment.person.ref}/plan/template/"
    for _ in range(2):
        assert officer.post(apply, {"template": template.pk}).status_code == 302
    assert sorted(Routine.objects.values_list("kind", flat=True)) == ["meal", "medicine"]
    officer.post(address, {"remove": template.items.order_by("at").last().pk})  # type: ignore[union-attr]
    assert [one.title for one in template.items.all()] == ["혈압약"]
    officer.post(f"{address}end/")
    assert officer.get(address).status_code == 404
    assert Routine.objects.count() == 2
    assert officer.post(apply, {"template": template.pk}).status_code == 422


def test_who_confirmed_how_is_on_the_page_and_what_was_missed_is_on_the_workers_first_page(
    city: City, enrolment: Enrolment, standing_clock: StandingClock
) -> None:
    worker = signed_in(city.users[Role.CARE_WORKER])
    add_routine(enrolment.person, Spec(RoutineKind.MEDICINE, "혈압약", time(8, 30), repeats=0), actor="tests")
    at(standing_clock, 8, 30)
    pass_time(standing_clock, 30)
    assert Occasion.objects.get().state == OccasionState.MISSED
    first = worker.get("/care/today/").content.decode()
    assert "오늘 놓치신 일과" in first
    assert "08:30 약" in first
    assert "혈압약" not in first
    page = f"/care/people/{enrolment.person.ref}/plan/"
    assert "놓침" in worker.get(page).content.decode()
    assert worker.post(f"/care/routines/{Routine.objects.get().ref}/done/").status_code == 302
    done = Occasion.objects.get()
    assert (done.state, done.how, done.confirmed_by) == (
        OccasionState.CONFIRMED,
        ConfirmedHow.STAFF,
        city.users[Role.CARE_WORKER],
    )
    text = worker.get(page).content.decode()
    assert "하셨음 · 직원이 (생활지원사)" in text
    assert "오늘 놓치신 일과" not in worker.get("/care/today/").content.decode()


def test_elder_sees_their_own_day_and_says_that_it_is_done_even_before_its_time(
    city: City, enrolment: Enrolment, elder: User, standing_clock: StandingClock
) -> None:
    routine = add_routine(enrolment.person, MEDICINE, actor="tests")
    evening = add_routine(enrolment.person, Spec(RoutineKind.MEAL, "저녁", time(18)), actor="tests")
    page = signed_in(elder)
    text = page.get("/care/my/day/").content.decode()
    assert "08:30 혈압약 2알" in strip_tags(text)
    assert text.count("먹었어요") == 1, "it is too early for supper"
    for _ in range(2):
        assert page.post(f"/care/my/day/{routine.ref}/done/").status_code == 302
    assert page.post(f"/care/my/day/{evening.ref}/done/").status_code == 409
    done = Occasion.objects.get()
    assert (done.how, done.confirmed_by) == (ConfirmedHow.BUTTON, elder)
    at(standing_clock, 8, 30)
    tick()
    assert Occasion.objects.get().state == OccasionState.CONFIRMED
    assert AuditEntry.objects.filter(tag="care:plan:read", actor="user:citizen", purpose="own").exists()


def test_elder_cannot_speak_for_another(city: City, enrolment: Enrolment, elder: User) -> None:
    other = add_routine(planned(city, number=2).person, MEDICINE, actor="tests")
    assert signed_in(elder).post(f"/care/my/day/{other.ref}/done/").status_code == 404
    assert signed_in(make_user("nobody", Role.CITIZEN)).get("/care/my/day/").status_code == 200


def test_button_routine_of_another_day_is_refused(city: City, enrolment: Enrolment, elder: User) -> None:
    spec = Spec(RoutineKind.EXERCISE, "체조", time(9), weekdays="7", confirm_by=ConfirmBy.BUTTON)
    sunday = add_routine(enrolment.person, spec, actor="tests")
    assert signed_in(elder).post(f"/care/my/day/{sunday.ref}/done/").status_code == 409


def test_voice_of_a_person_is_set_and_taken_back(city: City, enrolment: Enrolment) -> None:
    worker = signed_in(city.users[Role.CARE_WORKER])
    address = f"/care/people/{enrolment.person.ref}/plan/voice/"
    assert worker.post(address, {"words_per_minute": "500"}).status_code == 422
    worker.post(address, {"words_per_minute": "95", "pitch": "20"})
    enrolment.refresh_from_db()
    assert (enrolment.voice_words_per_minute, enrolment.voice_pitch) == (95, 20)
    worker.post(address, {})
    enrolment.refresh_from_db()
    assert (enrolment.voice_words_per_minute, enrolment.voice_pitch) == (None, None)
    assert AuditEntry.objects.filter(tag="care:voice:set").count() == 2


def test_page_in_english_speaks_english(city: City, enrolment: Enrolment) -> None:
    add_routine(enrolment.person, MEDICINE, actor="tests", to_day=enrolment.enrolled_at.date() + timedelta(days=9))
    page = signed_in(city.users[Role.CARE_WORKER], "en").get(f"/care/people/{enrolment.person.ref}/plan/")
    assert "Today's plan" in page.content.decode()


@pytest.mark.parametrize(("typed_reason", "kept"), [({"reason": "hospital"}, "hospital"), ({}, "trip")])
def test_hospital_is_written_down_as_such(
    city: City, enrolment: Enrolment, typed_reason: dict[str, str], kept: str
) -> None:
    worker = signed_in(city.users[Role.CARE_WORKER])
    stay = {"starts": "2026-11-02T07:00", "until": "2026-11-09T18:00", "said_by": "family"} | typed_reason
    assert worker.post(f"/care/people/{enrolment.person.ref}/away/", stay).status_code == 302
    assert Away.objects.get().reason == kept
