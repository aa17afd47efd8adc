# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WasteConfig(AppConfig):
    name = "dure.services.waste"
    label = "waste"
    verbose_name = _("스마트 수거")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dure.city import cases, navigation, outcomes  # noqa: PLC0415 - needs the app registry
        from dure.city.models import Role  # noqa: PLC0415
        from dure.services.waste.models import BY_PLATFORM, FALSE_ALARMS, Outcome  # noqa: PLC0415

        cases.register_service(
            "waste",
            readers={Role.DISPATCHER: cases.Sees.AREA, Role.DRIVER: cases.Sees.ASSIGNED},
            actors={Role.DISPATCHER, Role.DRIVER},
        )
        outcomes.register("waste", Outcome, by_platform=BY_PLATFORM, false_alarms=FALSE_ALARMS)
        navigation.add(
            _("수거함"),
            "waste:bins",
            [Role.DISPATCHER, Role.DRIVER],
            icon="device",
            about=_("수거함이 얼마나 찼고 무엇이 잘못되었는지 봅니다"),
            position=5,
        )
        navigation.add(
            _("수거 차수"),
            "waste:rounds",
            [Role.DISPATCHER],
            icon="truck",
            about=_("어느 수거함을 어느 차량이 비울지 살피고 나눠 줍니다"),
            position=4,
        )
        navigation.add(
            _("행사와 날씨"),
            "waste:influences",
            [Role.DISPATCHER],
            icon="clock",
            about=_("행사와 날씨를 미리 적어 계획이 헤아리게 합니다"),
            position=8,
        )
        navigation.add(
            _("오늘 수거"),
            "waste:drive",
            [Role.DRIVER],
            icon="truck",
            about=_("다음에 갈 곳을 보고, 비웠는지 누릅니다"),
            position=4,
        )
        navigation.add(
            _("수거 결산"),
            "waste:account",
            [Role.DISPATCHER, Role.PLANNER],
            icon="list",
            about=_("얼마나 비우고 넘치고 달렸는지, 요일제와 견주어 봅니다"),
            position=30,
        )
