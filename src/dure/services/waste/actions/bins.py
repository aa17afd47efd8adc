# SPDX-License-Identifier: Apache-2.0
"""Bins come into the record, with their sensors, their place and their calibration."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from dure.city import audit, clock, devices
from dure.city.areas import area_at
from dure.city.cases.access import may_act_in
from dure.city.errors import Conflict, Invalid, require_one_of
from dure.city.models import Area, Device, User
from dure.city.teams import team_for
from dure.services.waste.kinds import KINDS, LORAWAN
from dure.services.waste.models import Bin, BinState, Mount, WasteKind
from dure.services.waste.plan import ensure_plan

SILENT_AFTER_MINUTES = 6 * 60
"""Sensors report about once an hour; after six hours it is no lost frame any more."""
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Of a bin's word: none that is taken for another when it is read out."""
WORD = re.compile(r"[a-z0-9-]{4,16}")
DEV_EUI = re.compile(r"[0-9a-f]{16}")
LONGEST_FEED = 40
DEEPEST_MM = 10_000


@dataclass(frozen=True)
class SensorSpec:
    """A bin's sensor: the feed that carries it (made known where it is not), its code there, and its kind."""

    feed: str
    code: str
    kind: str
    silent_after_minutes: int = SILENT_AFTER_MINUTES


@dataclass(frozen=True)
class BinSpec:
    """A bin as a city knows it, in the units of :class:`dure.services.waste.models.Bin`. ``area`` None: the 행정동 that
    the place lies in; ``blind_mm`` None: the sensor's own."""

    code: str
    lon: float
    lat: float
    volume_l: int
    empty_mm: int
    full_mm: int
    blind_mm: int | None = None
    mount: str = Mount.LID
    waste_kind: str = WasteKind.OTHER
    place: str = ""
    narrow: bool = False
    area: str | None = None
    word: str | None = None
    sensor: SensorSpec | None = None


@transaction.atomic
def enrol(spec: BinSpec, *, actor: User | str) -> Bin:
    """Keep a bin and its sensor; the same again changes nothing, another place or calibration is kept and recorded; a
    sensor that was replaced is retired.

    Raises Invalid naming the field, Conflict when the sensor is another bin's or registered elsewhere, or when no team
    would answer for the bin.
    """
    area = _check(spec)
    _require_somebody(area)
    ensure_plan(area, actor)
    audit.take_turn()
    device = _device(spec, area, actor)
    columns = _columns(spec, area, device)
    known = Bin.objects.filter(code=spec.code).first()
    if known is None:
        made = Bin.objects.create(**columns, code=spec.code, word=spec.word or _new_word(), enrolled_at=clock.now())
        BinState.objects.create(bin=made)
        _record("waste:bin:enrolled", made, actor, _told(spec))
        return made
    if spec.word:
        columns["word"] = spec.word
    changed = sorted(name for name, value in columns.items() if getattr(known, name) != value)
    if changed:
        if known.device is not None and known.device != device:
            devices.retire_device(known.device, actor=actor)
        for name in changed:
            setattr(known, name, columns[name])
        known.save(update_fields=changed)
        _record("waste:bin:changed", known, actor, {"changed": changed})
    return known


@transaction.atomic
def retire(of: Bin, *, actor: User | str) -> None:
    """The bin is taken away, its sensor too; again changes nothing."""
    audit.take_turn()
    now = clock.now()
    if Bin.objects.filter(pk=of.pk, retired_at=None).update(retired_at=now):
        if of.device is not None:
            devices.retire_device(of.device, now, actor=actor)
        _record("waste:bin:retired", of, actor, {})


