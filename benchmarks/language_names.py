# SPDX-License-Identifier: Apache-2.0
"""Are names masked where complaints say them? KLUE-NER's names in sentences written for this, and KLUE's own sentences.

The sentences of ``SCORING`` and ``SCORING_WITHOUT`` were written before the rules of ``engines/language/names.py`` that
they score and their errors were not read; rules were set on the other two lists, with names of the other half of KLUE.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from dure.engines.language.numbers import Span
from dure.simulator.names import names as made_names

Find = Callable[[str], Iterable[Span]]

MIXED_UP = {"ㅐ": "ㅔ", "ㅔ": "ㅐ", "ㅓ": "ㅗ", "ㅗ": "ㅓ", "ㅕ": "ㅛ", "ㅜ": "ㅡ", "ㅡ": "ㅜ", "ㅣ": "ㅢ"}
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TYPOS = 0.1
"""Share of the names that are written with one vowel wrong."""

PARTICLES = {
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
    "이라고": ("이라고", "라고"),
    "이라는": ("이라는", "라는"),
    "이라던데": ("이라던데", "라던데"),
    "이고": ("이고", "고"),
    "이고요": ("이고요", "고요"),
    "이요": ("이요", "요"),
    "인데": ("인데", "인데"),
    "이에요": ("이에요", "예요"),
    "이었어요": ("이었어요", "였어요"),
    "이네": ("이네", "네"),
    "아": ("아", "야"),
    "이랑": ("이랑", "랑"),
}
"""What follows a name that ends in a consonant, and one that ends in a vowel."""

SCORING = """
{} 입니다 어제 신고한 건 아직도 그대로네요
여보세요 네 저 {}{이라고} 하는데요 보일러가 안 돼서요
수고하십니다 저는 {}{이에요}. 골목에 폐가구가 쌓여 있어요
이름은 {}{이고} 연락처는 나중에 알려드릴게요
성함이요? {}{이요}
저희 어머니 {} 님이 버스에서 넘어지셨어요
우리 아버지가 {}{인데} 보청기 지원 되나요
윗집 {} 씨 층간소음 때문에 잠을 못 잡니다
{}씨가 주차를 이상하게 해 놨어요
마을회관 {} 이장님한테 여러 번 말했는데요
어제 통화한 {} 주무관님 좀 바꿔 주세요
{} 통장이 서류를 안 줍니다
혼자 사시는 {} 할머니 댁에 불이 꺼져 있어요
{} 어르신이 며칠째 안 보여요
담당자가 {}{이라던데} 맞나요
신청자 {}, 생년월일은 이메일로 보냈습니다
제가 {}인데요 환급금이 안 들어왔어요
{} 과장한테 물어보라고 해서 전화했습니다
아이 이름이 {}{인데} 어린이집 대기 순번이 궁금해요
{} 앞으로 온 고지서를 다시 보내 주세요
받는 사람은 {}{이고} 주소는 같습니다
제 동생 {}{이} 휠체어를 타는데 경사로가 없어요
남편({})이 대신 신청했습니다
보내는 사람: {}
{} 선생님이 학교 앞 신호등 때문에 걱정하세요
민원인 {} 입니다. 답변이 없어서 다시 씁니다
예 {} 맞습니다
저 {}{이} 확인했는데 가로등이 두 개 나갔어요
{}{을} 찾습니다 치매가 있으세요
경로당 회장 {} 어르신 부탁으로 글 남깁니다
{} 배상
동대표 {}{은} 연락이 안 됩니다
세입자 이름은 {} 이에요
{}(010-2345-6789)에게 연락 바랍니다
집주인 {} 때문에 힘듭니다
환자 이름이 {} 인데 구급차가 늦었어요
제 아들 {} 군이 자전거를 타다 다쳤습니다
딸 {} 양의 통학로가 위험해요
사례관리 받는 {} 님 댁 수도가 얼었습니다
계약자 {} 명의로 되어 있어요
{} 기사님 친절하셔서 칭찬합니다
어제 {}{과} 같이 갔는데 문이 닫혀 있었어요
{}{이라는} 분이 자꾸 개를 풀어 놔요
친구 {}도 같은 일을 겪었대요
{} 올림
신고인 성명 {} 주소 위와 같음
성명:{}
{}{이네} 개가 밤새 짖어요
직원 이름이 {}{이었어요} 너무 불친절했습니다
대리인으로 {}{을} 지정합니다
{} 복지사님이 안 오신 지 2주 됐어요
네 저는 {} 이라고 합니다
{} 이요 네 맞아요
피해자는 {}입니다
사장 {} 씨가 간판을 인도에 내놨어요
소유자가 {}{으로} 나오는데 잘못됐어요
{} 학생 엄마인데요 급식 문의요
"""

SCORING_WITHOUT = """
자연 휴양림 예약이 안 돼요
이수정로 공사 언제 끝나나요
김치 냄새가 복도에 진동합니다
정자동 주민센터 전화번호 알려 주세요
신호 시간이 너무 짧아서 할머니가 못 건너세요
오수관이 터져서 냄새가 납니다
전철역 앞 공사장 먼지가 심해요
주차장 입구에 조명이 없어서 어두워요
강아지 배설물을 안 치우는 사람이 많습니다
임시 정류장이 어디인지 안내가 없어요
우리 동네 하수도가 역류해요
이사 온 지 한 달인데 전입신고를 못 했어요
유모차가 지나갈 수 없는 인도입니다
전세 보증금을 못 돌려받고 있어요
노인정 에어컨이 고장 났습니다
심야에 오토바이 소음이 심합니다
진입로에 차량을 세워 둬서 소방차가 못 들어가요
기초연금 신청 서류가 뭐가 필요한가요
방역 소독을 언제 하나요
호수공원 가로등이 반쯤 꺼져 있어요
온수가 안 나온 지 사흘째예요
남은 종량제봉투를 환불받고 싶어요
지하도에 물이 차서 위험합니다
조례가 언제 바뀌었는지 궁금합니다
마을버스 배차 간격이 너무 깁니다
황사가 심한데 물청소차가 안 다녀요
백신 예약을 취소하고 싶습니다
육교 엘리베이터가 멈췄어요
양심 우산이 하나도 없어요
안전모를 안 쓰고 전동킥보드를 타요
고양이 급식소를 치워 달라는 민원입니다
성인 기저귀 지원을 받을 수 있나요
표지판이 나무에 가려서 안 보입니다
장마철인데 배수로가 막혔어요
한우 축제 때문에 길이 막혀요
정수기 수질 검사를 부탁드립니다
민방위 교육을 미루고 싶은데요
최근에 과속 단속 카메라가 생겼나요
서류를 이메일로 보내도 됩니까
차선이 지워져서 밤에 안 보여요
구청장님 면담을 신청합니다
담당 과장님이 자리에 안 계신대요
문화센터 수강 신청은 언제부터입니까
통장님이 바뀌었다는데 연락처가 없네요
반장 선거는 어떻게 하는 건가요
어머니 병원비 지원이 되나요
아버지가 치매 초기이신데 검사를 받고 싶어요
저는 임산부인데 교통비 지원이 되나요
제가 신청인이 아니라 대리인입니다
저는 송산면 주민입니다
여기는 남양읍사무소 앞입니다
봉담 방면 버스가 안 와요
동탄호수 옆 화장실이 더러워요
진안동 고인돌 공원 의자가 부서졌어요
안녕동 도서관 반납기가 고장 났어요
오산천 산책로에 뱀이 나왔어요
저희 가게 앞 배수구 뚜껑이 없어졌어요
이용 시간이 홈페이지와 다릅니다
조사 나온다더니 아무도 안 왔습니다
신문고에 올린 글이 사라졌어요
연고가 없는 분의 장례를 알아보고 있어요
주민 의견을 들어 주세요
"""

TUNING = """
저는 {}입니다. 집 앞 가로등이 안 켜져요
안녕하세요 {}입니다 하수구가 막혔어요
안녕하세요 {} 입니다
제 이름은 {}인데요 접수가 됐나요
제 이름은 {} 이고요 번호는 따로 드릴게요
저는 {}{이라고} 합니다
저 {}인데요 지난주에 전화드렸어요
이름이 {}{이에요}
이름이 {} 예요
{}{이요}
네 {} 입니다
{} 이라고 하고요 기초연금 때문에요
아버지 {} 님 앞으로 나온 세금 문의입니다
어머니 성함이 {}{이에요}
어머니가 {}{인데} 거동이 불편하세요
우리 딸 {}{이} 통학하는 길입니다
저희 남편 {}{은} 장애가 있습니다
할머니 이름은 {} 이세요
이웃에 사는 {} 씨가 쓰레기를 함부로 버립니다
옆집 {} 씨네 개가 밤마다 짖습니다
어제 {}님과 통화했는데 답이 없습니다
{} 과장님이 불친절했습니다
지난번에 {} 팀장님께 말씀드렸습니다
담당자 {} 주무관이 전화를 안 받습니다
담당 공무원 {}{을} 신고합니다
{} 주무관한테 들었어요
{} 어르신께 도시락이 안 왔습니다
{} 할아버지가 혼자 계세요
{} 할머니가 넘어지셨어요
{} 이장이 마을 방송을 너무 크게 해요
{} 통장님 연락처 좀 주세요
{} 반장이 수고가 많으세요
{} 선생님 덕분에 해결됐어요
복지관 {} 선생님이 알려 줬어요
신청인은 {}, 대리인은 아들입니다
신청인: {}
이름: {} / 연락처: 없음
예금주 {} 앞으로 환불해 주세요
환자 {}의 보호자입니다
{} 학생이 다쳤어요
{} 드림
{} 대리인입니다
수급자 {} 건으로 문의드립니다
차주는 {}{으로} 되어 있습니다
작성자 {}
{}{이라는} 사람이 계속 괴롭혀요
{}{이랑} {} 둘이 싸우고 있어요
{}에게 보냈는데 못 받았대요
{} 씨
건물주 {}{이} 계단에 짐을 쌓아 놨어요
{}{아} 어디 있니 하고 부르는 소리가 밤마다 들려요
우리 {}{이} 유치원 셔틀을 못 탔어요
민원인 {}, 답변 부탁드립니다
{}(62세)가 어제 집을 나갔습니다
접수자 {} 번호 3번입니다
{} 본인 맞습니다
{} 가족입니다
조합장 {}{은} 사퇴하라
원장 {} 앞
"""

TUNING_WITHOUT = """
저는 주민입니다 가로등이 안 켜져요
저는 동탄입니다
여기는 병점역입니다
안녕하세요 문의 드립니다
신고자가 제보한 내용을 고지하지 않았습니다
이번 주까지 지원금을 준다고 했어요
임시 조치를 요청합니다
이용자가 많아서 한국어 안내가 필요해요
강원도 감자 축제 문의
고장 난 신호등입니다
장애인 주차구역입니다
전기가 나갔어요
우리 아들이 다니는 유치원 앞이에요
우리 마을 이장님이 그러셨어요
담당자 연결 부탁드립니다
담당 주무관님 바꿔 주세요
과장님 계신가요
선생님이 안 계신대요
할머니가 혼자 사세요
어르신 도시락 신청이요
옆집 아저씨가 담배를 피워요
환자 이송이 늦었어요
보호자 동의가 필요하대요
이름은 나중에 말씀드릴게요
제 번호는 안 알려 드릴래요
성함이 어떻게 되세요
아버지 장례 지원 문의예요
어머니 명의로 신청했어요
남편 주소로 옮기고 싶어요
아내가 임신 중이에요
구급차가 안 와요
공원 화장실이 더러워요
장마 때문에 배수구가 넘쳐요
소나무가 쓰러졌어요
전동차 소리가 커요
정류장 의자가 부서졌습니다
노선이 바뀌었나요
유기견이 돌아다녀요
방음벽이 필요합니다
차도에 구멍이 났어요
안내문이 없어요
남성 화장실이에요
현수막이 불법이에요
국가유공자예요
기초생활 수급자입니다
조용한 동네입니다
반려견 등록이요
성남에서 이사 왔어요
양산에서 온 택배가 없어졌어요
신도시 입주민입니다
서해선 개통이 언제예요
안산 방면입니다
주정차 단속이요
문이 안 열려요
도서관 앞이요
임대주택 신청 자격이요
오후 여섯 시예요
정남면 괘랑리입니다
송린초등학교 학생이 다쳤어요
한빛마을 사장님이 친절해요
"""


def klue(data: Path) -> list[tuple[str, list[tuple[int, int]]]]:
    """Sentences and where their names of people are."""
    result = []
    for block in (data / "klue-ner-v1.1_dev.tsv").read_text(encoding="utf-8").split("\n\n"):
        rows = [line.split("\t") for line in block.split("\n") if line and not line.startswith("##")]
        if not rows:
            continue
        tags = "".join({"B-PS": "B", "I-PS": "I"}.get(row[1], "O") for row in rows)
        result.append(("".join(row[0] for row in rows), [m.span() for m in re.finditer("BI*", tags)]))
    return result


HALVES = (("tuning", 0, TUNING, TUNING_WITHOUT), ("scoring", 1, SCORING, SCORING_WITHOUT))
SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류홍고문양손배백허유남심"
    "노하곽성차주우구나민진지엄채원천방공현함변염여추도소석선설마전"
)
"""The sixty-odd surnames that nearly all Koreans have; engines/language has a longer list of its own."""

KINDS = (
    ("two syllables", rf"[{SURNAMES}][가-힣]"),
    ("three syllables", rf"[{SURNAMES}][가-힣]{{2}}"),
    ("two-syllable surname", r"(?:남궁|황보|제갈|사공|선우|서문|독고)[가-힣]{1,2}"),
)
"""Names as Koreans have them. Others (of foreigners, artists, without a surname) are scored by themselves."""


def scored(data: Path, find: Find) -> None:
    """Print recall and precision of each half: made complaints, then KLUE's own sentences."""
    sentences = klue(data)
    for half, first, frames, without in HALVES:
        names = _names(sentences[first::2])
        chance = random.Random(17)
        alike = re.compile("|".join(form for _, form in KINDS))
        korean = [name for name in names if alike.fullmatch(name)]
        other = [name for name in names if not alike.fullmatch(name)]
        _say(half, korean, _lines(frames), _lines(without), find, chance)
        for kind, of_kind in (("other KLUE names", other), ("made names of no celebrity", _nobodies(first))):
            asked = [_made(chance.choice(_lines(frames)), name, chance) for name in of_kind]
            print(f"    {kind} ({len(of_kind)}) in these: recall {_recall(asked, find):.3f}")
    for half, first, *_ in HALVES:
        _say_klue(half, sentences[first::2], find)


