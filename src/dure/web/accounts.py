# SPDX-License-Identifier: Apache-2.0
"""Accounts are made by the city's administrator, never by whoever comes to the page."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):
    """allauth without open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
