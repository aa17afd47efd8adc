# SPDX-License-Identifier: Apache-2.0
"""Make the city of the browser tests: ``python -m tests.browser.cast [--areas FILE] [--cameras N]``.

Everything is made by the functions that make a real city's records; nobody in it exists.
"""

from __future__ import annotations

import argparse
import random
from datetime import datetime, time, timedelta
from math import cos, pi, sin
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.pages import KEYED, SECRET
from tests.empty_city import copy_empty

if TYPE_CHECKING:
    from dure.city.models import Area, Case, Team, User
    from dure.services.waste.models import Bin
    from tests.factories import City, Home
    from tests.services.waste.made_rounds import Given

USUAL = (
    [0.09] * 12
    + [0.1, 0.14, 0.31, 0.42, 0.36, 0.22]
    + [0.16] * 14
    + [0.2, 0.34, 0.46, 0.41, 0.3, 0.27]
    + [0.24] * 6
    + [0.12] * 4
)
YESTERDAY = [round(value * (0.85 + 0.3 * ((slot * 7) % 5) / 5), 3) for slot, value in enumerate(USUAL)]
QUIET = [0.08, 0.09] * 9

DONGS = (
    "아람동",
    "보람동",
    "한울동",
    "새롬동",
    "다솜동",
    "가온읍",
    "나래동",
    "미리내면",
    "도담동",
    "해밀동",
    "소담동",
    "온누리동",
)
REASONS = (
    (
        "08시면 28일 중 25일은 전기를 쓰셨는데, 오늘은 9시까지 냉장고 말고는 쓰신 것이 없습니다.",
        "Nothing but the fridge has used power by 9 this morning. On 25 of 28 days it began before 8.",
    ),
    (
        "밤새 평소보다 전기를 세 배 쓰셨습니다. 이런 밤은 지난 두 달에 한 번도 없었습니다.",
        "Three times the usual power was used last night. There was no such night in two months.",
    ),
)
TITLES = {
    1: ("평소보다 늦은 하루의 시작", "The day began later than usual"),
    2: ("아침 생활 신호가 보이지 않음", "No sign of life this morning"),
    3: ("12시간째 생활 신호 없음", "No sign of life for 12 hours"),
    4: ("하루 넘게 생활 신호 없음", "No sign of life for more than a day"),
}


def main() -> None:
    """Set up Django, bring the database to its shape, and fill it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--areas", type=Path, help="GeoJSON of a real city's 행정동")
    parser.add_argument("--cameras", type=int, default=12_500)
    parser.add_argument("--only-open-one", action="store_true", help="open one more case in the city that is there")
    arguments = parser.parse_args()

    begin_cheaply()
    if arguments.only_open_one:
        open_one_more()
        return
    empty_database()
    make(arguments.areas, arguments.cameras)


def begin_cheaply() -> None:
    """Set up Django for making a city that nobody will miss: passwords are hashed once over, and a commit need not be
    on disk. The server that opens the city afterwards does both as in a real one."""
    import django
    from django.contrib.auth.hashers import get_hasher
    from django.db import connection
    from django.db.backends.signals import connection_created

    django.setup()
    get_hasher("pbkdf2_sha256").iterations = 1  # type: ignore[attr-defined]

    def hurry(**_: object) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=OFF")

    connection_created.connect(hurry, weak=False)


def empty_database() -> None:
    """Give the city an empty database, unless it is on PostgreSQL: there it was given one."""
    from django.db import connection

    if connection.vendor == "sqlite":
        copy_empty(Path(str(connection.settings_dict["NAME"])))


def make(areas: Path | None, cameras: int) -> None:
    """The city: areas, a user for each role, a team, homes with cases of every level, devices, signs of life."""
    from dure.city import processes
    from dure.city.models import Area, AreaLevel, Role, Team
    from tests.browser.desk_cast import answer_one, make_desk
    from tests.browser.desk_waiting import complain
    from tests.factories import City, make_home, make_user

    if areas:
        _import(areas)
    else:
        _draw_dongs()
    dongs = list(Area.objects.filter(level=AreaLevel.DONG).order_by("code"))
    users = {role: make_user(role.value, role, display_name=str(role.label)) for role in Role}
    make_user("nobody", display_name="아직 역할 없음")
    team = Team.objects.create(name="돌봄팀")
    team.members.add(users[Role.CARE_WORKER], users[Role.WELFARE_OFFICER])
    _centre(users[Role.ADMINISTRATOR])
    _keys(make_user(KEYED, display_name="열쇠 가진 이"))
    chance = random.Random(7)
    for number in range(24):
        home = make_home(dongs[(number * 5) % len(dongs)], name=f"김누리{number}", phone=f"010-0000-{1000 + number}")
        _case(home, team, users[Role.CARE_WORKER], number, chance)
    _cameras(dongs, cameras, chance)
    _bins(dongs[0], users[Role.DISPATCHER])
    _round(City(dongs[0], (dongs[0], dongs[1]), users, team))
    _account(dongs[0])
    make_desk(users)
    complain(users, dongs[0])
    answer_one(users[Role.CALL_AGENT])
    for name in ("gateway-http", "gateway-mqtt", "worker"):
        processes.alive(name, {"made": "for the tests"}, silent_after_seconds=3600)


def _centre(user: User) -> None:
    """A team of its own with one shift in this week."""
    from dure.city import clock, duty
    from dure.city.models import Team

    centre = Team.objects.create(name="도시통합운영센터")
    centre.members.add(user)
    now = clock.now()
    duty.add_shift(centre, user, starts_at=now, ends_at=now + timedelta(hours=8), actor="tests")


def _keys(user: User) -> None:
    """An authenticator app whose secret the tests know, and recovery codes."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)


