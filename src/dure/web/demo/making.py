# SPDX-License-Identifier: Apache-2.0
"""Making the demo's city: its areas, the people who work there, the homes they look after, the feeds and their keys.

Everything goes through the same functions as in a real city. Call it with Django set up, on an empty database.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from dure.city import areas, clock, devices, duty, rules, teams
from dure.city.database import in_parts
from dure.city.errors import Invalid
from dure.city.models import Area, AreaLevel, Feed, Membership, Person, Role, User
from dure.services.care.actions.enrolment import enrol_in_batches
from dure.services.care.plan import set_default_plan
from dure.services.monitoring.actions.devices import give
from dure.services.waste.actions import trucks
from dure.services.waste.enrolment import enrol_file, enrol_trucks
from dure.services.waste.round_rules import RoundRules
from dure.web.demo.people import PASSWORD, SIGN_INS, WORKERS, care_workers
from dure.web.demo.screen import Bar, counted

ACTOR = "demo"
FEEDS = {
    "ami": ("전력 원격검침", "ami", "care"),
    "telecom": ("통신 이용", "telecom", "care"),
    "telephony": ("전화", "telephony", "care"),
    "water": ("수도 원격검침", "water", "care"),
    "motion": ("움직임 감지기", "sensors", "care"),
    "door": ("문 열림 감지기", "sensors", "care"),
    "wear": ("몸에 지니는 기기", "wearables", "monitoring"),
    "chirpstack": ("수거함 감지기", "lorawan", "waste"),
    "fleet": ("수거 차량", "fleet", "waste"),
    "open311": ("시민의 앱", "open311", "complaints"),
    "statistics": ("채점", "statistics", ""),
}
"""Code: name, kind, and the service whose staff hears of its silence."""
SILENT_AFTER_MINUTES = {"fleet": trucks.SILENT_AFTER_MINUTES}
"""Of feeds that are silent for long without anything being wrong."""
SHIFT = timedelta(days=365)


def make_files(folder: Path, *, homes: int, readings: Path | None, bins: int | None = None) -> None:
    """Have the simulator make the city's files. Raises subprocess.CalledProcessError when it cannot."""
    command = [sys.executable, "-m", "dure.cli", "simulate", "city", str(folder)]
    command += ["--workers", ",".join(care_workers(0 if readings else homes))]
    command += ["--readings", str(readings)] if readings else ["--homes", str(homes)]
    command += [] if bins is None else ["--bins", str(bins)]
    subprocess.run([*command, "--start", clock.now().isoformat()], check=True, stdout=subprocess.DEVNULL)


@cache
def hashed_password() -> str:
    """PASSWORD as everybody in the demo has it: a hash takes half a second, and there are dozens of them."""
    return make_password(PASSWORD)


def make_people(homes: int) -> None:
    """A user for each role in the whole city, who all have PASSWORD, and the teams they work in.

    A city of many ``homes`` has more care workers.
    """
    password = hashed_password()
    for one in SIGN_INS:
        user = User.objects.create(
            username=one.username, display_name=one.name, password=password, is_staff=one.role is Role.ADMINISTRATOR
        )
        Membership.objects.create(user=user, role=one.role)
    more = [
        User(username=name, display_name=f"생활지원사 {name.removeprefix('worker')}", password=password)
        for name in care_workers(homes)
        if name not in WORKERS
    ]
    User.objects.bulk_create(more)
    Membership.objects.bulk_create(Membership(user=user, role=Role.CARE_WORKER) for user in more)
    carers = User.objects.filter(memberships__role__in=[Role.CARE_WORKER, Role.WELFARE_OFFICER])
    care = teams.set_team("돌봄팀", carers, service="care", actor=ACTOR)
    health = teams.set_team("건강 모니터링팀", carers, service="monitoring", actor=ACTOR)
    operators = User.objects.filter(memberships__role__in=[Role.CONTROL_OPERATOR, Role.ADMINISTRATOR])
    centre = teams.set_team("도시통합운영센터", operators, actor=ACTOR)
    collectors = User.objects.filter(memberships__role__in=[Role.DISPATCHER, Role.DRIVER])
    waste = teams.set_team("수거팀", collectors, service="waste", actor=ACTOR)
    now = clock.now()
    for team in (care, health, centre, waste):
        for user in team.members.all():
            duty.add_shift(team, user, starts_at=now, ends_at=now + SHIFT, actor=ACTOR)


def make_plan() -> None:
    """How an alarm in care goes on until somebody answers for it."""
    set_default_plan(ACTOR)


