# SPDX-License-Identifier: Apache-2.0
"""Made names and telephone numbers: Korean in sound and in nothing else. No list of real people was used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .chance import chosen, uniform

SURNAMES = (
    "김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황",
    "안", "송", "전", "홍", "유", "고", "문", "양", "손", "배", "백", "허", "남", "심",
)  # fmt: skip
SURNAME_WEIGHTS = (
    21.5, 14.7, 8.4, 4.7, 4.3, 2.4, 2.1, 2.1, 2.0, 1.7, 1.5, 1.5, 1.5, 1.5, 1.4, 1.4, 1.4, 1.4, 1.1, 1.1,
    1.3, 1.0, 1.0, 1.0, 1.0, 0.8, 0.8, 0.7, 0.6, 0.5,
)  # fmt: skip
"""Per cent, roughly as in the 2015 census (통계청 인구주택총조사 성씨·본관): only the few common surnames."""

SYLLABLES = {
    ("F", "old"): ("순 영 정 말 옥 복 금 춘 명 경 분 점 필 길 연 귀 계", "자 순 숙 희 옥 례 임 남 분 녀 금 선 란"),
    ("M", "old"): ("영 정 성 광 종 상 병 동 용 재 기 창 태 만 봉 덕 인", "호 수 식 철 길 환 만 석 배 웅 규 택 섭 근"),
    ("F", "young"): ("은 지 미 수 혜 현 소 민 유 선 보 서 다", "영 정 연 희 경 진 주 아 원 라 은 린"),
    ("M", "young"): ("준 민 현 성 지 승 재 동 태 정 상 우 도", "호 우 훈 석 수 혁 민 환 욱 진 현 빈"),
}
STREETS = (
    "한빛", "샛별", "은하", "무지개", "달맞이", "솔향기", "들꽃", "강나루", "새벽", "해돋이", "징검다리", "느티나무",
    "은행잎", "진달래", "개나리", "민들레", "옹달샘", "물레방아", "방울새", "산제비", "조약돌", "소나기", "첫눈",
    "단풍", "아지랑이", "구름다리",
)  # fmt: skip


def names(seed: int, topic: str, keys: NDArray[np.int64], female: NDArray[np.bool_], old: bool) -> list[str]:
    """A surname and two syllables for each key, of the fashion of those born before or after about 1965."""
    surnames = np.asarray(SURNAMES)[chosen(seed, f"{topic} surname", SURNAME_WEIGHTS, keys)]
    made = np.empty(len(keys), dtype=object)
    for sex, chosen_sex in (("F", female), ("M", ~female)):
        first, second = (np.asarray(part.split()) for part in SYLLABLES[sex, "old" if old else "young"])
        one = (uniform(seed, f"{topic} first", keys) * len(first)).astype(int)
        two = (uniform(seed, f"{topic} second", keys) * len(second)).astype(int)
        # 순순 is nobody's name: the next syllable is taken instead.
        two = np.where(first[one] == second[two], (two + 1) % len(second), two)
        given = np.char.add(first[one], second[two])
        made[chosen_sex] = np.char.add(surnames, given)[chosen_sex]
    return [str(name) for name in made]


def phone(number: int) -> str:
    """A telephone number that can ring nobody: 010-0xxx-xxxx, counted up from ``number`` (0 to 9,999,999).

    Korean mobile numbers begin their second group with 2 to 9; groups beginning with 0 are not given to
    subscribers, and the form is what Koreans read as made up. 010-0000-xxxx alone would be 10,000 numbers,
    too few for a city of 170,000 homes.
    """
    if not 0 <= number < 10_000_000:
        raise ValueError(f"phone: a number from 0 to 9,999,999 is needed, got {number}")
    return f"010-0{number // 10_000:03d}-{number % 10_000:04d}"
