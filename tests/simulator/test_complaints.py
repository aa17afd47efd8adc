# SPDX-License-Identifier: Apache-2.0
"""The made city's citizens complain at the platform's real doors, and the score tells what it made of them."""

from __future__ import annotations

import csv
import json
import threading
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from dure.city import clock, teams
from dure.city.devices import issue_key, register_feed
from dure.city.models import Role, Team
from dure.services.complaints.actions.departments import DepartmentSpec, set_department
from dure.services.complaints.enrolment import enrol_departments
from dure.services.complaints.models import Complaint, Department
from dure.services.complaints.rising import rises
from dure.simulator.areas import make_areas
from dure.simulator.city import CityPlan, load_city, make_city
from dure.simulator.complaints.citizens import Complaint as Told
from dure.simulator.complaints.citizens import complaints
from dure.simulator.complaints.desk import MADE, sayings, topics
from dure.simulator.complaints.doors import App, Page
from dure.simulator.complaints.happenings import DAY, Happenings
from dure.simulator.complaints.living import said
from dure.simulator.complaints.office import Office, Pages, clerks_of, is_open, is_theirs
from dure.simulator.complaints.past import WEEKS, first_voices, write_past
from dure.simulator.complaints.scoring import Judged, complaints_as_json, complaints_as_lines, score_complaints
from dure.simulator.doors import HttpDoor
from dure.simulator.memory import Said, State, Truth
from dure.simulator.pace import Pace
from dure.simulator.report import judge_complaints
from dure.simulator.residents import make_residents
from dure.simulator.shapes import inside
from dure.simulator.waste.living import Means
from tests.conftest import StandingClock
from tests.factories import PASSWORD, City
from tests.simulator.doors_here import URL, Doors

ACTOR = "tests"
FIRST = 20_780 * DAY
ELDERS = DepartmentSpec("elders", {"ko": "노인장애인과", "en": "Older and disabled people"}, "031-000-0110")


def told(days: float = 14, a_day: float = 40.0) -> list[Told]:
    happenings = Happenings(make_residents(1, 200, 12), make_areas(1, 12), a_day)
    return list(complaints(happenings, FIRST, FIRST + days * DAY))


@pytest.fixture(scope="module")
def fortnight() -> list[Told]:
    return told()


def test_the_city_says_the_same_in_whatever_pieces_it_is_asked(fortnight: list[Told]) -> None:
    happenings = Happenings(make_residents(1, 200, 12), make_areas(1, 12), 40.0)
    days = [complaints(happenings, FIRST + day * DAY, FIRST + (day + 1) * DAY) for day in range(14)]
    assert [one for day in days for one in day] == fortnight
    assert len({one.ref for one in fortnight}) == len(fortnight) > 300


def test_one_thing_is_told_of_by_several_people_in_other_words_and_near_to_it(fortnight: list[Told]) -> None:
    by_thing: dict[str, list[Told]] = {}
    for one in fortnight:
        by_thing.setdefault(one.thing, []).append(one)
    several = max((told for thing, told in by_thing.items() if thing), key=len)
    assert len(several) >= 5
    assert len({one.written.text for one in several}) > len(several) / 2
    assert len({tuple(one.departments[:1]) for one in several if len(one.departments) == 1}) == 1
    places = [(one.lon, one.lat) for one in several if one.lon is not None and one.lat is not None]
    assert max(abs(lat - places[0][1]) for _lon, lat in places) < 0.003


def test_what_points_to_a_person_stands_in_the_text_as_it_is_kept(fortnight: list[Told]) -> None:
    personal = [(value, one) for one in fortnight for _kind, value in one.written.personal]
    assert {kind for one in fortnight for kind, _ in one.written.personal} >= {
        "phone",
        "name",
        "address",
        "rrn",
        "mail",
    }
    assert all(value in one.written.text for value, one in personal)


