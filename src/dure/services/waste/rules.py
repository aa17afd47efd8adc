# SPDX-License-Identifier: Apache-2.0
"""Every threshold of waste collection that a city may set."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from dure.city.rules import rule


@dataclass(frozen=True)
class SensorRules:
    """When a sensor is believed, what counts as an emptying, and what becomes a case."""

    emptied_points: int = field(
        default=30,
        metadata=rule(
            ko="이만큼 낮아져 두 번 머물면 비운 것으로 봄",
            en="A drop of this much that stays for two readings is an emptying",
            unit=_("%포인트"),
            source=_("도시가 정함; 쓰레기가 가라앉는 것은 20을 넘지 않음"),
            least=10,
            most=80,
        ),
    )
    above_empty_percent: int = field(
        default=10,
        metadata=rule(
            ko="빈 거리보다 이만큼 더 멀면 믿지 않음",
            en="A distance this far beyond the empty one is not believed",
            unit=_("%"),
            source=_("도시가 정함; 뚜껑 밖을 잰 값"),
            least=1,
            most=100,
        ),
    )
    near_full_percent: int = field(
        default=80,
        metadata=rule(
            ko="이만큼 찬 뒤에 너무 가까우면 가득 찬 것으로 봄",
            en="Too near to measure after this level is full",
            unit=_("%"),
            source=_("도시가 정함; 그 전에 너무 가까우면 감지기 앞을 가린 것"),
            least=50,
            most=100,
        ),
    )
    recent_hours: int = field(
        default=6,
        metadata=rule(
            ko="가운데 값을 낼 때 함께 보는 시간",
            en="Readings within this are taken into the median",
            unit=_("시간"),
            source=_("도시가 정함; 한 시간마다 세 값"),
            least=1,
            most=48,
        ),
    )
    no_level_hours: int = field(
        default=12,
        metadata=rule(
            ko="믿을 값이 이만큼 없으면 알 수 없음",
            en="Without a believable level for this long, unknown",
            unit=_("시간"),
            source=_("도시가 정함"),
            least=1,
            most=168,
        ),
    )
    fire_celsius: int = field(
        default=60,
        metadata=rule(
            ko="이보다 뜨거우면 불로 봄",
            en="Hotter than this is a fire",
            unit=_("°C"),
            source=_("도시가 정함; 햇볕에 단 금속 수거함보다 뜨거움"),
            least=45,
            most=120,
        ),
    )
    fire_recent_hours: int = field(
        default=6,
        metadata=rule(
            ko="마지막으로 뜨거웠던 때부터 이만큼 불로 봄",
            en="A fire for this long after the last hot reading",
            unit=_("시간"),
            source=_("도시가 정함; 늦게 한꺼번에 온 값에도 불이 있었음을 알림"),
            least=1,
            most=48,
        ),
    )
    tilted_minutes: int = field(
        default=60,
        metadata=rule(
            ko="넘어진 채 이만큼이면 사건",
            en="Fallen over for this long is a case",
            unit=_("분"),
            source=_("도시가 정함"),
            least=0,
            most=1440,
        ),
    )
    lid_open_minutes: int = field(
        default=360,
        metadata=rule(
            ko="뚜껑이 열린 채 이만큼이면 사건",
            en="A lid open for this long is a case",
            unit=_("분"),
            source=_("도시가 정함"),
            least=0,
            most=2880,
        ),
    )
    stuck_hours: int = field(
        default=72,
        metadata=rule(
            ko="다른 수거함은 움직이는데 이만큼 같은 값이면 멈춘 것",
            en="The same level for this long while others move is a stuck sensor",
            unit=_("시간"),
            source=_("도시가 정함"),
            least=12,
            most=720,
        ),
    )
    full_percent: int = field(
        default=95,
        metadata=rule(
            ko="이만큼 차면 가득 찬 것",
            en="Full from this level on",
            unit=_("%"),
            source=_("도시가 정함; 감지기 오차 3포인트"),
            least=50,
            most=100,
        ),
    )
    full_hours: int = field(
        default=12,
        metadata=rule(
            ko="가득 찬 채 이만큼이면 사건",
            en="Full for this long is a case",
            unit=_("시간"),
            source=_("도시가 정함; 하루 두 번 수거에 한 번 빠진 것"),
            least=1,
            most=168,
        ),
    )
    again_hours: int = field(
        default=24,
        metadata=rule(
            ko="사람이 닫은 뒤 이 안에는 같은 사건을 다시 열지 않음",
            en="After people closed it, the same is no case again within this",
            unit=_("시간"),
            source=_("도시가 정함"),
            least=1,
            most=720,
        ),
    )
    fire_due_minutes: int = field(
        default=15,
        metadata=rule(
            ko="불 사건 기한", en="Due time of a fire", unit=_("분"), source=_("도시가 정함"), least=5, most=240
        ),
    )
    due_hours: int = field(
        default=24,
        metadata=rule(
            ko="다른 사건 기한",
            en="Due time of other cases",
            unit=_("시간"),
            source=_("도시가 정함"),
            least=1,
            most=240,
        ),
    )
    reports_per_hour: int = field(
        default=6,
        metadata=rule(
            ko="한 수거함에서 한 시간에 받는 신고",
            en="Reports of one bin within an hour",
            unit=_("건"),
            source=_("도시가 정함; 그 뒤로는 이미 사건이 있음"),
            least=1,
            most=60,
        ),
    )


@dataclass(frozen=True)
class CollectingRules:
    """What is kept of a driver's work."""

    photo_days: int = field(
        default=30,
        metadata=rule(
            ko="기사가 찍은 사진을 두는 기간",
            en="How long drivers' photos are kept",
            unit=_("일"),
            source=_("도시가 정함; 한 달이면 민원에 답하고 수거함을 고칠 수 있음"),
            least=1,
            most=365,
        ),
    )
