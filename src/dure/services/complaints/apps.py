# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "dure.services.complaints"
    label = "complaints"
    verbose_name = _("민원 창구")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dure.city import cases, navigation, outcomes  # noqa: PLC0415 - needs the app registry
        from dure.city.models import Role  # noqa: PLC0415
        from dure.services.complaints.models import Outcome  # noqa: PLC0415

        cases.register_service(
            "complaints",
            readers={
                Role.CALL_AGENT: cases.Sees.AREA,
                Role.DESK_LEAD: cases.Sees.AREA,
                Role.OFFICER: cases.Sees.ASSIGNED,
            },
            actors={Role.CALL_AGENT, Role.DESK_LEAD, Role.OFFICER},
        )
        # A case of complaints ends with the answer to its citizens, never by a press beside it.
        outcomes.register("complaints", Outcome, by_platform=Outcome.values)
        navigation.add(
            _("민원 창구"),
            "complaints:desk",
            [Role.CALL_AGENT, Role.DESK_LEAD, Role.OFFICER],
            icon="phone",
            about=_("기다리는 민원을 보고, 맡고, 답합니다"),
            position=3,
        )
        navigation.add(
            _("민원 현황"),
            "complaints:board",
            [Role.DESK_LEAD, Role.PLANNER],
            icon="board",
            about=_("기다리는 것, 늦은 것, 이번 주에 늘어난 것과 도우미가 맞은 몫을 봅니다"),
            position=32,
        )
        navigation.add(
            _("근거 글"),
            "complaints:texts",
            [Role.CALL_AGENT, Role.DESK_LEAD, Role.OFFICER],
            icon="note",
            about=_("답에 쓰는 글, 같은 뜻의 말, 글 본을 찾고 고칩니다"),
            position=20,
        )
        navigation.add(
            _("민원 규칙"),
            "complaints:rules",
            [Role.DESK_LEAD],
            icon="list",
            about=_("처리 기간과 시민의 권리를 봅니다. 처음 값은 법의 것입니다"),
            position=34,
        )
        navigation.add(
            _("쉬는 날"),
            "complaints:holidays",
            [Role.DESK_LEAD, Role.ADMINISTRATOR],
            icon="clock",
            about=_("처리 기간을 셀 때 빼는 날을 적습니다"),
            position=36,
        )
        navigation.add(
            _("민원"),
            "complain",
            [Role.CITIZEN, Role.FAMILY],
            icon="note",
            about=_("도시에 알리고, 알린 것이 어디까지 왔는지 봅니다"),
            position=20,
        )
        navigation.add(
            _("의견 요청"),
            "complaints:opinions",
            [Role.OFFICER],
            icon="people",
            about=_("다른 부서가 물어 온 것에 답합니다"),
            position=12,
        )
