# SPDX-License-Identifier: Apache-2.0
"""What speaks to the city: feeds, their devices, and the series each device reports."""

from django.db import models

from .areas import Area
from .people import Household


class Feed(models.Model):
    """A source of many devices: an AMI head end, a telecom's activity counts, a LoRaWAN network server."""

    code = models.SlugField("코드", max_length=40, unique=True)
    name = models.CharField("이름", max_length=80)
    kind = models.CharField("종류", max_length=20)
    service = models.CharField("쓰는 서비스 (비면 도시 운영)", max_length=20, blank=True)
    silent_after_minutes = models.PositiveIntegerField("침묵으로 보는 시간 (분)", default=180)
    last_seen_at = models.DateTimeField("마지막으로 살아 있던 시각", null=True, blank=True)
    silent_since = models.DateTimeField("침묵 시작", null=True, blank=True)

    class Meta:
        verbose_name = "공급원"

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """One thing that reports. A device in a home has no place of its own; a public one has lon/lat."""

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="devices", verbose_name="공급원")
    code = models.CharField("코드", max_length=64, unique=True)
    kind = models.CharField("종류", max_length=20)
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="devices")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="devices")
    lon = models.FloatField("경도 (°E)", null=True, blank=True)
    lat = models.FloatField("위도 (°N)", null=True, blank=True)
    silent_after_minutes = models.PositiveIntegerField("침묵으로 보는 시간 (분)", default=36 * 60)
    registered_at = models.DateTimeField("등록 시각")
    retired_at = models.DateTimeField("철거 시각", null=True, blank=True)
    last_seen_at = models.DateTimeField("마지막으로 살아 있던 시각", null=True, blank=True)
    silent_since = models.DateTimeField("침묵 시작", null=True, blank=True)

    class Meta:
        verbose_name = "기기"
        indexes = [
            models.Index(fields=["kind"]),
            models.Index(fields=["last_seen_at"]),
            models.Index(fields=["silent_since"], condition=models.Q(silent_since__isnull=False), name="device_silent"),
        ]

    def __str__(self) -> str:
        return self.code


class Series(models.Model):
    """One measured quantity of a device, with its unit, its rhythm and the range a true value can have."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="series")
    name = models.CharField("이름", max_length=40)
    unit = models.CharField("단위", max_length=16)
    interval_minutes = models.PositiveSmallIntegerField("간격 (분)", default=30)
    min_value = models.FloatField("최솟값", null=True, blank=True)
    max_value = models.FloatField("최댓값", null=True, blank=True)

    class Meta:
        verbose_name = "계열"
        constraints = [models.UniqueConstraint(fields=["device", "name"], name="series_once_per_device")]


class DeviceKey(models.Model):
    """A secret by which one device, or one feed for all its devices, proves who it is. Only a digest is kept."""

    feed = models.ForeignKey(Feed, models.CASCADE, null=True, blank=True, related_name="keys")
    device = models.ForeignKey(Device, models.CASCADE, null=True, blank=True, related_name="keys")
    digest = models.CharField("SHA-256", max_length=64, unique=True)
    broker_digest = models.CharField("브로커용 요약", max_length=140, blank=True)
    label = models.CharField("이름표", max_length=60, blank=True)
    created_at = models.DateTimeField("만든 시각")
    revoked_at = models.DateTimeField("폐기 시각", null=True, blank=True)

    class Meta:
        verbose_name = "기기 열쇠"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(feed__isnull=False, device__isnull=True)
                | models.Q(feed__isnull=True, device__isnull=False),
                name="device_key_of_feed_or_device",
            )
        ]


class RegistryStamp(models.Model):
    """One row of random text that database triggers renew with every change to feeds, devices, series or keys, so
    that a process knows when what it remembers of them is old (see dure.city.registry)."""

    stamp = models.CharField("도장", max_length=40)

    class Meta:
        verbose_name = "등록부 도장"
