# SPDX-License-Identifier: Apache-2.0
"""The citizens' addresses, short enough for a poster."""

from django.urls import path

from dure.services.complaints import citizen_follow_pages, citizen_pages

urlpatterns = [
    path("complain/", citizen_pages.complain, name="complain"),
    path("complain/hints/", citizen_pages.hints, name="complain_hints"),
    path("complain/areas.geojson", citizen_pages.areas, name="complain_areas"),
    path("complain/follow/", citizen_follow_pages.follow, name="complain_follow"),
    path("complain/follow/leave/", citizen_follow_pages.leave, name="complain_leave"),
    path("complain/follow/photos/<int:number>/", citizen_follow_pages.picture, name="complain_picture"),
    path("complain/follow/<slug:verb>/", citizen_follow_pages.say, name="complain_say"),
]
