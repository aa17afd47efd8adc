# SPDX-License-Identifier: Apache-2.0
"""Complaints of several matters, and abuse: there is no labelled set, so these are made.

Both halves were written apart, and the errors on the scoring half were not read. Departments are those of the made city
(simulator/complaints), whose duties and manuals are all that is learned here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import dure.simulator.complaints
from dure.engines.language.abuse import abuse
from dure.engines.language.classify import Classifier, train
from dure.engines.language.documents import Document
from dure.engines.language.split import split

MADE = Path(dure.simulator.complaints.__file__).parent / "made"

TUNING = """
road: 골목 보안등이 이틀째 꺼져 있어요
road: 인도 보도블록이 튀어나와서 걸려 넘어질 뻔했습니다
road: 큰길 아스팔트에 구멍이 나서 차가 덜컹거려요
cleaning: 종량제 봉투를 파는 곳이 어디인지 모르겠어요
cleaning: 누가 소파를 스티커도 없이 내다 버렸어요
cleaning: 재활용 수거차가 지난주부터 안 옵니다
parking: 횡단보도 위에 늘 불법 주차를 합니다
parking: 거주자 우선 주차구역 신청 기간을 알고 싶어요
parking: 장애인 주차구역에 일반 차가 서 있습니다
transit: 마을버스 배차 간격이 너무 깁니다
transit: 정류장 전광판에 버스 도착 시간이 안 나와요
parks: 공원 놀이터 그네 줄이 끊어졌어요
parks: 산책로 나무가 부러져서 길을 막고 있습니다
water: 수돗물에서 녹물이 나와요
water: 수도 계량기가 얼어서 터졌어요
elders: 기초연금은 몇 살부터 받을 수 있나요
elders: 혼자 사시는 어머니 돌봄 서비스를 신청하고 싶어요
environment: 공사장 소음 때문에 새벽에 깹니다
"""
TUNING_ALONE = """
골목 보안등이 이틀째 꺼져 있어요. 밤에 너무 어두워요. 아이들이 무서워합니다. 빨리 고쳐 주세요.
안녕하세요. 수고 많으십니다. 종량제 봉투를 어디서 파는지 알려 주세요. 감사합니다.
버스가 정류장을 그냥 지나갔습니다. 손을 들었는데도 기사님이 못 본 척했어요. 다음 차까지 30분을 기다렸습니다.
수돗물에서 녹물이 나와요. 이사 온 첫날부터 그랬어요. 마셔도 되는지 걱정입니다.
불법 주차 때문에 못 살겠어요. 어제도 신고했고 오늘도 신고했는데 그대로예요.
공원 그네 줄이 끊어졌어요. 어제 아이가 떨어질 뻔했고 오늘은 다른 아이가 다칠 뻔했어요.
공사장 소음이 심합니다. 새벽 다섯 시부터 시작하고 주말에도 합니다. 창문을 열 수가 없어요.
도로에 구멍이 났는데 비가 오면 안 보여요. 차 바퀴가 빠졌고 수리비도 나왔습니다.
"""
SCORING = """
road: 가로등이 깜빡거려서 눈이 아픕니다
road: 눈이 얼어붙어서 언덕길이 빙판이에요
road: 볼라드가 부러져서 밑동만 남아 있어요
cleaning: 음식물 쓰레기통을 안 비워 갔어요
cleaning: 밤마다 누가 전봇대 밑에 쓰레기를 몰래 버립니다
cleaning: 다 쓴 건전지는 어디에 버리나요
parking: 소화전 앞에 차가 계속 세워져 있습니다
parking: 주정차 과태료를 감경받을 수 있는지 궁금합니다
parking: 공영주차장 정기권은 어떻게 끊나요
transit: 막차가 예정보다 일찍 떠나 버렸어요
transit: 버스 기사가 난폭 운전을 합니다
parks: 운동기구 손잡이가 빠져서 위험해요
parks: 가로수 가지가 전선에 닿아요
water: 하수구에서 물이 거꾸로 올라옵니다
water: 수도 요금이 두 배로 나왔어요
welfare: 긴급 생계비 지원을 받을 수 있을까요
elders: 장애인 활동 지원 시간이 모자랍니다
environment: 이웃 공장에서 매캐한 연기가 나요
"""
SCORING_ALONE = """
가로등이 깜빡거려요. 한 달 전에도 그랬고 고친다더니 그대로입니다. 언제 오시나요.
수고하십니다. 음식물 쓰레기통을 안 비워 갔어요. 냄새가 나서 죽겠습니다. 오늘 안에 부탁드려요.
과태료 고지서를 받았습니다. 병원에 급히 가느라 잠깐 세웠어요. 의견을 낼 수 있나요.
막차가 일찍 떠났어요. 비 오는데 택시도 없고 한 시간을 걸었습니다. 기사 교육 좀 시켜 주세요.
하수구에서 물이 올라옵니다. 바닥이 다 젖었고 냄새도 심해요. 밤에 비가 더 온다는데 걱정이에요.
긴급 생계비를 받고 싶어요. 남편이 실직했고 월세도 밀렸습니다. 무슨 서류가 필요한가요.
운동기구 손잡이가 빠졌어요. 어르신들이 매일 쓰시는데 다치실까 봐 걱정됩니다.
공장 연기 때문에 창문을 못 열어요. 빨래에서도 냄새가 나고 아이가 기침을 합니다.
"""
JOINTS = (
    "{0}. 그리고 {1}.",
    "1. {0}\n2. {1}",
    "{0}. {1}.",
    "{0}\n또 {1}",
    "첫째 {0}. 둘째 {1}.",
    "{0}. 하나 더요, {1}",
)

ABUSE = {
    "tuning": (
        """
