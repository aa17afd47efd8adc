# SPDX-License-Identifier: Apache-2.0
"""The record that every service stands on (DESIGN §4), one concern a file."""

from .areas import Area, AreaLevel, AreaSuccession
from .audit import AuditEntry, AuditHead, AuditMention
from .cases import Audience, Case, CaseEvent, CaseEventKind, CaseNumber, CaseStatus, Handover, HandoverState
from .devices import Device, DeviceKey, Feed, RegistryStamp, Series
from .errands import Errand, ErrandStatus, Route, RouteStop
from .escalation import (
    AttemptResult,
    Channel,
    DutyShift,
    Escalation,
    EscalationAttempt,
    EscalationPlan,
    EscalationState,
    EscalationStep,
    QuietAction,
)
from .findings import Finding, Level
from .holidays import Holiday
from .people import Consent, ConsentPurpose, Contact, Household, Person, Sex
from .processes import ProcessSign
from .readings import BELIEVED, LatestReading, Quality, Reading, RejectedReading, Watermark
from .reviews import AskedAs, Review, ReviewKind, ReviewResult
from .settings import RuleSetting
from .users import Membership, Role, Team, User

__all__ = [
    "BELIEVED",
    "Area",
    "AreaLevel",
    "AreaSuccession",
    "AskedAs",
    "AttemptResult",
    "Audience",
    "AuditEntry",
    "AuditHead",
    "AuditMention",
    "Case",
    "CaseEvent",
    "CaseEventKind",
    "CaseNumber",
    "CaseStatus",
    "Channel",
    "Consent",
    "ConsentPurpose",
    "Contact",
    "Device",
    "DeviceKey",
    "DutyShift",
    "Errand",
    "ErrandStatus",
    "Escalation",
    "EscalationAttempt",
    "EscalationPlan",
    "EscalationState",
    "EscalationStep",
    "Feed",
    "Finding",
    "Handover",
    "HandoverState",
    "Holiday",
    "Household",
    "LatestReading",
    "Level",
    "Membership",
    "Person",
    "ProcessSign",
    "Quality",
    "QuietAction",
    "Reading",
    "RegistryStamp",
    "RejectedReading",
    "Review",
    "ReviewKind",
    "ReviewResult",
    "Role",
    "Route",
    "RouteStop",
    "RuleSetting",
    "Series",
    "Sex",
    "Team",
    "User",
    "Watermark",
]
