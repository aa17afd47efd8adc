# SPDX-License-Identifier: Apache-2.0
"""Depots, tips and trucks come into the record. Enrolling the same again changes nothing; what differs is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import time
from typing import Any

from django.db import transaction

from dure.city import audit, clock, devices
from dure.city.errors import Conflict, Invalid, require_one_of
from dure.city.models import Area, Device, Role, User
from dure.city.roles import roles_of
from dure.services.waste.kinds import TRUCK, TRUCK_KIND
from dure.services.waste.models import Round, RoundStatus, Site, SiteKind, Truck, WasteKind

SILENT_AFTER_MINUTES = 4 * 24 * 60
"""A truck's unit is switched on when it drives; a long weekend in the yard is no fault."""
LARGEST_L = 100_000
LONGEST_MINUTES = 240


@dataclass(frozen=True)
class SiteSpec:
    """A depot or a tip. ``minutes``: what a visit takes. ``opens``, ``closes``: as ``"06:00"``, both or neither."""

    code: str
    kind: str
    name: str
    lon: float
    lat: float
    minutes: int = 0
    opens: str | None = None
    closes: str | None = None


@dataclass(frozen=True)
class UnitSpec:
    """A truck's on-board unit: the feed that carries it (made known where it is not) and its code there."""

    feed: str
    code: str


@dataclass(frozen=True)
class TruckSpec:
    """A truck, in the units of :class:`dure.services.waste.models.Truck`; times of day as ``"06:00"``.

    ``depot`` and ``tips``: codes of sites that are enrolled already. ``areas``: codes; it works in them and below.
    ``driver``: a user's name.
    """

    code: str
    name: str
    depot: str
    capacity_l: int
    shift_from: str
    shift_to: str
    tips: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    waste_kinds: tuple[str, ...] = ()
    narrow: bool = False
    lunch_from: str | None = None
    lunch_to: str | None = None
    lunch_minutes: int = 0
    grams_per_litre: int = 100
    co2_g_per_km: int = 900
    driver: str | None = None
    unit: UnitSpec | None = None


@transaction.atomic
def enrol_site(spec: SiteSpec, *, actor: User | str) -> Site:
    """Keep a depot or a tip. Raises Invalid naming the field."""
    _check_code(spec.code)
    require_one_of(SiteKind.values, spec.kind, "kind")
    _check_number("lon", spec.lon, -180, 180)
    _check_number("lat", spec.lat, -90, 90)
    _check_number("minutes", spec.minutes, 0, LONGEST_MINUTES)
    opens, closes = _pair_of_times("opens", spec.opens, "closes", spec.closes)
    columns = {
        "kind": spec.kind, "name": _name(spec.name), "lon": spec.lon, "lat": spec.lat, "minutes": spec.minutes,
        "opens": opens, "closes": closes,
    }  # fmt: skip
    audit.take_turn()
    known = Site.objects.filter(code=spec.code).first()
    if known is None:
        known = Site.objects.create(code=spec.code, **columns)
        _record("waste:site:enrolled", f"site:{spec.code}", actor, _told(spec))
    elif changed := _changed(known, columns):
        known.save(update_fields=changed)
        _record("waste:site:changed", f"site:{spec.code}", actor, {"changed": changed})
    return known


@transaction.atomic
def enrol_truck(spec: TruckSpec, *, actor: User | str) -> Truck:
    """Keep a truck; one that was taken out of service is in service again.

    Raises Invalid naming the field, Conflict when its unit is another truck's or of another kind.
    """
    tips, areas = _sites("tips", spec.tips, SiteKind.TIP), _areas(spec.areas)
    columns = _columns(spec)
    audit.take_turn()
    columns["device"] = _unit(spec, actor)
    known = Truck.objects.filter(code=spec.code).first()
    if known is None:
        known = Truck.objects.create(code=spec.code, enrolled_at=clock.now(), **columns)
        known.tips.set(tips)
        known.areas.set(areas)
        _record("waste:truck:enrolled", f"truck:{spec.code}", actor, _told(spec))
        return known
    changed = _changed(known, columns | {"retired_at": None})
    if changed:
        known.save(update_fields=changed)
    for name, wanted in (("tips", tips), ("areas", areas)):
        related = getattr(known, name)
        if set(related.values_list("pk", flat=True)) != {one.pk for one in wanted}:
            related.set(wanted)
            changed.append(name)
    if changed:
        _record("waste:truck:changed", f"truck:{spec.code}", actor, {"changed": changed})
    return known


@transaction.atomic
def retire_truck(truck: Truck, *, actor: User | str) -> None:
    """Take the truck out of service from the next plan on; again changes nothing. Raises Conflict while it is on the
    road: there it is taken out of the round first."""
    audit.take_turn()
    if Round.objects.filter(status=RoundStatus.GIVEN_OUT, turns__truck=truck, turns__ended_at=None).exists():
        raise Conflict(
            "지금 수거 중인 차량입니다. 먼저 차수에서 빼세요.", "is on a round: take it out of the round first"
        )
    if Truck.objects.filter(pk=truck.pk, retired_at=None).update(retired_at=clock.now()):
        _record("waste:truck:retired", f"truck:{truck.code}", actor, {})


