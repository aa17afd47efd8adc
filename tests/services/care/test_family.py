# SPDX-License-Identifier: Apache-2.0
"""The family's page: how somebody is and when there was a sign of life, with consent, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dure.city import cases, clock, people, processes
from dure.city.audit import Tag
from dure.city.errors import Conflict, Invalid, NotAllowed
from dure.city.family import let_in, shut_out
from dure.city.models import AuditEntry, Case, ConsentPurpose, Contact, Level, Person, Role, User
from dure.city.people import Purpose
from dure.services.care.actions.alarms import alarm
from dure.services.care.family import Wellbeing, my_relatives
from dure.services.care.models import Away, AwaySource, Enrolment, Outcome
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import Living, enrolled, judge

pytestmark = pytest.mark.django_db
SHARED = ["power_watch", "ai_call", "family_share"]
REASON = {"ko": "08시면 28일 중 25일은 전기를 쓰셨습니다.", "en": "On 25 of 28 days power was used at 8."}


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock) -> Enrolment:
    processes.alive("worker", {"lane": "ordinary"})
    return enrolled(city, consents=SHARED)


@pytest.fixture
def daughter(enrolment: Enrolment) -> User:
    return let_in(enrolment.person.contacts.get(), "daughter", actor="tests").user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def seen(user: User) -> Any:
    return signed_in(user).get("/care/family/")


def how(user: User) -> Wellbeing:
    (one,) = my_relatives(user)
    return one.how


def noticed(enrolment: Enrolment, level: Level = Level.ALERT) -> Case:
    finding = alarm(
        enrolment, level=level, score=3.0, reason=REASON, evidence={}, engine_version="test", at=clock.now()
    )
    return finding.cases.get()


def test_family_reads_when_there_was_a_sign_of_life_and_not_what_it_was(
    enrolment: Enrolment, daughter: User, standing_clock: StandingClock
) -> None:
    living = Living(enrolment)
    living.send(standing_clock.now - timedelta(days=24), standing_clock.now)
    judge()
    page = seen(daughter).content.decode()
    assert "오늘도 잘 지내고 계십니다" in page
    assert "오늘 09:00</time>에 기척이 있었습니다" in page
    assert "김순자" in page
    for kept_back in ("kWh", "<svg viewBox", "두레로", "010-0000", "meter-"):
        assert kept_back not in page.partition("<main")[2], kept_back


def test_each_look_of_the_family_is_on_the_chain_of_the_person(enrolment: Enrolment, daughter: User) -> None:
    before = AuditEntry.objects.count()
    seen(daughter)
    (entry,) = AuditEntry.objects.filter(seq__gt=before)
    assert (entry.tag, entry.actor, entry.purpose) == (Tag.Person.LISTED, "user:daughter", Purpose.FAMILY)
    assert entry.detail["refs"] == [str(enrolment.person.ref)]


def test_nothing_is_shown_from_the_moment_at_which_the_consent_ends(
    enrolment: Enrolment, daughter: User, standing_clock: StandingClock
) -> None:
    assert "김순자" in seen(daughter).content.decode()
    people.withdraw_consent(enrolment.person, ConsentPurpose.FAMILY_SHARE, actor="tests")
    page = seen(daughter).content.decode()
    assert "지금은 보여 드릴 것이 없습니다" in page
    assert "김순자" not in page
    address = f"/care/family/{enrolment.person.ref}/away/"
    assert signed_in(daughter).post(address, {"days": 1, "reason": "trip"}).status_code == 403
    assert not Away.objects.exists()


def test_consent_that_runs_out_closes_the_page(
    enrolment: Enrolment, daughter: User, standing_clock: StandingClock
) -> None:
    standing_clock.move(days=800)
    assert "김순자" not in seen(daughter).content.decode()


def test_words_follow_what_is_being_done(
    city: City, enrolment: Enrolment, daughter: User, standing_clock: StandingClock
) -> None:
    assert how(daughter) is Wellbeing.AS_USUAL
    processes.leave("worker")
    assert how(daughter) is Wellbeing.UNKNOWN
    case = noticed(enrolment)
    assert how(daughter) is Wellbeing.CHECKING
    page = seen(daughter).content.decode()
    assert REASON["ko"] not in page
    worker = city.users[Role.CARE_WORKER]
    cases.acknowledge(case, worker)
    assert how(daughter) is Wellbeing.SOMEBODY_ON_IT
    cases.hand_over(case, target="119", payload="{}", actor=worker)
    assert how(daughter) is Wellbeing.HELP_CALLED


def test_nobody_is_called_well_while_another_service_has_a_case_about_them(
    city: City, enrolment: Enrolment, daughter: User, standing_clock: StandingClock
) -> None:
    Living(enrolment).send(standing_clock.now - timedelta(hours=24), standing_clock.now)
    judge()
    home = enrolment.household
    fall = cases.open_case(
        service="monitoring", kind="fall", level=Level.SEVERE, title={"ko": "넘어지심", "en": "a fall"}, area=home.area,
        household=home, team=city.team, due_at=clock.now() + timedelta(hours=1), actor="tests",
    )  # fmt: skip
    assert how(daughter) is Wellbeing.CHECKING
    worker = city.users[Role.CARE_WORKER]
    cases.acknowledge(fall, worker)
    assert how(daughter) is Wellbeing.SOMEBODY_ON_IT
    cases.close(fall, actor=worker, outcome="to_hospital")
    assert how(daughter) is Wellbeing.ASK


@pytest.mark.parametrize("outcome", [Outcome.DIED, Outcome.TO_HOSPITAL])
def test_grave_news_is_told_by_a_person_and_never_by_the_page(
    city: City, enrolment: Enrolment, daughter: User, outcome: Outcome
) -> None:
    worker = city.users[Role.CARE_WORKER]
    case = noticed(enrolment)
    cases.record_visit(case, actor=worker, reached=True)
    cases.close(case, actor=worker, outcome=outcome)
    (one,) = my_relatives(daughter)
    assert (one.how, one.sign_at) == (Wellbeing.ASK, None)


def test_somebody_spoken_to_is_a_sign_of_life(
    city: City, enrolment: Enrolment, daughter: User, standing_clock: StandingClock
) -> None:
    worker = city.users[Role.CARE_WORKER]
    case = noticed(enrolment)
    cases.record_call(case, actor=worker, reached=False)
    assert my_relatives(daughter)[0].sign_at is None
    cases.record_call(case, actor=worker, reached=True)
    cases.close(case, actor=worker, outcome=Outcome.WELL_BY_PHONE)
    (one,) = my_relatives(daughter)
    assert (one.sign_at, one.how) == (standing_clock.now, Wellbeing.WELL)


def test_silent_meter_and_missing_consent_are_not_called_well(enrolment: Enrolment, daughter: User) -> None:
    enrolment.power.device.silent_since = clock.now()
    enrolment.power.device.save()
    assert how(daughter) is Wellbeing.UNKNOWN
    people.withdraw_consent(enrolment.person, ConsentPurpose.POWER_WATCH, actor="tests")
    assert how(daughter) is Wellbeing.NOT_WATCHED


def test_family_says_that_the_home_is_empty_and_that_it_is_not_any_more(enrolment: Enrolment, daughter: User) -> None:
    client, ref = signed_in(daughter), enrolment.person.ref
    assert client.post(f"/care/family/{ref}/away/", {"days": 3, "reason": "trip"}).status_code == 302
    away = Away.objects.get()
    assert (away.said_by, away.recorded_by) == (AwaySource.FAMILY, daughter)
    assert away.ends_at.astimezone(clock.SEOUL).isoformat() == "2026-11-05T20:00:00+09:00"
    assert how(daughter) is Wellbeing.AWAY
    assert client.post(f"/care/family/{ref}/back/").status_code == 302
    assert how(daughter) is Wellbeing.AS_USUAL
    assert client.post(f"/care/family/{ref}/away/", {"days": 5, "reason": "trip"}).status_code == 422


def test_stranger_is_nobody_s_family(city: City, enrolment: Enrolment, daughter: User) -> None:
    stranger, ref = make_user("stranger", Role.FAMILY), enrolment.person.ref
    assert "김순자" not in seen(stranger).content.decode()
    assert signed_in(stranger).post(f"/care/family/{ref}/away/", {"days": 1, "reason": "trip"}).status_code == 404
    assert signed_in(daughter).get("/care/today/").status_code == 403
    assert signed_in(daughter).get("/board/").status_code == 403


# ---------------------------------------------------------------- who lets them in


def test_staff_opens_the_page_to_a_contact_once_with_a_password_shown_once(city: City, enrolment: Enrolment) -> None:
    worker, contact = signed_in(city.users[Role.CARE_WORKER]), enrolment.person.contacts.get()
    address = f"/care/people/{enrolment.person.ref}/family/"
    answer = worker.post(address, {"contact": contact.pk, "name": "daughter"})
    password = answer.context["added"].password
    assert password in answer.content.decode()
    assert Client().login(username="daughter", password=password)
    assert password not in worker.get(address).content.decode()
    assert "보고 계심" in worker.get(address).content.decode()
    assert worker.post(f"{address}{contact.pk}/end/").status_code == 302
    assert my_relatives(User.objects.get(username="daughter")) == []
    tags = AuditEntry.objects.filter(tag__startswith="person:family:").order_by("seq").values_list("tag", flat=True)
    assert list(tags) == ["person:family:let_in", "person:family:shut_out"]


def test_an_account_of_somebody_else_cannot_become_family(city: City, enrolment: Enrolment, daughter: User) -> None:
    contact = people.add_contact(enrolment.person, name="박철수", phone="010-1234-5678", relation="아들", actor="tests")
    with pytest.raises(Invalid, match="name"):
        let_in(contact, Role.WELFARE_OFFICER.value, actor="tests")
    page = signed_in(city.users[Role.CARE_WORKER]).post(
        f"/care/people/{enrolment.person.ref}/family/", {"contact": contact.pk, "name": Role.WELFARE_OFFICER.value}
    )
    assert (page.status_code, "다른 사람이 쓰는 이름입니다" in page.content.decode()) == (422, True)
    assert let_in(contact, "daughter", actor="tests").password is None
    assert Contact.objects.filter(user=daughter).count() == 2
    assert len(my_relatives(daughter)) == 1


def test_nobody_is_let_in_without_the_persons_consent_or_from_another_area(city: City, enrolment: Enrolment) -> None:
    contact = enrolment.person.contacts.get()
    with pytest.raises(NotAllowed):
        let_in(contact, "daughter", actor=make_user("far", Role.CARE_WORKER, area=city.dongs[1]))
    people.withdraw_consent(enrolment.person, ConsentPurpose.FAMILY_SHARE, actor="tests")
    with pytest.raises(Conflict):
        let_in(contact, "daughter", actor="tests")
    page = signed_in(city.users[Role.CARE_WORKER]).get(f"/care/people/{enrolment.person.ref}/family/")
    assert "가족과 함께 보는 동의가 없습니다" in page.content.decode()
    shut_out(contact, actor="tests")
    assert not User.objects.filter(username="daughter").exists()


def test_two_parents_are_on_one_page(city: City, enrolment: Enrolment, daughter: User) -> None:
    father = enrolled(city, number=2, consents=SHARED)
    let_in(father.person.contacts.get(), "daughter", actor="tests")
    assert {one.record.ref for one in my_relatives(daughter)} == {enrolment.person.ref, father.person.ref}
    people.leave(Person.objects.get(pk=father.person_id), actor="tests")
    assert [one.record.ref for one in my_relatives(daughter)] == [enrolment.person.ref]
