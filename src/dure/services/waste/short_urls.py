# SPDX-License-Identifier: Apache-2.0
"""Addresses that stand on things in the street, so they are short."""

from django.urls import path

from dure.services.waste import report_pages

urlpatterns = [path("bin/<slug:word>/", report_pages.report_bin, name="bin")]
