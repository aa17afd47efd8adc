# SPDX-License-Identifier: Apache-2.0
from django.urls import path

from dure.services.care import consent_pages, load_pages, phone_views, views

app_name = "care"
urlpatterns = [
    path("today/", views.today, name="today"),
    path("people/<uuid:ref>/", views.person, name="person"),
    path("people/<uuid:ref>/away/", views.away, name="away"),
    path("people/<uuid:ref>/back/", views.back, name="back"),
    path("people/<uuid:ref>/worker/", views.worker, name="worker"),
    path("people/<uuid:ref>/consents/", consent_pages.consents, name="consents"),
    path("people/<uuid:ref>/consents/grant/", consent_pages.grant, name="grant"),
    path("people/<uuid:ref>/consents/<slug:purpose>/withdraw/", consent_pages.withdraw, name="withdraw"),
    path("workers/", load_pages.workers, name="workers"),
    path("workers/share/", load_pages.share, name="share"),
    path("workers/give/", load_pages.give, name="give"),
    path("board/", views.board, name="board"),
    path("rules/", views.rules, name="rules"),
    path("phone/", phone_views.phone, name="phone"),
    path("call/<uuid:ref>/", phone_views.call, name="call"),
    path("call/<uuid:ref>/sound.wav", phone_views.sound, name="sound"),
]
