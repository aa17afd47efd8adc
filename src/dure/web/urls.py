# SPDX-License-Identifier: Apache-2.0
"""Every address of the platform. Each service brings its own urls.py."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path, re_path
from django.urls.resolvers import URLPattern, URLResolver

from dure.web import (
    audit_page,
    board,
    case_pages,
    decision_pages,
    duty_pages,
    health,
    live,
    plan_pages,
    review_pages,
    views,
)
from dure.web.api import api

CLOSED = r"^accounts/(?:signup|email|confirm-email|inactive|password/(?:set|reset)|login/code|social|3rdparty)(?:/|$)"
"""Doors of allauth that a city's staff has no use for: accounts come from the administrator, and no mail is sent."""

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("api/v1/", api.urls),
    path("audit/", audit_page.audit_page, name="audit"),
    path("board/", board.board, name="board"),
    path("board/areas.geojson", board.areas, name="board_areas"),
    path("board/devices.geojson", board.devices, name="board_devices"),
    path("cases/<str:number>/", case_pages.case, name="case"),
    path("cases/<str:number>/<slug:verb>/", case_pages.act, name="case_act"),
    path("duty/", duty_pages.teams, name="duty"),
    path("duty/<int:team>/", duty_pages.roster, name="roster"),
    path("duty/<int:team>/add/", duty_pages.add, name="roster_add"),
    path("duty/<int:team>/remove/<int:shift>/", duty_pages.remove, name="roster_remove"),
    path("live/", live.live, name="live"),
    re_path(CLOSED, views.closed),
    path("accounts/", include("allauth.urls")),
    path("my/decisions/", review_pages.mine, name="my_decisions"),
    path("my/decisions/ask/", review_pages.ask_mine, name="my_decisions_ask"),
    path("my/decisions/<uuid:ref>/withdraw/", review_pages.withdraw_mine, name="my_decisions_withdraw"),
    path("decisions/", decision_pages.decisions, name="decisions"),
    path("reviews/", review_pages.listed, name="reviews"),
    path("reviews/<uuid:ref>/", review_pages.review, name="review"),
    path("reviews/<uuid:ref>/answer/", review_pages.answer, name="review_answer"),
    path("reviews/<uuid:ref>/extend/", review_pages.extend, name="review_extend"),
    path("reviews/ask/<uuid:ref>/", review_pages.ask_for, name="review_ask"),
    path("plans/", plan_pages.plans, name="plans"),
    path("plans/<slug:service>/<str:place>/", plan_pages.plan, name="plan"),
    path("language/", views.set_language, name="set_language"),
    path("open311/", include("dure.gateways.open311.urls")),
    path("offline/", views.offline, name="offline"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("worker.js", views.service_worker, name="service_worker"),
]
urlpatterns += [
    path(f"{one.rpartition('.')[2]}/", include(f"{one}.urls"))
    for one in settings.INSTALLED_APPS
    if one.startswith("dure.services.") and find_spec(f"{one}.urls")
]
urlpatterns += [
    path("", include(f"{one}.short_urls"))
    for one in settings.INSTALLED_APPS
    if one.startswith("dure.services.") and find_spec(f"{one}.short_urls")
]
handler403 = views.refused
handler404 = views.missing
handler500 = views.failed
