# SPDX-License-Identifier: Apache-2.0
from django.urls import path

from dure.services.waste import drive_pages, views

app_name = "waste"
urlpatterns = [
    path("", views.bins, name="bins"),
    path("bins.geojson", views.points, name="points"),
    path("areas.geojson", views.areas, name="areas"),
    path("drive/", drive_pages.drive, name="drive"),
    path("drive/version/", drive_pages.drive_version, name="drive_version"),
    path("drive/stops/<int:number>/<slug:verb>/", drive_pages.say, name="say"),
    path("drive/turns/<int:number>/<slug:verb>/", drive_pages.say_turn, name="say_turn"),
    path("photos/<int:number>/", drive_pages.photo, name="photo"),
]
