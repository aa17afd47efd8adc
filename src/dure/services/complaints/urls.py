# SPDX-License-Identifier: Apache-2.0
from django.urls import path

from dure.services.complaints import call_pages, complaint_pages, desk_pages

app_name = "complaints"
urlpatterns = [
    path("", desk_pages.desk, name="desk"),
    path("new/", call_pages.new, name="new"),
    path("suggest/", call_pages.suggest, name="suggest"),
    path("calls/<uuid:ref>/lines/", call_pages.call_lines, name="call_lines"),
    path("cases/<str:number>/take/", desk_pages.take, name="take"),
    path("pictures/<int:number>/", complaint_pages.picture, name="picture"),
    path("<str:number>/", complaint_pages.complaint, name="complaint"),
    path("<str:number>/<slug:verb>/", complaint_pages.act, name="act"),
]
