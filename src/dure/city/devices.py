# SPDX-License-Identifier: Apache-2.0
"""Feeds, devices and their keys: how a thing becomes known, proves who it is, and is noticed when it falls silent."""

from __future__ import annotations

import base64
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from hashlib import pbkdf2_hmac, sha256
from operator import or_

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dure.city import audit, clock
from dure.city.audit import Tag
from dure.city.database import ROWS_AT_ONCE, in_parts
from dure.city.errors import Conflict, Invalid
from dure.city.models import Area, Device, DeviceKey, Feed, Household, Series, User

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""Codes are MQTT topic levels and user names, so no ``/``, ``+`` or ``#``."""
RESERVED_SERIES = frozenset({"rejected", "stored"})
"""MQTT topic levels on which the platform itself answers."""
_BROKER_ROUNDS = 101
"""What mosquitto_passwd uses; the key is 256 random bits, so stretching it adds nothing."""


@dataclass(frozen=True)
class SeriesSpec:
    """A quantity that a device will report. ``min``/``max``: the range a true value can have, None for no limit."""

    name: str
    unit: str
    interval_minutes: int = 30
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True)
class Holder:
    """Whoever shows a valid key: one device, or a feed that speaks for all its devices (``device`` is None)."""

    feed: Feed
    device: Device | None = None


@dataclass(frozen=True)
class NewDevice:
    """A device and its series as they will be kept: checked by :func:`new_device`, kept by :func:`register_devices`."""

    device: Device
    series: tuple[Series, ...]


@transaction.atomic
def register_feed(
    code: str, name: str, kind: str, *, actor: User | str, service: str = "", silent_after_minutes: int = 180
) -> Feed:
    """Make a feed known; the same code and kind again returns the feed that is there. ``service``: whose staff hears
    when it or its devices fall silent (none: the city's own operators).

    Raises Invalid for a code that cannot be a topic level, Conflict when the code is taken by another kind or a device.
    """
    _check_code(code)
    if Device.objects.filter(code=code).exists():
        raise Conflict("같은 코드의 기기가 있습니다", "a device has this code", field="code")
    audit.take_turn()
    feed, made = Feed.objects.get_or_create(
        code=code,
        defaults={"name": name, "kind": kind, "service": service, "silent_after_minutes": silent_after_minutes},
    )
    if feed.kind != kind:
        raise Conflict("다른 종류의 공급원이 쓰는 코드입니다", f"feed {code!r} is of kind {feed.kind!r}", field="code")
    if made:
        audit.record(Tag.Device.FEED_REGISTERED, actor=actor, subject=f"feed:{code}", detail={"kind": kind})
    return feed


@transaction.atomic
def register_device(
    feed: Feed,
    code: str,
    kind: str,
    *,
    series: Sequence[SeriesSpec],
    actor: User | str,
    household: Household | None = None,
    area: Area | None = None,
    lon: float | None = None,
    lat: float | None = None,
    silent_after_minutes: int = 36 * 60,
) -> Device:
    """Make a device and what it reports known. The same again changes nothing; new series are added.

    ``lon``/``lat``: degrees, of a public device only. Raises Invalid for a code or series name that cannot be a topic
    level, Conflict when the code belongs to another feed, another home, or is a feed's.
    """
    new = new_device(
        feed, code, kind, series=series, household=household, area=area, lon=lon, lat=lat,
        silent_after_minutes=silent_after_minutes,
    )  # fmt: skip
    audit.take_turn()
    known = Device.objects.filter(code=code).first()
    if known is None:
        register_devices([new], actor=actor)
        return new.device
    if (known.feed_id, known.household_id) != (feed.pk, household.pk if household else None):
        raise Conflict("다른 곳에 등록된 기기입니다", f"device {code!r} is registered elsewhere", field="code")
    names = set(known.series.values_list("name", flat=True))
    added = [one for one in new.series if one.name not in names]
    for one in added:
        one.device = known
        one.save()
    if added:
        detail = {"series": [one.name for one in added]}
        audit.record(Tag.Device.SERIES_ADDED, actor=actor, subject=f"device:{code}", detail=detail)
    return known


