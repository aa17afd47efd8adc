# SPDX-License-Identifier: Apache-2.0
from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "dure.web"
    label = "web"
    verbose_name = "화면"
