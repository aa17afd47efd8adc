# SPDX-License-Identifier: Apache-2.0
"""The dispatcher's rounds through their addresses: what is shown, what a change costs, what is refused in words."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import translation

from dure.city import clock, rules
from dure.city.models import Errand, Role
from dure.services.waste.actions import rounds
from dure.services.waste.actions.collecting import could_not
from dure.services.waste.actions.rounds.drafting import next_decision
from dure.services.waste.bin_outlook import shift_end
from dure.services.waste.models import Round, RoundStatus, Site, TurnStatus, WishKind
from dure.services.waste.round_rules import RoundRules
from dure.services.waste.round_words import change_in_words, compared, policy_in_words, verdict
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.waste.fleet import Fleet, planned, stops_of, to_do

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet(city: City, standing_clock: StandingClock) -> Fleet:
    return Fleet(city, {1: 97, 2: 96, 3: 98, 4: 97, 5: 5})


class Desk:
    """The dispatcher at a round's page."""

    def __init__(self, fleet: Fleet) -> None:
        self.client = Client()
        self.client.force_login(fleet.dispatcher, backend="django.contrib.auth.backends.ModelBackend")
        self.round = rounds.make_round(fleet.soon, fleet.dispatcher)

    @property
    def address(self) -> str:
        return f"/waste/rounds/{self.round.pk}/"

    def page(self) -> str:
        return self.client.get(self.address).content.decode()

    def does(self, verb: str, **form: Any) -> Any:
        """The answer; ``said``: its message."""
        answer = self.client.post(f"{self.address}{verb}/", form)
        assert answer.status_code == 302, answer.content.decode()
        answer.said = " ".join(str(one) for one in get_messages(answer.wsgi_request))  # type: ignore[attr-defined]
        self.round.refresh_from_db()
        return answer


def test_city_without_trucks_is_told_how_and_then_a_round_is_planned(city: City, standing_clock: StandingClock) -> None:
    client = Client()
    client.force_login(city.users[Role.DISPATCHER], backend="django.contrib.auth.backends.ModelBackend")
    assert "dure waste trucks FILE.jsonl" in client.get("/waste/rounds/").content.decode()
    Fleet(city, {1: 97, 2: 5}, trucks=1)
    answer = client.post("/waste/rounds/")
    made = Round.objects.get()
    assert answer.headers["Location"] == f"/waste/rounds/{made.pk}/"
    page = client.get("/waste/rounds/").content.decode()
    assert f'href="/waste/rounds/{made.pk}/"' in page
    assert "지금 계획하기" not in page, "the next one is planned"


def test_plan_is_shown_with_its_reasons_and_the_habit(fleet: Fleet) -> None:
    desk = Desk(fleet)
    page = desk.page()
    assert "시까지 찰 확률" in page
    assert "지난 방식보다" in page
    assert "월·수·금요일에 모두" in page
    english = desk.client.get(desk.address, headers={"accept-language": "en"}).content.decode()
    assert "full by" in english
    shapes = desk.client.get(f"{desk.address}routes.geojson").json()["features"]
    stops = [one["properties"] for one in shapes if one["properties"]["is"] == "stop"]
    assert {one["bin"] for one in stops} == planned(desk.round)
    assert sorted(one["label"] for one in stops) == ["1", "2", "3", "4"]
    assert {one["geometry"]["type"] for one in shapes} == {"LineString", "Point"}


def test_cost_is_told_before_a_stop_is_moved_and_a_stale_page_loses_nothing(fleet: Fleet) -> None:
    desk = Desk(fleet)
    idle = next(truck for truck in fleet.trucks if not stops_of(desk.round).get(truck.code))
    of, version = fleet.bin(3), desk.round.version
    told = desk.client.get(f"{desk.address}bins/{of.pk}/", {"truck": idle.code}).context
    expected = rounds.cost_of_move(desk.round, of, idle)
    assert told["cost"] == change_in_words(expected.metres, expected.minutes)
    assert desk.client.get(f"{desk.address}bins/{of.pk}/", {"truck": idle.code, "position": "9"}).context["wrong"]
    desk.round.refresh_from_db()
    assert desk.round.version == version, "asking changes nothing"
    rounds.wish(desk.round, fleet.bin(5), WishKind.NEVER, None, fleet.dispatcher)
    form = {"bin": of.pk, "truck": idle.code, "position": ""}
    for truck in fleet.trucks:
        truck.tips.clear()
    closed = desk.client.get(f"{desk.address}bins/{of.pk}/", {"truck": idle.code})
    assert closed.status_code == 200, "a tip of the plan is used no more"
    for truck in fleet.trucks:
        truck.tips.set(Site.objects.filter(code="tip"))
    late = desk.does("move", **form, version=version)
    assert "그 사이" in late.said
    assert late.headers["Location"] == f"{desk.address}bins/{of.pk}/?truck={idle.code}&position="
    assert "옮겼습니다" in desk.does("move", **form, version=desk.round.version).said
    assert stops_of(desk.round)[idle.code] == ["bin-0003"]


