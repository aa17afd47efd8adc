# SPDX-License-Identifier: Apache-2.0
"""The script of a call as data: what is said in each state, and where each meaning or key leads.

A script is written by people and read by machines, in TOML or any other form that gives these tables::

    start = "ask"                 # first state
    help = "send_help"            # where a call for help leads, from anywhere
    pain = "tell_worker"          # where pain leads, unless a state says otherwise
    lost = "someone_calls"        # where silence and unclear answers lead when all tries are used up

    [states.ask]
    say = { ko = "{name} 님, 잘 지내고 계세요?", en = "{name}, are you well?" }
    tries = 2                     # how often it is said before the call is lost (2)
    keys = { 1 = "fine", 2 = "send_help" }
    on = { yes = "fine", no = "someone_calls", denied = "surely" }

    [states.surely]
    confirms = true               # entered by a denial only: here a second one counts
    …
    [states.fine]
    say = { ko = "다행입니다. 좋은 하루 보내세요.", en = "Good. Have a nice day." }
    end = "well"
    good = true                   # an end that says that all is well

``Script.parse`` refuses a script that could call somebody well who was silent, unclear, in pain or asked for help.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import korean
from .korean import Language
from .meaning import Meaning

LANGUAGES: tuple[Language, ...] = ("ko", "en")
KEYS = frozenset("0123456789*#")


class ScriptError(ValueError):
    """A script that cannot be used; ``field`` is the path to what is wrong."""

    def __init__(self, field: str, message_ko: str, message_en: str) -> None:
        super().__init__(f"{field}: {message_en}")
        self.field, self.message_ko, self.message_en = field, message_ko, message_en


@dataclass(frozen=True)
class State:
    """One thing said, and where each answer leads."""

    name: str
    say: Mapping[Language, str]
    on: Mapping[Meaning, str]
    keys: Mapping[str, str]
    tries: int
    confirms: bool
    words: Mapping[Language, Mapping[str, tuple[str, ...]]]
    """Words that mean something here only, as ``Vocabulary.with_words`` takes them."""
    end: str
    """Outcome with which the call ends here; "" where it goes on."""
    good: bool


@dataclass(frozen=True)
class Script:
    """A checked script."""

    start: str
    help: str
    pain: str
    lost: str
    states: Mapping[str, State]

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Script:
        """The script in these tables; raises ScriptError with the field that is wrong."""
        tables = data.get("states")
        if not isinstance(tables, Mapping) or not tables:
            raise ScriptError("states", "상태가 하나도 없습니다", "there are no states")
        unknown = set(data) - {"start", "help", "pain", "lost", "states"}
        if unknown:
            raise _unknown(min(unknown))
        states = {str(name): _state(str(name), table) for name, table in tables.items()}
        for field in ("start", "help", "pain", "lost"):
            _must_exist(field, data.get(field), states)
        script = cls(data["start"], data["help"], data["pain"], data["lost"], states)
        for state in states.values():
            for path, target in _ways(state):
                _must_exist(path, target, states)
        script._must_be_safe()
        return script

    @property
    def values(self) -> set[str]:
        """Names of the values its sentences need."""
        return {name for state in self.states.values() for text in state.say.values() for name in korean.slots(text)}

    def target(self, state: State, meaning: Meaning) -> str | None:
        """Where ``meaning`` leads from ``state``; None where it is asked again."""
        if meaning is Meaning.HELP:
            return self.help
        return state.on.get(meaning, self.pain if meaning is Meaning.PAIN else None)

    def _must_be_safe(self) -> None:
        """No way on which somebody called for help, was in pain or was not understood ends in a good end."""
        for field, first in (("help", self.help), ("pain", self.pain), ("lost", self.lost)):
            self._must_not_end_well(field, first)
        for state in self.states.values():
            path = f"states.{state.name}"
            for meaning in (Meaning.PAIN, Meaning.SILENCE, Meaning.UNCLEAR):
                if meaning in state.on:
                    self._must_not_end_well(f"{path}.on.{meaning}", state.on[meaning])
            denied = state.on.get(Meaning.DENIED)
            if denied and self.states[denied].good and not state.confirms:
                raise ScriptError(
                    f"{path}.on.denied",
                    "아프지 않다는 말만으로 좋게 끝낼 수 없습니다. 한 번 더 물어야 합니다(confirms)",
                    "a denial alone may not end well: ask once more (confirms)",
                )
            for way, target in _ways(state):
                if self.states[target].confirms and not way.endswith(".on.denied"):
                    raise ScriptError(
                        way,
                        f"'{target}'에는 아프지 않다는 말(denied) 뒤에만 갈 수 있습니다",
                        f"{target!r} may follow a denial only",
                    )
        if self.states[self.start].confirms:
            raise ScriptError("start", "확인하는 상태로 시작할 수 없습니다", "may not be a state that confirms")

    def _must_not_end_well(self, field: str, first: str) -> None:
        seen, waiting = set(), [first]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if self.states[name].good:
                raise ScriptError(
                    field,
                    f"이 길은 좋은 끝 '{name}'에 닿습니다. 도움·통증·침묵·불분명은 좋게 끝날 수 없습니다",
                    f"leads to the good end {name!r}: help, pain, silence and unclear answers may not end well",
                )
            waiting += [target for _, target in _ways(self.states[name])]


def _ways(state: State) -> Iterator[tuple[str, str]]:
    for meaning, target in state.on.items():
        yield f"states.{state.name}.on.{meaning}", target
    for key, target in state.keys.items():
        yield f"states.{state.name}.keys.{key}", target


def _must_exist(field: str, target: object, states: Mapping[str, State]) -> None:
    if not isinstance(target, str) or target not in states:
        raise ScriptError(field, f"'{target}' 상태가 없습니다", f"there is no state {target!r}")


def _unknown(field: str) -> ScriptError:
    return ScriptError(field, "알 수 없는 항목입니다", "unknown field")


def _state(name: str, table: object) -> State:
    path = f"states.{name}"
    if not isinstance(table, Mapping):
        raise ScriptError(path, "표여야 합니다", "must be a table")
    unknown = set(table) - {"say", "on", "keys", "tries", "confirms", "words", "end", "good"}
    if unknown:
        raise _unknown(f"{path}.{min(unknown)}")
    end, good, tries = table.get("end", ""), table.get("good", False), table.get("tries", 2)
    if good and not end:
        raise ScriptError(f"{path}.good", "끝(end)에만 쓸 수 있습니다", "is for an end only")
    if not isinstance(tries, int) or not 1 <= tries <= 5:
        raise ScriptError(f"{path}.tries", "1에서 5까지여야 합니다", "must be 1 to 5")
    on = {_meaning(f"{path}.on", one): target for one, target in table.get("on", {}).items()}
    keys = {str(key): target for key, target in table.get("keys", {}).items()}
    if wrong := sorted(keys.keys() - KEYS):
        raise ScriptError(f"{path}.keys.{wrong[0]}", "전화기의 번호가 아닙니다", "is no key of a telephone")
    if bool(end) == bool(on or keys):
        raise ScriptError(
            path, "끝(end)이거나 대답을 들어야(on, keys) 합니다", "either ends or hears answers (on, keys)"
        )
    say, words = _say(path, table.get("say")), _words(path, table.get("words", {}))
    return State(name, say, on, keys, tries, bool(table.get("confirms", False)), words, str(end), bool(good))


def _meaning(path: str, name: str) -> Meaning:
    if name not in set(Meaning) - {Meaning.HELP}:  # help leads to one place from everywhere
        raise ScriptError(f"{path}.{name}", "알 수 없는 뜻입니다", "unknown meaning")
    return Meaning(name)


def _say(path: str, say: object) -> dict[Language, str]:
    said: dict[Language, str] = {}
    for language in LANGUAGES:
        text = say.get(language) if isinstance(say, Mapping) else None
        if not isinstance(text, str) or not text.strip():
            raise ScriptError(f"{path}.say.{language}", "할 말이 없습니다", "has no sentence")
        said[language] = text.strip()
    return said


def _words(path: str, tables: object) -> dict[Language, dict[str, tuple[str, ...]]]:
    words: dict[Language, dict[str, tuple[str, ...]]] = {}
    for language, table in tables.items() if isinstance(tables, Mapping) else ():
        if language not in LANGUAGES:
            raise _unknown(f"{path}.words.{language}")
        words[language] = {field: tuple(of_it) for field, of_it in table.items()}
        if wrong := sorted(
            words[language].keys() - {"yes", "yes_alone", "no", "no_alone", "later", "again", "pain", "help"}
        ):
            raise _unknown(f"{path}.words.{language}.{wrong[0]}")
    return words
