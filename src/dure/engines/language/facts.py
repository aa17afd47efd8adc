# SPDX-License-Identifier: Apache-2.0
"""What in a sentence must not be made up: numbers, amounts, dates, times, phones, addresses on the web, laws.

Each is brought to one form, so that "1만 2천원" is "12,000원", "오후 6시" is "18:00" and "열흘" is "10일". A number
goes with its unit and its bound: "65세 이상" is neither "65일 이상" nor "65세 이하".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .numbers import plain
from .tokens import normal


@dataclass(frozen=True)
class Fact:
    """``value`` is comparable among facts of one ``kind``; ``words`` is how it stands there."""

    kind: str
    value: tuple[Any, ...]
    words: str


_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>()「」\"'가-힣]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w@.])[\w-]+(?:\.[\w-]+)*\.(?:kr|com|net|org|io)(?:/[^\s<>()가-힣]*)?",
    re.I,
)
_PHONE = re.compile(
    r"(?<![\d\-])(?:\+?82[\s.\-]?)?\(?0\d{1,2}\)?[\s.\-]?\d{3,4}[\s.\-]?\d{4}(?!\d)|(?<![\d\-])1[568]\d{2}[\s.\-]?\d{4}(?![\d\-])"
    r"|(?<![\d,.\-])1\d{2}(?=\s?(?:번(?!\s?(?:씩|이상|까지))|으로\s?전화|에\s?전화|에\s?신고|콜센터))"
)
_QUOTED_LAW = re.compile(r"[「『]([^」』\n]{2,60})[」』]")
_PARTICLE = r"(?:에서는|에서|에는|에|을|를|은|는|이|가|의|상|으로|로|과|와|도|만|및)?"
_LAW = re.compile(
    r"(?<![가-힣·ㆍ])((?:[가-힣·ㆍ]+\s?(?:에|등에)\s?관한\s?)?[가-힣·ㆍ]{0,24}?(?:법률|법|조례|규칙|고시)(?:\s?(?:시행령|시행규칙|조례))?"
    rf"|시행령|시행규칙|조례)(?={_PARTICLE}(?![가-힣])|\s?제\s?\d)"
)
_NO_LAW = re.compile(
    r"(?:방|요|해|용|수|공|기|문|어|비|화|작)법$|(?:예고|표|지|게)시$|^(?:불|위|적|합|편|사|입|준|탈|무|범|이|그|동|관련|같은|현행|관계)?법률?$"
    r"|^(?:이|같은|관련)?\s?(?:시행령|시행규칙|조례|규칙|고시)$"
)
_ARTICLE = re.compile(r"제\s?(\d+)\s?조(?:\s?의\s?(\d+))?(?:\s?제?\s?(\d+)\s?항)?(?:\s?제?\s?(\d+)\s?호)?")
_DATES = (
    re.compile(r"(?P<y>\d{4})\s?[년.\-/]\s?(?P<m>\d{1,2})\s?[월.\-/]\s?(?P<d>\d{1,2})(?!\d)(?:\s?일)?"),
    re.compile(r"(?P<y>\d{4})\s?년\s?(?P<m>\d{1,2})\s?월"),
    re.compile(r"(?P<m>\d{1,2})\s?월\s?(?P<d>\d{1,2})\s?일"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})\s?년(?!\s?간)"),
    re.compile(r"(?<![\d개])(?P<m>1[0-2]|[1-9])\s?월(?![가-힣]*료)"),
)
_TIME = re.compile(
    r"(?P<half>오전|오후|저녁|밤|새벽|아침|낮)?\s?(?<!\d)(?:(?P<h>\d{1,2})\s?시(?!간|·|도|군|구|민|청|장|내|설|가지)(?:\s?(?P<m>\d{1,2})\s?분|\s?(?P<thirty>반))?"
    r"|(?P<h2>\d{1,2}):(?P<m2>\d{2}))"
)
_SCALE = {"십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8, "조": 10**12}
_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_SCALES = r"\s?(?:[십백천]?[만억조]|[십백천](?=\s?(?:원|명|개|여|톤|만|억|가구|세대|㎡|제곱|\d)))"
_NUMBER = re.compile(rf"{_DIGITS}(?:{_SCALES}\s?{_DIGITS})*(?:{_SCALES})?")
_TERM = re.compile(rf"({_DIGITS})?\s?([십백천]?)([만억조]?)")
_UNIT_NAMES = """
원 won krw / % 퍼센트 프로 percent / 개월 달 months month / 주 주일 weeks week / 일 days day / 년 해 years year
시간 hours hour / 분 minutes / 초 / 세 살 / 명 인 사람 people / 가구 세대 / 건 / 개 / 대 / 회 번 차례 times
kg 킬로그램 킬로 / g 그램 / t 톤 / l ℓ 리터 / km 킬로미터 / cm 센티미터 / mm / m 미터 / ㎡ 제곱미터 / 평
층 / 배 / 점 / 급 등급 / 장 매 / 곳 / 가지 / 종 / 도 / db 데시벨
"""
_UNITS = {name: group.split()[0] for group in re.split("[/\n]", _UNIT_NAMES.strip()) for name in group.split()}
_UNIT = re.compile("|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True)), re.I)
_BOUND = re.compile(r"\s?(?:을|를|의)?\s?(이상|이하|초과|미만)")
_RANGE = re.compile(r"\s?[~∼〜-]\s?(?=\d)")
_DAYS = {
    "하루": 1,
    "이틀": 2,
    "사흘": 3,
    "나흘": 4,
    "닷새": 5,
    "엿새": 6,
    "이레": 7,
    "여드레": 8,
    "아흐레": 9,
    "열흘": 10,
    "보름": 15,
}
_NATIVE = {
    "한": 1,
    "두": 2,
    "세": 3,
    "네": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
    "열": 10,
    "스무": 20,
}
_SPOKEN_DAYS = re.compile(rf"(?<![가-힣])({'|'.join(_DAYS)})(?![가-힣]*씩)")
_SPOKEN_NATIVE = re.compile(
    rf"(?<![가-힣])({'|'.join(_NATIVE)})\s?(달|주|해|시간|살|명|사람|개|번|차례|곳|가지|장|대)(?![가-힣]*(?:더|쯤))"
)
_SINO = {digit: number for number, digit in enumerate("영일이삼사오육칠팔구")}
_SPOKEN_SINO = re.compile(
    r"(?<![가-힣\d])((?:[일이삼사오육칠팔구]?[십백천만억]){1,6}[일이삼사오육칠팔구]?)\s?(원|개월|년|일|퍼센트|프로|명|회|층|시간|분|세|건)"
    r"|(?<![가-힣\d])([일이삼사오육칠팔구])(개월|년|퍼센트|주일|주)(?![가-힣]{2})|(?<![가-힣\d])([삼사오육칠팔])(일)(?=\s?(?:이내|안|간|전|후|까지|동안))"
)


def facts(text: str) -> list[Fact]:
    """Every fact in ``text``, kind by kind."""
    left = plain(normal(text))
    found: list[Fact] = []
    for read in (_links, _phones, _laws, _articles, _dates, _times, _spoken, _written):
        taken = list(read(left))
        found += [fact for fact, _, _ in taken]
        for _, start, end in taken:
            left = left[:start] + "\0" * (end - start) + left[end:]
    return found


def missing(text: str, sources: Iterable[str]) -> list[str]:
    """The facts of ``text`` that stand in none of ``sources``, in its own words."""
    known = [fact for source in sources for fact in facts(source)]
    unknown = (fact.words for fact in facts(text) if not any(_stands(fact, other) for other in known))
    return list(dict.fromkeys(unknown))


def _stands(fact: Fact, source: Fact) -> bool:
    """Whether what ``fact`` says is said by ``source``: the same, or less of it."""
    if fact.kind != source.kind:
        return False
    if fact.kind in {"date", "article"}:
        return all(own is None or own == other for own, other in zip(fact.value, source.value, strict=True))
    if fact.kind == "number":
        value, unit, bound = fact.value
        return bool(value == source.value[0] and unit in {"", source.value[1]} and bound in {"", source.value[2]})
    return fact.value == source.value


_Found = Iterator[tuple[Fact, int, int]]


def _links(text: str) -> _Found:
    for match in _LINK.finditer(text):
        same = re.sub(r"^(?:https?://)?(?:www\.)?", "", match.group().lower()).rstrip("/.,;:")
        yield Fact("link", (same,), match.group()), *match.span()


def _phones(text: str) -> _Found:
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        national = f"0{digits[2:].lstrip('0')}" if digits.startswith("82") and len(digits) > 9 else digits
        yield Fact("phone", (national,), match.group().strip()), *match.span()


def _laws(text: str) -> _Found:
    for form in (_QUOTED_LAW, _LAW):
        for match in form.finditer(text):
            name = re.sub(r"[\s·ㆍ]", "", match.group(1))
            if form is _QUOTED_LAW or not _NO_LAW.search(name):
                yield Fact("law", (name,), match.group(1)), *match.span()


def _articles(text: str) -> _Found:
    for match in _ARTICLE.finditer(text):
        article, sub, *rest = (int(one) if one else None for one in match.groups())
        yield Fact("article", (article, sub or 0, *rest), match.group()), *match.span()


def _dates(text: str) -> _Found:
    taken = [False] * len(text)
    for form in _DATES:
        for match in form.finditer(text):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = [True] * (end - start)
                parts = match.groupdict()
                value = tuple(int(parts[one]) if parts.get(one) else None for one in ("y", "m", "d"))
                yield Fact("date", value, match.group().strip()), start, end


def _times(text: str) -> _Found:
    for match in _TIME.finditer(text):
        hour = int(match["h"] or match["h2"])
        minute = 30 if match["thirty"] else int(match["m"] or match["m2"] or 0)
        if match["half"] in {"오후", "저녁", "밤", "낮"} and hour < 12 and not (match["half"] == "밤" and hour < 6):
            hour += 12
        yield Fact("time", (hour, minute), match.group().strip()), *match.span()


def _spoken(text: str) -> _Found:
    for match in _SPOKEN_DAYS.finditer(text):
        yield _number(text, match, Fraction(_DAYS[match[1]]), "일")
    for match in _SPOKEN_NATIVE.finditer(text):
        if match[1] != "한" or match[2] in {"달", "주", "해", "시간"}:  # "한 번 더" counts nothing
            yield _number(text, match, Fraction(_NATIVE[match[1]]), _UNITS[match[2]])
    for match in _SPOKEN_SINO.finditer(text):
        digits, unit = next((match[n], match[n + 1]) for n in (1, 3, 5) if match[n])
        yield _number(text, match, Fraction(_sino(digits)), _UNITS[unit])


def _number(text: str, match: re.Match[str], value: Fraction, unit: str) -> tuple[Fact, int, int]:
    bound = _BOUND.match(text, match.end())
    return Fact("number", (value, unit, bound[1] if bound else ""), match.group()), *match.span()


def _sino(digits: str) -> int:
    total = block = number = 0
    for one in digits:
        if one in _SINO:
            number = _SINO[one]
        elif _SCALE[one] >= 10**4:
            total += max(block + number, 1) * _SCALE[one]
            block = number = 0
        else:
            block += max(number, 1) * _SCALE[one]
            number = 0
    return total + block + number


def _written(text: str) -> _Found:
    waiting: list[tuple[Fraction, re.Match[str]]] = []
    for match in _NUMBER.finditer(text):
        value = _value(match.group())
        if _RANGE.match(text, match.end()):
            waiting.append((value, match))
            continue
        gap = re.compile(r"\s?").match(text, match.end())
        unit = _UNIT.match(text, gap.end() if gap else match.end())
        name = _UNITS[unit.group().lower()] if unit else ""
        end = unit.end() if unit else match.end()
        bound = _BOUND.match(text, end)
        for earlier, where in waiting:  # "3~5일" is 3일 to 5일
            yield Fact("number", (earlier, name, ""), where.group()), *where.span()
        waiting = []
        words = text[match.start() : end] + (bound.group() if bound else "")
        yield Fact("number", (value, name, bound[1] if bound else ""), words), match.start(), end


def _value(written: str) -> Fraction:
    """What "3억 5천만" is: 350,000,000."""
    total = block = Fraction(0)
    for match in _TERM.finditer(written):
        digits, small, large = match.groups()
        if not (digits or small or large):
            continue
        number = Fraction((digits or "1").replace(",", "")) if digits or small else Fraction(0)
        block += number * (_SCALE[small] if small else 1)
        if large:
            total += (block or 1) * _SCALE[large]
            block = Fraction(0)
    return total + block
