# SPDX-License-Identifier: Apache-2.0
"""What agents and officers do with a complaint, from the first look to the answer."""

from .answering import answer, end_repeated, extend, look_again, say_repeats, tell, version_of, waiting
from .collective import decide as decide_collective
from .committee import ask_committee, record_review
from .partners import ask_partner, give_opinion
from .pauses import ask_citizen, end_pause, pause, pause_of, prolong
from .transfers import accept, choose, refuse, transfer

__all__ = [
    "accept",
    "answer",
    "ask_citizen",
    "ask_committee",
    "ask_partner",
    "choose",
    "decide_collective",
    "end_pause",
    "end_repeated",
    "extend",
    "give_opinion",
    "look_again",
    "pause",
    "pause_of",
    "prolong",
    "record_review",
    "refuse",
    "say_repeats",
    "tell",
    "transfer",
    "version_of",
    "waiting",
]