야 이 씨발놈들아 전화 좀 받아라
너 같은 새끼가 공무원이냐
병신 같은 상담원 바꿔
죽여버린다 진짜
칼 들고 찾아간다
찾아가서 가만 안 둔다
집에 불 질러 버릴 거야
너 밤길 조심해라
목소리 섹시하네 나랑 한번 자자
속옷 무슨 색 입었어요
개새끼들 세금만 처먹고
꺼져 이 멍청한 놈아
ㅅㅂ 몇 번을 말해
시1발 진짜 짜증나네
담당자 무식한 거 아니야 돌대가리야
지랄하지 말고 빨리 해
""",
        """
다시 발급해 주세요
질병신고는 어디에 하나요
시발점이 어디인지 알려 주세요
옆집 사람이 저한테 죽여버린다고 했어요
새끼 고양이가 배수구에 빠졌어요
강아지가 물에 빠져 죽을 뻔했어요
불이 나서 죽는 줄 알았어요
이웃이 "개새끼야"라고 욕을 합니다
칼갈이 행사는 언제 하나요
화가 나서 못 참겠습니다 빨리 처리해 주세요
세금은 걷으면서 뭐 하는 겁니까
진짜 답답해서 죽겠어요
찾아가서 직접 신청하면 되나요
속옷 가게 앞에 쓰레기가 쌓였어요
밤길이 어두워서 조심해야 해요
가슴이 아파서 병원에 갔어요
""",
    ),
    "scoring": (
        """
씨발 세금 받아 처먹고 일을 그따위로 하냐
이 미친놈아 똑바로 안 해
쌍년이 어디서 말대꾸야
네 가족까지 다 찾아낸다
사무실에 휘발유 뿌려 버린다
니 목을 졸라 버리고 싶다
칼로 쑤셔 버릴라
내가 너 때려죽인다
가만두지 않겠다 각오해
아가씨 가슴 크냐
오늘 밤에 모텔 가자
벗고 사진 찍어서 보내
ㅂㅅ들만 모여 있네
씹새끼 전화 끊지 마
또라이 아니야 이거
주둥이 닥치고 과장 바꿔
너 이름 뭐야 내가 죽인다
벌레만도 못한 공무원 놈들
엿 먹어라 개자식아
느그 부모가 그렇게 가르쳤냐 쓰레기 같은 년
""",
        """
