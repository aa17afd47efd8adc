# SPDX-License-Identifier: Apache-2.0
"""Names of people: a surname, one or two syllables that given names are made of, and what stands around them.

Each candidate collects points: how Kiwi reads the word, a form of address after it ("씨", "주무관님"), words that
introduce a name ("저는 … 입니다"), particles that only people take. Two points make a name. The points were set on
the tuning half of KLUE-NER's news and chat sentences (benchmarks/language.py shows both halves).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from .numbers import Span
from .tokens import kiwi

if TYPE_CHECKING:
    from kiwipiepy import Token

SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연"
    "위표명기반왕금옥육인맹제모탁국어은편용예경봉사부복태목형계피두감빈동온호범"
)
DOUBLE_SURNAMES = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고")
COMMON_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우민진지엄채변염"
)
FIRST = frozenset(
    "가강건겸경관광교국권규근금기길나남다단대덕도동두라란래로루리린마만명무문미민배범병보복봉비빈상서석선설성세소솔송수숙순슬"
    "승시신아안애양언여연열영예오옥완용우욱운웅원유윤율은을의이익인일임자장재전점정제조종주준중지진찬창채천철춘충치태택하학한해향"
    "헌혁현형혜호홍화환효훈휘흥희갑귀끝난말분필점슬람솔별빛샘판"
)
SECOND = frozenset(
    "강건걸겸경곤관광교구국권규균근금기길나남년단담대덕도돈동라란람랑래량련례로록룡루리린림만명모목무문미민배백범별병보복봉빈산"
    "상서석선설섭성세소솔송수숙순슬승식신실심아안애양엽언여연열영예오옥온완용우욱운웅원월유윤율은음의이익인일임자재정제조종주준중"
    "지직진찬창채천철춘태택필하학한해향헌혁현형혜호홍화환회효훈휘희녀결슬람솔별빛샘늘례봄들"
)
_TITLES = (
    r"(?:씨|님|양(?=[은이을의과,\s])|선생|할머니|할아버지|어르신|아저씨|아주머니|여사|사장|대표|과장|팀장|계장|주무관|주사|교수|기사|"
    r"원장|회장|의원|변호사|반장|통장|이장|소장|국장|실장|부장|차장|대리|담당|상담사|상담원|간호사|의사|경위|경사|경장|순경|센터장|"
    r"사회복지사|복지사|생활지원사|학생|환자|고객|전무|이사(?!회)|감독|선수|기자|장관|시장|군수|구청장|"
    r"신부|목사|스님|배우|박사|위원|작가|대통령|총리|판사|검사|대법관|비서관)"
)
_AFTER = re.compile(rf"\s?{_TITLES}")
_CALLED = re.compile(r"(?:이?라고|이?라는)\s?(?:합|하|해|불|사람|분)|\s?(?:올림|드림|배상|명의|본인)")
_IS = re.compile(r"(?:입니다|이에요|예요|인데|이고|이시고|이며|이?라고|이?라는|,)")
_PERSONAL = re.compile(r"(?:에게|한테|께서|께|네 집|더러)")
_ENDS = re.compile(r"(?:이가|이는|가|이|은|는|을|를|의|와|과|도|랑|이랑|만|로|으로)?(?![가-힣])")
_BEFORE = re.compile(
    r"(?:저는|제|이름은?|성함은?|성명은?|신고자는?|민원인은?|신청인은?|담당자는?|예금주는?|본인은?|나는|보호자는?|환자는?|"
    r"남편|아내|아들|딸|아버지|어머니|이웃|주민|직원|담당|대표자?|고객)[\s:,(]*$"
)
_PLACE = re.compile(r"[시군구읍면동리로길역도산강천교문원관청소점댁당회]$")
_CANDIDATE = re.compile(r"(?<![가-힣A-Za-z])[가-힣]{2,}")


def names(text: str) -> Iterator[Span]:
    """Each name of a person in ``text``, without what is said to or about them."""
    tokens = None
    for match in _CANDIDATE.finditer(text):
        word = match.group()
        lengths = _lengths(word)
        if not lengths:
            continue
        if tokens is None:
            tokens = {token.start: token for token in kiwi().tokenize(text)}
        for length in lengths:
            start, end = match.start(), match.start() + length
            if _points(text, start, end, tokens) >= 2:
                yield Span(start, end, "name")
                break


def _lengths(word: str) -> list[int]:
    """How long a name at the start of ``word`` could be, the likeliest first."""
    surname = 2 if word.startswith(DOUBLE_SURNAMES) else 1
    if surname == 1 and word[0] not in SURNAMES:
        return []
    given = word[surname:]
    if not given or given[0] not in FIRST | SECOND:
        return []
    return [surname + 2, surname + 1] if len(given) > 1 and given[1] in SECOND else [surname + 1]


def _points(text: str, start: int, end: int, tokens: Mapping[int, Token]) -> float:
    points = _read(text, start, end, tokens)
    if points < -1:
        return points
    after, before = text[end:], text[:start]
    full = end - start > 2
    if match := _AFTER.match(after):
        points += 2.5 if full else 2 if match.group().strip() in {"씨", "님"} else 0.5
    if _BEFORE.search(before):
        points += 1
    if _CALLED.match(after):
        points += 2
    elif _IS.match(after):
        points += 1
    elif _PERSONAL.match(after):
        points += 1.5
    elif _ENDS.match(after):
        points += 0.5
    elif not _AFTER.match(after):
        points -= 1
    return points


def _read(text: str, start: int, end: int, tokens: Mapping[int, Token]) -> float:
    """How much Kiwi's reading speaks for a name; -2 where it is another word."""
    first, name = tokens.get(start), text[start:end]
    if first is None:
        return -2
    full, common = end - start > 2, name[0] in COMMON_SURNAMES
    rest = tokens.get(start + first.len)
    if first.len == 1:
        named = first.tag == "NNP" or (rest is not None and rest.tag == "NNP" and rest.end == end)
        return (1.5 if named else 0.5 if common else 0.25) if full else (0.5 if named else -2)
    if first.oov and first.end == end:  # in no dictionary, and made like a name
        return 1.5 if full and not _PLACE.search(name) else 0.5
    if first.tag == "NNP" and first.end == end:
        if _PLACE.search(name):
            return 0 if full else -2
        return 1.5 if full and common else 0.5
    if not full or first.end >= end or (rest is not None and rest.tag[0] in "XJVE"):
        return -2
    return 0 if first.tag == "NNP" else -0.5