def _nobodies(half: int) -> list[str]:
    """Names of the made city's people: KLUE's are of the well-known, many of whom Kiwi's dictionary knows."""
    keys = np.arange(400)
    return [*made_names(half, "old", keys, keys % 2 == 0, True), *made_names(half, "young", keys, keys % 2 == 0, False)]


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()


def _names(sentences: Sequence[tuple[str, list[tuple[int, int]]]]) -> list[str]:
    """Each different name of two to four syllables, in Korean letters."""
    said = (text[begin:end] for text, truth in sentences for begin, end in truth)
    return sorted({name for name in said if re.fullmatch("[가-힣]{2,4}", name)})


def _made(frame: str, name: str, chance: random.Random) -> tuple[str, list[tuple[int, int]]]:
    """A sentence with ``name`` in each of its places, and where these are; now and then it is mistyped."""
    written = _mistyped(name, chance) if chance.random() < TYPOS else name
    ends_in_consonant = (ord(written[-1]) - ord("가")) % 28 > 0
    text, places = "", []
    for piece in re.split(r"(\{[가-힣]*\})", frame):
        if piece == "{}":
            places.append((len(text), len(text) + len(written)))
            text += written
        elif piece.startswith("{"):
            text += PARTICLES[piece[1:-1]][0 if ends_in_consonant else 1]
        else:
            text += piece
    return text, places


