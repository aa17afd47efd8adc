# SPDX-License-Identifier: Apache-2.0
"""No verb changes the record without an entry on the audit chain: read from the source, so that a new one is found.

A verb is a function that somebody outside its module may call. It writes when it, or a private function of its module
that it calls, saves to the database; it must then come to ``audit.record`` itself or through what it calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

import dure

SOURCE = Path(dure.__file__).parent
ROOMS = ("city", "services")
SAVES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
RECORDS = {("dure.city.audit", "record"), ("dure.city.case_flow", "write")}

NOT_ON_THE_CHAIN = {
    # What the chain itself is made of, and what carries it.
    "city.audit.record": "writes the entry",
    # What things say, tens of thousands a minute, each kept as it came; who may say it is on the chain.
    "city.readings.keep_rejected": "what a door refused, kept as it came",
    "city.readings.pull": "how far a consumer has read",
    "city.readings.advance_latest": "the newest of the readings, once more",
    "city.processes.alive": "a sign of life",
    "city.processes.leave": "a sign of life",
    "services.care.habit_state.save": "what the engine remembers, made of the readings",
    "services.waste.account_data.keep_week": "what a week came to, counted from what is on the record",
    "services.waste.actions.sensors.learn_paths": "where a network server says that it takes messages for a sensor",
    "services.waste.forecast.step": "what the forecast remembers, made of the readings",
    "services.waste.watch.mark_silent": "made of the readings that do not come",
    "services.waste.watch.mark_stuck": "made of the readings",
    # A talk at the chat door between two messages; the complaint that comes of it is on the chain.
    "services.complaints.actions.talks.access_talk": "a citizen begins to write, of whom only a digest is known",
    "services.complaints.actions.talks.end_stale_talks": "what nobody went on with is forgotten",
    "services.complaints.actions.talks.keep_talk": "what a citizen has written so far, until they send it",
    "services.complaints.actions.talks.leave_word": "an answer, which is on the chain, waits for the citizen",
    "services.complaints.actions.talks.said_words": "it was said",
    # Files that a command writes, not the record.
    "city.pictures.made_anew": "a picture, in memory",
    "services.complaints.assist._save": "what the assistant learned from rows, in a folder of its own",
    "services.complaints.assist_files.save": "as above",
    "services.complaints.commands._index": "an index of documents, in a folder of its own",
    "services.complaints.commands._train": "a model, in a folder of its own",
    # Parts of a complaint's verbs, which record what they are part of.
    "services.complaints.actions.receiving.keep_judgement": "what the program made of it, by the verbs that receive",
    "services.complaints.messages.hear": "a word of the citizen, by the verb that records the deed",
    "services.complaints.messages.say": "as hear",
    "services.complaints.numbers.next_number": "the number of a complaint that is received, as cases.opening has it",
    # Parts of giving a plan out, which the verb around them records.
    "city.routes.lay_route": "the order of errands that are on the chain",
    "city.routes.new_route": "as lay_route",
    "services.waste.actions.rounds.wishes.keep_wish": "called by wish and split, which record it",
    # Parts of a case's move, which the verb around them records.
    "city.cases.handover.withdraw": "called by the verbs of a case, which record the move",
    "city.escalation.acknowledged": "what a case's verb, which is on the chain, does to its plan",
    "city.escalation.given_back": "as acknowledged",
    "city.escalation.stop": "as acknowledged",
    "city.escalation.wait_until": "when to look again at a try that is on the chain",
}
"""Who writes without an entry, and why that is right."""


@dataclass
class Function:
    """One function of ours: what it calls, and whether it saves."""

    module: str
    name: str
    saves: bool
    calls: set[tuple[str, str]] = field(default_factory=set)
    """(module or package, name)."""

    @property
    def path(self) -> str:
        return f"{self.module.removeprefix('dure.')}.{self.name}"


def _imports(tree: ast.Module, module: str, *, is_package: bool = False) -> dict[str, tuple[str, str]]:
    """Local name → (module, name in it), or (module, "") for a module itself."""
    known: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            up = node.level - is_package
            parent = ".".join(module.split(".")[: len(module.split(".")) - up]) if node.level else ""
            source = ".".join(part for part in (parent, node.module) if part)
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                known[alias.asname or alias.name] = (inner, "") if _is_module(inner) else (source, alias.name)
    return known


def _is_module(dotted: str) -> bool:
    path = SOURCE.parent / Path(*dotted.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def _saves(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    named_only = bool(call.keywords) and not call.args
    bare = not call.keywords and not call.args
    verb = call.func.attr
    return verb in SAVES or (verb == "update" and named_only) or (verb == "delete" and bare)


def read(source: str, module: str) -> list[Function]:
    """The functions of a module's source, methods included."""
    tree = ast.parse(source)
    known = _imports(tree, module)
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
        function = Function(module, node.name, any(map(_saves, calls)))
        for call in calls:
            if isinstance(call.func, ast.Name):
                function.calls.add(known.get(call.func.id, (module, call.func.id)))
            elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
                place = known.get(call.func.value.id)
                if place is not None and not place[1]:
                    function.calls.add((place[0], call.func.attr))
        found.append(function)
    return found


