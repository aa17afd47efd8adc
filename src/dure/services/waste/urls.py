# SPDX-License-Identifier: Apache-2.0
from django.urls import path

from dure.services.waste import account_pages, drive_pages, influence_pages, round_pages, views

app_name = "waste"
urlpatterns = [
    path("", views.bins, name="bins"),
    path("bins.geojson", views.points, name="points"),
    path("areas.geojson", views.areas, name="areas"),
    path("drive/", drive_pages.drive, name="drive"),
    path("drive/version/", drive_pages.drive_version, name="drive_version"),
    path("drive/stops/<int:number>/<slug:verb>/", drive_pages.say, name="say"),
    path("drive/turns/<int:number>/<slug:verb>/", drive_pages.say_turn, name="say_turn"),
    path("rounds/", round_pages.round_list, name="rounds"),
    path("rounds/<int:number>/", round_pages.round_page, name="round"),
    path("rounds/<int:number>/routes.geojson", round_pages.round_map, name="round_map"),
    path("rounds/<int:number>/version/", round_pages.round_version, name="round_version"),
    path("rounds/<int:number>/find/", round_pages.round_find, name="round_find"),
    path("rounds/<int:number>/bins/<int:bin_number>/", round_pages.round_bin, name="round_bin"),
    path("rounds/<int:number>/<slug:verb>/", round_pages.round_act, name="round_act"),
    path("influences/", influence_pages.influences, name="influences"),
    path("influences/<str:code>/cancel/", influence_pages.influence_cancel, name="influence_cancel"),
    path("rules/", round_pages.round_rules, name="rules"),
    path("account/", account_pages.account, name="account"),
    path("account.csv", account_pages.account_file, name="account_file"),
    path("stops/<int:number>/", drive_pages.stop, name="stop"),
    path("photos/<int:number>/", drive_pages.photo, name="photo"),
]