def make_areas(folder: Path) -> int:
    """Import the areas; how many there are."""
    return areas.import_geojson(folder / "areas.geojson", valid_from=date(2021, 1, 1), source="simulator")


def make_feeds(keys: Path) -> None:
    """Register the feeds and write their keys where the simulator finds them, readable by the owner alone."""
    issued = {}
    for code, (name, kind, service) in FEEDS.items():
        minutes = SILENT_AFTER_MINUTES.get(code, 180)
        feed = devices.register_feed(code, name, kind, service=service, silent_after_minutes=minutes, actor=ACTOR)
        issued[code] = devices.issue_key(feed, "demo", actor=ACTOR)
    _write_keys(keys, issued)


@transaction.atomic
def give_wearables(folder: Path, keys: Path) -> int:
    """Give the devices of wearables.jsonl to the people of their homes, who agreed to it; how many.

    Each speaks by a key of its own, which is put beside the feeds' keys.
    """
    feeds = {feed.code: feed for feed in Feed.objects.all()}
    issued = {}
    lines = [json.loads(line) for line in (folder / "wearables.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in lines:
        person = Person.objects.select_related("household__area").get(household__devices__code=line["meter"])
        given = give(person, feed=feeds[line["feed"]], code=line["code"], kind=line["kind"], actor=ACTOR)
        issued[f"device:{line['code']}"] = devices.issue_key(given.device, "demo", actor=ACTOR)
    add_keys(keys, issued)
    return len(lines)


def add_keys(path: Path, more: dict[str, str]) -> None:
    """Put keys beside those that are there."""
    _write_keys(path, json.loads(path.read_text(encoding="utf-8")) | more)


def _write_keys(path: Path, issued: dict[str, str]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(issued, file)


def enrol_homes(folder: Path) -> int:
    """Take everybody of homes.jsonl into care, with a bar; how many. Raises DureError for a line that is wrong."""
    file, bar, taken = folder / "homes.jsonl", Bar(), 0
    with file.open("rb") as lines:
        total = sum(1 for _ in lines)
    for progress in enrol_in_batches(file, actor=ACTOR):
        for number, why in progress.refused:
            raise Invalid(f"{file.name} {number}번째 줄: {why}", f"{file.name}, line {number}: {why}")
        taken += progress.taken
        bar.show(progress.read / total)
    User.objects.filter(username="citizen").update(person=Person.objects.order_by("id").first())
    return taken


def enrol_bins(folder: Path) -> int:
    """Enrol the bins of bins.jsonl and what trucks.jsonl holds; how many bins. Rounds go out by themselves,
    for nobody sits at a demo all day. Raises DureError for a line that is wrong."""
    rules.set_rule(RoundRules, "waste", "give_out_by_itself", 1, by=User.objects.get(username="dispatcher"))
    _make_drivers(folder / "trucks.jsonl")
    enrolled = 0
    for name, enrol in (("trucks.jsonl", enrol_trucks), ("bins.jsonl", enrol_file)):
        enrolled, refused = enrol(folder / name, actor=ACTOR)
        for number, why in refused:
            raise Invalid(f"{name} {number}번째 줄: {why}", f"{name}, line {number}: {why}")
    return enrolled


def _make_drivers(file: Path) -> None:
    """A user for each driver that the file names, besides those who sign in."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    names = [line["truck"]["driver"] for line in lines if "truck" in line]
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    password = hashed_password()
    for name in names:
        if name not in known:
            user = User.objects.create(
                username=name, display_name=f"기사 {name.removeprefix('driver')}", password=password
            )
            Membership.objects.create(user=user, role=Role.DRIVER)


def register_cameras(folder: Path) -> int:
    """Register the public devices for the map, where the city was made with some; how many."""
    file = folder / "cameras.geojson"
    if not file.exists():
        return 0
    dong = {area.code: area for area in Area.objects.filter(level=AreaLevel.DONG)}
    feed = devices.register_feed("cctv", "CCTV", "cctv", actor=ACTOR)
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    cameras = [_camera(feed, feature, dong) for feature in features]
    parts = list(in_parts(cameras))
    for part in counted(parts, len(parts)):
        devices.register_devices(part, actor=ACTOR)
    return len(features)


def _camera(feed: Feed, feature: dict[str, Any], dong: dict[str, Area]) -> devices.NewDevice:
    known = feature["properties"]
    lon, lat = feature["geometry"]["coordinates"]
    return devices.new_device(feed, known["code"], known["kind"], series=[], area=dong[known["area"]], lon=lon, lat=lat)
