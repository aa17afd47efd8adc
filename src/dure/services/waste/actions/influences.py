# SPDX-License-Identifier: Apache-2.0
"""Events and weather come into the record, and are taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from dure.city import audit, clock
from dure.city.devices import CODE
from dure.city.duty import require_aware
from dure.city.errors import Invalid, require_one_of
from dure.city.models import Area, User
from dure.services.waste.models import Influence, InfluenceKind

LONGEST = timedelta(days=31)
MOST_PERCENT = 1_000
FARTHEST_M = 20_000


@dataclass(frozen=True)
class InfluenceSpec:
    """In the units of :class:`dure.services.waste.models.Influence`. ``area``: a code. ``code`` None: a new one."""

    name: str
    starts_at: datetime
    ends_at: datetime
    percent: int
    kind: str = InfluenceKind.EVENT
    area: str | None = None
    lon: float | None = None
    lat: float | None = None
    radius_m: int | None = None
    code: str | None = None


@transaction.atomic
def tell(spec: InfluenceSpec, *, actor: User | str) -> Influence:
    """Keep it; under the same code again what differs is changed, and nothing else.

    Hours that the forecast has taken are not taken again. Raises Invalid naming the field.
    """
    area = _check(spec)
    audit.take_turn()
    columns = {
        "kind": spec.kind, "name": spec.name.strip(), "starts_at": spec.starts_at, "ends_at": spec.ends_at,
        "percent": spec.percent, "area": area, "lon": spec.lon, "lat": spec.lat, "radius_m": spec.radius_m,
        "cancelled_at": None,
    }  # fmt: skip
    known = Influence.objects.filter(code=spec.code).first() if spec.code else None
    if known is None:
        by = actor if isinstance(actor, User) else None
        code = spec.code or f"influence-{uuid4().hex[:12]}"
        known = Influence.objects.create(**columns, code=code, said_by=by, said_at=clock.now())
        _record("waste:influence:told", known, actor)
    elif changed := [name for name, value in columns.items() if getattr(known, name) != value]:
        for name in changed:
            setattr(known, name, columns[name])
        known.save(update_fields=changed)
        _record("waste:influence:changed", known, actor)
    return known


@transaction.atomic
def cancel(of: Influence, *, actor: User | str) -> None:
    """It will not be so; again changes nothing."""
    audit.take_turn()
    if Influence.objects.filter(pk=of.pk, cancelled_at=None).update(cancelled_at=clock.now()):
        _record("waste:influence:cancelled", of, actor)


def _check(spec: InfluenceSpec) -> Area | None:
    if not spec.name.strip() or len(spec.name.strip()) > 80:
        raise Invalid("1~80자로 적어 주세요", "must be 1 to 80 characters", field="name")
    if spec.code is not None and not CODE.fullmatch(spec.code):
        raise Invalid("영문자·숫자와 . _ : - 로 64자까지입니다", "letters, digits and . _ : - only", field="code")
    require_one_of(InfluenceKind.values, spec.kind, "kind")
    require_aware(spec.starts_at, "starts_at")
    require_aware(spec.ends_at, "ends_at")
    if not timedelta(0) < spec.ends_at - spec.starts_at <= LONGEST:
        words = f"시작보다 늦고 {LONGEST.days}일을 넘지 않아야 합니다", f"must be later, by {LONGEST.days} days at most"
        raise Invalid(*words, field="ends_at")
    if not 0 <= spec.percent <= MOST_PERCENT:
        raise Invalid(f"0~{MOST_PERCENT}이어야 합니다", f"must be 0 to {MOST_PERCENT}", field="percent")
    return _where(spec)


def _where(spec: InfluenceSpec) -> Area | None:
    place = (spec.lon, spec.lat, spec.radius_m)
    if spec.lon is not None and spec.lat is not None and spec.radius_m is not None:
        if spec.area is not None:
            raise Invalid("지역과 둘레 가운데 하나만 적으세요", "give an area or a place, not both", field="area")
        if not (-180 <= spec.lon <= 180 and -90 <= spec.lat <= 90):
            raise Invalid("경도 ±180, 위도 ±90 안이어야 합니다", "must be within ±180 °E and ±90 °N", field="lon")
        if not 0 < spec.radius_m <= FARTHEST_M:
            raise Invalid(f"1~{FARTHEST_M}이어야 합니다", f"must be 1 to {FARTHEST_M}", field="radius_m")
        return None
    if place != (None, None, None):
        words = "경도, 위도, 둘레를 모두 적어 주세요", "a place needs lon, lat and radius_m"
        raise Invalid(*words, field="radius_m")
    if spec.area is None:
        return None
    area = Area.objects.filter(code=spec.area, valid_to=None).first()
    if area is None:
        raise Invalid("지금 쓰이는 지역이 아닙니다", "no area that is valid today has this code", field="area")
    return area


def _record(tag: str, of: Influence, actor: User | str) -> None:
    detail = {"name": of.name, "percent": of.percent, "from": of.starts_at.isoformat(), "to": of.ends_at.isoformat()}
    audit.record(tag, actor=actor, subject=f"influence:{of.code}", detail=detail)
