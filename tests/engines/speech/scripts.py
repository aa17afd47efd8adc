# SPDX-License-Identifier: Apache-2.0
"""A small script for the tests, as the tables a file would give."""

from __future__ import annotations

import copy
from typing import Any

_TABLES: dict[str, Any] = {
    "start": "ask",
    "help": "send_help",
    "pain": "tell_worker",
    "lost": "someone_calls",
    "states": {
        "ask": {
            "say": {"ko": "{name:은} 잘 지내고 계세요?", "en": "{name}, are you well?"},
            "keys": {"1": "fine", "2": "send_help"},
            "on": {"yes": "fine", "no": "someone_calls", "denied": "surely"},
            "words": {"ko": {"yes": ["그냥저냥"]}},
        },
        "surely": {
            "say": {"ko": "편찮으신 데가 없으시지요?", "en": "So nothing hurts?"},
            "confirms": True,
            "on": {"yes": "fine", "denied": "fine", "no": "tell_worker"},
        },
        "fine": {"say": {"ko": "다행입니다.", "en": "Good."}, "end": "well", "good": True},
        "tell_worker": {"say": {"ko": "전하겠습니다.", "en": "I will tell."}, "end": "in_pain"},
        "send_help": {"say": {"ko": "곧 갑니다.", "en": "Help is coming."}, "end": "asks_for_help"},
        "someone_calls": {"say": {"ko": "다시 걸겠습니다.", "en": "Somebody will call."}, "end": "not_reached"},
    },
}


def tables() -> dict[str, Any]:
    """A copy that a test may change."""
    return copy.deepcopy(_TABLES)
