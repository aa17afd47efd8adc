# SPDX-License-Identifier: Apache-2.0
from django.urls import path

from dure.services.monitoring import rule_pages, views

app_name = "monitoring"
urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/<uuid:ref>/", views.person, name="person"),
    path("people/<uuid:ref>/range/", views.set_range, name="set_range"),
    path("people/<uuid:ref>/range/<int:number>/end/", views.end_range, name="end_range"),
    path("people/<uuid:ref>/devices/give/", views.give, name="give"),
    path("people/<uuid:ref>/devices/<str:code>/end/", views.take_back, name="take_back"),
    path("devices/", views.devices, name="devices"),
    path("rules/", rule_pages.rules, name="rules"),
]
