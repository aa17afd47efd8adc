# SPDX-License-Identifier: Apache-2.0
"""Words against whoever serves: insults, threats, sexual words. What is found is shown to a person, who judges it.

Also as people write them to get past filters (시1발, ㅆㅂ, 병@신); not where the same syllables are another word
(다시발급, 질병신고, 시발점), nor where somebody tells what was said to them ("…"라고 욕을 했어요) or denies it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from .phrases import Phrases, folded
from .tokens import normal


class Kind(StrEnum):
    INSULT = "insult"
    THREAT = "threat"
    SEXUAL = "sexual"


@dataclass(frozen=True)
class Abuse:
    """``text[start:end]`` (of the text in NFC) and what it is."""

    kind: Kind
    start: int
    end: int
    words: str


NEARBY = 60
"""Characters before and after that say whose words they are."""

_X = r"[\d.,~!@#*^_\-ㅡ]{0,2}"
_SHOW = r"(?:만지|만져|보여|보고 ?싶|크|예쁘|이쁘|섹시|무슨 ?색|입었)"
_YOU = r"(?:너|니|네|당신|느그|니네|너네|상담(?:사|원)|담당자?|직원|공무원|주무관)"


def _phrases(phrases: str) -> Phrases:
    """``%X``: what is typed between syllables to get past a filter; ``%YOU``: who serves; ``%SHOW``: what is asked."""
    return Phrases(phrases.replace("%X", _X).replace("%YOU", _YOU).replace("%SHOW", _SHOW))


_WORDS = {
    Kind.INSULT: _phrases(
        r"""
    <(?:아이?|이|이런|에이|야|진짜|존나|개)?[씨시쓰씹]%X[발팔벌빨바](?:!|>|것|새|놈|년|아|들|넘|년아|[롬럼]|끄|거|년들|아놈)
    <씨 발(?!라|아)  <[씨시]%X[발팔](?!점|역|지|택시|주자|행|송|전|급|표|탄|견|음|생|굽)[가-힣]{0,2}  ㅅ ?ㅂ
    ㅆ ?ㅂ  ㅂ ?ㅅ(?![ㄱ-ㅎ])  ㅈ ?ㄹ(?![ㄱ-ㅎ])  ㄱ ?ㅅ ?ㄲ
    <(?:이|저|그|개|야)?%X병%X신(?!년 ?(?:생|\d)|도 ?아니|굿)(?:아|들|같|새|놈|년|이냐|이야|>|!| )
    (?:개|씹|쌍|십|미친|<이|<저|<그|호로|후레|죽일) ?(?:새끼|세끼|색기|쉐끼|쉑|섀끼|색히)
    (?:개|쌍|미친|<저|<그) ?시키(?![는고지면니기다려자라며거])
    <같은 ?새끼(?! ?(?:고양|강아|개|들[을이은]|오리))
    새끼(?:야|들아|가 (?:일|뭘|뭐))  (?:미친|쌍|<개|썅|못된|나쁜|또라이) ?(?:놈|년|넘)(?!도)  썅  좆  좃같
    <(?:존|졸)나(?!무)  <지랄  <꺼져(?! ?(?:있|가|서|요|버|도|야|서))
    (?<![이가]\s)(?<![이가])닥쳐(?! ?[오온올왔있])  <아가리  주둥[이아]  또라이  등신(?:아|같|들|>)
    멍청(?:한 ?(?:놈|년|것|새끼)|아|이들?아)
    <%YOU[^.?!\n]{0,12}(?:멍청|바보|무식(?!하게)|머저리|쓰레기(?:야|냐|같|네|들)|돌대가리)
    대가리 ?(?:가|는|에|박|깨|나쁘)  밥버러지  버러지 ?(?:같|들|만도)  세금 ?도둑(?:놈|들아|년)  육갑  엠창
    느금마  니 ?(?:애미|에미|애비)  <f+u+c+k  <shit>  bitch  asshole  <you (?:idiot|moron|stupid)  <bastard
    stupid (?:idiot|cow|bitch|moron)
    """
    ),
    Kind.THREAT: _phrases(
        r"""
    죽여 ?(?:버[리릴린]|줄|불|놓|놔|삐)  죽이 ?(?:겠다|겠어|러 ?갈|러 ?간|뿔|삔)
    <(?:다|니|너|당신)[가-힣]{0,3} ?죽(?:일|인다|을 ?줄|었어>|여)
    칼 ?(?:로|들고|가지고|맞)[^.?!\n]{0,12}(?:찌|찾아|간다|갈|쑤|그어|맞)  찔러 ?(?:버|죽)
    불 ?(?:을)? ?(?:질러|지르|싸질)[^.?!\n]{0,4}(?:버|겠|삔|줄|거)
    (?:찾아|쫓아)(?:가|갈|간)[^.?!\n]{0,14}(?:가만|죽|엎|부수|두고|박살|패|때려)
    가만 ?(?:히)? ?(?:안 ?[둬둘두둔]|두지 ?않|못 ?[둬둘둔])  가만 ?두나  밤길 ?조심  뒤통수 ?조심
    목 ?(?:을)? ?(?:따|졸라|조르|비틀)(?:버|겠|줄|아)  (?:패|때려|두들겨|밟아) ?(?:버|죽|줄|패겠)
    부숴 ?(?:버|줄)  박살 ?(?:내|낼)
    (?:너|니|네|당신)[가-힣 ]{0,6}(?:집|가족|새끼|애들?)[가-힣 ]{0,8}(?:알|안다|찾|조심|무사)
    두고 ?(?:보자|봐라)  다리 ?몽둥이  폭파 ?(?:하|시키|해)
    (?:염산|휘발유|석유|신나)[가-힣 ]{0,8}(?:뿌|부어|들고)  묻어 ?버  매장 ?시
    i(?:'ll| will| am going to|'m going to|'m gonna) (?:kill|hurt|burn|find|stab|beat) (?:you|your|the)
    watch your back  you(?:'re| are) dead  know where you live
    """
    ),
    Kind.SEXUAL: _phrases(
        r"""
    섹스(?!리스)  <쎅스  쌕스
    (?:가슴|엉덩이|허벅지|다리|몸매|속옷|팬티|브라)[^.?!\n]{0,10}%SHOW
    (?:나랑|나하고|오빠랑|같이|한번|한 ?번) ?(?:자자|자고 ?싶|잘래|하자고|모텔|호텔 ?가)
    벗어 ?(?:봐|라|줘|볼래)  따먹  <보지(?:를|가|야|년|에|>)(?! ?(?:못|않|마|말))  자위(?:하|해|행위)  <야동
    <꼴려  <꼴린  젖 ?(?:꼭지|통|탱이|보|만)  (?:목소리|말투)[^.?!\n]{0,6}(?:섹시|야하|야해|꼴)  애무
    사정하고  (?:스타킹|치마)[^.?!\n]{0,8}(?:벗|입었|보여|올려)  성관계 ?(?:하|해|맺)  sex with  <nude
    your (?:breasts?|tits|ass|boobs|panties|underwear)  <sexy  sleep with (?:me|you)
    """
    ),
}

_QUOTED = re.compile(
    r"[\"“”'‘’「『]([^\"“”'‘’」』\n]{1,80})[\"“”'‘’」』]\s?(?:이?라[고는며면]|하[고며]|고\s|는\s|란\s|같은|라[고는])"
)
_TOLD = re.compile(
    r"[가-힣]{0,4}(?:이?라(?:고|는|며|면서)|[다냐자라]고|[다냐자라]는|[다냐자라]며)\s?(?:저한테|저에게|나한테|제게|우리한테|아이한테|아이에게)?\s?"
    r"(?:하[더면는시셨십고]|했(?!지)|합니다|해요|그러|협박|욕|말|소리|위협|고함|외[치쳤쳐]|폭언|들[었으]|문자|낙서|적[혀힌]|쓰[여인])"
)
_DENIED = re.compile(
    r"[가-힣]{0,4}(?:이?라?는|이?란|겠다는)\s?(?:건|것은|게|것이|뜻은?|말은?|소리는?|의미는?)\s?(?:아니|아닙|절대|전혀)"
)
_MINE = re.compile(r"(?:내가|제가|나는|난|저는)\s?(?:너|니|당신|분명|지금|아까)?[^.?!\n]{0,10}$")
_CITED_BEFORE = re.compile(r"(?:told me|said|called me|yelled|shouted|wrote|screamed)[\w\s,:\"'“]{0,20}$", re.I)


def abuse(text: str) -> list[Abuse]:
    """Every insult, threat and sexual word in ``text`` (Korean or English), in its order."""
    text = normal(text)
    same = folded(text)
    quoted = [match.span(1) for match in _QUOTED.finditer(text)]
    found = []
    for kind, words in _WORDS.items():
        for one in words.find(text, same):
            if not any(start <= one.start < end for start, end in quoted) and not _reported(text, one.start, one.end):
                found.append(Abuse(kind, one.start, one.end, one.words))
    return sorted(found, key=lambda one: (one.start, one.kind))


def _reported(text: str, start: int, end: int) -> bool:
    """Whether these words are told of somebody else, or denied. Who says "내가 … 했다" tells of nobody else."""
    before, after = text[max(start - NEARBY, 0) : start], text[end : end + NEARBY]
    if _DENIED.match(after) or _CITED_BEFORE.search(before):
        return True
    return bool(_TOLD.match(after)) and not _MINE.search(before)
