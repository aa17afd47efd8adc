# SPDX-License-Identifier: Apache-2.0
"""What residents say in a call: the same call and turn always meets the same words. Words are ours, none is a
recording's; a third press a key instead."""

from __future__ import annotations

from .chance import uniform

PRESSES_A_KEY = 0.35
LATER, ASKS_AGAIN = 0.12, 0.05
"""Shares of first answers in a daily call that put it off, or ask what was said."""

WELL = ("네, 괜찮아요", "응, 잘 있어", "별일 없어요", "네네", "그럭저럭 지내요", "잘 지내요, 걱정 마세요", "안 아파요")
DONE = {
    "medicine": ("네, 먹었어요", "방금 먹었지", "아까 먹었어요", "예, 먹었습니다", "밥 먹고 바로 먹었어요"),
    "meal": ("네, 먹었어요", "잘 먹었어요", "아침 먹었지", "예, 먹었습니다"),
    "exercise": ("네, 다 했어요", "했어요", "아까 동네 한 바퀴 걸었어요"),
    "appointment": ("네, 알고 있어요", "그럼요, 갈게요"),
}
PUTS_OFF = ("이따 할게요", "아직이요, 나중에요", "지금 바빠요")
AGAIN = ("뭐라고요?", "잘 안 들려요")
HELP = ("살려 주세요", "넘어졌어요, 도와줘요", "숨이 차요", "119 좀 불러 주세요")


def answer(seed: int, home: int, call: str, turn: int, *, did: str, script: str, language: str) -> dict[str, str]:
    """``{"key": …}`` or ``{"said": …}`` of a resident who is well (``fine``) or asks for ``help``.

    From the third turn on, and where Korean is not spoken, a key settles it.
    """
    key = {"key": "1" if did == "fine" else "2"}
    chance = float(uniform(seed, f"talk {call} {turn}", home))
    if language != "ko" or turn > 1 or chance < PRESSES_A_KEY:
        return key
    if did == "help":
        return {"said": _one_of(HELP, seed, home, call, turn)}
    if script in DONE and turn == 0 and chance > 1 - LATER:
        return {"said": _one_of(PUTS_OFF, seed, home, call, turn)}
    if turn == 0 and chance > 1 - LATER - ASKS_AGAIN:
        return {"said": _one_of(AGAIN, seed, home, call, turn)}
    return {"said": _one_of(DONE.get(script, WELL), seed, home, call, turn)}


def _one_of(words: tuple[str, ...], seed: int, home: int, call: str, turn: int) -> str:
    return words[int(float(uniform(seed, f"words {call} {turn}", home)) * len(words))]