@cache
def functions() -> tuple[Function, ...]:
    return tuple(
        function
        for room in ROOMS
        for path in sorted((SOURCE / room).rglob("*.py"))
        if not {"migrations", "models", "models.py"} & set(path.parts)
        for function in read(path.read_text(), _dotted(path))
    )


def _dotted(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@cache
def _passed_on() -> dict[tuple[str, str], tuple[str, str]]:
    """(module, name) → where it is from, for what a module only passes on."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for path in (SOURCE / "city").rglob("*.py"):
        module = _dotted(path)
        imported = _imports(ast.parse(path.read_text()), module, is_package=path.stem == "__init__")
        found |= {(module, name): place for name, place in imported.items()}
    return found


def _called(function: Function, all_of: tuple[Function, ...]) -> Iterator[Function]:
    for call in function.calls:
        place, name = _passed_on().get(call, call)
        yield from (one for one in all_of if one.name == name and f"{one.module}.".startswith(f"{place}."))


def _reaches(function: Function, all_of: tuple[Function, ...], *, own_private_only: bool) -> Iterator[Function]:
    """The function and what it calls, and so on."""
    seen: list[Function] = []
    waiting = [function]
    while waiting:
        now = waiting.pop()
        if now in seen:
            continue
        seen.append(now)
        yield now
        for one in _called(now, all_of):
            if not own_private_only or (one.module == function.module and one.name.startswith("_")):
                waiting.append(one)


def silent_writers(all_of: tuple[Function, ...]) -> list[str]:
    """Verbs that save something and never come to the chain."""
    called = {(one.module, one.name) for function in all_of for one in _called(function, all_of) if one != function}
    found = []
    for function in all_of:
        if function.name.startswith("_") and (function.module, function.name) in called:
            continue  # a step of a verb
        writes = any(one.saves for one in _reaches(function, all_of, own_private_only=True))
        records = any(one.calls & RECORDS for one in _reaches(function, all_of, own_private_only=False))
        if writes and not records:
            found.append(function.path)
    return sorted(found)


def test_every_verb_that_writes_leaves_an_entry_but_those_that_say_why_not() -> None:
    assert silent_writers(functions()) == sorted(NOT_ON_THE_CHAIN)


@pytest.mark.parametrize(
    ("body", "silent"),
    [
        ("def rename(area, name):\n    area.name = name\n    area.save()", True),
        (
            "def rename(area, name):\n    _keep(area)\n\ndef _keep(area):\n    Area.objects.filter(pk=1).update(a=1)",
            True,
        ),
        ("def rename(area):\n    area.save()\n    audit.record('a:b:c', actor='x', subject='y')", False),
        ("def rename(area):\n    area.save()\n    _tell()\n\ndef _tell():\n    audit.record('a:b:c')", False),
        ("def names(area):\n    known = {}\n    known.update(area.names)\n    return known", False),
        ("def drop(area):\n    area.rows.all().delete()", True),
    ],
)
def test_the_check_tells_a_silent_writer(body: str, silent: bool) -> None:
    found = silent_writers(tuple(read(f"from dure.city import audit\n{body}", "dure.city.made")))
    assert bool(found) == silent
