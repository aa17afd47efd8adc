# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareConfig(AppConfig):
    name = "dure.services.care"
    label = "care"
    verbose_name = _("안부 확인")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dure.city import carers, cases, escalation, navigation, outcomes, reviews  # noqa: PLC0415 - needs the app registry
        from dure.city.models import Channel, Role  # noqa: PLC0415
        from dure.services.care.actions.calls import start_call  # noqa: PLC0415
        from dure.services.care.actions.family_calls import has_family, start_family_call  # noqa: PLC0415
        from dure.services.care.carer import worker_of  # noqa: PLC0415
        from dure.services.care.models import BY_PLATFORM, FALSE_ALARMS, Outcome  # noqa: PLC0415
        from dure.services.care.queries import is_enrolled  # noqa: PLC0415

        carers.register(worker_of)

        cases.register_service(
            "care",
            readers={
                Role.CARE_WORKER: cases.Sees.ASSIGNED,
                Role.WELFARE_OFFICER: cases.Sees.AREA,
                Role.CITIZEN: cases.Sees.HOME,
            },
            actors={Role.CARE_WORKER, Role.WELFARE_OFFICER},
        )
        outcomes.register("care", Outcome, by_platform=BY_PLATFORM, false_alarms=FALSE_ALARMS)
        reviews.register("care")
        escalation.register_channel(Channel.AI_CALL, start_call)
        escalation.register_channel(Channel.FAMILY_CALL, start_family_call, reaches=has_family)
        navigation.add_person_page(
            _("안부 확인"),
            "care:person",
            [Role.CARE_WORKER, Role.WELFARE_OFFICER],
            icon="care",
            position=1,
            there=is_enrolled,
        )
        navigation.add(
            _("오늘 살필 분"),
            "care:today",
            [Role.CARE_WORKER],
            icon="person",
            about=_("맡은 어르신 가운데 오늘 누가 평소와 다른지 봅니다"),
            position=5,
        )
        navigation.add(
            _("안부 확인 현황"),
            "care:board",
            [Role.WELFARE_OFFICER],
            icon="care",
            about=_("알림 예산과 실제, 열린 사건, 값이 오지 않는 댁을 봅니다"),
            position=6,
        )
        navigation.add(
            _("월간 보고"),
            "care:report",
            [Role.WELFARE_OFFICER, Role.PLANNER],
            icon="list",
            about=_("안부 확인이 한 달 동안 무엇을 했는지 지역과 시의 값으로 봅니다"),
            position=16,
        )
        navigation.add(
            _("일과 틀"),
            "care:templates",
            [Role.WELFARE_OFFICER],
            icon="clock",
            about=_("자주 쓰는 약·식사·운동의 하루를 적어 두고 어르신께 드립니다"),
            position=9,
        )
        navigation.add(
            _("나의 하루"),
            "care:my_day",
            [Role.CITIZEN],
            icon="calm",
            about=_("오늘 할 일을 보고, 하셨으면 알려 주세요"),
            position=1,
        )
        navigation.add(
            _("나를 살피는 일"),
            "care:my_care",
            [Role.CITIZEN],
            icon="care",
            about=_("무엇을 누가 왜 살피는지 보고, 그만두거나 외출을 알려 주세요"),
            position=2,
        )
        navigation.add(
            _("우리 가족"),
            "care:family",
            [Role.FAMILY],
            icon="people",
            about=_("오늘 잘 지내시는지 봅니다"),
            position=1,
        )
