# SPDX-License-Identifier: Apache-2.0
"""Every address of the platform. Each service brings its own urls.py."""

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from dure.web import health, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
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
