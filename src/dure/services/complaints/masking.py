# SPDX-License-Identifier: Apache-2.0
"""Complaints are masked with the city's own names of areas, and with what their reporter said of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from dure.city.models import Area, AreaLevel
from dure.city.plain_text import plain
from dure.engines.language.mask import Masked, Masker

_MARK = re.compile(r"(⟦[A-Z]+_\d+⟧)")
SHORTEST = 2
"""Characters of a name or number of the reporter's that is looked for in their text."""


def mask(text: str, vault: Mapping[str, str] | None = None, *, known: Iterable[str] = ()) -> Masked:
    """``text`` with marks, ``known`` values of the reporter (name, phone, mail) among them however they stand there."""
    names = Area.objects.filter(level=AreaLevel.DONG, valid_to=None).order_by("name").values_list("name", flat=True)
    masked = _masker(tuple(names)).mask(text, vault)
    for value in sorted({one.strip() for one in known}, key=len, reverse=True):
        if len(value) >= SHORTEST:
            masked = _with_known(masked, value)
    return masked


def mask_answers(answers: Mapping[str, Any], vault: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was answered to a topic's own questions, masked, and the vault with what stood there."""
    known = dict(vault)

    def masked(answer: Any) -> Any:
        nonlocal known
        if isinstance(answer, list):
            return [masked(one) for one in answer]
        if not isinstance(answer, str):
            return answer
        found = mask(plain(answer), known)
        known = found.vault
        return found.text

    return {code: masked(answer) for code, answer in answers.items()}, known


@lru_cache(maxsize=2)
def _masker(names: tuple[str, ...]) -> Masker:
    return Masker(names)


def _with_known(masked: Masked, value: str) -> Masked:
    """``masked`` with a mark in the place of ``value``, outside of the marks that stand there already."""
    parts = _MARK.split(masked.text)
    if not any(value in part for part in parts[::2]):
        return masked
    vault = dict(masked.vault)
    mark = next((one for one, kept in vault.items() if kept == value), "")
    if not mark:
        number = sum(one.startswith("⟦KNOWN_") for one in vault) + 1
        mark = f"⟦KNOWN_{number}⟧"
        vault[mark] = value
    parts[::2] = [part.replace(value, mark) for part in parts[::2]]
    return Masked("".join(parts), masked.spans, vault)
