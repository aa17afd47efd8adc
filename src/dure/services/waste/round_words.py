# SPDX-License-Identifier: Apache-2.0
"""What the dispatcher's pages say of a plan: its cost, what it saves against the habit, and what came of a stop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dure.services.waste.models import Deed

if TYPE_CHECKING:
    from dure.services.waste.driving import Stop

MINUS = "−"
DAYS = {
    "mon": gettext_lazy("월"), "tue": gettext_lazy("화"), "wed": gettext_lazy("수"), "thu": gettext_lazy("목"),
    "fri": gettext_lazy("금"), "sat": gettext_lazy("토"), "sun": gettext_lazy("일"),
}  # fmt: skip


def kilometres(metres: int) -> str:
    """``12.3 km``"""
    return f"{metres / 1000:.1f} km"


def change_in_words(metres: int, minutes: int) -> str:
    """What a change costs: ``+1.2 km, +4분``; below a hundred metres in metres."""
    way = f"{_signed(metres)} m" if abs(metres) < 100 else f"{_signed(metres / 1000, 1)} km"
    return _("%(way)s, %(minutes)s분") % {"way": way, "minutes": _signed(minutes)}


def _signed(value: float, places: int = 0) -> str:
    shown = f"{abs(value):.{places}f}"
    return shown if float(shown) == 0 else ("+" if value > 0 else MINUS) + shown


def policy_in_words(policy: str) -> str:
    """The habit's rule (``RoundRules.habit``) as people say it."""
    kind, _colon, value = policy.partition(":")
    if kind == "threshold":
        return _("%s %% 넘게 찬 수거함만") % value
    if kind == "calendar":
        return _("%s요일에 모두") % "·".join(str(DAYS[one]) for one in value.split(",") if one in DAYS)
    return _("차수마다 모두")


@dataclass(frozen=True)
class Compared:
    """A figure of the plan beside the habit's. ``better``: None where they are the same, or less is not better."""

    name: str
    plan: str
    habit: str
    change: str
    better: bool | None


def compared(plan: dict[str, Any], habit: dict[str, Any]) -> list[Compared]:
    """The figures of both (``Round.plan``), also where the plan's are worse."""
    return [
        _compared(_("거리"), plan["metres"] / 1000, habit["metres"] / 1000, "%s km", 1),
        _compared(_("걸리는 시간"), plan["minutes"] / 60, habit["minutes"] / 60, _("%s시간"), 1),
        replace(_compared(_("들르는 수거함"), plan["stops"], habit["stops"], _("%s곳"), 0), better=None),
        _compared(_("넘쳐 있을 시간의 합"), plan["overflow_hours"], habit["overflow_hours"], _("%s시간"), 1),
    ]


def _compared(name: str, plan: float, habit: float, unit: str, places: int) -> Compared:
    change = round(plan, places) - round(habit, places)
    told = f"{plan:.{places}f}", f"{habit:.{places}f}", _signed(change, places)
    better = None if round(change, places) == 0 else change < 0
    return Compared(name, unit % told[0], unit % told[1], unit % told[2], better)


def verdict(lines: list[Compared]) -> str:
    """One sentence that says which of distance and overflow the plan does better than the habit, and which worse."""
    way, overflow = lines[0], lines[3]
    told = {"way": way.change.lstrip("+" + MINUS), "hours": overflow.change.lstrip("+" + MINUS)}
    sentences = {
        (True, True): _("지난 방식보다 %(way)s 덜 달리고, 넘쳐 있을 시간을 %(hours)s 줄입니다."),
        (True, False): _("지난 방식보다 %(way)s 덜 달리지만, 넘쳐 있을 시간이 %(hours)s 늘어납니다."),
        (True, None): _("지난 방식보다 %(way)s 덜 달리고, 넘쳐 있을 시간은 같습니다."),
        (False, True): _("지난 방식보다 %(way)s 더 달려서, 넘쳐 있을 시간을 %(hours)s 줄입니다."),
        (False, False): _("지난 방식보다 %(way)s 더 달리고, 넘쳐 있을 시간도 %(hours)s 늘어납니다."),
        (False, None): _("지난 방식보다 %(way)s 더 달리고, 넘쳐 있을 시간은 같습니다."),
        (None, True): _("지난 방식만큼 달리고, 넘쳐 있을 시간을 %(hours)s 줄입니다."),
        (None, False): _("지난 방식만큼 달리고, 넘쳐 있을 시간이 %(hours)s 늘어납니다."),
        (None, None): _("지난 방식과 거리도 넘쳐 있을 시간도 같습니다."),
    }
    return sentences[way.better, overflow.better] % told


def pressed(stop: Stop) -> str:
    """What came of a stop that is over: ``09:12 비움 · 가 보니 80 %``."""
    press, ended = stop.press, stop.pickup.errand.ended_at
    words = [f"{localtime(ended):%H:%M}"] if ended else []
    words.append(str(Deed(press.deed).label) if press else stop.pickup.errand.get_status_display())
    if press and press.reason:
        words.append(f"· {press.get_reason_display()}")
    if stop.pickup.found is not None:
        words.append(_("· 가 보니 %d %%") % round(stop.pickup.found))
    if stop.pickup.kg is not None:
        words.append(f"· {stop.pickup.kg} kg")
    return " ".join(words)
