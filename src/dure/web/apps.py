# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "dure.web"
    label = "web"
    verbose_name = "화면"

    def ready(self) -> None:
        from dure.city import navigation  # noqa: PLC0415 - needs the app registry
        from dure.city.models import Role  # noqa: PLC0415
        from dure.gateways import language_model  # noqa: PLC0415
        from dure.gateways.chat import sending as chat  # noqa: PLC0415
        from dure.gateways.email import sending as email  # noqa: PLC0415
        from dure.web.worklist import STAFF  # noqa: PLC0415

        language_model.register()
        chat.register()
        email.register()
        navigation.add(
            _("상황판"), "board", STAFF, icon="board", about=_("도시의 열린 사건을 지도와 목록으로 봅니다"), position=7
        )
        navigation.add(
            _("당직"),
            "duty",
            [Role.CARE_WORKER, Role.WELFARE_OFFICER, Role.CONTROL_OPERATOR, Role.ADMINISTRATOR],
            icon="clock",
            about=_("지금 누가 당직이고 언제 아무도 없는지 봅니다"),
            position=30,
        )
        navigation.add(
            _("기계가 판단한 것"),
            "decisions",
            [Role.WELFARE_OFFICER],
            icon="search",
            about=_("프로그램이 무엇을 왜 알아챘고 사람이 어떻게 했는지 봅니다"),
            position=14,
        )
        navigation.add(
            _("자동 결정 요구"),
            "reviews",
            [Role.WELFARE_OFFICER],
            icon="note",
            about=_("자동 결정을 설명해 달라거나 다시 봐 달라는 요구에 기한 안에 답합니다"),
            position=15,
        )
        navigation.add(
            _("기계의 판단"),
            "my_decisions",
            [Role.CITIZEN, Role.FAMILY],
            icon="note",
            about=_("프로그램이 무엇을 왜 판단했는지 묻고, 거부하거나 사람이 다시 보게 합니다"),
            position=8,
        )
        navigation.add(
            _("기계의 문"),
            "api:openapi-view",
            [Role.ADMINISTRATOR],
            icon="device",
            about=_("기기와 다른 시스템이 드나드는 HTTP API를 설명합니다"),
            position=60,
        )
        navigation.add(
            _("열람 기록"),
            "audit",
            [Role.PRIVACY_OFFICER],
            icon="key",
            about=_("누가 누구의 기록을 왜 보았는지 봅니다"),
            position=6,
        )