def test_lamps_that_go_out_in_the_last_of_the_weeks_before_rise_and_nothing_else_does(tmp_path: Path) -> None:
    """By the truth of the file; what the desk makes of its words is scored elsewhere."""
    happenings = Happenings(make_residents(1, 200, 12), make_areas(1, 12), 40.0, dark_until=int(FIRST // DAY))
    count = write_past(happenings, FIRST, tmp_path / "past.csv")
    told = list(first_voices(happenings, FIRST))
    assert count == len(told) > 500
    lon, lat = (
        np.asarray([place or 0.0 for place in each]) for each in zip(*((o.lon, o.lat) for o in told), strict=True)
    )
    dong = np.argmax([inside(each.rings, lon, lat) for each in make_areas(1, 12)], axis=0)
    now, before = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for one, area in zip(told, dong, strict=True):
        (now if one.at >= FIRST - 7 * DAY else before)[one.topics[0], int(area)] += 1
    assert [one.cell[0] for one in rises(now, before, WEEKS - 1).found] == ["street-lamp"]
    with (tmp_path / "past.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["처리일시"] > row["신청일시"] for row in rows if row["처리일시"])
    assert 0 < sum(not row["처리일시"] for row in rows) < len(rows) / 5, "the last ones wait for an answer"


def test_no_saying_is_a_sentence_that_the_desk_is_given() -> None:
    """Else the score would tell how well the platform finds again what it was given."""
    given = "".join((MADE / name).read_text(encoding="utf-8") for name in ("departments.jsonl", "knowledge.jsonl"))
    said = [words.replace("{w}", "").replace("{t}", "").strip() for one in sayings() for words in one.korean]
    assert [words for words in said if words in given] == []
    assert {one.topic.code for one in sayings() if one.topic} == set(topics())


def test_a_city_without_complaints_has_no_desk_and_one_with_them_hands_it_over(tmp_path: Path) -> None:
    plan = CityPlan(seed=5, homes=20, start="2026-11-21T09:00:00+09:00")
    make_city(tmp_path / "without", plan)
    make_city(tmp_path / "with", replace(plan, complaints_per_day=30.0))
    assert not (tmp_path / "without" / "departments.jsonl").exists()
    assert (tmp_path / "with" / "knowledge.jsonl").exists()
    assert load_city(tmp_path / "with").plan.complaints_per_day == 30.0
    with pytest.raises(ValueError, match="--complaints-per-day"):
        make_city(tmp_path / "many", replace(plan, complaints_per_day=-1.0))


@pytest.mark.django_db
def test_complaints_come_through_the_page_and_the_app_once_each_and_are_scored(
    city: City, standing_clock: StandingClock, tmp_path: Path, fortnight: list[Told]
) -> None:
    Team.objects.create(name="민원실", service="complaints")
    enrol_departments(MADE / "departments.jsonl", actor=ACTOR)
    inside = city.dongs[0]
    assert inside.lon is not None
    assert inside.lat is not None
    busiest = max({one.thing for one in fortnight if one.thing}, key=[one.thing for one in fortnight].count)
    several = [replace(one, lon=inside.lon, lat=inside.lat) for one in fortnight if one.thing == busiest][:2]
    danger = next(one for one in fortnight if one.danger)
    named = next(one for one in fortnight if one.written.personal and not one.thing and not one.topic)
    with_topic = next(one for one in fortnight if one.thing and one.topic)
    chosen = replace(with_topic, lon=inside.lon, lat=inside.lat)
    feed = register_feed("app", "앱", "open311", actor=ACTOR)
    page = Page(URL, Doors())
    truth = Truth(tmp_path)
    began = clock.now()
    with closing(App(URL, issue_key(feed, "app", actor=ACTOR), Doors())) as app:
        for door, one in [(page, each) for each in [*several, replace(danger, lon=None), named]] + [(app, chosen)]:
            number = door.tell(one)
            assert number
            truth.keep_said(replace(said(one, door.name, number), at=clock.now()))
        assert (page.tell(named), app.tell(chosen)) == tuple(
            Complaint.objects.filter(door=door).order_by("-pk")[0].number for door in ("web", "open311")
        )
    truth.close()
    assert Complaint.objects.count() == len(several) + 3
    answers = HttpDoor(
        URL, issue_key(register_feed("statistics", "채점", "statistics", actor=ACTOR), actor=ACTOR), transport=Doors()
    )
    lines = answers.get("/complaints/told", {"since": began.isoformat()})["complaints"]
    assert "text" not in json.dumps(lines)
    score = judge_complaints(tmp_path, [Judged.read(one) for one in lines], began, clock.now() + timedelta(seconds=1))
    assert (score.said, score.taken) == (5, 5)
    assert score.doors == {"web": 4, "open311": 1}
    assert (score.dangers, score.rung) == (1, 1)
    assert sum(of for _missed, of in score.missed.values()) >= 1


@pytest.mark.django_db
def test_clerks_teach_hand_over_accept_and_answer_at_the_desk_s_pages(
    city: City, standing_clock: StandingClock, tmp_path: Path, fortnight: list[Told]
) -> None:
    agent, officer = city.users[Role.CALL_AGENT], city.users[Role.OFFICER]
    teams.set_team("민원실", [agent], service="complaints", actor=ACTOR)
    lines = (MADE / "departments.jsonl").read_text(encoding="utf-8").splitlines()
    few = tmp_path / "departments.jsonl"
    few.write_text("\n".join(line for line in lines if "elders" in line or "civil" in line), encoding="utf-8")
    enrol_departments(few, actor=ACTOR)
    one = next(one for one in fortnight if not one.thing and one.departments == ["elders"] and not one.topic)
    set_department(replace(ELDERS, members=[officer.username]), actor=ACTOR)
    number = Page(URL, Doors()).tell(one)
    complaint = Complaint.objects.get(number=number)
    state, truth, stop = State(tmp_path), Truth(tmp_path), threading.Event()
    for place in range(50):  # a share of the work is left to people: this citizen's is done
        known = replace(said(one, "web", number), ref=str(UUID(int=place)), at=clock.now())
        if is_theirs(known):
            truth.keep_said(known)
            break
    clerks = clerks_of({f"clerk:desk:{agent.username}": PASSWORD, f"clerk:elders:{officer.username}": PASSWORD})
    office = Office(clerks, lambda clerk: Pages(URL, clerk, Doors()), Means(state, truth, Pace(), stop))
    office.work(clock.now().timestamp())
    complaint.refresh_from_db()
    assert complaint.department == Department.objects.get(code="elders")
    assert complaint.case.team == complaint.department.team
    assert complaint.case.transfers.get().state == "accepted"
    standing_clock.move(hours=3)
    office.work(clock.now().timestamp())
    complaint.refresh_from_db()
    assert complaint.answered_at == clock.now()
    if not complaint.judgement.decided:
        assert complaint.judgement.chosen == complaint.department
    truth.close()
    state.close()


def test_clerks_work_in_office_hours() -> None:
    korea = timezone(timedelta(hours=9))
    hours = [datetime(2026, 11, 2, hour, tzinfo=korea) for hour in (8, 9, 17, 18)]
    assert [is_open(at.timestamp()) for at in hours] == [False, True, True, False]
    assert not is_open(datetime(2026, 11, 1, 10, tzinfo=korea).timestamp())


def one_said(number: str, thing: str = "", **more: object) -> Said:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    given = {"topics": ["street-lamp"], "departments": ["road"], "danger": False, "chose": "", "personal": []}
    return Said(ref=number, number=number, at=at, door="web", thing=thing, **(given | more))  # type: ignore[arg-type]


def one_judged(number: str, case: str, *departments: str, **more: object) -> Judged:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    given = {"decided": True, "urgency": 1, "masked": [], "received_at": at, "first_answered_at": None}
    return Judged(number, case, departments, **(given | more))  # type: ignore[arg-type]


def test_the_score_counts_routes_pairs_dangers_and_what_was_not_masked() -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    truth = [
        one_said("1", "lamp"),
        one_said("2", "lamp", personal=[["phone", "010"], ["name", "김"]]),
        one_said("3", "lamp", danger=True),
        one_said("4"),
        one_said("5", chose="street-lamp"),
        one_said("", "lamp"),
    ]
    told = [
        one_judged("1", "A", "road"),
        one_judged("2", "A", "parks", "road", decided=False, masked=["account"]),
        one_judged("3", "B", "road", urgency=4),
        one_judged("4", "A", "tax", urgency=4, first_answered_at=at + timedelta(hours=3)),
        one_judged("5", "C", "road"),
        one_judged("9", "C", "road"),
    ]
    score = score_complaints(truth, told)
    assert (score.said, score.taken) == (6, 5)
    assert vars(score.words) == {"asked": 4, "first": 2, "three": 3, "decided": 3, "decided_right": 2}
    assert vars(score.chosen) == {"asked": 1, "first": 1, "three": 1, "decided": 1, "decided_right": 1}
    assert vars(score.pairs) == {"true": 3, "joined": 3, "right": 1}
    assert (score.dangers, score.rung, score.rung_for_nothing) == (1, 1, 1)
    assert score.missed == {"name": (1, 1), "number": (0, 1)}
    assert complaints_as_json(score)["first_answer"] == {"answered": 1, "median_hours": 3.0, "p90_hours": 3.0}
    assert "in three 0.750; decided by itself 0.750, of these right 0.667" in complaints_as_lines(score)
