# SPDX-License-Identifier: Apache-2.0
"""Every threshold of monitoring that a city may set."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from dure.city.rules import rule
from dure.engines.vitals import Sustained


@dataclass(frozen=True)
class MonitoringRules:
    """How long a departure must last, how soon somebody must have dealt with it, and when a reading is too old."""

    slots_outside: int = field(
        default=4,
        metadata=rule(
            ko="벗어난 구간 수 (마지막 구간 가운데)",
            en="Slots outside, of the last ones",
            unit=_("구간"),
            source=_("도시가 정함; 한 번 튄 값은 알리지 않음"),
            least=3,
            most=20,
        ),
    )
    slots_looked_at: int = field(
        default=5,
        metadata=rule(
            ko="살피는 마지막 구간 수", en="Slots looked at", unit=_("구간"), source=_("도시가 정함"), least=3, most=24
        ),
    )
    slot_minutes: int = field(
        default=5,
        metadata=rule(
            ko="한 구간의 길이 (가운데 값으로 봄)",
            en="Length of a slot, spoken for by its median",
            unit=_("분"),
            source=_("도시가 정함"),
            least=1,
            most=60,
        ),
    )
    oldest_minutes: int = field(
        default=180,
        metadata=rule(
            ko="이보다 오래된 값으로는 판단하지 않음",
            en="Older readings are not judged by",
            unit=_("분"),
            source=_("도시가 정함"),
            least=15,
            most=1440,
        ),
    )
    learned_days: int = field(
        default=28,
        metadata=rule(
            ko="평소 범위를 익히는 날수",
            en="Days from which a person's range is learned",
            unit=_("일"),
            source=_("도시가 정함; 14일이 있어야 익힘"),
            least=14,
            most=90,
        ),
    )
    urgent_stale_hours: int = field(
        default=24,
        metadata=rule(
            ko="이보다 늦게 온 넘어짐·도움 요청은 알리지 않음",
            en="A fall or call for help that comes later than this is not told",
            unit=_("시간"),
            source=_("도시가 정함; 꺼졌던 휴대전화가 늦게 보내기도 함"),
            least=1,
            most=168,
        ),
    )
    urgent_again_minutes: int = field(
        default=5,
        metadata=rule(
            ko="같은 알림이 이 안에 또 오면 하나로 봄",
            en="The same again within this is one",
            unit=_("분"),
            source=_("도시가 정함; 기기는 눌린 동안 되풀이해 보냄"),
            least=1,
            most=60,
        ),
    )
    attention_due_minutes: int = field(
        default=240,
        metadata=rule(
            ko="주의 사건 기한", en="Due time at attention", unit=_("분"), source=_("도시가 정함"), least=10, most=2880
        ),
    )
    alert_due_minutes: int = field(
        default=60,
        metadata=rule(
            ko="경계 사건 기한",
            en="Due time at alert",
            unit=_("분"),
            source=_("NEWS2 5점 이상: 한 시간 안에 살핌 (Royal College of Physicians 2017)"),
            least=10,
            most=2880,
        ),
    )
    severe_due_minutes: int = field(
        default=15,
        metadata=rule(
            ko="심각 사건 기한", en="Due time when severe", unit=_("분"), source=_("도시가 정함"), least=5, most=1440
        ),
    )
    battery_low_percent: int = field(
        default=15,
        metadata=rule(
            ko="배터리가 적다고 보는 값",
            en="Battery is low below",
            unit=_("%"),
            source=_("도시가 정함"),
            least=1,
            most=90,
        ),
    )

    @property
    def sustained(self) -> Sustained:
        """As the engine takes it; of slots that contradict each other, more than half are asked for."""
        of = max(self.slots_looked_at, self.slots_outside)
        return Sustained(
            least=max(self.slots_outside, of // 2 + 1),
            of=of,
            slot_seconds=self.slot_minutes * 60,
            oldest_seconds=self.oldest_minutes * 60,
        )