def _import(path: Path) -> None:
    from datetime import date

    from dure.city.areas import import_geojson

    import_geojson(path, valid_from=date(2021, 1, 1), source="demo")


def _draw_dongs() -> None:
    """Twelve hexagons side by side in one district: valid boundaries that share their borders."""
    from dure.city.models import AreaLevel
    from tests.factories import make_area

    province = make_area("4100000000", AreaLevel.PROVINCE, "가온도")
    city = make_area("4199000000", AreaLevel.CITY, "두레시", province)
    district = make_area("4199100000", AreaLevel.DISTRICT, "한울구", city)
    size = 0.02
    for index, name in enumerate(DONGS):
        column, row = index % 4, index // 4
        lon = 127.05 + size * 3**0.5 * (column + (row % 2) / 2)
        lat = 37.25 + size * 1.2 * row
        ring = [
            [round(lon + size * sin(turn * pi / 3), 5), round(lat + size * 0.8 * cos(turn * pi / 3), 5)]
            for turn in (0, 1, 2, 3, 4, 5, 0)
        ]
        boundary = {"type": "Polygon", "coordinates": [ring]}
        make_area(f"41991{51 + index}000", AreaLevel.DONG, name, district, boundary=boundary, lon=lon, lat=lat)


def _case(home: Home, team: Team, worker: User, number: int, chance: random.Random) -> Case:
    """A case of one of four levels that has come to one of five places."""
    from dure.city import cases, clock
    from dure.city.findings import open_finding
    from dure.city.models import Level

    level = Level((1, 2, 2, 3, 2, 1, 4, 2)[number % 8])
    ko, en = REASONS[level == Level.INTEREST]
    now = clock.now()
    finding = open_finding(
        service="care",
        kind="inactivity",
        level=level,
        score=3.1,
        reason={"ko": ko, "en": en},
        evidence={"usual": USUAL, "yesterday": YESTERDAY, "today": QUIET},
        engine="habits",
        engine_version="1",
        found_at=now - timedelta(minutes=40),
        area=home.household.area,
        household=home.household,
    )
    title_ko, title_en = TITLES[level]
    opened = now - timedelta(minutes=chance.randint(15, 240))
    case = cases.open_case(
        service="care",
        kind="inactivity",
        level=level,
        title={"ko": title_ko, "en": title_en},
        area=home.household.area,
        team=team,
        due_at=opened + timedelta(minutes=(240, 180, 150, 60)[level - 1]),
        actor="care",
        household=home.household,
        finding=finding,
        now=opened,
    )
    stage = number % 6
    if stage in (1, 2, 3, 4):
        cases.acknowledge(case, worker)
    if stage in (2, 3):
        cases.record_call(case, actor=worker, reached=False, text="두 번 걸었으나 받지 않으심.")
    if stage == 3:
        cases.record_visit(case, actor=worker, reached=True, text="댁에 계심. 감기로 누워 계셨음.")
        cases.close(case, actor=worker, outcome="well_on_visit", text="죽을 챙겨 드리고 내일 다시 전화하기로 함.")
    return case


def open_one_more() -> None:
    """One more case about a home that is known, as the engine would open it."""
    from dure.city import cases, clock
    from dure.city.models import Household, Level, Team

    household = Household.objects.order_by("id")[0]
    cases.open_case(
        service="care",
        kind="inactivity",
        level=Level.SEVERE,
        title={"ko": "방금 열린 사건", "en": "A case opened just now"},
        area=household.area,
        team=Team.objects.get(name="돌봄팀"),
        due_at=clock.now() + timedelta(hours=1),
        actor="care",
        household=household,
    )


