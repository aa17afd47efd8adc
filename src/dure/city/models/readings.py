# SPDX-License-Identifier: Apache-2.0
"""The hot table. Written by :func:`dure.city.readings.store` only, in groups."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .devices import Feed, Series


class Quality(models.IntegerChoices):
    """How far a value may be trusted. NO_VALUE says that the device reported and had nothing to say."""

    GOOD = 0, _("정상")
    ESTIMATED = 1, _("추정")
    SUSPECT = 2, _("의심")
    NO_VALUE = 3, _("값 없음")


BELIEVED = (Quality.GOOD, Quality.ESTIMATED)
"""Qualities that are evidence; the others are evidence of nothing, in neither direction."""


class Reading(models.Model):
    """(series, time, value, quality). ``arrival`` is the order in which consumers read; ``at`` is the start
    of the interval it speaks of. On PostgreSQL the table is partitioned by month of ``at`` and its unique
    key is (series, at); see migration 0002."""

    arrival = models.BigAutoField(primary_key=True)
    series = models.ForeignKey(Series, models.DO_NOTHING, db_constraint=False, db_index=False)
    at = models.DateTimeField("시각")
    value = models.FloatField("값", null=True)
    quality = models.PositiveSmallIntegerField("품질", choices=Quality.choices, default=Quality.GOOD)

    class Meta:
        verbose_name = "측정값"
        constraints = [models.UniqueConstraint(fields=["series", "at"], name="reading_once")]


class LatestReading(models.Model):
    """The newest reading of each series, kept by a consumer, so that no page ever scans the hot table."""

    series = models.OneToOneField(Series, models.CASCADE, primary_key=True, related_name="latest")
    at = models.DateTimeField("시각")
    value = models.FloatField("값", null=True)
    quality = models.PositiveSmallIntegerField("품질", choices=Quality.choices)
    seen_at = models.DateTimeField("받은 것을 본 시각")

    class Meta:
        verbose_name = "최근 값"


class Watermark(models.Model):
    """How far a consumer has read, written in the same transaction as what it made of it."""

    consumer = models.CharField("소비자", max_length=40, primary_key=True)
    arrival = models.BigIntegerField("읽은 곳", default=0)
    moved_at = models.DateTimeField("옮긴 시각", null=True)

    class Meta:
        verbose_name = "읽은 자리"


class RejectedReading(models.Model):
    """What a door could not accept, with the reason, so that a fault at the other end is seen and mended."""

    feed = models.ForeignKey(Feed, models.CASCADE, null=True, blank=True, related_name="rejected")
    door = models.CharField("문", max_length=10)
    device_code = models.CharField("기기", max_length=64, blank=True)
    field = models.CharField("항목", max_length=40)
    reason = models.CharField("까닭", max_length=200)
    payload = models.TextField("받은 것 (앞 500자)")
    received_at = models.DateTimeField("받은 시각", db_index=True)

    class Meta:
        verbose_name = "받지 못한 값"
