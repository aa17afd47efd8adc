# SPDX-License-Identifier: Apache-2.0
"""What a city may set about its rounds: when they are, what they weigh, and what they are compared with."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from dure.city.rules import rule
from dure.engines.filling import Price

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class RoundRules:
    """When rounds are, how they are planned, and the habit that every plan is compared with."""

    first_hour: int = field(
        default=6,
        metadata=rule(
            ko="하루의 첫 계획 시각",
            en="The day's first round",
            unit=_("시"),
            source=_("도시가 정함"),
            least=0,
            most=23,
        ),
    )
    second_hour: int = field(
        default=14,
        metadata=rule(
            ko="둘째 계획 시각 (-1: 없음)",
            en="The second round (-1: none)",
            unit=_("시"),
            source=_("도시가 정함; 길가 수거함은 하루 두세 번이 알맞음"),
            least=-1,
            most=23,
        ),
    )
    third_hour: int = field(
        default=-1,
        metadata=rule(
            ko="셋째 계획 시각 (-1: 없음)",
            en="The third round (-1: none)",
            unit=_("시"),
            source=_("도시가 정함"),
            least=-1,
            most=23,
        ),
    )
    round_hours: int = field(
        default=8,
        metadata=rule(
            ko="한 차수의 가장 긴 시간",
            en="A round lasts at most",
            unit=_("시간"),
            source=_("도시가 정함"),
            least=1,
            most=16,
        ),
    )
    lead_minutes: int = field(
        default=60,
        metadata=rule(
            ko="이만큼 먼저 계획을 세움",
            en="A round is planned so long before",
            unit=_("분"),
            source=_("도시가 정함; 배차 담당이 살필 시간"),
            least=5,
            most=720,
        ),
    )
    give_out_by_itself: int = field(
        default=0,
        metadata=rule(
            ko="시작할 때 저절로 나눠 줌 (1: 예)",
            en="Given out by itself when it begins (1: yes)",
            unit="0/1",
            source=_("도시가 정함; 처음에는 사람이 나눠 줌"),
            least=0,
            most=1,
        ),
    )
    end_after_minutes: int = field(
        default=120,
        metadata=rule(
            ko="끝난 뒤 이만큼 기다려 마감",
            en="Closed so long after its end",
            unit=_("분"),
            source=_("도시가 정함; 늦게 오는 기사의 말을 기다림"),
            least=0,
            most=720,
        ),
    )
    overflow_hour_visits: float = field(
        default=Price.overflow_hour,
        metadata=rule(
            ko="넘침 1시간을 방문 몇 번으로 치나",
            en="What an hour of overflow is worth",
            unit=_("방문"),
            source="docs/adr/0016",
            least=0.01,
            most=100,
        ),
    )
    must_percent: int = field(
        default=80,
        metadata=rule(
            ko="다음 기회 전에 찰 확률이 이만큼이면 꼭 감",
            en="Must be visited: full before the next chance with at least",
            unit="%",
            source=_("docs/adr/0018; 시뮬레이션은 99"),
            least=50,
            most=100,
        ),
    )
    margin_points: int = field(
        default=5,
        metadata=rule(
            ko="예상보다 이만큼 더 찼다고 보고 실음",
            en="Bins are planned fuller than expected by",
            unit=_("%포인트"),
            source=_("도시가 정함"),
            least=0,
            most=50,
        ),
    )
    stop_metres: int = field(
        default=100,
        metadata=rule(
            ko="한 곳에 서는 것을 이만큼 달리는 것으로 침",
            en="A stop costs as much as driving so far",
            unit="m",
            source=_("도시가 정함"),
            least=0,
            most=5000,
        ),
    )
    bin_seconds: int = field(
        default=60,
        metadata=rule(
            ko="한 수거함에 걸리는 시간",
            en="Time at a bin",
            unit=_("초"),
            source=_("도시가 정함; 기록이 쌓이면 고침"),
            least=5,
            most=1800,
        ),
    )
    kmh: float = field(
        default=20.0,
        metadata=rule(
            ko="도로 지도가 없을 때의 속도",
            en="Speed where there is no road map",
            unit="km/h",
            source=_("가정; 멈춤을 더한 도심 평균"),
            least=3,
            most=80,
        ),
    )
    stop_on_the_right: int = field(
        default=0,
        metadata=rule(
            ko="길 오른쪽에서만 섬 (1: 예; 도로 지도가 있을 때)",
            en="Stop on the right-hand side only (1: yes; with a road map)",
            unit="0/1",
            source=_("도시가 정함; 길을 건너 나르지 않음"),
            least=0,
            most=1,
        ),
    )
    solve_seconds: int = field(
        default=5,
        metadata=rule(
            ko="계획 하나에 쓰는 계산 시간",
            en="Computing time for a plan",
            unit=_("CPU 초"),
            source=_("도시가 정함"),
            least=1,
            most=300,
        ),
    )
    habit_percent: int = field(
        default=-1,
        metadata=rule(
            ko="비교할 습관: 이만큼 차면 감 (0: 모두, -1: 요일)",
            en="Habit to compare with: visit from this level on (0: all, -1: weekdays)",
            unit="%",
            source=_("도시의 지금 방식"),
            least=-1,
            most=100,
        ),
    )
    habit_weekdays: int = field(
        default=135,
        metadata=rule(
            ko="비교할 습관: 가는 요일 (1 월 … 7 일)",
            en="Habit to compare with: on these weekdays (1 Monday … 7 Sunday)",
            unit=_("요일"),
            source=_("도시의 지금 방식; 135는 월·수·금"),
            least=1,
            most=1234567,
        ),
    )

    @property
    def decisions(self) -> tuple[int, ...]:
        """Hours of the day at which rounds begin, rising."""
        hours = (self.first_hour, self.second_hour, self.third_hour)
        return tuple(sorted({hour for hour in hours if hour >= 0}))

    @property
    def habit(self) -> str:
        """The habit as the policy that ``dure waste simulate`` knows it by, or "all"."""
        if self.habit_percent == 0:
            return "all"
        if self.habit_percent > 0:
            return f"threshold:{self.habit_percent}"
        digits = sorted(set(str(self.habit_weekdays)) & set("1234567"))
        return "calendar:" + ",".join(WEEKDAYS[int(one) - 1] for one in digits)
