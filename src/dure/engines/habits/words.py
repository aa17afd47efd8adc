# SPDX-License-Identifier: Apache-2.0
"""What the engine found, in words an elder's daughter understands: Korean first, English second."""

from __future__ import annotations

import math
from typing import Literal

from .explain import Evidence, HourOfUse
from .slow import SlowChange

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")

SIGNALS: dict[str, tuple[str, str]] = {
    "phone": ("휴대전화", "the phone"),
    "calls": ("통화", "calls"),
    "data": ("휴대전화 데이터", "the phone's data"),
    "screen": ("휴대전화 화면", "the phone's screen"),
    "steps": ("걸음 수", "the step counter"),
    "water": ("수도", "water"),
    "plug": ("플러그에 꽂은 기기", "the device at the plug"),
    "motion": ("움직임 감지기", "the motion sensor"),
    "door": ("문 감지기", "the door sensor"),
    "pill_box": ("약통", "the pill box"),
    "button": ("안부 단추", "the all-is-well button"),
}
"""Kinds of signals in words; another kind is called by its name."""

WORTH_SAYING = 0.5
"""Nats of evidence from which a signal is named in the reason."""


def reason(evidence: Evidence, lang: Language = "ko") -> str:
    """Why the home has its level, with the figures."""
    if not evidence.by_own_habit:
        sentence = _fixed_rule(evidence, lang)
    elif hour := _most_telling(evidence):
        sentence = _habit(evidence, hour, lang)
    else:
        sentence = _silence(evidence, lang)
    return sentence + _missing(evidence, lang) + _signals(evidence, lang)


def what_would_change_it(evidence: Evidence, lang: Language = "ko") -> str:
    """With what the home would not have been reported."""
    minutes = 30 * evidence.half_hours_of_use_needed
    others = [signal_name(one.kind, lang) for one in evidence.signals if one.nats > 0]
    if lang == "ko":
        or_others = f"있었거나 {'·'.join(others)}에서 한 번이라도 기척이 " if others else ""
        return f"그 사이 {_span_ko(minutes / 60)} 정도만 전기를 쓰신 흔적이 {or_others}있었어도 알리지 않았을 것입니다."
    or_others = f", or any activity of {' or '.join(others)}" if others else ""
    use = f"Signs of use for about {_span_en(minutes / 60)} in that time"
    return f"{use}{or_others}, and this would not have been reported."


def signal_name(kind: str, lang: Language = "ko") -> str:
    """What people call a kind of signal."""
    ko, en = SIGNALS.get(kind, (kind, kind))
    return ko if lang == "ko" else en


def slow_reason(change: SlowChange, lang: Language = "ko") -> str:
    """What has slowly changed, with the figures."""
    days, before = change.days, f"{change.usual_days}{'' if change.usual_days < 255 else '+'}"
    recent, usual = change.recent, change.usual
    percent = round(100 * (1 - recent / usual)) if usual else 0
    korean = {
        "less": f"지난 14일 가운데 {days}일, 전기를 쓰신 때가 하루 {usual:.1f}시간에서 {recent:.1f}시간으로 "
        f"{percent}% 줄었습니다(그 앞 {before}일에 견주어).",
        "nights": f"지난 14일 가운데 {recent:.0f}일 밤(0~5시)에 깨어 계셨습니다. "
        f"전에는 14일에 {usual:.0f}일쯤이었습니다.",
        "drift": f"하루 생활의 한가운데가 {_clock(usual)}쯤에서 {_clock(recent)}쯤으로 옮겨 갔습니다.",
    }
    english = {
        "less": f"On {days} of the last 14 days power was in use {recent:.1f} hours a day instead of {usual:.1f}: "
        f"{percent}% less than in the {before} days before.",
        "nights": f"Awake in {recent:.0f} of the last 14 nights (0:00 to 5:00); before, in about {usual:.0f} of 14.",
        "drift": f"The middle of the day's activity has moved from about {_clock(usual)} to about {_clock(recent)}.",
    }
    return (korean if lang == "ko" else english)[change.kind]


def slow_would_change(change: SlowChange, lang: Language = "ko") -> str:
    """With what the home would not be on the list."""
    korean = {
        "less": f"하루 {change.limit:.1f}시간 넘게 쓰셨으면 여기에 오르지 않습니다.",
        "nights": f"깨어 계신 밤이 {math.ceil(change.limit)}일이 못 되었으면 여기에 오르지 않습니다.",
        "drift": f"옮겨 간 것이 {_span_ko(change.limit)}이 못 되었으면 여기에 오르지 않습니다.",
    }
    english = {
        "less": f"With more than {change.limit:.1f} hours a day it would not be listed.",
        "nights": f"With fewer than {math.ceil(change.limit)} nights awake it would not be listed.",
        "drift": f"Had it moved by less than {_span_en(change.limit)}, it would not be listed.",
    }
    return (korean if lang == "ko" else english)[change.kind]