def new_device(
    feed: Feed,
    code: str,
    kind: str,
    *,
    series: Sequence[SeriesSpec],
    household: Household | None = None,
    area: Area | None = None,
    lon: float | None = None,
    lat: float | None = None,
    silent_after_minutes: int = 36 * 60,
) -> NewDevice:
    """A device that is not kept yet. Raises Invalid naming ``code``, ``series`` or ``min``."""
    _check_code(code)
    for spec in series:
        _check_series(spec)
    device = Device(
        feed=feed, code=code, kind=kind, household=household, area=area, lon=lon, lat=lat,
        silent_after_minutes=silent_after_minutes, registered_at=clock.now(),
    )  # fmt: skip
    rows = {
        one.name: Series(
            device=device, name=one.name, unit=one.unit, interval_minutes=one.interval_minutes,
            min_value=one.min, max_value=one.max,
        )
        for one in series
    }  # fmt: skip
    return NewDevice(device, tuple(rows.values()))


@transaction.atomic
def register_devices(new: Sequence[NewDevice], *, actor: User | str) -> None:
    """Keep devices that nobody knows yet, as one audit entry. Raises Conflict naming the first code that is known."""
    audit.take_turn()
    codes = [one.device.code for one in new]
    if taken := known_codes(codes) | {code for code, times in Counter(codes).items() if times > 1}:
        code = min(taken)
        raise Conflict(f"이미 쓰는 코드입니다: {code}", f"this code is in use: {code}", field="code")
    Device.objects.bulk_create([one.device for one in new], ROWS_AT_ONCE)
    Series.objects.bulk_create([series for one in new for series in one.series], ROWS_AT_ONCE)
    if new:
        subject = audit.about("device", codes)
        audit.record(Tag.Device.REGISTERED, actor=actor, subject=subject, detail={"codes": codes})


def known_codes(codes: Iterable[str]) -> set[str]:
    """Those of ``codes`` that are a device's or a feed's already."""
    found = set[str]()
    for part in in_parts(codes):
        found.update(Device.objects.filter(code__in=part).values_list("code", flat=True))
        found.update(Feed.objects.filter(code__in=part).values_list("code", flat=True))
    return found


@transaction.atomic
def retire_device(device: Device, at: datetime | None = None, *, actor: User | str) -> None:
    """Take a device out of service: readings from ``at`` (default: now) on are refused, earlier ones still come in."""
    audit.take_turn()
    device.retired_at = at or clock.now()
    device.save(update_fields=["retired_at"])
    detail = {"at": device.retired_at}
    audit.record(Tag.Device.RETIRED, actor=actor, subject=f"device:{device.code}", detail=detail)


def _check_code(code: str) -> None:
    if not CODE.fullmatch(code):
        raise Invalid(
            "코드는 영문자·숫자와 . _ : - 로 64자까지입니다",
            "letters, digits and . _ : - only, at most 64, beginning with a letter or digit",
            field="code",
        )


def _check_series(spec: SeriesSpec) -> None:
    if not CODE.fullmatch(spec.name) or len(spec.name) > 40 or spec.name in RESERVED_SERIES:
        raise Invalid("쓸 수 없는 계열 이름입니다", f"{spec.name!r} cannot be a series name", field="series")
    if spec.min is not None and spec.max is not None and spec.min > spec.max:
        raise Invalid("최솟값이 최댓값보다 큽니다", "min is above max", field="min")


@transaction.atomic
def issue_key(holder: Feed | Device, label: str = "", *, actor: User | str) -> str:
    """Make a new key for a feed or a device and return it: only digests are kept, so it is shown this once.

    It is the bearer key at HTTP and the password at the MQTT broker, where the newest unrevoked key counts.
    """
    key = f"dure_{secrets.token_urlsafe(32)}"
    audit.take_turn()
    made = DeviceKey.objects.create(
        feed=holder if isinstance(holder, Feed) else None,
        device=holder if isinstance(holder, Device) else None,
        digest=digest_of(key),
        broker_digest=broker_digest(key),
        label=label,
        created_at=clock.now(),
    )
    _record_key(Tag.Device.KEY_ISSUED, made, actor)
    return key


