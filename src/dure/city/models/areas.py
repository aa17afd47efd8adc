# SPDX-License-Identifier: Apache-2.0
"""시·도 / 시·군·구 / 행정동 with boundaries, validity and succession."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaLevel(models.TextChoices):
    PROVINCE = "province", _("시·도")
    CITY = "city", _("시·군·구")
    DISTRICT = "district", _("일반구")
    DONG = "dong", _("읍·면·동")


class Area(models.Model):
    """One administrative area while it was valid. ``code`` is the 10-digit 행정동코드 (adm_cd2) or its prefix."""

    code = models.CharField("코드", max_length=10)
    level = models.CharField("수준", max_length=8, choices=AreaLevel.choices)
    name = models.CharField("이름", max_length=60)
    full_name = models.CharField("전체 이름", max_length=160)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    boundary = models.JSONField("경계 (GeoJSON geometry)", null=True, blank=True)
    lon = models.FloatField("중심 경도 (°E)", null=True, blank=True)
    lat = models.FloatField("중심 위도 (°N)", null=True, blank=True)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝날 (그날부터 무효)", null=True, blank=True)
    source = models.CharField("출처", max_length=200, blank=True)

    class Meta:
        verbose_name = "지역"
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="area_code_from")]
        indexes = [models.Index(fields=["code"])]

    def __str__(self) -> str:
        return self.full_name


class AreaSuccession(models.Model):
    """``predecessor`` became (part of) ``successor`` on ``on``: a split is several rows, a merger too."""

    predecessor = models.ForeignKey(Area, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Area, models.PROTECT, related_name="origins")
    on = models.DateField("바뀐 날")

    class Meta:
        verbose_name = "지역 승계"
        constraints = [models.UniqueConstraint(fields=["predecessor", "successor"], name="area_succession_once")]
