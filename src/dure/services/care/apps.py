# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "dure.services.care"
    label = "care"
    verbose_name = "안부 확인"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dure.city import cases  # noqa: PLC0415 - needs the app registry
        from dure.city.models import Role  # noqa: PLC0415

        cases.register_service(
            "care",
            readers={
                Role.CARE_WORKER: cases.Sees.ASSIGNED,
                Role.WELFARE_OFFICER: cases.Sees.AREA,
                Role.CITIZEN: cases.Sees.HOME,
            },
            actors={Role.CARE_WORKER, Role.WELFARE_OFFICER},
        )