def _mistyped(name: str, chance: random.Random) -> str:
    """One vowel of it as another that is heard alike or lies beside it."""
    places = [at for at, one in enumerate(name) if _VOWELS[(ord(one) - ord("가")) // 28 % 21] in MIXED_UP]
    if not places:
        return name
    at = chance.choice(places)
    lead, rest = divmod(ord(name[at]) - ord("가"), 21 * 28)
    vowel, final = divmod(rest, 28)
    other = chr(ord("가") + (lead * 21 + _VOWELS.index(MIXED_UP[_VOWELS[vowel]])) * 28 + final)
    return name[:at] + other + name[at + 1 :]


def _say(  # noqa: PLR0917 - one row of the table
    half: str, names: list[str], frames: list[str], without: list[str], find: Find, chance: random.Random
) -> None:
    """Every name in two sentences, and as many sentences without one as with one."""
    asked = [_made(frame, name, chance) for name in names for frame in chance.sample(frames, 2)]
    found = [list(find(text)) for text, _ in asked]
    wrong = sum(
        not any(_covers(span, place) for place in truth)
        for (_, truth), spans in zip(asked, found, strict=True)
        for span in spans
    )
    alarms = [len(list(find(text))) for text in without]
    wrong_without = sum(alarms) / len(without) * len(asked)
    right = sum(map(len, found)) - wrong
    print(
        f"  KLUE's names in complaints, {half}: {len(asked)} sentences with one, as many without: "
        f"recall {_recall(asked, find):.3f}  precision {right / (right + wrong + wrong_without):.3f}  "
        f"(false alarms {wrong} in the former, {sum(alarms)} of {len(without)} in the latter)"
    )
    for kind, form in KINDS:
        of_kind = [one for one in asked if re.fullmatch(form, one[0][slice(*one[1][0])])]
        print(f"    {kind} ({len(of_kind)}): recall {_recall(of_kind, find):.3f}")


def _covers(span: Span, place: tuple[int, int]) -> bool:
    """Whether all of a name is masked; one syllable more (a particle) is not wrong."""
    return span.start <= place[0] and place[1] <= span.end <= place[1] + 1


def _recall(asked: Iterable[tuple[str, list[tuple[int, int]]]], find: Find) -> float:
    hits: Iterator[bool] = (
        any(_covers(span, place) for span in spans)
        for text, truth in asked
        for spans in [list(find(text))]
        for place in truth
    )
    every = list(hits)
    return sum(every) / max(len(every), 1)


def _say_klue(half: str, sentences: Sequence[tuple[str, list[tuple[int, int]]]], find: Find) -> None:
    found = right = gold = hit = korean = korean_hit = 0
    for text, truth in sentences:
        given = [(span.start, span.end) for span in find(text)]
        found += len(given)
        right += sum(any(a < d and c < b for c, d in truth) for a, b in given)
        for begin, end in truth:
            known = any(a < end and begin < b for a, b in given)
            gold, hit = gold + 1, hit + known
            if re.fullmatch(rf"[{SURNAMES}][가-힣]{{2}}", text[begin:end]):
                korean, korean_hit = korean + 1, korean_hit + known
    print(
        f"  KLUE's own sentences, {half}: recall {hit / gold:.3f} of all, {korean_hit / korean:.3f} of three "
        f"syllables with a surname  precision {right / max(found, 1):.3f}"
    )
