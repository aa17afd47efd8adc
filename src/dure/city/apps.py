# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class CityConfig(AppConfig):
    name = "dure.city"
    label = "city"
    verbose_name = "도시 기록"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dure.city import cases, reach, triggers  # noqa: PLC0415
        from dure.city.database import harden  # noqa: PLC0415 - needs the app registry
        from dure.city.models import Role  # noqa: PLC0415

        operators = (Role.ADMINISTRATOR, Role.CONTROL_OPERATOR)
        cases.register_service("city", readers=dict.fromkeys(operators, cases.Sees.AREA), actors=set(operators))
        reach.register_channels()
        connection_created.connect(harden, dispatch_uid="dure.city.harden")
        post_migrate.connect(triggers.restore, sender=self, dispatch_uid="dure.city.triggers")
