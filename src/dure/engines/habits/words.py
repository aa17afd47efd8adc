# SPDX-License-Identifier: Apache-2.0
"""What the engine found, in words an elder's daughter understands: Korean first, English second."""

from __future__ import annotations

from typing import Literal

from .explain import Evidence, HourOfUse

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")


def reason(evidence: Evidence, lang: Language = "ko") -> str:
    """Why the home has its level, with the figures."""
    if not evidence.by_own_habit:
        sentence = _fixed_rule(evidence, lang)
    elif hour := _most_telling(evidence):
        sentence = _habit(evidence, hour, lang)
    else:
        sentence = _silence(evidence, lang)
    return sentence + _missing(evidence, lang)


def what_would_change_it(evidence: Evidence, lang: Language = "ko") -> str:
    """With what the home would not have been reported."""
    minutes = 30 * evidence.half_hours_of_use_needed
    if lang == "ko":
        return f"그 사이 {_span_ko(minutes / 60)} 정도만 전기를 쓰신 흔적이 있었어도 알리지 않았을 것입니다."
    return f"Signs of use for about {_span_en(minutes / 60)} in that time, and this would not have been reported."


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
    best = max(evidence.silent_hours, key=lambda h: h.days_used, default=None)
    return best if best and best.days_used else None


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
        return f"지금까지 {_span_ko(evidence.hours_silent)} 동안 냉장고처럼 늘 켜져 있는 것 말고는 쓰신 것이 없습니다."
    return (
        f"For {_span_en(evidence.hours_silent)} now nothing has been used beyond what is always on, "
        "like the refrigerator."
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
