# SPDX-License-Identifier: Apache-2.0
from django.urls import path

from dure.services.waste import views

app_name = "waste"
urlpatterns = [
    path("", views.bins, name="bins"),
    path("bins.geojson", views.points, name="points"),
    path("areas.geojson", views.areas, name="areas"),
]
