# SPDX-License-Identifier: Apache-2.0
"""What came of a week of collecting, counted once and kept: pages read it without counting again."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class WeekAccount(models.Model):
    """A week, Monday to Sunday in Korea. ``data``: ``{"areas": {code: {figure: number}}, "calendar": "mon,wed,fri"}``;
    the figures are those of dure.services.waste.account. It is counted anew for a while, for words come late.
    """

    week = models.DateField("월요일", unique=True)
    made_at = models.DateTimeField("센 시각")
    data = models.JSONField("값", default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "한 주의 수거"
