# SPDX-License-Identifier: Apache-2.0
"""Nobody opens a sealed value, or asks the database by one, but the functions that audit it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dure

SOURCE = Path(dure.__file__).parent
MAY_OPEN = {
    "city/people.py",
    "city/cases",
    "city/errands.py",
    "city/sealed.py",
    "city/resealing.py",
    "city/reviews.py",
    "services/care/conversation.py",
    "services/care/day_plan.py",
    "services/complaints/access.py",
    "services/complaints/actions/calls.py",
    "services/complaints/actions/protection.py",
    "services/complaints/actions/talks.py",
    "services/complaints/live_calls.py",
    "services/monitoring/queries.py",
    "services/waste/actions/photos.py",
}
"""Modules and packages that may open sealed values, each under its own audited verbs."""
PERSONAL = {"name", "phone", "phone_index", "address", "place"}
MODELS = {"Person", "Household", "Contact"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text())


def may_open(module: str) -> bool:
    return any(module == one or module.startswith(f"{one}/") for one in MAY_OPEN)


def openings(tree: ast.AST) -> list[int]:
    """Lines that call ``.open()`` or ``.rotated()`` without arguments (a file is opened with its mode), or that
    touch a ``.token``."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"open", "rotated"}
            and not node.args
            and not node.keywords
        )
        or (isinstance(node, ast.Name | ast.Attribute) and _name(node) == "Sealed" and isinstance(node.ctx, ast.Load))
    ]


def _name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def questions(tree: ast.AST) -> list[int]:
    """Lines that ask for people, homes or contacts by what is sealed, or take it from the row, or make rows."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _asks(node):
            named = {keyword.arg or "" for keyword in node.keywords}
            named |= {
                one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
            verb = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if verb in {"create", "bulk_create", "get_or_create", "update_or_create"} or any(map(_is_personal, named)):
                found.append(node.lineno)
    return found


def _asks(call: ast.Call) -> bool:
    """Whether the call hangs on ``Person.objects`` or the like."""
    return any(
        isinstance(one, ast.Attribute)
        and one.attr in {"objects", "_base_manager", "_default_manager"}
        and isinstance(one.value, ast.Name | ast.Attribute)
        and _name(one.value) in MODELS
        for one in ast.walk(call.func)
    )


def _is_personal(path: str) -> bool:
    return bool(PERSONAL & set(path.lstrip("-").split("__")[-2:]))


def test_only_the_audited_modules_open_what_is_sealed() -> None:
    found = {module: lines for module, tree in modules() if not may_open(module) and (lines := openings(tree))}
    assert found == {}


def test_nobody_outside_city_asks_the_database_by_what_is_sealed() -> None:
    found = {
        module: lines for module, tree in modules() if not module.startswith("city/") and (lines := questions(tree))
    }
    assert found == {}


def test_the_audited_modules_do_open() -> None:
    opening = {module for module, tree in modules() if openings(tree)}
    assert "city/people.py" in opening


@pytest.mark.parametrize(
    "code",
    ["person.name.open()", "[one.text.open() for one in events]", "Sealed(token).open()", "value.rotated()"],
)
def test_the_check_sees_an_opening(code: str) -> None:
    assert openings(ast.parse(code)) != []


@pytest.mark.parametrize("code", ['path.open("rb")', "open(path)", 'zipfile.open(name="x")'])
def test_the_check_lets_files_be_opened(code: str) -> None:
    assert openings(ast.parse(code)) == []


@pytest.mark.parametrize(
    "code",
    [
        "Person.objects.filter(phone_index=index)",
        "models.Person.objects.values_list('pk', 'name')",
        "Household.objects.exclude(area=1).only('address')",
        "Contact.objects.create(person=person)",
        "Person.objects.order_by('-household__address')",
    ],
)
def test_the_check_sees_a_question(code: str) -> None:
    assert questions(ast.parse(code)) != []


@pytest.mark.parametrize(
    "code",
    ["Person.objects.filter(household__area=area)", "Area.objects.filter(name='x')", "Feed.objects.create(name='x')"],
)
def test_the_check_lets_other_questions_be_asked(code: str) -> None:
    assert questions(ast.parse(code)) == []
