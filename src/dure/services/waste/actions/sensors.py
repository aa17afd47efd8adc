# SPDX-License-Identifier: Apache-2.0
"""How often a sensor reports: ordered by people, carried to the network server by the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from dure.city import audit, clock
from dure.city.errors import Invalid
from dure.city.models import Device, User
from dure.services.waste.models import DownlinkPath, IntervalOrder

GATEWAY = "gateway:lorawan"
SHORTEST, LONGEST = 10, 18 * 60
"""Minutes. A battery for years lives on ten minutes or more; 64,800 s is the longest that every model takes."""


@dataclass(frozen=True)
class Waiting:
    """An order that has not been published, for a device of ``kind``; ``topic``: where its server takes messages."""

    number: int
    code: str
    kind: str
    topic: str
    minutes: int


@transaction.atomic
def order_interval(device: Device, minutes: int, *, actor: User | str) -> IntervalOrder:
    """Have the device report every ``minutes``; what was ordered before and has not left is forgotten.

    A sensor listens only after it has spoken, so it takes until its next report. Raises Invalid naming ``minutes``.
    """
    if not SHORTEST <= minutes <= LONGEST:
        words = f"{SHORTEST}~{LONGEST}분이어야 합니다", f"must be {SHORTEST} to {LONGEST} minutes"
        raise Invalid(*words, field="minutes")
    audit.take_turn()
    IntervalOrder.objects.filter(device=device, published_at=None, refused="").delete()
    order = IntervalOrder.objects.create(device=device, minutes=minutes, ordered_at=clock.now())
    _record("waste:sensor:interval_ordered", order, actor)
    return order


def waiting_orders() -> list[Waiting]:
    """Orders for devices whose network server is known, oldest first."""
    found = IntervalOrder.objects.filter(published_at=None, refused="", device__downlink_path__isnull=False)
    columns = found.order_by("pk").values_list(
        "pk", "device__code", "device__kind", "device__downlink_path__topic", "minutes"
    )
    return [Waiting(*row) for row in columns]


@transaction.atomic
def order_published(number: int) -> None:
    """The broker has the order for the network server; again changes nothing."""
    audit.take_turn()
    if IntervalOrder.objects.filter(pk=number, published_at=None).update(published_at=clock.now()):
        _record("waste:sensor:interval_sent", IntervalOrder.objects.select_related("device").get(pk=number), GATEWAY)


@transaction.atomic
def order_refused(number: int, why: str) -> None:
    """The order cannot be put into words that this sensor understands."""
    audit.take_turn()
    if IntervalOrder.objects.filter(pk=number, published_at=None, refused="").update(refused=why[:200]):
        order = IntervalOrder.objects.select_related("device").get(pk=number)
        _record("waste:sensor:interval_refused", order, GATEWAY)


def learn_paths(topics: Mapping[str, str]) -> None:
    """By device code, where its network server takes messages for it; codes that nobody knows are passed over."""
    for device in Device.objects.filter(code__in=list(topics)):
        DownlinkPath.objects.update_or_create(device=device, defaults={"topic": topics[device.code][:255]})


def _record(tag: str, order: IntervalOrder, actor: User | str) -> None:
    detail = {"minutes": order.minutes, "refused": order.refused}
    audit.record(tag, actor=actor, subject=f"device:{order.device.code}", detail=detail)
