# SPDX-License-Identifier: Apache-2.0
"""What a city set differently from the defaults in a service's rules.py."""

from django.conf import settings
from django.db import models

from .areas import Area


class RuleSetting(models.Model):
    """One rule of one service, for the whole city or one area; the newest row wins, none is removed."""

    service = models.CharField("서비스", max_length=20)
    name = models.CharField("규칙", max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True)
    value = models.JSONField("값")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    set_at = models.DateTimeField("정한 시각")

    class Meta:
        verbose_name = "규칙 설정"
        indexes = [models.Index(fields=["service", "name", "set_at"])]
