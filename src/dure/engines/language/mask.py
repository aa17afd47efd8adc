# SPDX-License-Identifier: Apache-2.0
"""Put marks in the place of what points to a person, and put it back from the vault of the case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .addresses import AddressBook
from .names import names
from .numbers import Span, numbers

_MARK = re.compile(r"⟦[A-Z]+_\d+⟧")
_KIND_OF_AREA = re.compile(r"\d*[동읍면리가구시군]$")


@dataclass(frozen=True)
class Masked:
    """A masked text.

    Attributes
    ----------
    text
        With ⟦PHONE_1⟧, ⟦NAME_2⟧, … in the place of each span.
    spans
        Where each stood in the text before, in its order; none overlaps another.
    vault
        Mark → what stood there. Whoever has it can put everything back, so it stays with the case.
    """

    text: str
    spans: list[Span]
    vault: dict[str, str] = field(repr=False)


class Masker:
    """Masks texts of one city.

    Parameters
    ----------
    areas
        Names of its areas and roads, which make a number after them an address. What is left of one without 동, 읍, …
        is no person where it has two syllables ("저는 남양입니다").
    """

    def __init__(self, areas: Iterable[str] = ()) -> None:
        areas = list(areas)
        self._addresses = AddressBook(areas)
        self._places = {stem for area in areas if len(stem := _KIND_OF_AREA.sub("", area)) == 2}

    def mask(self, text: str, vault: Mapping[str, str] | None = None) -> Masked:
        """``text`` with marks; what ``vault`` knows keeps its mark, so that one person has one mark in a whole case.

        A mark that a citizen typed is masked itself, so that nobody can have another's data put in its place.
        """
        kept = dict(vault or {})
        marks = {(mark[1:].rpartition("_")[0], value): mark for mark, value in kept.items()}
        spans = self.spans(text)
        pieces, last = [], 0
        for span in spans:
            value = text[span.start : span.end]
            key = (span.kind.upper(), value)
            if key not in marks:
                number = sum(kind == key[0] for kind, _ in marks) + 1
                marks[key] = f"⟦{key[0]}_{number}⟧"
                kept[marks[key]] = value
            pieces += [text[last : span.start], marks[key]]
            last = span.end
        return Masked("".join([*pieces, text[last:]]), spans, kept)

    def spans(self, text: str) -> list[Span]:
        """What would be masked; of two that overlap, numbers go before addresses and those before names."""
        people = (span for span in names(text) if text[span.start : span.end] not in self._places)
        typed = (Span(match.start(), match.end(), "mark") for match in _MARK.finditer(text))
        taken: list[Span] = []
        for found in (typed, numbers(text), self._addresses.addresses(text), people):
            taken += _apart(list(found), taken)
        return sorted(taken, key=lambda span: span.start)


def _apart(found: list[Span], taken: list[Span]) -> list[Span]:
    """Those of ``found``, the first of any that overlap, that overlap none of ``taken``."""
    kept: list[Span] = []
    for span in found:
        if span.start < span.end and not any(span.start < o.end and o.start < span.end for o in (*taken, *kept)):
            kept.append(span)
    return kept


def unmask(text: str, vault: Mapping[str, str]) -> str:
    """``text`` with what stood in the place of each mark that ``vault`` knows."""
    return _MARK.sub(lambda match: vault.get(match.group(), match.group()), text)
