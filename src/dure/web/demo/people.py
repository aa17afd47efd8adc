# SPDX-License-Identifier: Apache-2.0
"""Who works in the demo's city. The names are made; the password is on the login page of a demo and nowhere else."""

from __future__ import annotations

from typing import NamedTuple

from dure.city.models import Role
from dure.services.care.rules import CareRules

PASSWORD = "dure-demo-village"  # noqa: S105 - printed on the demo's own login page


class SignIn(NamedTuple):
    """A user of the demo: what they type, what they are called, what they are."""

    username: str
    name: str
    role: Role


SIGN_INS = (
    SignIn("worker", "김하늘", Role.CARE_WORKER),
    SignIn("worker2", "이바다", Role.CARE_WORKER),
    SignIn("worker3", "박누리", Role.CARE_WORKER),
    SignIn("worker4", "최다온", Role.CARE_WORKER),
    SignIn("worker5", "송마루", Role.CARE_WORKER),
    SignIn("worker6", "권새봄", Role.CARE_WORKER),
    SignIn("worker7", "황보예솔", Role.CARE_WORKER),
    SignIn("worker8", "류단비", Role.CARE_WORKER),
    SignIn("worker9", "안보람", Role.CARE_WORKER),
    SignIn("worker10", "노을", Role.CARE_WORKER),
    SignIn("officer", "정은별", Role.WELFARE_OFFICER),
    SignIn("operator", "한가람", Role.CONTROL_OPERATOR),
    SignIn("agent", "윤슬기", Role.CALL_AGENT),
    SignIn("lead", "백나린", Role.DESK_LEAD),
    SignIn("road", "손다빛", Role.OFFICER),
    SignIn("cleaning", "유라온", Role.OFFICER),
    SignIn("traffic", "서한길", Role.TRAFFIC_ENGINEER),
    SignIn("dispatcher", "오시원", Role.DISPATCHER),
    SignIn("driver", "배도담", Role.DRIVER),
    SignIn("driver2", "문다솔", Role.DRIVER),
    SignIn("driver3", "남시내", Role.DRIVER),
    SignIn("trade", "신나래", Role.TRADE_OFFICER),
    SignIn("education", "문가온", Role.EDUCATION_OFFICER),
    SignIn("planner", "임한결", Role.PLANNER),
    SignIn("network", "강아라", Role.NETWORK_OFFICER),
    SignIn("privacy", "조은솔", Role.PRIVACY_OFFICER),
    SignIn("citizen", "주민", Role.CITIZEN),
    SignIn("family", "가족", Role.FAMILY),
    SignIn("admin", "관리자", Role.ADMINISTRATOR),
)
WORKERS = tuple(one.username for one in SIGN_INS if one.role is Role.CARE_WORKER)
HOMES_A_WORKER = CareRules().people_per_worker
"""Homes that one care worker of a demo looks after: as many as the rule allows, so that the board begins calm."""
FEWEST_WORKERS, MOST_WORKERS = 4, 500
"""In a city of 170,000 homes the most have 340 each, about what the national service has: the board says so."""
DEPARTMENT_OFFICERS = {"road": "road", "cleaning": "cleaning"}
"""Department: who works there."""
OFFERED = (
    "worker", "officer", "agent", "lead", "road", "cleaning", "dispatcher", "driver", "privacy", "citizen", "family",
    "admin",
)  # fmt: skip
"""Those who have something to do in what there is so far: offered first on the login page and the terminal."""


def offered() -> tuple[SignIn, ...]:
    """The sign-ins that are shown."""
    return tuple(one for one in SIGN_INS if one.username in OFFERED)


def care_workers(homes: int) -> tuple[str, ...]:
    """User names of those who look after ``homes``: first those of WORKERS, in a large city others besides."""
    count = min(max(FEWEST_WORKERS, -(-homes // HOMES_A_WORKER)), MOST_WORKERS)
    return (*WORKERS[:count], *(f"worker{n}" for n in range(len(WORKERS) + 1, count + 1)))
