# SPDX-License-Identifier: Apache-2.0
"""Many homes of one area that lose their power or their values together: one event of the area, not one of each home.

What is looked at are the newest values, so that a restart, late readings and their order change nothing. An area is
compared with the others of its feed: where everything is late, nothing of it is the area's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_high

from django.db.models import Count, Max, Q

from dure.city import rules
from dure.city.models import Area, Feed, Quality
from dure.services.care.actions.consents import agreed
from dure.services.care.models import Enrolment
from dure.services.care.rules import CareRules

BEHIND = timedelta(hours=2)
"""A home whose newest value is older than that of its feed by more than this sends nothing now."""

OVER = 0.5
"""An outage is over when fewer homes than this part of what opens one are without power or values."""


@dataclass(frozen=True)
class AreaOfFeed:
    """The homes of one area whose meters speak through one feed."""

    area: int
    feed: int
    newest: datetime
    """Start of the newest interval that any of them told of."""
    homes: int
    """That sent anything in the last day and a half of the feed."""
    dark: int
    """Whose newest value is exactly zero: not even a refrigerator."""
    mute: int
    """Whose newest value is behind the feed's."""

    @property
    def struck(self) -> int:
        """Homes without power or without values."""
        return self.dark + self.mute

    def is_out(self, least: int, share: float) -> bool:
        """Whether at least so many homes, and this share of them, are struck together."""
        return self.struck >= least and self.struck >= share * self.homes

    def is_over(self, least: int, share: float) -> bool:
        """Whether so few are left that it is no longer one event."""
        return self.struck < OVER * least or self.struck < OVER * share * self.homes


def areas_of_feeds() -> Iterator[AreaOfFeed]:
    """Every area of every feed that meters of homes in care speak through, counted by the database."""
    watched = Enrolment.objects.filter(agreed(), ended_at=None, power__latest__isnull=False).order_by()
    for feed in Feed.objects.filter(devices__series__power_of__isnull=False).distinct():
        meters = watched.filter(power__device__feed=feed)
        newest = list(meters.values_list("household__area").annotate(at=Max("power__latest__at")))
        if not newest:
            continue
        usual = median_high(at for _, at in newest)
        in_service = Q(power__latest__at__gte=usual - timedelta(hours=36))
        now = Q(power__latest__at__gte=usual - BEHIND)
        zero = Q(power__latest__value=0, power__latest__quality__in=(Quality.GOOD, Quality.ESTIMATED))
        counted = meters.values("household__area").annotate(
            newest=Max("power__latest__at"),
            homes=Count("pk", filter=in_service),
            dark=Count("pk", filter=now & zero),
            mute=Count("pk", filter=in_service & ~now),
        )
        for row in counted:
            yield AreaOfFeed(row["household__area"], feed.pk, row["newest"], row["homes"], row["dark"], row["mute"])


def limits_of(area: Area) -> tuple[int, float]:
    """From how many homes, and from which share of an area's homes on, it is one event of the area."""
    chosen = rules.load(CareRules, "care", area)
    return chosen.outage_homes, chosen.outage_percent / 100
