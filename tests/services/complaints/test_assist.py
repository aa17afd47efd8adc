# SPDX-License-Identifier: Apache-2.0
"""The assistant over real rows: what it says cold, and that whatever changes in the rows counts at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from dure.city import clock
from dure.services.complaints.actions import citizen
from dure.services.complaints.assist import Assist
from dure.services.complaints.assist_files import Lesson
from dure.services.complaints.models import Complaint, Department, Duty, Synonym, Text
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.complaints.desk import add_text, complain, make_desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]
LAMP = "우리 집 앞 가로등이 며칠째 안 켜져서 밤에 너무 깜깜해요"


def choose(complaint: Complaint, department: Department) -> None:
    """A person chose."""
    complaint.judgement.chosen, complaint.judgement.chosen_at = department, clock.now()
    complaint.judgement.save()


def test_empty_city_is_told_nothing_and_nothing_breaks(tmp_path: Path) -> None:
    assist = Assist(tmp_path / "assist")
    assert not assist.judge(LAMP).decided
    assert (assist.judge(LAMP).labels, assist.search(LAMP), assist.similar(LAMP)) == ([], [], [])


def test_departments_topics_passages_and_reasons_come_from_duties_alone(city: City, tmp_path: Path) -> None:
    desk = make_desk(city)
    assist = Assist(tmp_path / "assist")
    judged = assist.judge(LAMP)
    assert judged.labels[0]["label"] == "roads"
    assert judged.topics[0]["label"] == "lamp"
    assert "가로등" in judged.why["words"]
    assert "lamp-1" in judged.why["texts"]
    passage = assist.search(LAMP)[0]
    assert (passage.row.code, passage.text[:4]) == ("lamp-1", "가로등이")
    assert assist.judge("봉투", topic=desk.topics["pension"]).labels[0]["label"] == "welfare"


def test_correction_counts_at_once_in_every_process(city: City, tmp_path: Path) -> None:
    desk = make_desk(city)
    here, there = Assist(tmp_path / "assist"), Assist(tmp_path / "assist")
    odd = "텃밭 상자를 받고 싶습니다"
    there.judge(odd)
    choose(complain(desk, odd), desk.departments["parking"])
    assert [assist.judge(odd).labels[0]["label"] for assist in (here, there)] == ["parking", "parking"]


def test_text_is_found_while_it_is_in_force_and_as_it_was_changed(city: City, tmp_path: Path) -> None:
    make_desk(city)
    assist = Assist(tmp_path / "assist")
    question = "분리수거 요일이 궁금해요"
    today = clock.today()
    add_text("days", "분리수거 요일", "재활용품은 화요일에 내놓습니다.", valid_to=today)
    assert assist.search(question)[0].row.code == "days"
    assert "days" not in [one.row.code for one in assist.search(question, on=today + timedelta(days=1))]
    Text.objects.filter(code="days").update(
        text="재활용품은 목요일에 내놓습니다.", changed_at=clock.now() + timedelta(seconds=1)
    )
    assert assist.search(question)[0].text == "재활용품은 목요일에 내놓습니다."
    Text.objects.filter(code="days").update(removed_at=clock.now(), changed_at=clock.now() + timedelta(seconds=2))
    assert "days" not in [passage.row.code for passage in assist.search(question)]


def test_synonym_works_as_soon_as_it_is_written(city: City, tmp_path: Path) -> None:
    make_desk(city)
    assist = Assist(tmp_path / "assist")
    assert assist.search("쓰봉") == []
    Synonym.objects.create(words="쓰봉 = 종량제 봉투", changed_at=clock.now())
    assert assist.search("쓰봉")[0].row.code == "bags-1"


def test_changed_duties_are_learned_beside_the_old_model_and_new_department_at_once(city: City, tmp_path: Path) -> None:
    desk = make_desk(city)
    assist = Assist(tmp_path / "assist")
    bees = "말벌 집이 처마에 생겼어요"
    assist.judge(bees)
    Duty.objects.create(department=desk.departments["welfare"], text="말벌 집 제거 출동 신청")
    assist.judge(bees)
    assist.settle()
    assert assist.judge(bees).labels[0]["label"] == "welfare"
    green = Department.objects.create(code="green", name={"ko": "공원녹지과", "en": "Parks"}, team=desk.team)
    Duty.objects.create(department=green, text="가로수 가지치기")
    assert assist.judge("가로수 가지가 너무 자랐어요").labels[0]["label"] == "green"


def test_words_added_later_are_found_in_every_process(city: City, tmp_path: Path) -> None:
    complaint = complain(make_desk(city), "문의드립니다")
    here, there = Assist(tmp_path / "assist"), Assist(tmp_path / "assist")
    asked = "반려견 놀이터 울타리가 부서졌어요"
    assert here.similar(asked) == there.similar(asked) == []
    citizen.add_words(complaint, "반려견 놀이터의 울타리가 부서져 있습니다", client_id=uuid4())
    assert [[one.complaint_id for one in assist.similar(asked)] for assist in (here, there)] == [[complaint.pk]] * 2


def test_what_cannot_be_learned_is_not_tried_with_every_question(
    city: City, tmp_path: Path, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fail(lesson: Lesson) -> None:
        tried.append(lesson.mark)
        raise MemoryError

    monkeypatch.setattr(Lesson, "learned", fail)
    desk, assist = make_desk(city), Assist(tmp_path / "assist")
    for minutes in (0, 0, 1, 1, 1):  # tried at once, after one minute and after two more
        standing_clock.move(minutes=minutes)
        assert assist.search("봉투")[0].row.code == "bags-1"  # what needs no model is answered
    assert len(tried) == 3
    Duty.objects.create(department=desk.departments["welfare"], text="말벌 집 제거")
    assist.search("봉투")
    assert len(tried) == 4  # other duties are tried at once


def test_next_process_begins_with_what_was_kept_and_another_record_with_nothing(city: City, tmp_path: Path) -> None:
    desk = make_desk(city)
    first = complain(desk, LAMP)
    Assist(tmp_path / "assist").judge(LAMP)
    again = Assist(tmp_path / "assist")
    assert [one.complaint_id for one in again.similar("가로등이 안 켜져요")] == [first.pk]
    second = complain(desk, "가로등이 또 나갔습니다")
    assert {one.complaint_id for one in again.similar("가로등이 안 켜져요")} == {first.pk, second.pk}
    Complaint.objects.filter(pk=first.pk).update(client_id=uuid4(), masked="다른 도시", title="")
    second.judgement.delete()
    second.delete()
    assert {one.complaint_id for one in again.similar("가로등이 안 켜져요")} == set()
