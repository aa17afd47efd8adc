# SPDX-License-Identifier: Apache-2.0
"""Made records for tests, made by the same functions that a city's own records are made by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from dure.city import clock
from dure.city.models import (
    Area,
    AreaLevel,
    ConsentPurpose,
    Device,
    Feed,
    Household,
    Membership,
    Person,
    Role,
    Series,
    Team,
    User,
)

PASSWORD = "a-password-for-tests"
_numbers = count(1)


@dataclass(frozen=True)
class City:
    """Areas, a user for each role who works in the whole city, and the team that answers for all services."""

    area: Area
    dongs: tuple[Area, Area]
    users: dict[Role, User]
    team: Team


@dataclass(frozen=True)
class Home:
    """A household with one person and a power meter that reports every half hour."""

    household: Household
    person: Person
    meter: Device
    power: Series


def make_area(code: str, level: AreaLevel, name: str, parent: Area | None = None, **fields: Any) -> Area:
    """One valid area; its full name is its parents' names before its own."""
    full_name = f"{parent.full_name} {name}" if parent else name
    return Area.objects.create(
        code=code, level=level, name=name, full_name=full_name, parent=parent, valid_from=date(2021, 1, 1), **fields
    )


def make_dong(code: str, name: str, parent: Area, lon: float, lat: float) -> Area:
    """A square 행정동 of 0.02° around (lon, lat)."""
    ring = [[lon + x, lat + y] for x, y in ((-0.01, -0.01), (0.01, -0.01), (0.01, 0.01), (-0.01, 0.01), (-0.01, -0.01))]
    boundary = {"type": "Polygon", "coordinates": [ring]}
    return make_area(code, AreaLevel.DONG, name, parent, boundary=boundary, lon=lon, lat=lat)


def make_user(username: str, *roles: Role, area: Area | None = None, **fields: Any) -> User:
    """A user with these roles in ``area`` (None: the whole city), who signs in with PASSWORD."""
    user = User.objects.create_user(username, password=PASSWORD, **fields)
    Membership.objects.bulk_create(Membership(user=user, role=role, area=area) for role in roles)
    return user


def make_city() -> City:
    """A city of one district and two 행정동 side by side."""
    province = make_area("4100000000", AreaLevel.PROVINCE, "가온도")
    area = make_area("4199000000", AreaLevel.CITY, "두레시", province)
    district = make_area("4199100000", AreaLevel.DISTRICT, "한울구", area)
    dongs = (
        make_dong("4199151000", "아람동", district, 127.10, 37.30),
        make_dong("4199152000", "보람동", district, 127.12, 37.30),
    )
    users = {role: make_user(role.value, role, display_name=str(role.label)) for role in Role}
    team = Team.objects.create(name="돌봄팀")
    team.members.add(users[Role.CARE_WORKER], users[Role.WELFARE_OFFICER])
    return City(area, dongs, users, team)


def make_feed(code: str = "ami", kind: str = "ami", **fields: Any) -> Feed:
    """The feed of that code, made on first use."""
    from dure.city import devices

    return Feed.objects.filter(code=code).first() or devices.register_feed(
        code=code, name=code, kind=kind, **fields, actor="tests"
    )


def make_home(
    area: Area,
    *,
    name: str = "김순자",
    phone: str | None = None,
    consents: tuple[ConsentPurpose, ...] = (ConsentPurpose.POWER_WATCH, ConsentPurpose.AI_CALL),
    interval_minutes: int = 30,
) -> Home:
    """A home in ``area`` whose person lives alone and agreed to ``consents`` for a year."""
    from dure.city import devices, people

    number = next(_numbers)
    household = people.register_household(
        area=area, address=f"두레로 {number}", lon=area.lon, lat=area.lat, actor="tests"
    )
    person = people.register_person(
        household=household,
        name=name,
        phone=phone or f"010-0000-{number:04d}",
        birth_year=1941,
        sex="F",
        lives_alone=True,
        language="ko",
        actor="tests",
    )
    for purpose in consents:
        people.grant_consent(
            person, purpose, expires_at=clock.now() + timedelta(days=365), how="등록 서류", actor="tests"
        )
    meter = devices.register_device(
        make_feed(),
        f"test-meter-{number:06d}",
        "power_meter",
        series=[devices.SeriesSpec("power", "kWh", interval_minutes, 0, 50)],
        household=household,
        actor="tests",
    )
    return Home(household, person, meter, meter.series.get(name="power"))
