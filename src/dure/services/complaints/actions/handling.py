# SPDX-License-Identifier: Apache-2.0
"""What agents and officers do with a complaint, from the first look to the answer."""

from .answering import answer, end_repeated, extend, look_again, say_repeats, tell, version_of, waiting
from .partners import ask_partner, give_opinion
from .pauses import ask_citizen, end_pause, pause, pause_of, prolong
from .transfers import accept, choose, refuse, transfer

__all__ = [
    "accept",
    "answer",
    "ask_citizen",
    "ask_partner",
    "choose",
    "end_pause",
    "end_repeated",
    "extend",
    "give_opinion",
    "look_again",
    "pause",
    "pause_of",
    "prolong",
    "refuse",
    "say_repeats",
    "tell",
    "transfer",
    "version_of",
    "waiting",
]
