# SPDX-License-Identifier: Apache-2.0
"""What a new plan changes against the one before, for whoever has to answer for it. Values in, values out."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from dure.engines.routing import Kind


def changes(before: dict[str, Any], after: dict[str, Any], over: Set[str] = frozenset()) -> dict[str, Any]:
    """The ``since`` of ``after`` (both as ``Round.plan``), empty for a first plan: bins that are ``new``, ``gone`` or
    ``elsewhere`` (with another truck), and how many metres and minutes more. ``over``: bins that were visited since,
    which no plan holds any more; then the sums are of different wholes and are left out.
    """
    if not before.get("routes"):
        return {}
    was, is_ = _trucks(before), _trucks(after)
    told: dict[str, Any] = {
        "new": sorted(is_.keys() - was.keys()),
        "gone": sorted(was.keys() - is_.keys() - over),
        "elsewhere": sorted(code for code in was.keys() & is_.keys() if was[code] != is_[code]),
    }
    if not over and "figures" in before:
        told |= {name: after["figures"][name] - before["figures"][name] for name in ("metres", "minutes")}
    return told


def _trucks(plan: dict[str, Any]) -> dict[str, str]:
    """By bin, the truck that visits it."""
    return {
        one["name"]: truck
        for truck, route in plan["routes"].items()
        for one in route["visits"]
        if one["kind"] == Kind.STOP
    }
