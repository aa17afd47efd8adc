# SPDX-License-Identifier: Apache-2.0
"""Feeds, devices and their keys: how a thing becomes known, proves who it is, and is noticed when it falls silent."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import pbkdf2_hmac, sha256
from typing import TypeVar

from django.db import transaction
from django.db.models import F, Min, Model, Q, QuerySet
from django.db.models.functions import Coalesce

from dure.city import clock
from dure.city.errors import Conflict, Invalid
from dure.city.models import Area, Device, DeviceKey, Feed, Household, Series

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""Codes are MQTT topic levels and user names, so no ``/``, ``+`` or ``#``."""
RESERVED_SERIES = frozenset({"rejected", "stored"})
"""MQTT topic levels on which the platform itself answers."""
_M = TypeVar("_M", bound=Model)
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


def register_feed(code: str, name: str, kind: str, *, service: str = "", silent_after_minutes: int = 180) -> Feed:
    """Make a feed known; the same code and kind again returns the feed that is there. ``service``: whose staff hears
    when it or its devices fall silent (none: the city's own operators).

    Raises Invalid for a code that cannot be a topic level, Conflict when the code is taken by another kind or a device.
    """
    _check_code(code)
    if Device.objects.filter(code=code).exists():
        raise Conflict("같은 코드의 기기가 있습니다", "a device has this code", field="code")
    feed, _ = Feed.objects.get_or_create(
        code=code,
        defaults={"name": name, "kind": kind, "service": service, "silent_after_minutes": silent_after_minutes},
    )
    if feed.kind != kind:
        raise Conflict("다른 종류의 공급원이 쓰는 코드입니다", f"feed {code!r} is of kind {feed.kind!r}", field="code")
    return feed


@transaction.atomic
def register_device(
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
) -> Device:
    """Make a device and what it reports known. The same again changes nothing; new series are added.

    ``lon``/``lat``: degrees, of a public device only. Raises Invalid for a code or series name that cannot be a topic
    level, Conflict when the code belongs to another feed, another home, or is a feed's.
    """
    _check_code(code)
    for spec in series:
        _check_series(spec)
    if Feed.objects.filter(code=code).exists():
        raise Conflict("같은 코드의 공급원이 있습니다", "a feed has this code", field="code")
    known = {
        "kind": kind, "household": household, "area": area, "lon": lon, "lat": lat,
        "silent_after_minutes": silent_after_minutes, "registered_at": clock.now(), "feed": feed,
    }  # fmt: skip
    device, made = Device.objects.get_or_create(code=code, defaults=known)
    if not made and (device.feed_id, device.household_id) != (feed.pk, household.pk if household else None):
        raise Conflict("다른 곳에 등록된 기기입니다", f"device {code!r} is registered elsewhere", field="code")
    for spec in series:
        Series.objects.get_or_create(
            device=device,
            name=spec.name,
            defaults={
                "unit": spec.unit,
                "interval_minutes": spec.interval_minutes,
                "min_value": spec.min,
                "max_value": spec.max,
            },
        )
    return device


def retire_device(device: Device, at: datetime | None = None) -> None:
    """Take a device out of service: readings from ``at`` (default: now) on are refused, earlier ones still come in."""
    device.retired_at = at or clock.now()
    device.save(update_fields=["retired_at"])


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


def issue_key(holder: Feed | Device, label: str = "") -> str:
    """Make a new key for a feed or a device and return it: only digests are kept, so it is shown this once.

    It is the bearer key at HTTP and the password at the MQTT broker, where the newest unrevoked key counts.
    """
    key = f"dure_{secrets.token_urlsafe(32)}"
    DeviceKey.objects.create(
        feed=holder if isinstance(holder, Feed) else None,
        device=holder if isinstance(holder, Device) else None,
        digest=digest_of(key),
        broker_digest=broker_digest(key),
        label=label,
        created_at=clock.now(),
    )
    return key


def revoke_key(key: str) -> bool:
    """Make a key worthless; whether there was one. The broker learns of it with its next password file."""
    known = DeviceKey.objects.filter(digest=digest_of(key), revoked_at=None)
    return known.update(revoked_at=clock.now()) > 0


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
    feeds = Feed.objects.filter(devices__retired_at=None).annotate(
        heard=Coalesce(F("last_seen_at"), Min("devices__registered_at"))
    )
    return _unheard(feeds, now).order_by("code")


def silent_devices(now: datetime) -> QuerySet[Device]:
    """Devices in service that are silent while their feed is not: a dead feed is one fault, not one a home."""
    devices = Device.objects.filter(Q(retired_at=None) | Q(retired_at__gt=now)).annotate(
        heard=Coalesce("last_seen_at", "registered_at")
    )
    mute = list(silent_feeds(now).values_list("pk", flat=True))
    return _unheard(devices, now).exclude(feed__in=mute).select_related("feed").order_by("code")


def _unheard(things: QuerySet[_M], now: datetime) -> QuerySet[_M]:
    """Those not ``heard`` for their own ``silent_after_minutes``: one condition for each distinct limit."""
    model: type[Model] = things.model
    limits: Iterable[int] = model._default_manager.values_list("silent_after_minutes", flat=True).distinct()
    late = Q(pk=None)
    for minutes in limits:
        late |= Q(silent_after_minutes=minutes, heard__lt=now - timedelta(minutes=minutes))
    return things.filter(late)
