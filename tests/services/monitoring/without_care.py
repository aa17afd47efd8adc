# SPDX-License-Identifier: Apache-2.0
"""Settings of a city that has health monitoring and no wellbeing care."""

from dure.web.settings import *  # noqa: F403
from dure.web.settings import INSTALLED_APPS as EVERY_APP

ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = [app for app in EVERY_APP if app != "dure.services.care"]
