# SPDX-License-Identifier: Apache-2.0
"""Every threshold of care that a city may set. Change them on the officer's page; the newest setting holds."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from dure.city.rules import rule


@dataclass(frozen=True)
class CareRules:
    """Defaults are today's practice in Korean cities, per 1,000 home-days: Ulsan Nam-gu's 15 automatic calls and
    5.2 people's calls, and 0.3 visits; see docs/care.md for the arithmetic."""

    attention_per_1000: float = field(
        default=15.0,
        metadata=rule(
            ko="주의 알림 예산",
            en="Attention alarm budget",
            unit=_("건/1,000가구·일"),
            source=_("울산 남구 AI 안부든든 145가구 3개월: AI 전화 198건"),
            least=0.1,
            most=200,
        ),
    )
    alert_per_1000: float = field(
        default=5.0,
        metadata=rule(
            ko="경계 알림 예산",
            en="Alert alarm budget",
            unit=_("건/1,000가구·일"),
            source=_("울산 남구 AI 안부든든: 관제센터 전화 69건"),
            least=0.05,
            most=100,
        ),
    )
    severe_per_1000: float = field(
        default=0.3,
        metadata=rule(
            ko="심각 알림 예산",
            en="Severe alarm budget",
            unit=_("건/1,000가구·일"),
            source=_("울산 남구 AI 안부든든: 방문 4건"),
            least=0.01,
            most=20,
        ),
    )
    attention_due_minutes: int = field(
        default=240,
        metadata=rule(
            ko="주의 사건 기한", en="Due time at attention", unit=_("분"), source=_("도시가 정함"), least=10, most=2880
        ),
    )
    alert_due_minutes: int = field(
        default=120,
        metadata=rule(
            ko="경계 사건 기한", en="Due time at alert", unit=_("분"), source=_("도시가 정함"), least=10, most=2880
        ),
    )
    severe_due_minutes: int = field(
        default=30,
        metadata=rule(
            ko="심각 사건 기한", en="Due time when severe", unit=_("분"), source=_("도시가 정함"), least=5, most=1440
        ),
    )
    call_rings_seconds: int = field(
        default=60,
        metadata=rule(
            ko="자동 전화가 울리는 시간",
            en="How long a call rings",
            unit=_("초"),
            source=_("도시가 정함"),
            least=20,
            most=600,
        ),
    )
    call_answer_seconds: int = field(
        default=30,
        metadata=rule(
            ko="통화 중 대답을 기다리는 시간",
            en="How long a call waits for an answer",
            unit=_("초"),
            source=_("도시가 정함; 끊어진 통화는 닿지 않은 것으로 봄"),
            least=10,
            most=300,
        ),
    )
    voice_words_per_minute: int = field(
        default=130,
        metadata=rule(
            ko="전화 목소리 빠르기",
            en="Speed of the voice",
            unit=_("낱말/분"),
            source=_("eSpeak NG의 처음 값 175보다 느리게; 사람마다 따로 정할 수 있음"),
            least=80,
            most=300,
        ),
    )
    voice_pitch: int = field(
        default=40,
        metadata=rule(
            ko="전화 목소리 높이",
            en="Pitch of the voice",
            unit=_("0~99"),
            source=_("eSpeak NG의 처음 값 50보다 낮게: 높은 소리부터 안 들리기 때문"),
            least=0,
            most=99,
        ),
    )
    daily_grace_minutes: int = field(
        default=30,
        metadata=rule(
            ko="일과 시각에서 기다리는 시간",
            en="Wait after a routine's time",
            unit=_("분"),
            source=_("도시가 정함; 감지기는 본인의 95% 시각을 익힐 때까지"),
            least=0,
            most=360,
        ),
    )
    daily_repeats: int = field(
        default=2,
        metadata=rule(
            ko="일과를 다시 여쭙는 횟수", en="Times asked again", unit=_("번"), source=_("도시가 정함"), least=0, most=6
        ),
    )
    daily_gap_minutes: int = field(
        default=15,
        metadata=rule(
            ko="일과를 다시 여쭙기까지",
            en="Gap before asking again",
            unit=_("분"),
            source=_("도시가 정함"),
            least=5,
            most=240,
        ),
    )
    daily_before_hours: int = field(
        default=4,
        metadata=rule(
            ko="이만큼 일찍 하신 것도 하신 것으로 봄",
            en="Done this early counts",
            unit=_("시간"),
            source=_("도시가 정함"),
            least=0,
            most=12,
        ),
    )
    missed_medicine_level: int = field(
        default=2,
        metadata=rule(
            ko="약을 놓치셨을 때의 수준",
            en="Level of missed medicine",
            unit=_("1 관심 ~ 3 경계"),
            source=_("도시가 정함"),
            least=1,
            most=3,
        ),
    )
    missed_greeting_level: int = field(
        default=2,
        metadata=rule(
            ko="인사 전화를 받지 않으셨을 때의 수준",
            en="Level of an unanswered greeting",
            unit=_("1 관심 ~ 3 경계"),
            source=_("도시가 정함"),
            least=1,
            most=3,
        ),
    )
    missed_other_level: int = field(
        default=1,
        metadata=rule(
            ko="그 밖의 일과를 놓치셨을 때의 수준",
            en="Level of any other missed routine",
            unit=_("1 관심 ~ 3 경계"),
            source=_("도시가 정함"),
            least=1,
            most=3,
        ),
    )
    data_case_hours: int = field(
        default=36,
        metadata=rule(
            ko="데이터가 없으면 점검하는 시간",
            en="Hours without data until a data case",
            unit=_("시간"),
            source=_("원격검침은 하루 늦게 오기도 함; 하루 반을 기다림"),
            least=2,
            most=168,
        ),
    )
    outage_homes: int = field(
        default=5,
        metadata=rule(
            ko="지역 정전·두절로 보는 댁 수",
            en="Homes from which it is an outage of the area",
            unit=_("댁"),
            source=_("도시가 정함"),
            least=2,
            most=1000,
        ),
    )
    outage_percent: int = field(
        default=60,
        metadata=rule(
            ko="지역 정전·두절로 보는 비율",
            en="Share of an area's homes from which it is an outage",
            unit=_("%"),
            source=_("도시가 정함; 흩어진 고장은 하루 1 %를 넘지 않음"),
            least=20,
            most=100,
        ),
    )
    away_most_days: int = field(
        default=60,
        metadata=rule(
            ko="외출을 알릴 수 있는 가장 긴 기간",
            en="Longest stay away",
            unit=_("일"),
            source=_("도시가 정함"),
            least=1,
            most=365,
        ),
    )
    consent_notice_days: int = field(
        default=30,
        metadata=rule(
            ko="동의 만료를 미리 알리는 날수",
            en="Days of notice before a consent expires",
            unit=_("일"),
            source=_("도시가 정함"),
            least=1,
            most=180,
        ),
    )
    people_per_worker: int = field(
        default=20,
        metadata=rule(
            ko="생활지원사 한 명이 맡는 분의 한도",
            en="People one worker looks after at most",
            unit=_("명"),
            source=_("도시가 정함; 응급안전안심서비스는 한 명에 362.8명 (2025-08)"),
            least=1,
            most=500,
        ),
    )
