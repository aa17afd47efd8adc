# SPDX-License-Identifier: Apache-2.0
"""Homes that are said to be empty for a while."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Household


class AwaySource(models.TextChoices):
    ELDER = "elder", _("본인")
    FAMILY = "family", _("가족")
    WORKER = "worker", _("생활지원사")


class AwayReason(models.TextChoices):
    TRIP = "trip", _("외출·여행")
    HOSPITAL = "hospital", _("입원")


class Away(models.Model):
    """ "I am away": no alarms and no daily calls from ``starts_at`` to ``ends_at`` or until they are back."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="aways")
    starts_at = models.DateTimeField("떠나는 시각")
    ends_at = models.DateTimeField("돌아오는 시각")
    said_by = models.CharField("알린 이", max_length=8, choices=AwaySource.choices)
    reason = models.CharField("까닭", max_length=8, choices=AwayReason.choices, default=AwayReason.TRIP)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    recorded_at = models.DateTimeField("적은 시각")
    returned_at = models.DateTimeField("돌아온 시각", null=True, blank=True)

    class Meta:
        verbose_name = "외출"
        indexes = [models.Index(fields=["household", "starts_at", "ends_at"])]