def _clock(hour: float) -> str:
    minutes = round(hour * 6) * 10  # to ten minutes
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def ended(lang: Language = "ko") -> str:
    """Why an alarm closed by itself."""
    return "다시 활동하신 것이 확인되었습니다." if lang == "ko" else "Activity has been seen again."


def meter_note(evidence: Evidence, lang: Language = "ko") -> str | None:
    """What is wrong with the meter, if anything: work for the one who looks after devices."""
    if evidence.meter_stuck:
        return (
            "계량기가 같은 값만 보내고 있어 안부를 판단할 수 없습니다."
            if lang == "ko"
            else "The meter keeps sending the same value, so nothing can be said about the person."
        )
    if evidence.no_current:
        return (
            "냉장고까지 포함해 전기가 전혀 흐르지 않습니다. 정전이나 차단기를 확인해 주십시오."
            if lang == "ko"
            else "No current at all, the refrigerator included: check for a power cut or the main switch."
        )
    return None


def _most_telling(evidence: Evidence) -> HourOfUse | None:
    """The silent hour in which the home is most often alive; None where that is not even every other day."""
    best = max(evidence.silent_hours, key=lambda h: h.days_used, default=None)
    return best if best and 2 * best.days_used >= evidence.remembered_days > 0 else None


def _habit(evidence: Evidence, hour: HourOfUse, lang: Language) -> str:
    if lang == "ko":
        return (
            f"{hour.hour:02d}시면 {evidence.remembered_days}일 중 {hour.days_used}일은 전기를 쓰셨는데, "
            f"지금까지 {_span_ko(evidence.hours_silent)} 동안 냉장고처럼 늘 켜져 있는 것 말고는 쓰신 것이 없습니다."
        )
    return (
        f"At {hour.hour:02d}:00 this home used power on {hour.days_used} of {evidence.remembered_days} days, but for "
        f"{_span_en(evidence.hours_silent)} now nothing has been used beyond what is always on, like the refrigerator."
    )


def _silence(evidence: Evidence, lang: Language) -> str:
    if lang == "ko":
        return (
            f"지금까지 {_span_ko(evidence.hours_silent)} 동안 냉장고처럼 늘 켜져 있는 것 말고는 쓰신 것이 없습니다. "
            "이 댁에서는 드문 일입니다."
        )
    return (
        f"For {_span_en(evidence.hours_silent)} now nothing has been used beyond what is always on, "
        "like the refrigerator, which is unusual for this home."
    )


def _fixed_rule(evidence: Evidence, lang: Language) -> str:
    limit = evidence.threshold or 0.0
    if lang == "ko":
        return (
            f"아직 이 댁의 습관을 배우는 중({evidence.learned_days}일째)이라 정해진 규칙으로 살핍니다: "
            f"{_span_ko(limit)} 동안 전기를 쓰신 흔적이 없으면 알립니다. "
            f"지금 {_span_ko(evidence.hours_silent)}째입니다."
        )
    return (
        f"This home's habit is still being learned (day {evidence.learned_days}), so a fixed rule is used: report when "
        f"there is no sign of use for {_span_en(limit)}. It has now been {_span_en(evidence.hours_silent)}."
    )


def _missing(evidence: Evidence, lang: Language) -> str:
    if evidence.hours_without_value < 1:
        return ""
    if lang == "ko":
        return f" 그 사이 {_span_ko(evidence.hours_without_value)}은 계량기 값이 오지 않아 세지 않았습니다."
    return f" For {_span_en(evidence.hours_without_value)} of it no meter value came; that time is not counted."


def _signals(evidence: Evidence, lang: Language) -> str:
    """What else is silent, for how long, and against which habit."""
    said = [one for one in evidence.signals if one.nats >= WORTH_SAYING and one.hour is not None]
    parts = []
    for one in said:
        name, percent = signal_name(one.kind, lang), round(100 * one.share)
        if lang == "ko":
            span = _span_ko(one.hours_silent)
            parts.append(f" {name}도 {span} 동안 기척이 없습니다(보통 {one.hour:02d}시 무렵 {percent}%는 있었습니다).")
        else:
            parts.append(
                f" Nothing from {name} for {_span_en(one.hours_silent)} either "
                f"(around {one.hour:02d}:00 there usually is, {percent}% of the time)."
            )
    return "".join(parts)


def _span_ko(hours: float) -> str:
    whole, half = int(hours), hours % 1 >= 0.5
    if not whole:
        return "30분" if half else "0분"
    return f"{whole}시간 30분" if half else f"{whole}시간"


def _span_en(hours: float) -> str:
    number = f"{int(hours)}½" if hours % 1 >= 0.5 and hours >= 1 else f"{int(hours)}"
    if hours < 1:
        return "30 minutes" if hours >= 0.5 else "0 minutes"
    return "1 hour" if hours == 1 else f"{number} hours"
