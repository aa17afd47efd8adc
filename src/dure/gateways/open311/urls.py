# SPDX-License-Identifier: Apache-2.0
"""Below ``/open311/``; the form is the address's ending."""

from django.urls import path

from dure.gateways.open311 import views

app_name = "open311"
urlpatterns = [
    path("discovery", views.discovery, name="discovery"),
    path("discovery.<slug:form>", views.discovery),
    path("v2/discovery.<slug:form>", views.discovery),
    path("v2/services.<slug:form>", views.service_list),
    path("v2/services/<slug:code>.<slug:form>", views.service_definition),
    path("v2/requests.<slug:form>", views.request_list),
    path("v2/requests/<str:number>.<slug:form>", views.one_request),
    path("v2/tokens/<uuid:token>.<slug:form>", views.request_of_token),
    path("v2/<path:rest>.<slug:form>", views.nothing),
]
