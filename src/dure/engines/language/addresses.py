# SPDX-License-Identifier: Apache-2.0
"""Addresses by grammar: 시·도, 시·군·구, 읍·면·동·리, then a road with a number or a lot, then building, 동, 호.

The name of a district alone is no address: it points to nobody, and the complaint's place has to stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .numbers import Span, plain

_PROVINCE = (
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충청?북|충청?남|전라?북|전라?남|경상?북|경상?남|제주)"
    r"(?:특별자치시|특별자치도|특별시|광역시|시|도)?\s*"
)
_REGION = (
    rf"(?:{_PROVINCE})?(?:[가-힣]{{1,5}}(?:시|군)\s+)?(?:[가-힣]{{1,4}}구\s+)?"
    r"(?:[가-힣]{1,5}\d?(?:읍|면|동|가|리)\s+){0,2}"
)
_NOT_ROADS = (
    r"(?:도로|앞으로|서로|바로|별로|따로|새로|스스로|그대로|이대로|마음대로|제대로|뜻대로|절대로|실제로|주로|으로|"
    r"세로|가로|진로|통로|경로|유로|골목길|밤길|출근길|퇴근길|찻길|차로)"
)
_COUNTED = r"(?!\d|개|명|일|시|분|월|년|차선|차로|미터|m|km|원|회|배|대|%|주|살|세|건|번(?!길|지)|가지|만|천|백)"
_HOUSE = rf"\s?(?:지하\s?)?\d{{1,4}}(?:-\d{{1,4}})?(?:번지|호)?{_COUNTED}"
_ROAD = rf"(?!\S*?{_NOT_ROADS}\s?\d)[가-힣][가-힣0-9·]{{0,9}}(?:대로|로|길)(?:\s?\d{{1,4}}번?[가-힣]?길)?{_HOUSE}"
_LOT = r"[가-힣]{1,5}\d?(?:읍|면|동|리|가)\s?(?:산\s?)?(?:\d{1,4}-\d{1,4}(?:번지)?|\d{1,4}번지)"
_BUILDING = (
    r"[가-힣A-Za-z0-9]{1,12}"
    r"(?:아파트|빌라|빌딩|오피스텔|맨션|타운|연립|주택|단지|캐슬|자이|푸르지오|힐스테이트|래미안|아이파크|더샵)"
)
_FLAT = r"(?:\d{1,4}|[가-힣A-Z])동\s?,?\s?(?:\d{1,3}층\s?)?[A-Z]?\d{2,5}호"
_DETAIL = (
    rf"(?:\s?,?\s?\(?{_BUILDING}\)?)?"
    rf"(?:\s?,?\s?{_FLAT}|\s?,?\s?(?:지하\s?)?\d{{1,3}}층(?:\s?\d{{1,5}}호)?|\s?,?\s?\d{{1,5}}호)?"
)

_FRONT = re.compile(
    rf"(?<![가-힣])((?!\S*?{_NOT_ROADS}\s?\d)[가-힣][가-힣0-9·]{{0,9}}(?:대로|로|길)(?:\s?\d{{1,4}}번?[가-힣]?길)?)"
    rf"\s?(\d{{1,4}}(?:-\d{{1,4}})?)(?:번지)?(?=건너|\D|$)(?:(?=건너)|{_COUNTED})(?!\s?,?\s?(?:{_FLAT}|\d{{1,5}}호))"
)


def front(text: str) -> str:
    """Road and number of the first house that ``text`` names, without spaces (해돋이로12); "" for none. An address with
    a flat in it is somebody's home and no place in the street."""
    found = _FRONT.search(plain(text))
    return "".join(f"{found[1]}{found[2]}".split()) if found else ""


class AddressBook:
    """Finds addresses; the names of a city's areas and roads help where grammar alone would not."""

    def __init__(self, areas: Iterable[str] = ()) -> None:
        named = sorted({re.escape(area.strip()) for area in areas if len(area.strip()) > 1}, key=len, reverse=True)
        places = [_ROAD, _LOT]
        if named:
            places.append(
                rf"(?:{'|'.join(named)})\s?(?:산\s?)?\d{{1,4}}(?:-\d{{1,4}})?(?:번지|번길\s?\d{{1,4}})?{_COUNTED}"
            )
        self._forms = (
            re.compile(rf"(?<![가-힣]){_REGION}(?:{'|'.join(places)}){_DETAIL}"),
            re.compile(rf"(?<![가-힣])(?:{_REGION}{_BUILDING}\s?,?\s?)?(?<!\d){_FLAT}"),
            re.compile(rf"(?<![가-힣]){_REGION}{_BUILDING}\s?\d{{1,4}}동"),
        )

    def addresses(self, text: str) -> Iterator[Span]:
        """Each address in ``text``."""
        same = plain(text)
        for form in self._forms:
            for match in form.finditer(same):
                yield Span(match.start(), match.end(), "address")
