# SPDX-License-Identifier: Apache-2.0
"""What residents say is understood as what they mean, in the city's own scripts."""

from __future__ import annotations

import pytest

from dure.engines.speech import Dialogue
from dure.services.care import scripts
from dure.simulator.talk import answer

SCRIPTS = [name for name in scripts.names() if name != "family"]  # whose telephone nobody answers here
CALLS = [f"call {n}" for n in range(150)]


def talk(script: str, call: str, did: str) -> tuple[str, set[str]]:
    """How the call ends, and what was said in it."""
    dialogue = Dialogue(scripts.script(script), "ko", {"what": "혈압약 2알"})
    said: set[str] = set()
    for turn in range(8):
        words = answer(7, 3, call, turn, did=did, script=script, language="ko")
        dialogue.hear(words.get("said"), key=words.get("key"))
        said |= set(words.values())
        if dialogue.outcome:
            break
    return dialogue.outcome, said


@pytest.mark.parametrize("script", SCRIPTS)
def test_who_is_well_is_understood_and_who_needs_help_gets_it(script: str) -> None:
    well = [talk(script, call, "fine") for call in CALLS]
    assert {outcome for outcome, _ in well} <= {"well", "done", "later"}
    assert sum(outcome in ("well", "done") for outcome, _ in well) > 0.7 * len(CALLS)
    assert len(set().union(*(said for _, said in well))) >= 4
    assert {talk(script, call, "help")[0] for call in CALLS} == {"help"}


def test_the_same_call_meets_the_same_words_and_english_presses_keys() -> None:
    one = [answer(7, 3, call, 0, did="fine", script="medicine", language="ko") for call in CALLS]
    assert one == [answer(7, 3, call, 0, did="fine", script="medicine", language="ko") for call in CALLS]
    assert answer(7, 3, "c", 0, did="help", script="medicine", language="en") == {"key": "2"}
