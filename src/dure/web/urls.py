# SPDX-License-Identifier: Apache-2.0
"""Every address of the platform. Each service brings its own urls.py."""

from django.urls import include, path, re_path
from django.urls.resolvers import URLPattern, URLResolver

from dure.web import health, views
from dure.web.api import api

CLOSED = r"^accounts/(signup|email|confirm-email|inactive|password/(set|reset)|login/code|social|3rdparty)(/|$)"
"""Doors of allauth that a city's staff has no use for: accounts come from the administrator, and no mail is sent."""

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("api/v1/", api.urls),
    re_path(CLOSED, views.closed),
    path("accounts/", include("allauth.urls")),
    path("language/", views.set_language, name="set_language"),
    path("offline/", views.offline, name="offline"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("worker.js", views.service_worker, name="service_worker"),
]
handler403 = views.refused
handler404 = views.missing
handler500 = views.failed
