# SPDX-License-Identifier: Apache-2.0
"""What a topic asks besides, and what a citizen answered, in the words of who reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dure.city.templatetags.dure import in_language


def in_words(fields: Sequence[Mapping[str, Any]], answers: Mapping[str, object]) -> list[tuple[dict[str, str], str]]:
    """Name (ko, en) and answer of each of the topic's ``fields``, then what the topic asks no more."""
    asked = {str(one["code"]): one for one in fields}
    known = [(one["name"], _answer(one, answers[code])) for code, one in asked.items() if answers.get(code)]
    others = [({"ko": code, "en": code}, _answer({}, said)) for code, said in answers.items() if code not in asked]
    return known + [one for one in others if one[1]]


def _answer(field: Mapping[str, Any], said: object) -> str:
    named = {str(one["key"]): one["name"] for one in field.get("values", ())}
    chosen = said if isinstance(said, list) else [said]
    return ", ".join(in_language(named[str(one)]) if str(one) in named else str(one) for one in chosen if one)