def test_several_at_once_and_words_wait_for_the_next_plan(fleet: Fleet) -> None:
    desk = Desk(fleet)
    idle = next(truck for truck in fleet.trucks if not stops_of(desk.round).get(truck.code))
    both = [fleet.bin(1).pk, fleet.bin(2).pk]
    desk.does("chosen", bin=both, kind="truck", truck=idle.code, version=desk.round.version)
    assert set(stops_of(desk.round)[idle.code]) == {"bin-0001", "bin-0002"}
    late = desk.does("chosen", bin=both, kind="truck", truck=idle.code, version=1)
    assert f"chosen={both[0]}&chosen={both[1]}" in late.headers["Location"]
    desk.does("chosen", bin=[fleet.bin(3).pk], kind="never", version=desk.round.version)
    found = desk.client.get(f"{desk.address}find/", {"code": " bin-0005"})
    assert found.headers["Location"] == f"{desk.address}bins/{fleet.bin(5).pk}/"
    assert desk.client.get(f"{desk.address}find/", {"code": "bin-9"}).headers["Location"] == desk.address
    desk.does("wish", bin=fleet.bin(5).pk, kind="must")
    assert "다시 계획하면 따릅니다" in desk.page()
    assert "다시 계획" in desk.does("give-out", version=desk.round.version).said
    desk.does("plan", version=desk.round.version)
    assert planned(desk.round) == {"bin-0001", "bin-0002", "bin-0004", "bin-0005"}
    page = desk.page()
    assert "배차 담당이 가지 않기로" in page
    assert "더 가는 곳 1, 빠진 곳 1, 차량이 바뀐 곳" in page
    assert desk.round.plan["since"]["new"] == ["bin-0005"]


def test_round_is_followed_while_it_is_driven(fleet: Fleet, standing_clock: StandingClock) -> None:
    desk = Desk(fleet)
    assert "나눠 주었습니다" in desk.does("give-out", version=desk.round.version).said
    assert desk.round.status == RoundStatus.GIVEN_OUT
    version = desk.client.get(f"{desk.address}version/").json()
    busy = desk.round.turns.get(truck__code=next(iter(stops_of(desk.round))))
    assert busy.driver is not None
    standing_clock.move(hours=1, minutes=20)
    first = to_do(busy.driver)[0]
    errand = Errand.objects.get(pickup__bin__code=first)
    could_not(errand, busy.driver, reason="parked", note="", at=clock.now(), client_id=uuid4())
    assert desk.client.get(f"{desk.address}version/").json() != version
    assert "못 비움 · 주차 차량" in desk.page()
    assert desk.client.get("/waste/rounds/").context["current"][0].could_not == 1
    desk.does("broke-down", truck=busy.truck.code)
    busy.refresh_from_db()
    assert busy.status == TurnStatus.BROKEN
    assert "지난 방식보다" not in desk.page(), "what is left is no whole round"
    spare = make_user("spare", Role.DRIVER)
    other = next(truck for truck in fleet.trucks if truck != busy.truck)
    desk.does("turn", truck=other.code, driver=spare.pk)
    assert to_do(spare)
    assert "마감했습니다" in desk.does("end").said
    assert "옮기기" not in desk.page()
    assert desk.client.post(f"{desk.address}nonsense/").status_code == 404


def test_bins_are_seen_as_they_will_be_when_the_shift_ends(fleet: Fleet) -> None:
    desk = Desk(fleet)
    now, end = (desk.client.get("/waste/", {"when": when}).context["page"] for when in ("", "end"))
    assert [one.bin.code for one in now][-1] == "bin-0005"
    assert now[0].until == next_decision(clock.now(), rules.load(RoundRules, "waste")), "no round is under way"
    chances = [one.chance for one in end]
    assert chances == sorted(chances, reverse=True)
    assert (end[0].shade, end[-1].shade) == ("full", "low")
    labels = desk.client.get("/waste/bins.geojson", {"when": "end"}).json()["features"]
    assert labels[0]["properties"]["label"] == f"{chances[0]}%"
    assert f"까지 찰 확률 {chances[0]} %" in desk.client.get("/waste/").content.decode()
    rounds.give_out(desk.round, fleet.dispatcher)
    assert shift_end(desk.round.begins_at) == desk.round.ends_at


def test_rules_are_set_by_who_dispatches_for_the_whole_city(city: City, standing_clock: StandingClock) -> None:
    client = Client()
    client.force_login(city.users[Role.DISPATCHER], backend="django.contrib.auth.backends.ModelBackend")
    form = client.get("/waste/rules/").context["form"]
    sent = {one.html_name: one.value() for one in form} | {f"initial-{one.html_name}": one.value() for one in form}
    assert client.post("/waste/rules/", sent | {"habit_percent": 70}).status_code == 302
    assert rules.load(RoundRules, "waste").habit == "threshold:70"
    local = Client()
    local.force_login(
        make_user("local", Role.DISPATCHER, area=city.dongs[0]), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert local.post("/waste/rules/", sent).status_code == 403


@pytest.mark.parametrize(
    ("plan", "habit", "says"),
    [
        ((10_000, 1.0), (12_000, 3.0), "2.0 km 덜 달리고, 넘쳐 있을 시간을 2.0시간 줄입니다"),
        ((12_000, 1.0), (10_000, 3.0), "2.0 km 더 달려서, 넘쳐 있을 시간을 2.0시간 줄입니다"),
        ((12_000, 3.0), (10_000, 1.0), "2.0 km 더 달리고, 넘쳐 있을 시간도 2.0시간 늘어납니다"),
        ((10_000, 3.0), (10_000, 3.0), "거리도 넘쳐 있을 시간도 같습니다"),
    ],
)
def test_what_it_saves_is_said_also_when_it_does_not(
    plan: tuple[int, float], habit: tuple[int, float], says: str
) -> None:
    figures = [{"metres": one[0], "minutes": 60, "stops": 4, "overflow_hours": one[1]} for one in (plan, habit)]
    assert says in verdict(compared(*figures))


def test_changes_and_habits_in_words() -> None:
    assert change_in_words(1240, 4) == "+1.2 km, +4분"
    assert change_in_words(-40, 0) == "−40 m, 0분"
    with translation.override("en"):
        assert change_in_words(-2300, -6) == "−2.3 km, −6 min"
        assert policy_in_words("calendar:mon,fri") == "all of them on Mon·Fri"