가만히 두면 나무가 쓰러질 것 같아요
아저씨가 제 아이를 죽인다고 협박합니다
쥐새끼가 하수구에서 나와요
미친 듯이 비가 와서 하수가 넘쳤어요
모텔 간판 불빛이 너무 밝습니다
여름이라 더워 죽겠습니다
상담원이 저에게 멍청하다고 말했어요
칼날이 박힌 쓰레기봉투에 손을 베였어요
불을 질러 쓰레기를 태우는 사람이 있어요
휘발유 냄새가 지하에서 올라옵니다
벗겨진 차선을 다시 칠해 주세요
다리가 부러져서 걷지를 못합니다
가슴 통증으로 구급차를 불렀어요
개가 사람을 물었어요
병신년 기념비 앞이 지저분합니다
쓰레기 같은 냄새가 계속 나요
박살 난 유리가 길에 있어요
두고 볼 수가 없어서 신고합니다
엄청 화가 납니다 책임자 바꿔 주세요
죽은 새가 인도에 있어요
""",
    ),
}


def cases() -> None:
    """Print how complaints of several matters are split and how abuse is found."""
    print("\ncases: made complaints, by the made city's desk")
    model = _desk()
    for half, matters, alone in (("tuning", TUNING, TUNING_ALONE), ("scoring", SCORING, SCORING_ALONE)):
        _say_split(half, model, list(_several(matters)), _lines(alone) + _same(matters))
    for half, (bad, good) in ABUSE.items():
        found, wrong = ([bool(abuse(text)) for text in _lines(texts)] for texts in (bad, good))
        print(
            f"  abuse, {half}: recall {sum(found) / len(found):.3f} of {len(found)}  "
            f"precision {sum(found) / max(sum(found) + sum(wrong), 1):.3f} among {len(found)} and {len(wrong)} without"
        )


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()


def _desk() -> Classifier:
    """The made city's duties and manuals, by department."""
    guides = []
    for name in ("departments", "knowledge"):
        for number, line in enumerate((MADE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            one = row.get("duty") or row.get("text")
            if one and one.get("department") and one.get("language", "ko") == "ko":
                guides.append(
                    Document(
                        f"{name}-{number}", one["text"], one.get("title", ""), one["department"], one.get("topic", "")
                    )
                )
    return train(guides)


def _matters(text: str) -> list[tuple[str, str]]:
    pairs = (line.partition(": ") for line in _lines(text))
    return [(department, said) for department, _, said in pairs]


def _several(matters: str) -> Iterator[tuple[str, list[str]]]:
    """Each matter with each of six others of another department, in turn joined in all ways."""
    told = _matters(matters)
    for at, (department, said) in enumerate(told):
        others = [other for other in told if other[0] != department]
        for step, joint in enumerate(JOINTS):
            other, more = others[(at * 5 + step * 3) % len(others)]
            yield joint.format(said, more), [department, other]


def _same(matters: str) -> list[str]:
    """Two matters of one department: nothing to split."""
    return [f"{one}. 그리고 {two}." for (a, one), (b, two) in pairwise(_matters(matters)) if a == b]


def _say_split(half: str, model: Classifier, several: list[tuple[str, list[str]]], alone: list[str]) -> None:
    def parts(text: str) -> list[str]:
        return [part.label for part in split(text, lambda piece: model.classify(piece).labels)]

    found = [parts(text) for text, _ in several]
    cut = sum(len(labels) > 1 for labels in found)
    right = sum(labels == truth for labels, (_, truth) in zip(found, several, strict=True))
    wrong = sum(len(parts(text)) > 1 for text in alone)
    print(
        f"  splitting, {half}: {len(several)} of two matters: recall {cut / len(several):.3f} (both departments right "
        f"{right / len(several):.3f})  precision {cut / max(cut + wrong, 1):.3f} ({wrong} of {len(alone)} of one split)"
    )