def _columns(spec: TruckSpec) -> dict[str, Any]:
    _check_code(spec.code)
    for kind in spec.waste_kinds:
        require_one_of(WasteKind.values, kind, "waste_kinds")
    _check_number("capacity_l", spec.capacity_l, 1, LARGEST_L)
    _check_number("grams_per_litre", spec.grams_per_litre, 1, 2000)
    _check_number("co2_g_per_km", spec.co2_g_per_km, 0, 5000)
    _check_number("lunch_minutes", spec.lunch_minutes, 0, LONGEST_MINUTES)
    shift_from, shift_to = _time("shift_from", spec.shift_from), _time("shift_to", spec.shift_to)
    if shift_from == shift_to:
        raise Invalid("시작과 같을 수 없습니다", "must differ from shift_from", field="shift_to")
    lunch_from, lunch_to = _pair_of_times("lunch_from", spec.lunch_from, "lunch_to", spec.lunch_to)
    return {
        "name": _name(spec.name), "depot": _sites("depot", (spec.depot,), SiteKind.DEPOT)[0],
        "waste_kinds": list(spec.waste_kinds), "capacity_l": spec.capacity_l, "narrow": spec.narrow,
        "shift_from": shift_from, "shift_to": shift_to, "lunch_from": lunch_from, "lunch_to": lunch_to,
        "lunch_minutes": spec.lunch_minutes, "grams_per_litre": spec.grams_per_litre,
        "co2_g_per_km": spec.co2_g_per_km, "driver": _driver(spec.driver),
    }  # fmt: skip


def _unit(spec: TruckSpec, actor: User | str) -> Device | None:
    if spec.unit is None:
        return None
    feed = devices.register_feed(
        spec.unit.feed, spec.unit.feed, TRUCK.feed_kind, service="waste", silent_after_minutes=SILENT_AFTER_MINUTES,
        actor=actor,
    )  # fmt: skip
    depot = Site.objects.get(code=spec.depot)
    device = devices.register_device(
        feed, spec.unit.code, TRUCK_KIND, series=TRUCK.series, lon=depot.lon, lat=depot.lat,
        silent_after_minutes=SILENT_AFTER_MINUTES, actor=actor,
    )  # fmt: skip
    if device.kind != TRUCK_KIND:
        raise Conflict("다른 종류로 등록된 기기입니다", f"is registered as a {device.kind!r}", field="unit.code")
    if Truck.objects.filter(device=device).exclude(code=spec.code).exists():
        raise Conflict("다른 차량의 단말입니다", "is another truck's unit", field="unit.code")
    return device


def _sites(field: str, codes: tuple[str, ...], kind: SiteKind) -> list[Site]:
    found = {one.code: one for one in Site.objects.filter(code__in=codes, kind=kind)}
    if missing := [code for code in codes if code not in found]:
        raise Invalid(f"등록되지 않은 곳입니다: {missing[0]}", f"no {kind} is enrolled as {missing[0]!r}", field=field)
    return [found[code] for code in dict.fromkeys(codes)]


def _areas(codes: tuple[str, ...]) -> list[Area]:
    found = {one.code: one for one in Area.objects.filter(code__in=codes, valid_to=None)}
    if missing := [code for code in codes if code not in found]:
        raise Invalid(f"지금 쓰이는 지역이 아닙니다: {missing[0]}", f"no valid area {missing[0]!r}", field="areas")
    return [found[code] for code in dict.fromkeys(codes)]


def _driver(name: str | None) -> User | None:
    if name is None:
        return None
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None or Role.DRIVER not in roles_of(user):
        raise Invalid(f"기사가 아닙니다: {name}", f"{name!r} is no driver", field="driver")
    return user


def _time(field: str, text: str) -> time:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise Invalid("06:00처럼 적으세요", f"must be as 06:00, not {text!r}", field=field) from None
    return found.replace(second=0, microsecond=0, tzinfo=None)


def _pair_of_times(a: str, first: str | None, b: str, second: str | None) -> tuple[time | None, time | None]:
    if (first is None) != (second is None):
        raise Invalid(f"{a}와 함께 적으세요", f"must be given together with {a}", field=b)
    if first is None or second is None:
        return None, None
    begin, end = _time(a, first), _time(b, second)
    if end <= begin:
        raise Invalid(f"{a}보다 늦어야 합니다", f"must be later than {a}", field=b)
    return begin, end


def _name(text: str) -> str:
    if not 0 < len(text.strip()) <= 60:
        raise Invalid("1~60자여야 합니다", "must be 1 to 60 characters", field="name")
    return text.strip()


def _check_code(code: str) -> None:
    if not devices.CODE.fullmatch(code) or len(code) > 40:
        raise Invalid("영문자·숫자와 . _ : - 로 40자까지입니다", "40 letters, digits and . _ : - at most", field="code")


def _check_number(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise Invalid(f"{least:g}~{most:g}이어야 합니다", f"must be {least:g} to {most:g}", field=field)


def _changed(known: Site | Truck, columns: dict[str, Any]) -> list[str]:
    """Set what differs; its names."""
    changed = sorted(name for name, value in columns.items() if getattr(known, name) != value)
    for name in changed:
        setattr(known, name, columns[name])
    return changed


def _told(spec: SiteSpec | TruckSpec) -> dict[str, Any]:
    return {name: value for name, value in asdict(spec).items() if value is not None and name != "code"}


def _record(tag: str, subject: str, actor: User | str, detail: dict[str, Any]) -> None:
    audit.record(tag, actor=actor, subject=subject, detail=detail)
