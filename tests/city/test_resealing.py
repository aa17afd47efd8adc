# SPDX-License-Identifier: Apache-2.0
"""Sealed columns, and the rotation of the keys that seal them."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from dure.city import audit, people, resealing, secrets
from dure.city.models import (
    AuditEntry,
    Case,
    CaseEvent,
    Contact,
    Errand,
    Finding,
    Handover,
    Household,
    Level,
    Person,
    Review,
    Role,
)
from dure.city.sealed import CannotOpen, Sealed, blind_index
from dure.services.care.models import Call, Routine
from dure.services.complaints.models import (
    CommitteeReview,
    Complaint,
    Concern,
    Department,
    Draft,
    LiveCall,
    Message,
    Partner,
    Picture,
    Talk,
    Waiting,
)
from dure.services.monitoring.models import OutsideNote, UsualRange
from dure.services.waste.models import Bin, Photo, Press, Report, Round, Site, Truck, Turn
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def old_key(settings: LazySettings) -> None:
    settings.DURE_KEYS = [OLD]


@given(st.text(st.characters(codec="utf-8")))
def test_what_is_sealed_is_opened_as_it_was(text: str) -> None:
    sealed = Sealed.seal(text)
    assert sealed.open() == text
    assert sealed.is_current()


def test_equal_texts_are_not_sealed_equally() -> None:
    assert len({Sealed.seal("김순자").token for _ in range(50)}) == 50


def test_equal_columns_of_equal_people_are_not_equal_in_the_database(city: City) -> None:
    for _ in range(2):
        home = people.register_household(area=city.dongs[0], address="두레로 1", actor="tests")
        people.register_person(
            household=home, name="김순자", phone="010-1234-5678", birth_year=1941, sex="F", actor="tests"
        )
    for model, column in ((Person, "name"), (Person, "phone"), (Household, "address")):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {model._meta.db_table}")  # noqa: S608 - names of ours
            one, other = (value for (value,) in cursor.fetchall())
        assert one != other
        assert "김순자" not in one


def test_the_index_of_a_phone_is_keyed(settings: LazySettings) -> None:
    index = blind_index("01012345678")
    assert index == blind_index("01012345678")
    assert "1234" not in index
    settings.DURE_INDEX_KEY = "another key"
    assert index != blind_index("01012345678")


def test_a_sealed_value_tells_nothing_when_it_is_printed() -> None:
    sealed = Sealed.seal("김순자")
    assert f"{sealed} {sealed!r} {[sealed]}" == "••• ••• [•••]"


def test_a_value_of_an_unknown_key_is_not_opened(settings: LazySettings) -> None:
    sealed = Sealed.seal("김순자")
    settings.DURE_KEYS = [NEW]
    with pytest.raises(CannotOpen):
        sealed.open()
    with pytest.raises(CannotOpen):
        sealed.rotated()


@pytest.fixture
def case(city: City, standing_clock: StandingClock) -> Case:
    """A case with something in every sealed column of the record."""
    now = standing_clock.now
    home = people.register_household(area=city.dongs[0], address="두레로 1", lon=127.1, lat=37.3, actor="tests")
    person = people.register_person(
        household=home, name="김순자", phone="010-1234-5678", birth_year=1941, sex="F", actor="tests"
    )
    people.add_contact(person, name="이영희", phone="010-2222-3333", relation="딸", actor="tests")
    case = Case.objects.create(
        number="C-1",
        service="care",
        kind="silent",
        level=Level.ALERT,
        title={"ko": "", "en": ""},
        area=city.dongs[0],
        team=city.team,
        opened_at=now,
        due_at=now + timedelta(hours=1),
    )
    CaseEvent.objects.create(case=case, at=now, kind="note", text="들렀습니다", actor_name="kim")
    CaseEvent.objects.create(case=case, at=now, kind="opened", actor_name="kim")
    Handover.objects.create(case=case, target="119", payload="두레로 1, 김순자", created_at=now)
    errand = Errand.objects.create(
        service="care",
        kind="visit",
        area=city.dongs[0],
        place="127.1,37.3",
        window_from=now,
        window_to=now + timedelta(hours=1),
        minutes=20,
        ordered_at=now,
    )
    Routine.objects.create(
        person=person, kind="medicine", title="혈압약", dose="한 알", at=time(8), from_day=now.date(), since=now
    )
    Review.objects.create(
        case=case,
        person=person,
        service="care",
        kind="review",
        asked_as="staff",
        asked_by=city.users[Role.CARE_WORKER],
        asked_at=now,
        text="집에 있었어요",
        answer="계셨습니다",
        extension_reason="자료를 더 봅니다",
        result="changed",
        answered_by=city.users[Role.WELFARE_OFFICER],
        answered_at=now,
    )
    UsualRange.objects.create(
        person=person, sign="heart_rate", low=50, high=90, source="clinician", clinician="가정의학과", reason="심부전",
        set_at=now, valid_until=now + timedelta(days=30),
    )  # fmt: skip
    finding = Finding.objects.create(
        service="monitoring", kind="outside", household=home, level=2, score=1, reason={"ko": "", "en": ""},
        engine="gateway:fhir", engine_version="R4", found_at=now,
    )  # fmt: skip
    OutsideNote.objects.create(finding=finding, text="어지러움이 남아 있음")
    waste_bin = Bin.objects.create(
        code="bin-1", word="aram", area=city.dongs[0], lon=127.1, lat=37.3, volume_l=240, empty_mm=1200, full_mm=200,
        enrolled_at=now,
    )  # fmt: skip
    Report.objects.create(bin=waste_bin, kind="other", text="문이 열려 있어요", at=now, client_id=uuid4(), case=case)
    depot = Site.objects.create(code="yard", kind="depot", name="차고지", lon=127.1, lat=37.3)
    truck = Truck.objects.create(
        code="truck-1", name="1호차", depot=depot, capacity_l=6000, shift_from=time(6), shift_to=time(15),
        enrolled_at=now,
    )  # fmt: skip
    round_ = Round.objects.create(begins_at=now, ends_at=now + timedelta(hours=8), next_at=now, made_at=now)
    said = {"errand": errand, "at": now, "received_at": now}
    turn = Turn.objects.create(round=round_, truck=truck)
    Press.objects.create(**said, turn=turn, deed="could_not", reason="other", note="차가 막음", client_id=uuid4())
    Photo.objects.create(**said, by=city.users[Role.DRIVER], picture="aW1hZ2U=", client_id=uuid4())
    Call.objects.create(person=person, ringing_since=now, rings_until=now, dialogue="다리가 저려요")
    make_complaint(case, city, now)
    return case


def make_complaint(case: Case, city: City, now: datetime) -> None:
    """A complaint with something in every sealed column of the desk."""
    complaint = Complaint.objects.create(
        number="C-2026-000001", pin="-", client_id=uuid4(), case=case, door="chat", area=case.area, text="김철수입니다",
        masked="⟦NAME_1⟧입니다", vault="{}", reporter="{}", address="두레로 1", received_at=now, due_at=now,
    )  # fmt: skip
    said = Message.objects.create(complaint=complaint, way="out", kind="receipt", at=now, text="받았습니다")
    Picture.objects.create(complaint=complaint, at=now, client_id=uuid4(), jpeg="aW1hZ2U=")
    department = Department.objects.create(code="roads", name={"ko": "도로과", "en": "Roads"}, team=city.team)
    Partner.objects.create(
        case=case, department=department, part="-", asked_at=now, due_at=now, opinion="저희 일입니다"
    )
    lead = city.users[Role.DESK_LEAD]
    CommitteeReview.objects.create(
        complaint=complaint, matter="ending", reason="-", asked_at=now, asked_by=lead, opinion="끝내도 됨"
    )
    call = LiveCall.objects.create(ref=uuid4(), caller="01012345678", started_at=now, lines="[]")
    Concern.objects.create(complaint=complaint, call=call, at=now, kind="insult", words="[]")
    Draft.objects.create(
        complaint=complaint, version=1, at=now, writer="-", action="answer", prompt="-", output="-", final="답"
    )
    Talk.objects.create(ref=uuid4(), caller_index="-", said="{}", started_at=now, heard_at=now)
    Waiting.objects.create(message=said, caller_index="-", number=complaint.number, text="받았습니다", at=now)


def opened() -> dict[str, list[str | None]]:
    """Every sealed value of the record in clear, by model and column."""
    return {
        f"{model.__name__}.{column}": [
            None if value is None else value.open()
            for value in model._base_manager.order_by("pk").values_list(column, flat=True)
        ]
        for model, columns in resealing.sealed_columns()
        for column in columns
    }


def test_every_sealed_column_of_the_record_is_in_the_case(case: Case) -> None:
    assert [name for name, values in opened().items() if not any(values)] == []
    assert {model for model, _ in resealing.sealed_columns()} >= {
        Household,
        Person,
        Contact,
        CaseEvent,
        Handover,
        Errand,
    }


def test_after_rotation_the_new_key_alone_opens_everything(case: Case, settings: LazySettings) -> None:
    before = opened()
    values = sum(value is not None for column in before.values() for value in column)
    settings.DURE_KEYS = [NEW, OLD]
    assert resealing.count_old() == values
    done = resealing.reseal(actor="tests")
    assert (done.resealed, done.current, done.cannot_open) == (values, 0, [])
    assert resealing.count_old() == 0
    settings.DURE_KEYS = [NEW]
    assert opened() == before
    entry = AuditEntry.objects.order_by("-seq")[0]
    assert (entry.tag, entry.actor, entry.detail["resealed"]) == (audit.Tag.Secrets.ROTATED, "tests", values)
    assert audit.verify() == []


def test_the_thread_is_still_append_only_after_rotation(case: Case, settings: LazySettings) -> None:
    settings.DURE_KEYS = [NEW, OLD]
    resealing.reseal()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CaseEvent.objects.update(text="anders")


class PowerCutError(Exception):
    """Stops a rotation in the middle."""


def test_a_rotation_that_was_stopped_is_started_again(
    case: Case, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened()
    values = sum(value is not None for column in before.values() for value in column)
    settings.DURE_KEYS = [NEW, OLD]
    monkeypatch.setattr(resealing, "AT_ONCE", 1)
    left = 4
    rotated = Sealed.rotated

    def stops(sealed: Sealed) -> Sealed:
        nonlocal left
        left -= 1
        if left < 0:
            raise PowerCutError
        return rotated(sealed)

    with monkeypatch.context() as patch:
        patch.setattr(Sealed, "rotated", stops)
        with pytest.raises(PowerCutError):
            resealing.reseal()
    assert opened() == before
    remaining = resealing.count_old()
    assert 0 < remaining < values
    done = resealing.reseal()
    assert (done.resealed, done.current) == (remaining, values - remaining)
    settings.DURE_KEYS = [NEW]
    assert opened() == before


def test_a_value_that_no_key_opens_is_named_and_left_alone(case: Case, settings: LazySettings) -> None:
    lost = Sealed.seal("김순자")
    settings.DURE_KEYS = [NEW]
    person = Person.objects.get()
    token = person.name.token
    done = resealing.reseal()
    assert f"city_person.name {person.pk}" in done.cannot_open
    assert done.resealed == 0
    assert Person.objects.get().name.token == token
    assert lost.token != token


def test_many_rows_are_rotated_in_chunks(
    case: Case, city: City, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        people.register_household(area=city.dongs[0], address=f"두레로 {number}", actor="tests")
    monkeypatch.setattr(resealing, "AT_ONCE", 3)
    before = opened()
    settings.DURE_KEYS = [NEW, OLD]
    resealing.reseal()
    settings.DURE_KEYS = [NEW]
    assert opened() == before


def test_the_file_of_keys_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secrets.json"
    made = secrets.load_secrets(path)
    assert secrets.load_secrets(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secrets.json"]
    assert len({made.web, made.index, made.audit, *made.sealing}) == 4


def test_a_new_key_goes_in_front_and_the_old_ones_are_dropped_last(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = secrets.load_secrets(path)
    grown = secrets.add_sealing_key(path)
    assert grown.sealing[1:] == first.sealing
    assert secrets.load_secrets(path) == grown
    dropped = secrets.drop_old_sealing_keys(path)
    assert dropped.sealing == grown.sealing[:1]
    assert (dropped.web, dropped.index, dropped.audit) == (first.web, first.index, first.audit)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{}", json.dumps({"web": "x"}), "[1]"])
def test_a_file_that_is_none_of_ours_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"secrets\.json"):
        secrets.load_secrets(path)
