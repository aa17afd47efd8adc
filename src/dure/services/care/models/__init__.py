# SPDX-License-Identifier: Apache-2.0
"""Records only care needs."""

from .away import Away, AwaySource
from .calls import CONCERNS, ON_THE_LINE, Call, CallOutcome, CallState
from .enrolment import Enrolment, HabitState
from .outcomes import BY_PLATFORM, WELL, Outcome

__all__ = [
    "BY_PLATFORM",
    "CONCERNS",
    "ON_THE_LINE",
    "WELL",
    "Away",
    "AwaySource",
    "Call",
    "CallOutcome",
    "CallState",
    "Enrolment",
    "HabitState",
    "Outcome",
]
