# SPDX-License-Identifier: Apache-2.0
from django.urls import path

from dure.services.care import consent_pages, daily_pages, load_pages, my_day_pages, phone_views, views

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
    path("people/<uuid:ref>/plan/", daily_pages.plan, name="plan"),
    path("people/<uuid:ref>/plan/add/", daily_pages.add, name="plan_add"),
    path("people/<uuid:ref>/plan/template/", daily_pages.apply, name="plan_apply"),
    path("people/<uuid:ref>/plan/voice/", daily_pages.voice, name="plan_voice"),
    path("routines/<uuid:ref>/", daily_pages.routine, name="routine"),
    path("routines/<uuid:ref>/pause/", daily_pages.pause, name="routine_pause"),
    path("routines/<uuid:ref>/end/", daily_pages.end, name="routine_end"),
    path("routines/<uuid:ref>/done/", daily_pages.done, name="routine_done"),
    path("templates/", daily_pages.templates, name="templates"),
    path("templates/<int:number>/", daily_pages.template, name="template"),
    path("templates/<int:number>/end/", daily_pages.end_template, name="template_end"),
    path("my/day/", my_day_pages.my_day, name="my_day"),
    path("my/day/<uuid:ref>/done/", my_day_pages.my_done, name="my_done"),
    path("phone/", phone_views.phone, name="phone"),
    path("call/<uuid:ref>/", phone_views.call, name="call"),
    path("call/<uuid:ref>/sound.wav", phone_views.sound, name="sound"),
]
