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
        outcomes.register("complaints", Outcome)
        navigation.add(
            _("민원 창구"),
            "complaints:desk",
            [Role.CALL_AGENT, Role.DESK_LEAD, Role.OFFICER],
            icon="phone",
            about=_("기다리는 민원을 보고, 맡고, 답합니다"),
            position=3,
        )
