# SPDX-License-Identifier: Apache-2.0
"""The lead's board: what waits, what rises beyond chance, how right the classifier was, what drafts changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from dure.city import clock
from dure.city.models import Role
from dure.services.complaints import board
from dure.services.complaints.models import Complaint, Draft, DraftState
from dure.services.complaints.rising import rises, tail
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.complaints.desk import Desk, complain, make_desk


@pytest.fixture
def desk(city: City, standing_clock: StandingClock) -> Desk:
    return make_desk(city)


def test_what_rises_is_what_chance_would_hardly_bring() -> None:
    usual = {("lamp", dong): 8 for dong in range(30)}
    this = {("lamp", dong): 1 + dong % 3 for dong in range(30)} | {("bin", 0): 7, ("hole", 1): 3}
    result = rises(this, usual | {("bin", 0): 3, ("hole", 1): 5}, 8)
    assert [one.cell for one in result.found] == [("bin", 0)]
    assert result.tested == 12
    assert result.found[0].usual == 3 / 8
    assert tail(0, 5, 8) == pytest.approx(1)
    assert tail(3, 0, 8) == pytest.approx((1 / 9) ** 3)
    with pytest.raises(ValueError, match="weeks"):
        rises(this, usual, 2)


def test_curve_tells_how_right_the_surest_were() -> None:
    points = board.curve_of([(0.9 - number / 100, number < 15) for number in range(20)])
    assert [point.accuracy for point in points if point.percent in (50, 100)] == [1.0, 0.75]
    assert points[4].p == pytest.approx(0.81)
    assert board.curve_of([(0.9, True)] * 9) == []


def _of(desk: Desk, days_ago: float, topic: str, **more: object) -> Complaint:
    at = clock.now() - timedelta(days=days_ago)
    kind = desk.topics[topic]
    given = {"received_at": at, "due_at": at + timedelta(days=7), "topic": kind, "department": kind.department}
    return complain(desk, "가로등이 꺼졌어요", **(given | more))


def test_board_counts_cases_not_complaints_and_says_what_each_figure_rests_on(desk: Desk, city: City) -> None:
    for week in range(1, 9):
        _of(desk, 7 * week + 1, "bags", answered_at=clock.now(), first_answered_at=clock.now())
    lamps = [_of(desk, days, "lamp") for days in (1, 2, 3, 4, 5, 6)]
    hole = _of(desk, 2, "pothole")
    for _again in range(9):
        _of(desk, 2, "pothole", case=hole.case)
    late = _of(desk, 9, "bags")
    quick = _of(desk, 5, "pension", first_answered_at=clock.now(), answered_at=clock.now(), rating=5)
    now = clock.now()
    Draft.objects.create(
        complaint=quick, version=1, at=now, writer="extractive", action="answer", state=DraftState.SENT
    )
    for row in (*lamps, late):
        row.judgement.labels, row.judgement.decided = [{"label": "roads", "p": 0.9}], True
        row.judgement.chosen, row.judgement.chosen_at = row.department, now
        row.judgement.save()
    complaints = board.complaints_of(city.users[Role.DESK_LEAD])
    rising = board.rising(complaints)
    assert [(topic.code, one.now) for topic, _area, one in rising.found] == [("lamp", 6)]
    assert rising.weeks == 7
    waiting = board.waiting(complaints)
    assert (waiting.waiting, waiting.late) == (6 + 10 + 1, 1)
    since = now - timedelta(days=28)
    unsure = board.unsure(complaints, since)
    assert (unsure.chosen, unsure.wrong, unsure.wrong_decided, unsure.pairs) == (7, 1, 1, [("도로과", "자원순환과", 1)])
    used, without = board.assisted(complaints, since)
    assert (used.received, used.rating, without.received) == (1, 5.0, 3)
    every, departments = board.answers(complaints, since)
    assert (every.received, every.answered, departments[0].name, departments[0].received) == (21, 4, "도로과", 16)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_board_is_for_the_lead_and_has_its_tables_as_files(
    desk: Desk, city: City, client: Client, language: str
) -> None:
    _of(desk, 1, "lamp")
    client.force_login(city.users[Role.CALL_AGENT])
    assert client.get("/complaints/board/").status_code == 403
    client.force_login(city.users[Role.DESK_LEAD])
    page = client.get("/complaints/board/?days=7", headers={"Accept-Language": language})
    assert page.status_code == 200
    for table in ("answers", "rising", "unsure", "curve", "assistant"):
        file = client.get(f"/complaints/board/{table}.csv")
        assert file.content.startswith(b"\xef\xbb\xbf")
    assert client.get("/complaints/board/nothing.csv").status_code == 404


@pytest.mark.django_db
def test_nights_are_said_with_when_offices_open_again(
    desk: Desk, city: City, client: Client, standing_clock: StandingClock
) -> None:
    client.force_login(city.users[Role.DESK_LEAD])
    standing_clock.move(days=4, hours=12)  # Friday night
    closed = board.closed()
    assert closed is not None
    assert closed.until.astimezone(clock.SEOUL).isoformat() == "2026-11-09T09:00:00+09:00"
    for address in ("/complaints/", "/complaints/board/"):
        assert "11월 9일" in client.get(address, headers={"Accept-Language": "ko"}).content.decode()
