# SPDX-License-Identifier: Apache-2.0
"""How people write: in a hurry, angry, in a dialect, as they speak, with slips of the thumb. Values in, values out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any

from dure.simulator.complaints.desk import MADE

FIRST, LAST = ord("가"), ord("힣")
VOWELS = {1: 5, 5: 1, 3: 7, 7: 3, 10: 11, 11: 10}
"""ㅐ↔ㅔ, ㅒ↔ㅖ, ㅙ↔ㅚ: what sounds the same today, by the place of the vowel within a syllable's block."""
Voice = Callable[[Random, str], str]


def plain(chance: Random, text: str) -> str:
    """As one writes to an office."""
    return chance.choice(_words()["openers"]) + text + chance.choice(_words()["closers"])


def angry(chance: Random, text: str) -> str:
    """With what had been held back."""
    return text + chance.choice(("! ", "!! ", ". ", " ")) + chance.choice(_words()["angry"])


def dialect(chance: Random, text: str) -> str:
    """As people at home speak."""
    for there, here in chance.choice(_words()["dialects"]):
        text = text.replace(there, here)
    return text


def spoken(chance: Random, text: str) -> str:
    """As a transcript has it: no full stops, with hesitations."""
    words = re.sub(r"[.!?~]", "", text).split()
    if len(words) > 3:
        words.insert(chance.randrange(1, len(words)), chance.choice(("어", "그", "저기", "뭐냐", "막")))
    return " ".join([chance.choice(_words()["spoken"]), *words])


def misspelt(chance: Random, text: str) -> str:
    """One or two slips, some spaces missing, a vowel for one that sounds the same."""
    for wrong in chance.sample(_words()["slips"], 9):
        text = text.replace(wrong[0], wrong[1], 1)
    letters = [_slipped(chance, one) if chance.random() < 0.06 else one for one in text]
    return "".join(one for one in letters if one != " " or chance.random() > 0.35)


def english(chance: Random, text: str) -> str:
    """As somebody writes who does not know whether the office reads it."""
    opener, closer = chance.choice(("Hello, ", "Hi. ", "", "Dear city hall, ")), chance.choice((" Thank you.", ""))
    return opener + text + closer


KOREAN: Sequence[tuple[Voice, int]] = ((plain, 46), (angry, 14), (dialect, 14), (spoken, 11), (misspelt, 15))


@cache
def _words() -> dict[str, Any]:
    """What they say besides; the endings of dialects (south-east, south-west, Chungcheong) are those of a stage."""
    held: dict[str, Any] = json.loads((MADE / "voices.json").read_text(encoding="utf-8"))
    return held


def _slipped(chance: Random, letter: str) -> str:
    """The syllable with a vowel that sounds alike, or without its final consonant."""
    if not FIRST <= ord(letter) <= LAST:
        return letter
    initial, rest = divmod(ord(letter) - FIRST, 21 * 28)
    vowel, final = divmod(rest, 28)
    if vowel in VOWELS:
        return chr(FIRST + (initial * 21 + VOWELS[vowel]) * 28 + final)
    return chr(ord(letter) - final) if final and chance.random() < 0.3 else letter
