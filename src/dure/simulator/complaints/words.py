# SPDX-License-Identifier: Apache-2.0
"""What one citizen writes of one happening: composed of a saying, a voice, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from dure.simulator.complaints.desk import Saying
from dure.simulator.complaints.happenings import Happening
from dure.simulator.complaints.voices import KOREAN, english
from dure.simulator.names import STREETS, SURNAMES, SYLLABLES, phone

SINCE = ("사흘째", "며칠째", "어제부터", "그저께부터", "지난주부터", "일주일 넘게", "아까부터", "이틀째")
SINCE_ENGLISH = ("for three days", "since yesterday", "all week", "since Monday")
ENGLISH_SHARE, PERSONAL_SHARE, SEVERAL_SHARE = 0.25, 0.3, 0.05
"""Of complaints that can be said in English; of all; of questions and things that are told together with another."""
JOINTS = ("그리고 ", "또 하나는요 ", "말 나온 김에 ", "그건 그렇고 ")
Personal = tuple[str, str]
"""The kind, as the masks name it, and what stands in the text."""


@dataclass(frozen=True)
class Written:
    """``sayings``: what it is about, the first first; ``personal``: what in ``text`` points to a person."""

    text: str
    sayings: tuple[Saying, ...]
    language: str
    personal: tuple[Personal, ...]
    name: str = ""
    phone: str = field(default="", repr=False)


def written(chance: Random, told: Happening, other: Saying | None) -> Written:
    """``other``: another matter that the same citizen has as well."""
    saying = told.saying
    if saying.english and not saying.danger and chance.random() < ENGLISH_SHARE:
        filled = chance.choice(saying.english).replace("{w}", told.street).replace("{t}", chance.choice(SINCE_ENGLISH))
        return _signed(chance, english(chance, filled), (saying,), "en")
    voice = chance.choices([one for one, _ in KOREAN], [weight for _, weight in KOREAN])[0]
    if saying.danger or other is None or chance.random() >= SEVERAL_SHARE:
        return _signed(chance, voice(chance, _filled(chance, saying, told)), (saying,), "ko")
    both = f"{_filled(chance, saying, told)}. {chance.choice(JOINTS)}{_filled(chance, other, told)}"
    return _signed(chance, voice(chance, both), (saying, other), "ko")


def _filled(chance: Random, saying: Saying, told: Happening) -> str:
    where = [f"{told.street} 앞", f"{told.street} {told.landmark}", f"{told.street} 건너편", f"{told.street} 근처"]
    if told.lon is not None:
        where += [told.landmark, f"{told.street.split()[0]} {told.landmark}"]
    return chance.choice(saying.korean).replace("{w}", chance.choice(where)).replace("{t}", chance.choice(SINCE))


def _signed(chance: Random, text: str, sayings: tuple[Saying, ...], language: str) -> Written:
    """With what they say of themselves, where they do; slips of the thumb do not fall into it, so that what is to be
    masked is known."""
    name, number = _name(chance), phone(chance.randrange(1_000_000, 5_000_000))
    if chance.random() >= PERSONAL_SHARE:
        return Written(text, sayings, language, (), name, number)
    said, personal = chance.choice(_ABOUT[language])(chance, name, number)
    return Written(f"{text} {said}", sayings, language, personal, name, number)


About = Callable[[Random, str, str], tuple[str, tuple[Personal, ...]]]


def _call_me(chance: Random, name: str, number: str) -> tuple[str, tuple[Personal, ...]]:
    shown = chance.choice((number, number.replace("-", ""), number.replace("-", " "), number.replace("-", ".")))
    return chance.choice(("연락처 {}", "{} 로 전화 주세요", "제 번호는 {} 입니다")).format(shown), (("phone", shown),)


def _i_am(chance: Random, name: str, number: str) -> tuple[str, tuple[Personal, ...]]:
    said = chance.choice(("저는 {} 입니다. {}", "{}이라고 합니다 전화는 {}", "성함 {} 연락처 {}"))
    return said.format(name, number), (("name", name), ("phone", number))


def _i_live_at(chance: Random, name: str, number: str) -> tuple[str, tuple[Personal, ...]]:
    block, door = chance.randrange(101, 112), 100 * chance.randrange(1, 15) + chance.randrange(1, 5)
    address = f"{chance.choice(STREETS)}로 {chance.randrange(1, 90)}, {block}동 {door}호"
    return f"제 주소는 {address} 이고요 {name} 입니다", (("address", address), ("name", name))


def _mail_me(chance: Random, name: str, number: str) -> tuple[str, tuple[Personal, ...]]:
    mail = f"made{chance.randrange(100, 999)}@example.com"
    return f"답은 {mail} 으로 주세요", (("mail", mail),)


def _that_car(chance: Random, name: str, number: str) -> tuple[str, tuple[Personal, ...]]:
    plate = f"{chance.randrange(10, 70)}{chance.choice('가나다라마거너더러')}{chance.randrange(1000, 9999)}"
    return f"차 번호 {plate} 입니다", (("plate", plate),)


def _born(chance: Random, name: str, number: str) -> tuple[str, tuple[Personal, ...]]:
    """No such number was ever given: its place of issue is none, and its check digit is what chance made it."""
    born = f"{chance.randrange(40, 80)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
    rrn = f"{born}-{chance.choice('12')}99{chance.randrange(1000, 9999)}"
    return f"주민번호는 {rrn} 이에요", (("rrn", rrn),)


def _call_me_in_english(chance: Random, name: str, number: str) -> tuple[str, tuple[Personal, ...]]:
    return f"My number is {number}.", (("phone", number),)


_ABOUT: dict[str, tuple[About, ...]] = {
    "ko": (_call_me, _call_me, _call_me, _i_am, _i_am, _i_live_at, _mail_me, _that_car, _born),
    "en": (_call_me_in_english,),
}


def _name(chance: Random) -> str:
    first, second = SYLLABLES[chance.choice("FM"), chance.choice(("old", "young"))]
    one = chance.choice(first.split())
    return chance.choice(SURNAMES[:12]) + one + chance.choice([each for each in second.split() if each != one])
