# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "dure.services.monitoring"
    label = "monitoring"
    verbose_name = _("건강 모니터링")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dure.city import cases, navigation, outcomes, reviews  # noqa: PLC0415 - needs the app registry
        from dure.city.models import Role  # noqa: PLC0415
        from dure.services.monitoring.models import BY_PLATFORM, FALSE_ALARMS, Outcome  # noqa: PLC0415

        cases.register_service(
            "monitoring",
            readers={Role.CARE_WORKER: cases.Sees.ASSIGNED, Role.WELFARE_OFFICER: cases.Sees.AREA},
            actors={Role.CARE_WORKER, Role.WELFARE_OFFICER},
        )
        outcomes.register("monitoring", Outcome, by_platform=BY_PLATFORM, false_alarms=FALSE_ALARMS)
        reviews.register("monitoring", own_acts=["sos"])
        navigation.add(
            _("건강 모니터링"),
            "monitoring:people",
            [Role.CARE_WORKER, Role.WELFARE_OFFICER],
            icon="device",
            about=_("심박·호흡·체온이 평소와 다른 분과 기기의 상태를 봅니다"),
            position=8,
        )
        navigation.add_person_page(
            _("건강 수치"), "monitoring:person", [Role.CARE_WORKER, Role.WELFARE_OFFICER], icon="device"
        )
