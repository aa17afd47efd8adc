# SPDX-License-Identifier: Apache-2.0
"""The words a call listens for, by meaning."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from .korean import Language


@dataclass(frozen=True)
class Vocabulary:
    """Words by meaning. Korean is found anywhere in the sentence, whatever its spacing (recognisers and people space it
    as they like), but for ``…_alone``, which are whole words; English is found as whole words, and as beginnings of
    words where it ends in ``*``."""

    danger: tuple[str, ...]
    """Help, whatever is said around it."""
    help: tuple[str, ...]
    pain: tuple[str, ...]
    yes: tuple[str, ...]
    yes_alone: tuple[str, ...]
    no: tuple[str, ...]
    no_alone: tuple[str, ...]
    later: tuple[str, ...]
    again: tuple[str, ...]

    def with_words(self, more: dict[str, tuple[str, ...]]) -> Vocabulary:
        """The same with more words: name of a field to words. Raises KeyError for a field that does not exist."""
        unknown = more.keys() - {one.name for one in fields(self)}
        if unknown:
            raise KeyError(min(unknown))
        return replace(self, **{name: (*getattr(self, name), *words) for name, words in more.items()})


def _words(listed: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in listed.split(","))


KOREAN = Vocabulary(
    danger=_words("살려, 119, 일일구, 백십구, 구급차, 앰뷸런스, 응급, 죽고싶, 죽어버리, 자살"),
    help=_words("""
        도와, 도움이필요, 도움필요, 도움좀, 큰일, 무서워, 쓰러, 넘어졌, 넘어져, 자빠, 미끄러졌, 못일어나,
        일어날수가없, 일어나지못, 못움직, 움직일수가없, 숨이차, 숨차, 숨이안, 숨을못, 숨을쉴수, 숨막,
        숨이막, 숨쉬기힘, 정신을잃, 말이안나, 눈이안보, 마비, 뇌졸중, 피가나, 피를, 불이나, 불이났, 불났, 불이야,
        가스냄새, 강도야, 죽겠, 죽을것같, 병원에가야, 병원가야
    """),
    pain=_words("""
        아파, 아프, 아픈, 아픔, 아팠, 아픕, 통증, 조여, 끊어질것같, 삐었, 삐끗, 체했, 쑤시, 쑤셔,
        저려, 저리고, 결려, 다쳤, 다친, 어지러, 어지럽,
        어질어질, 토할, 토했, 메스꺼, 열이나, 열나, 몸살, 힘들, 힘드, 기운이없, 기운없, 힘이없, 힘없, 못먹, 못걷,
        못걸어, 걷지못, 편찮, 불편, 안좋, 좋지않, 답답, 외로, 우울
    """),
    yes=_words("""
        괜찮, 잘있, 잘지내, 잘잤, 별일없, 별일은없, 별고없, 아무일없, 아무일도없, 탈없, 무사,
        건강하, 건강해, 문제없, 이상없, 걱정마,
        걱정하지마, 맞아, 맞습
    """),
    yes_alone=_words("""
        네, 네네, 예, 예예, 응, 응응, 넵, 그래, 그래요, 그럼, 그럼요, 그렇습니다, 오냐, 좋아, 좋아요,
        좋습니다, 좋지, 좋지요, 물론, 물론이지
    """),
    no=_words("싫, 별로, 그렇지않, 안그래, 못지내, 못있, 별일있, 못잤, 깜빡, 잊어버, 까먹, 잊었"),
    no_alone=_words("아니, 아니요, 아니오, 아뇨, 아녀, 아니야, 아니에요, 아닙니다"),
    later=_words("이따, 나중에, 조금있다, 좀있다, 있다가, 지금바빠, 바빠요, 아직"),
    again=_words("""
        다시말, 다시한번, 뭐라고, 뭐라구, 안들려, 안들리, 못들었, 잘안들, 크게말, 누구세요, 누구시
    """),
)

ENGLISH = Vocabulary(
    danger=_words("""
        119, 911, one one nine, nine one one, ambulance, save me, kill myself, want to die, breathe,
        get up
    """),
    help=_words("""
        help, emergency, fell, fall, fallen, falling, can't move, cannot move, scared, fire, bleed*,
        blood, dying, unconscious, stroke, hospital, choking
    """),
    pain=_words("""
        pain*, hurt*, ache*, aching, headache, sore, injured, dizzy, sick, ill, unwell, vomit*, nausea*,
        fever, weak, lonely, depressed, not well, not good, not okay, not ok, not fine, not feeling well,
        not all right, not great, bad, terrible
    """),
    yes=_words("""
        yes, yeah, yep, yup, sure, fine, okay, ok, good, well, great, all right, alright, of course
    """),
    yes_alone=(),
    no=_words("""
        no, not, nope, never, didn't, don't, haven't, hasn't, isn't, can't, won't, forgot, nothing
    """),
    no_alone=(),
    later=_words("later, not yet, in a minute, in a moment, soon, busy"),
    again=_words("""
        again, pardon, what did you say, can't hear, cannot hear, repeat, who is this, louder
    """),
)

HIDDEN_AFTER = {"까먹": "아"}
"""Korean words that are none after this: 아까 먹었어요 (had it a while ago) holds 까먹었 (forgot)."""

VOCABULARIES: dict[Language, Vocabulary] = {"ko": KOREAN, "en": ENGLISH}
