# SPDX-License-Identifier: Apache-2.0
"""Days on which offices are closed, as the city keeps them."""

from django.db import models


class Holiday(models.Model):
    """A day off in this city: a public holiday, an election, its own. ``off`` False: a day of the law's list on which
    this city works all the same. Where a year has no row at all, the law's own list holds (dure.city.working_time)."""

    day = models.DateField("날", unique=True)
    name = models.JSONField("이름 (ko, en)")
    off = models.BooleanField("쉼", default=True)

    class Meta:
        verbose_name = "쉬는 날"
        ordering = ["day"]
