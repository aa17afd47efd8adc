# SPDX-License-Identifier: Apache-2.0
"""What an engine noticed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .areas import Area
from .devices import Device
from .people import Household


class Level(models.IntegerChoices):
    """The four levels Korean services use. A city that uses three leaves one without a budget."""

    INTEREST = 1, _("관심")
    ATTENTION = 2, _("주의")
    ALERT = 3, _("경계")
    SEVERE = 4, _("심각")


class Finding(models.Model):
    """An engine's judgement with its reason in words (``{"ko": …, "en": …}``) and as data."""

    service = models.CharField("서비스", max_length=20)
    kind = models.CharField("종류", max_length=40)
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="findings")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="findings")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="findings")
    level = models.PositiveSmallIntegerField("수준", choices=Level.choices)
    score = models.FloatField("점수")
    reason = models.JSONField("까닭")
    evidence = models.JSONField("근거", default=dict)
    engine = models.CharField("엔진", max_length=40)
    engine_version = models.CharField("엔진 판", max_length=20)
    found_at = models.DateTimeField("알아챈 시각", db_index=True)
    ended_at = models.DateTimeField("풀린 시각", null=True, blank=True)

    class Meta:
        verbose_name = "발견"
        indexes = [models.Index(fields=["service", "household", "ended_at"])]
