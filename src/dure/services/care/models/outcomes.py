# SPDX-License-Identifier: Apache-2.0
"""How a care case ends."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """How a care case ends. The first three are written by the platform, the others by people."""

    CONFIRMED_BY_CALL = "confirmed_by_call", _("자동 전화로 안부 확인")
    ACTIVITY_RETURNED = "activity_returned", _("생활 신호가 돌아옴")
    CONFIRMED_LATE = "confirmed_late", _("늦게 하신 것을 확인")
    WELL_BY_PHONE = "well_by_phone", _("전화로 안부 확인")
    WELL_ON_VISIT = "well_on_visit", _("방문해 안부 확인")
    WAS_AWAY = "was_away", _("외출·여행 중이었음")
    HELPED = "helped", _("도움을 드림")
    TO_HOSPITAL = "to_hospital", _("병원으로 모심")
    DIED = "died", _("돌아가심")
    DATA_FAULT = "data_fault", _("기기·데이터 문제")
    FALSE_ALARM = "false_alarm", _("잘못된 알림")


BY_PLATFORM = (Outcome.CONFIRMED_BY_CALL, Outcome.ACTIVITY_RETURNED, Outcome.CONFIRMED_LATE)
"""Outcomes the program writes; nobody chooses them."""

FALSE_ALARMS = (Outcome.FALSE_ALARM, Outcome.DATA_FAULT)
"""Outcomes by which people say that there was nothing about the person."""

WELL = (
    Outcome.CONFIRMED_BY_CALL,
    Outcome.WELL_BY_PHONE,
    Outcome.WELL_ON_VISIT,
    Outcome.WAS_AWAY,
    Outcome.HELPED,
    Outcome.FALSE_ALARM,
)
"""Outcomes that say the person was alive and well when the case closed: the watch starts afresh from then."""