@transaction.atomic
def revoke_key(key: str, *, actor: User | str) -> bool:
    """Make a key worthless; whether there was one. The broker learns of it with its next password file."""
    audit.take_turn()
    known = DeviceKey.objects.filter(digest=digest_of(key), revoked_at=None).select_related("feed", "device").first()
    if known is None:
        return False
    known.revoked_at = clock.now()
    known.save(update_fields=["revoked_at"])
    _record_key(Tag.Device.KEY_REVOKED, known, actor)
    return True


def _record_key(tag: Tag.Device, key: DeviceKey, actor: User | str) -> None:
    subject = f"device:{key.device.code}" if key.device else f"feed:{key.feed.code if key.feed else ''}"
    audit.record(tag, actor=actor, subject=subject, detail={"key": key.pk, "label": key.label})


def digest_of(key: str) -> str:
    """What is kept of a key. A plain digest is enough for 256 random bits."""
    return sha256(key.encode()).hexdigest()


def broker_digest(password: str) -> str:
    """A line's second half in mosquitto's password file: ``$7$<rounds>$<salt>$<PBKDF2-HMAC-SHA-512>``, base64."""
    salt = secrets.token_bytes(12)
    derived = pbkdf2_hmac("sha512", password.encode(), salt, _BROKER_ROUNDS)
    return f"$7${_BROKER_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"


def holder_of(key: str) -> Holder | None:
    """Who holds this key; None for an unknown or revoked one, or one of a retired device."""
    return holder_of_digest(digest_of(key))


def holder_of_digest(digest: str) -> Holder | None:
    """As :func:`holder_of`, by the key's digest."""
    found = (
        DeviceKey.objects.select_related("feed", "device__feed")
        .filter(digest=digest, revoked_at=None)
        .exclude(device__retired_at__lte=clock.now())
        .first()
    )
    if found is None:
        return None
    if found.device is not None:
        return Holder(found.device.feed, found.device)
    return Holder(found.feed) if found.feed is not None else None


def silent_feeds(now: datetime) -> QuerySet[Feed]:
    """Feeds with devices from which nothing at all has come for longer than they promise."""
    in_service = Device.objects.filter(feed=OuterRef("pk"), retired_at=None).order_by()
    first = Subquery(in_service.values("feed").annotate(first=Min("registered_at")).values("first"))
    feeds = Feed.objects.filter(Exists(in_service)).annotate(heard=Coalesce(F("last_seen_at"), first))
    late = (Q(silent_after_minutes=minutes, heard__lt=now - limit) for minutes, limit in _limits(Feed))
    return feeds.filter(reduce(or_, late, Q(pk=None))).order_by("code")


def silent_devices(now: datetime) -> QuerySet[Device]:
    """Devices in service that are silent while their feed is not: a dead feed is one fault, not one a home."""
    late = Q(pk=None)
    for minutes, limit in _limits(Device):
        unheard = Q(last_seen_at__lt=now - limit) | Q(last_seen_at=None, registered_at__lt=now - limit)
        late |= Q(silent_after_minutes=minutes) & unheard  # in the columns' own words, so that an index leads there
    in_service = Q(retired_at=None) | Q(retired_at__gt=now)
    mute = list(silent_feeds(now).values_list("pk", flat=True))
    return Device.objects.filter(late, in_service).exclude(feed__in=mute).select_related("feed").order_by("code")


def _limits(model: type[Feed] | type[Device]) -> list[tuple[int, timedelta]]:
    """After how many minutes things of this kind count as silent: each limit that there is."""
    limits = model._default_manager.order_by().values_list("silent_after_minutes", flat=True).distinct()
    return [(minutes, timedelta(minutes=minutes)) for minutes in limits]
