# SPDX-License-Identifier: Apache-2.0
"""Work that a named person must finish: the verbs that move a case, and the only ways to see one.

Every verb is one transaction with one entry in the thread and one on the audit chain, updates the ``case`` it was
given in place, and returns the thread's entry. Sending the same ``client_id`` again changes nothing and returns the
entry of the first time. Errors: NotFound (may not know of the case), NotAllowed (may see it, not act on it),
Conflict (the case has moved on), Invalid (names the field).
"""

from dure.city.case_flow import ALLOWED_STATUS_CHANGES, Notice, register_notice, replay

from .access import Sees, access_case, led_by, register_service, visible_cases
from .entries import add_finding, add_note, overrule, raise_level, record_call, record_visit
from .handover import Outgoing, deliver_handovers, hand_over, handover_accepted
from .moves import acknowledge, assign, change_status, close, reopen, set_due
from .opening import open_case
from .overdue import escalate_overdue
from .thread import ThreadEntry, thread

__all__ = [
    "ALLOWED_STATUS_CHANGES",
    "Notice",
    "Outgoing",
    "Sees",
    "ThreadEntry",
    "access_case",
    "acknowledge",
    "add_finding",
    "add_note",
    "assign",
    "change_status",
    "close",
    "deliver_handovers",
    "escalate_overdue",
    "hand_over",
    "handover_accepted",
    "led_by",
    "open_case",
    "overrule",
    "raise_level",
    "record_call",
    "record_visit",
    "register_notice",
    "register_service",
    "reopen",
    "replay",
    "set_due",
    "thread",
    "visible_cases",
]
