# SPDX-License-Identifier: Apache-2.0
"""A script that could call somebody well who is not is refused, and says where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dure.engines.speech import Meaning, Script, ScriptError
from tests.engines.speech.scripts import tables

Change = Callable[[dict[str, Any]], object]


def set_at(path: str, value: object) -> Change:
    """Change one place of the tables."""

    def change(data: dict[str, Any]) -> None:
        *way, last = path.split("/")
        for part in way:
            data = data[part]
        data[last] = value

    return change


def test_script_is_read() -> None:
    script = Script.parse(tables())
    assert script.values == {"name"}
    assert script.target(script.states["ask"], Meaning.PAIN) == "tell_worker"
    assert script.target(script.states["ask"], Meaning.UNCLEAR) is None


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("states", {}, "states"),
        ("starts", "ask", "starts"),
        ("start", "nowhere", "start"),
        ("lost", None, "lost"),
        ("states/ask/on/yes", "nowhere", "states.ask.on.yes"),
        ("states/ask/on/maybe", "fine", "states.ask.on.maybe"),
        ("states/ask/on/help", "fine", "states.ask.on.help"),
        ("states/ask/keys/x", "fine", "states.ask.keys.x"),
        ("states/ask/say", {"ko": "안녕하세요?"}, "states.ask.say.en"),
        ("states/ask/say/ko", "  ", "states.ask.say.ko"),
        ("states/ask/tries", 9, "states.ask.tries"),
        ("states/ask/sound", "beep", "states.ask.sound"),
        ("states/ask/good", True, "states.ask.good"),
        ("states/ask/end", "well", "states.ask"),
        ("states/fine/end", "", "states.fine.good"),
        ("states/ask/words/ko/danger", ["물"], "states.ask.words.ko.danger"),
        ("states/ask/words/fr", {}, "states.ask.words.fr"),
        ("states/fine", "well", "states.fine"),
    ],
)
def test_what_is_wrong_is_named(path: str, value: object, field: str) -> None:
    data = tables()
    set_at(path, value)(data)
    with pytest.raises(ScriptError) as raised:
        Script.parse(data)
    assert raised.value.field == field
    assert raised.value.message_ko
    assert raised.value.message_en


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("help", "fine", "help"),
        ("pain", "ask", "pain"),
        ("lost", "ask", "lost"),
        ("states/ask/on/silence", "fine", "states.ask.on.silence"),
        ("states/ask/on/unclear", "surely", "states.ask.on.unclear"),
        ("states/surely/on/pain", "ask", "states.surely.on.pain"),
        ("states/ask/on/denied", "fine", "states.ask.on.denied"),
        ("states/ask/on/no", "surely", "states.ask.on.no"),
        ("start", "surely", "start"),
    ],
)
def test_no_way_from_danger_to_a_good_end(path: str, value: str, field: str) -> None:
    data = tables()
    set_at(path, value)(data)
    with pytest.raises(ScriptError) as raised:
        Script.parse(data)
    assert raised.value.field == field