def _bins(dong: Area, dispatcher: User) -> None:
    """Bins of one 행정동: filling, full, burning, and one that has said nothing."""
    from dure.city import clock, teams
    from dure.services.waste.actions.bins import BinSpec, enrol
    from dure.services.waste.actions.influences import InfluenceSpec, tell
    from dure.services.waste.models import BinForecast, BinState, BinStatus

    teams.set_team("청소팀", [dispatcher], service="waste", actor="tests")
    lon, lat = dong.lon or 0.0, dong.lat or 0.0
    said = {"aram-1": (40, BinStatus.OK), "aram-2": (96, BinStatus.OK), "aram-3": (70, BinStatus.BURNING)}
    for number, word in enumerate([*said, "aram-4"]):
        made = enrol(
            BinSpec(
                f"bin-{number + 1}", lon + 0.002 * number, lat, 240, 1200, 200, place="아람로 1", word=word,
                area=dong.code,
            ),
            actor="tests",
        )  # fmt: skip
        if word in said:
            fill, status = said[word]
            full_soon = [round(fill / 100 * share, 2) for share in (0.4, 0.7, 0.9, 1)]
            BinForecast.objects.create(bin=made, at=clock.now(), level=fill, chances=full_soon)
            BinState.objects.filter(bin=made).update(fill=fill, fill_at=clock.now(), status=status)
    start = clock.now() + timedelta(hours=10)
    tell(InfluenceSpec("아람 야시장과 가을 국화 축제", start, start + timedelta(hours=5), 300), actor="tests")


def _round(city: City) -> None:
    """A round that was given out: the driver has all the bins and the tip, another one nothing."""
    from dure.city.models import Role
    from dure.services.waste.models import Bin
    from tests.services.waste.made_rounds import Given, with_lunch

    given = Given(city, known=list(Bin.objects.order_by("code")))
    with_lunch(given, given.turn.truck)
    _could_not(given)
    _draft(city.users[Role.DISPATCHER], given.bins)


def _could_not(given: Given) -> None:
    """The other driver was at the tip, which was closed, and sent a photo."""
    from io import BytesIO
    from uuid import uuid4

    from PIL import Image

    from dure.services.waste.actions import collecting, photos

    closed, held = given.also_tip(given.second), BytesIO()
    Image.new("RGB", (80, 60), "teal").save(held, "PNG")
    said = {"reason": "locked", "note": "문이 잠겨 있음"}
    collecting.could_not(closed, given.other, at=given.now, client_id=uuid4(), **said)
    photos.keep_photo(closed, given.other, held.getvalue(), at=given.now, client_id=uuid4())


def _account(dong: Area) -> None:
    """Two weeks of collecting, as they would have been counted."""
    from datetime import date

    from dure.city import clock
    from dure.services.waste.account import Figures
    from dure.services.waste.models import WeekAccount

    for number, day in enumerate((19, 26)):
        figures = Figures(
            bins=4, bin_hours=672, watched_hours=640, overflow_hours=9 - 3 * number, collections=11, could_not=1,
            seen_only=2, metres=61_000, driven_m=40_000, kg=512, weighed_kg=400, co2_kg=54.9, replayed_hours=672,
            replayed_collections=11, replayed_overflow=8, calendar_collections=12, calendar_overflow=21,
            calendar_m=83_000,
        )  # fmt: skip
        data = {"areas": {dong.code: figures.as_json()}, "calendar": "mon,wed,fri"}
        WeekAccount.objects.create(week=date(2026, 10, day), made_at=clock.now(), data=data)


def _draft(dispatcher: User, bins: list[Bin]) -> None:
    """Tomorrow's first round, planned: to three bins because the dispatcher said so, and not to the fourth."""
    from dure.city import clock
    from dure.services.waste.actions import rounds
    from dure.services.waste.models import WishKind

    morning = datetime.combine(clock.today() + timedelta(days=1), time(6), clock.SEOUL)
    made = rounds.make_round(morning, dispatcher)
    for number, one in enumerate(bins):
        rounds.wish(made, one, WishKind.MUST if number != 2 else WishKind.NEVER, None, dispatcher)
    rounds.replan(made, dispatcher, made.version)


def _cameras(dongs: list[Area], count: int, chance: random.Random) -> None:
    """Cameras in the street, written at once: 12,500 single registrations would be the test's longest part."""
    from dure.city import clock
    from dure.city.models import Device
    from tests.factories import make_feed

    feed = make_feed("cctv", "cctv")
    places = [(dong, dong.lon, dong.lat) for dong in dongs if dong.lon is not None and dong.lat is not None]
    Device.objects.bulk_create(
        Device(
            feed=feed,
            code=f"camera-{number:05d}",
            kind="camera",
            area=places[number % len(places)][0],
            lon=places[number % len(places)][1] + chance.gauss(0, 0.006),
            lat=places[number % len(places)][2] + chance.gauss(0, 0.005),
            registered_at=clock.now() - timedelta(hours=1),
            silent_since=clock.now() if number % 50 == 0 else None,
        )
        for number in range(count)
    )


if __name__ == "__main__":
    main()
