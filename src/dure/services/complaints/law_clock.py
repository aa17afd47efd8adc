# SPDX-License-Identifier: Apache-2.0
"""The law's clock as a person reads it: what is left, in working hours, or that it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dure.city import clock, rules
from dure.city.working_time import HOURS_A_DAY, Calendar
from dure.services.complaints.models import Complaint, PauseGround
from dure.services.complaints.rules import DeskRules
from dure.services.complaints.teams import SERVICE


@dataclass(frozen=True)
class LawClock:
    """``minutes``: working minutes until the legal due time, below 0 when it is past; ``grounds``: why it stands;
    ``answered``: it has ended; ``near``: working minutes under which little is left."""

    minutes: int
    near: int
    grounds: tuple[PauseGround, ...] = ()
    answered: bool = False

    @property
    def stands(self) -> bool:
        """Whether time that passes now does not count."""
        return bool(self.grounds)

    @property
    def is_late(self) -> bool:
        """Whether the period is over and nobody has answered."""
        return self.minutes < 0 and not self.stands and not self.answered

    @property
    def is_near(self) -> bool:
        """Whether little is left."""
        return 0 <= self.minutes < self.near and not self.stands and not self.answered

    @property
    def words(self) -> str:
        """``3시간 20분 남음``, in working hours, days being eight of them."""
        if self.answered:
            return _("답함")
        if self.grounds == (PauseGround.CITIZEN,):
            return _("멈춤: 시민의 답을 기다림")
        if self.grounds:
            return _("멈춤: %s") % ", ".join(str(one.label) for one in self.grounds)
        left = _duration(abs(self.minutes))
        return (_("%s 지남") if self.minutes < 0 else _("%s 남음")) % left


def clocks(complaints: Iterable[Complaint]) -> dict[int, LawClock]:
    """The clock of each complaint (with its pauses fetched), by its id."""
    calendar, now = Calendar(), clock.now()
    near = 60 * rules.load(DeskRules, SERVICE).near_due_hours
    return {
        one.pk: LawClock(
            calendar.working_minutes_between(now, one.due_at),
            near,
            grounds=tuple(PauseGround(pause.ground) for pause in one.pauses.all() if pause.to_at is None),
            answered=one.answered_at is not None or one.withdrawn_at is not None,
        )
        for one in complaints
    }


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    days, left = divmod(hours, HOURS_A_DAY)
    if days >= 2:
        return _("%(d)d근무일 %(h)d시간") % {"d": days, "h": left} if left else _("%d근무일") % days
    if not hours:
        return _("근무 %d분") % rest
    return _("근무 %(h)d시간 %(m)d분") % {"h": hours, "m": rest} if rest else _("근무 %d시간") % hours
