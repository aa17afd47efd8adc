# SPDX-License-Identifier: Apache-2.0
"""A round's plan as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dure.city import clock
from dure.services.waste.models import Round


def text_of(round_: Round) -> str:
    """Who goes where, when and why; what is left out; and what the habit would have done."""
    return "\n".join(_lines(round_))


def _lines(round_: Round) -> Iterator[str]:
    plan = round_.plan
    yield f"{_at(round_.begins_at.isoformat(), '%Y-%m-%d %H:%M')} {round_.get_status_display()}"
    yield from plan["basis"]
    for truck, route in sorted(plan["routes"].items()):
        yield f"{truck}: {_at(route['start'])}–{_at(route['end'])}, {route['metres'] / 1000:.1f} km"
        for visit in route["visits"]:
            why = plan["reasons"].get(visit["name"], {}).get("why", {}).get("ko", "")
            yield f"  {_at(visit['start'])} {visit['kind']:5} {visit['name']} {why}".rstrip()
    for one in plan["left_out"]:
        if one["must"]:
            yield f"가지 못함 · left out: {one['bin']}: {one['why']['ko']} · {one['why']['en']}"
    yield f"계획 · plan: {_figures(plan['figures'])}"
    if habit := plan.get("habit"):
        yield f"습관 · habit ({habit['policy']}): {_figures(habit)}"


def _figures(of: dict[str, Any]) -> str:
    km, stops, hours = of["metres"] / 1000, of["stops"], of["overflow_hours"]
    return f"{km:.1f} km, {stops}곳 stops, 넘침 overflow {hours:.1f} h"


def _at(text: str, form: str = "%H:%M") -> str:
    return datetime.fromisoformat(text).astimezone(clock.SEOUL).strftime(form)
