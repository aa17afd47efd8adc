# SPDX-License-Identifier: Apache-2.0
"""Records only care needs."""

from .away import Away, AwayReason, AwaySource
from .calls import ALIVE, CONCERNS, FAMILY, ON_THE_LINE, Call, CallOutcome, CallState
from .daily import (
    EVERY_DAY,
    OPEN_OCCASION,
    ConfirmBy,
    ConfirmedHow,
    Excuse,
    Occasion,
    OccasionState,
    Routine,
    RoutineKind,
    RoutineTemplate,
    TemplateItem,
    Timing,
)
from .enrolment import Enrolment, HabitState
from .outcomes import BY_PLATFORM, FALSE_ALARMS, WELL, Outcome

__all__ = [
    "ALIVE",
    "BY_PLATFORM",
    "CONCERNS",
    "EVERY_DAY",
    "FALSE_ALARMS",
    "FAMILY",
    "ON_THE_LINE",
    "OPEN_OCCASION",
    "WELL",
    "Away",
    "AwayReason",
    "AwaySource",
    "Call",
    "CallOutcome",
    "CallState",
    "ConfirmBy",
    "ConfirmedHow",
    "Enrolment",
    "Excuse",
    "HabitState",
    "Occasion",
    "OccasionState",
    "Outcome",
    "Routine",
    "RoutineKind",
    "RoutineTemplate",
    "TemplateItem",
    "Timing",
]
