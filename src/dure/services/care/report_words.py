# SPDX-License-Identifier: Apache-2.0
"""The monthly report in words, the same on the page and in the files."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dure.services.care.report import SMALLEST, Figure, Measure, Unit


def title_of(month: str) -> str:
    """What the report is called."""
    return _("안부 확인 월간 보고 %s") % month


def figure_words(measure: Measure, one: Figure) -> str:
    """A figure with its interval: ``14.9 (12.1–18.2)``; "<5" where it is hidden, "–" where there is none."""
    if one.hidden:
        return f"<{SMALLEST}"
    if one.value is None:
        return "–"
    value = _number(measure.unit, one.value)
    if measure.unit is Unit.COUNT:
        return value
    ends = (("…" if end is None else _number(measure.unit, end)) for end in (one.low, one.high))
    return f"{value} ({'–'.join(ends)})"


def _number(unit: Unit, value: float) -> str:
    if unit is Unit.SHARE:
        return f"{value:.0%}"
    if unit is Unit.RATE:
        return f"{value:.2f}" if value < 10 else f"{value:.1f}"
    return f"{value:,.0f}"


def differs_words(one: Figure) -> str:
    """Whether it lies outside what the city's figure and chance explain."""
    return {1: _("▲ 시보다 높음"), -1: _("▼ 시보다 낮음")}.get(one.differs, "")


def notes() -> list[str]:
    """How the figures are made and read."""
    return [
        _("괄호 안은 95% 신뢰구간입니다: 비율(건/1,000가구·일)은 포아송 정확 구간(Garwood 1936), 몫은 Wilson(1927), "
          "시간은 순서통계량으로 얻은 구간이고 …은 값이 적어 끝을 말할 수 없음을 뜻합니다."),
        _("지역은 순위로 견주지 않습니다. ▲▼는 시 전체와의 차이가 우연으로 보기 어려운 곳(99.8% 한계)만 가리키며, "
          "좋고 나쁨이 아니라 살펴볼 까닭이 있다는 뜻입니다."),
        _("한 지역에서 %d보다 적은 수로 된 값은 누구인지 짐작될 수 있어 숨깁니다. 한 칸만 숨기면 빼어 알 수 있으므로 "
          "그때는 한 칸을 더 숨깁니다.") % SMALLEST,
        _("알림은 습관 엔진이 그달에 새로 낸 것이고, 한 댁이 더 높은 수준으로 오르면 수준마다 한 번씩 셉니다. "
          "외출을 알린 댁의 것도 들어 있습니다."),
        _("‘무사하신 것을 확인’은 그달에 닫힌 사건(계량기 사건은 빼고) 가운데 무사한 것을 사람, 자동 전화나 생활 "
          "신호로 안 몫입니다. ‘잘못된 알림’은 잘못된 알림이나 기기·데이터 문제로 닫힌 몫입니다."),
        _("‘맡기까지’와 ‘닿기까지’는 그달에 연 사건에 직원이 처음 손댄 때와 통화·방문으로 처음 닿은 때까지이며, 그런 "
          "일이 없던 사건은 들어 있지 않습니다. ‘살핀 분’은 그달에 하루라도 살핀 분, 가구·일은 등록된 날의 합입니다."),
    ]  # fmt: skip
