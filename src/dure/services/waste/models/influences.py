# SPDX-License-Identifier: Apache-2.0
"""What is known beforehand of an hour: an event nearby, the weather."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Area


class InfluenceKind(models.TextChoices):
    EVENT = "event", _("행사")
    WEATHER = "weather", _("날씨")
    OTHER = "other", _("그 밖")


class Influence(models.Model):
    """From ``starts_at`` to ``ends_at`` so many ``percent`` of the usual are expected to fall in (300: three times).

    In the bins of ``area`` and below, or within ``radius_m`` of a place, or (neither) in all bins of the city.
    ``code``: of whoever tells it by file, so that telling it again changes nothing.
    """

    code = models.CharField("코드", max_length=64, unique=True)
    kind = models.CharField("종류", max_length=7, choices=InfluenceKind.choices, default=InfluenceKind.EVENT)
    name = models.CharField("이름", max_length=80)
    starts_at = models.DateTimeField("이때부터")
    ends_at = models.DateTimeField("이때까지", db_index=True)
    percent = models.PositiveSmallIntegerField("평소의 몇 %")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="waste_influences")
    lon = models.FloatField("경도 (°E)", null=True, blank=True)
    lat = models.FloatField("위도 (°N)", null=True, blank=True)
    radius_m = models.PositiveIntegerField("둘레 (m)", null=True, blank=True)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    said_at = models.DateTimeField("알린 시각")
    cancelled_at = models.DateTimeField("거둔 시각", null=True, blank=True)

    class Meta:
        verbose_name = "수거량에 미치는 것"
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="influence_lasts"),
            models.CheckConstraint(
                condition=models.Q(lon=None, lat=None, radius_m=None)
                | models.Q(area=None, lon__isnull=False, lat__isnull=False, radius_m__isnull=False),
                name="influence_is_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.name