def _check(spec: BinSpec) -> Area:
    for field, degrees, most in (("lon", spec.lon, 180), ("lat", spec.lat, 90)):
        if not -most <= degrees <= most:
            raise Invalid(f"{-most}~{most}이어야 합니다", f"must be within {-most} and {most}", field=field)
    area = (
        Area.objects.filter(code=spec.area, valid_to=None).first()
        if spec.area
        else area_at(spec.lon, spec.lat, clock.today())
    )
    if area is None:
        raise Invalid("지금 쓰이는 지역이 아닙니다", "no area that is valid today lies there", field="area")
    if not devices.CODE.fullmatch(spec.code):
        raise Invalid("영문자·숫자와 . _ : - 로 64자까지입니다", "letters, digits and . _ : - only", field="code")
    if spec.word is not None and not WORD.fullmatch(spec.word):
        raise Invalid("영어 소문자와 숫자 4~16자입니다", "must be 4 to 16 of a-z, 0-9 and -", field="word")
    require_one_of(Mount.values, spec.mount, "mount")
    require_one_of(WasteKind.values, spec.waste_kind, "waste_kind")
    if not 0 <= spec.full_mm < spec.empty_mm <= DEEPEST_MM:
        words = "비었을 때보다 작아야 합니다", f"must be less than empty_mm, which may be {DEEPEST_MM} at most"
        raise Invalid(*words, field="full_mm")
    if not 0 <= (spec.blind_mm or 0) < spec.empty_mm:
        raise Invalid("비었을 때보다 작아야 합니다", "must be less than empty_mm", field="blind_mm")
    if not 0 < spec.volume_l <= 50_000:
        raise Invalid("1~50000이어야 합니다", "must be 1 to 50000", field="volume_l")
    return area


def _require_somebody(area: Area) -> None:
    if not any(may_act_in(member, "waste", area) for member in team_for("waste", area).members.all()):
        raise Conflict(
            "이 지역의 수거함 사건을 맡을 사람이 팀에 없습니다. 먼저 팀을 정하세요.",
            "nobody in the team that answers for waste here may act on its cases: set a team first",
        )


def _device(spec: BinSpec, area: Area, actor: User | str) -> Device | None:
    sensor = spec.sensor
    if sensor is None:
        return None
    require_one_of(KINDS, sensor.kind, "sensor.kind")
    kind = KINDS[sensor.kind]
    if len(sensor.feed) > LONGEST_FEED:
        raise Invalid(f"{LONGEST_FEED}자까지입니다", f"must be at most {LONGEST_FEED} characters", field="sensor.feed")
    code = sensor.code
    if kind.feed_kind == LORAWAN and not DEV_EUI.fullmatch(code := code.lower()):
        raise Invalid("dev EUI (16진수 16자리)여야 합니다", "must be a dev EUI: 16 hex digits", field="sensor.code")
    feed = devices.register_feed(sensor.feed, sensor.feed, kind.feed_kind, service="waste", actor=actor)
    device = devices.register_device(
        feed, code, sensor.kind, series=kind.series, area=area, lon=spec.lon, lat=spec.lat,
        silent_after_minutes=sensor.silent_after_minutes, actor=actor,
    )  # fmt: skip
    if device.kind != sensor.kind:
        raise Conflict("다른 종류로 등록된 기기입니다", f"is registered as a {device.kind!r}", field="sensor.kind")
    if Bin.objects.filter(device=device).exclude(code=spec.code).exists():
        raise Conflict("다른 수거함의 감지기입니다", "is another bin's sensor", field="sensor.code")
    return device


def _columns(spec: BinSpec, area: Area, device: Device | None) -> dict[str, Any]:
    own = KINDS[spec.sensor.kind].blind_mm if spec.sensor else 0
    return {
        "area": area,
        "device": device,
        "lon": spec.lon,
        "lat": spec.lat,
        "place": spec.place.strip()[:120],
        "volume_l": spec.volume_l,
        "waste_kind": spec.waste_kind,
        "narrow": spec.narrow,
        "mount": spec.mount,
        "empty_mm": spec.empty_mm,
        "full_mm": spec.full_mm,
        "blind_mm": own if spec.blind_mm is None else spec.blind_mm,
    }


def _new_word() -> str:
    while True:
        word = "".join(secrets.choice(LETTERS) for _ in range(6))
        if not Bin.objects.filter(word=word).exists():
            return word


def _told(spec: BinSpec) -> dict[str, Any]:
    return {name: value for name, value in asdict(spec).items() if value is not None and name != "code"}


def _record(tag: str, of: Bin, actor: User | str, detail: dict[str, Any]) -> None:
    audit.record(tag, actor=actor, subject=f"bin:{of.code}", detail=detail)
