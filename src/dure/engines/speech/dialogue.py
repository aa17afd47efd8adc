# SPDX-License-Identifier: Apache-2.0
"""A call that follows its script: what to say now, what was heard, how it ended. No sound in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import korean
from .korean import Language
from .meaning import Meaning, understand
from .script import Script, State
from .vocabulary import VOCABULARIES


@dataclass(frozen=True)
class Turn:
    """One thing said and what was heard upon it."""

    state: str
    heard: str | None
    """Words, or None where nothing was said (silence, or a key)."""
    key: str | None
    meaning: Meaning | None
    """None where a key was pressed."""


@dataclass
class Dialogue:
    """A call under way. ``values`` fill the script's sentences; raises KeyError with the name of a missing one."""

    script: Script
    language: Language
    values: Mapping[str, str]
    state: str = ""
    tried: int = 1
    """How often the present state has been said."""
    turns: list[Turn] = field(default_factory=list)

    def __post_init__(self) -> None:
        if missing := self.script.values - self.values.keys():
            raise KeyError(min(missing))
        self.state = self.state or self.script.start

    @property
    def _now(self) -> State:
        return self.script.states[self.state]

    @property
    def says(self) -> str:
        """What is to be said now, as it is written; ``korean.readable`` makes it ready for a voice."""
        return korean.filled(self._now.say[self.language], dict(self.values))

    @property
    def outcome(self) -> str:
        """How the call ended; "" while it goes on."""
        return self._now.end

    @property
    def is_well(self) -> bool:
        """Whether it ended in an end that says that all is well."""
        return self._now.good

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys that mean something now."""
        return tuple(self._now.keys)

    def hear(self, text: str | None = None, *, key: str | None = None) -> Turn:
        """Take an answer: words, a key, or neither (silence); the state moves on, or is said again, or is lost.

        A key that means nothing here counts as an unclear answer. Raises ValueError when the call has ended.
        """
        now = self._now
        if now.end:
            raise ValueError("the call has ended")
        if key is not None:
            meaning, target = None, now.keys.get(key)
        else:
            more = dict(now.words.get(self.language, {}))
            meaning = understand(text, self.language, VOCABULARIES[self.language].with_words(more))
            target = self.script.target(now, meaning)
        turn = Turn(self.state, text or None, key, meaning)
        self.turns.append(turn)
        if target is None and self.tried < now.tries:
            self.tried += 1
        else:
            self.state, self.tried = target or self.script.lost, 1
        return turn

    def hung_up(self) -> None:
        """The line was cut before an end: nobody knows how they are. Changes nothing after an end."""
        if not self.outcome:
            self.state, self.tried = self.script.lost, 1
            while not self.outcome:
                self.hear(None)

    def as_dict(self) -> dict[str, Any]:
        """Where the call stands, for JSON."""
        turns = [[t.state, t.heard, t.key, t.meaning] for t in self.turns]
        return {"language": self.language, "values": dict(self.values), "state": self.state, "tried": self.tried,
                "turns": turns}  # fmt: skip

    @classmethod
    def from_dict(cls, script: Script, data: Mapping[str, Any]) -> Dialogue:
        """Inverse of ``as_dict``."""
        turns = [Turn(s, heard, key, meaning and Meaning(meaning)) for s, heard, key, meaning in data["turns"]]
        return cls(script, data["language"], data["values"], data["state"], data["tried"], turns)
