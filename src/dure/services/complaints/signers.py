# SPDX-License-Identifier: Apache-2.0
"""Do many people say this together? Words by which they do: 외 12명, 주민 일동, 연명, 30세대."""

from __future__ import annotations

import re
from dataclasses import dataclass

MANY = 5
"""People who sign, and households that have it in common, from which the law speaks of many (법 제2조 제6호)."""

_OTHERS = re.compile(r"(?<![가-힣])외\s?(\d{1,5}|수십|수백)\s?(?:여\s?)?(?:명|인|세대|가구)|\band (\d{1,5}) others\b")
_SIGNED = re.compile(
    r"(\d{1,5})\s?(?:여\s?)?(?:명|인)(?:이|의|은|가)?\s?(?:함께\s)?(?:연명|연서명?|서명)"
    r"|(?:연명|연서명?|서명)(?:부|인|자)?(?:은|는|이|가|에)?\s?(?:총|모두)?\s?(\d{1,5})\s?(?:여\s?)?(?:명|인)"
    r"|\bsigned by (\d{1,5})\b"
)
_TOGETHER = re.compile(
    r"(?:주민|입주민|입주자|세대주|상인|학부모|임차인|토지주|마을|조합원)(?:들)?\s?(?:모두\s?|전체\s?)?일동"
    r"|연명부|연서명|연명으로|서명부"
)
_HOUSEHOLDS = re.compile(r"(\d{1,5})\s?(?:여\s?)?(?:세대|가구|households\b)")
_TENS = {"수십": 20, "수백": 200}


@dataclass(frozen=True)
class Signers:
    """``words`` of the text by which many say it; ``people`` and ``households``: the numbers it gives, or None."""

    words: tuple[str, ...]
    people: int | None
    households: int | None

    @property
    def are_many(self) -> bool:
        """Whether a person should look: the text says that they are many and no number of it says otherwise."""
        return bool(self.words) and (self.people is None or self.people >= MANY)


def signers(text: str) -> Signers:
    """What a (masked) text says of how many stand behind it. A number of households alone says nothing: people live in
    houses of five hundred."""
    found, people = [], []
    for pattern, more in ((_OTHERS, 1), (_SIGNED, 0)):
        for match in pattern.finditer(text):
            said = next(one for one in match.groups() if one)
            found.append(match[0].strip())
            people.append((_TENS.get(said) or int(said)) + more)
    found += [match[0].strip() for match in _TOGETHER.finditer(text)]
    households = [int(match[1]) for match in _HOUSEHOLDS.finditer(text)] if found else []
    return Signers(tuple(dict.fromkeys(found)), max(people, default=None), max(households, default=None))
