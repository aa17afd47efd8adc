# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "dure.services.care"
    label = "care"
    verbose_name = "안부 확인"
    default_auto_field = "django.db.models.BigAutoField"
