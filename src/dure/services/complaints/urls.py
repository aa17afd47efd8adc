# SPDX-License-Identifier: Apache-2.0
from django.urls import path

from dure.services.complaints import (
    board_pages,
    call_pages,
    complaint_pages,
    desk_pages,
    knowledge_pages,
    opinion_pages,
    rule_pages,
)

app_name = "complaints"
urlpatterns = [
    path("", desk_pages.desk, name="desk"),
    path("new/", call_pages.new, name="new"),
    path("suggest/", call_pages.suggest, name="suggest"),
    path("calls/<uuid:ref>/lines/", call_pages.call_lines, name="call_lines"),
    path("cases/<str:number>/take/", desk_pages.take, name="take"),
    path("pictures/<int:number>/", complaint_pages.picture, name="picture"),
    path("board/", board_pages.board, name="board"),
    path("board/<slug:table>.csv", board_pages.board_file, name="board_file"),
    path("texts/", knowledge_pages.texts, name="texts"),
    path("texts/new/", knowledge_pages.text, name="text_new"),
    path("texts/<int:number>/", knowledge_pages.text, name="text"),
    path("texts/<int:number>/remove/", knowledge_pages.text_remove, name="text_remove"),
    path("synonyms/", knowledge_pages.synonyms, name="synonyms"),
    path("synonyms/<int:number>/remove/", knowledge_pages.synonym_remove, name="synonym_remove"),
    path("templates/", knowledge_pages.templates, name="templates"),
    path("templates/new/", knowledge_pages.template, name="template_new"),
    path("templates/<int:number>/", knowledge_pages.template, name="template"),
    path("templates/<int:number>/remove/", knowledge_pages.template_remove, name="template_remove"),
    path("opinions/", opinion_pages.opinions, name="opinions"),
    path("opinions/<int:number>/", opinion_pages.opinion, name="opinion"),
    path("rules/", rule_pages.rules, name="rules"),
    path("holidays/", rule_pages.days_off, name="holidays"),
    path("holidays/<str:day>/clear/", rule_pages.clear_day, name="holiday_clear"),
    path("<str:number>/", complaint_pages.complaint, name="complaint"),
    path("<str:number>/<slug:verb>/", complaint_pages.act, name="act"),
]
