# SPDX-License-Identifier: Apache-2.0
"""Accounts are made by the city's administrator, never by whoever comes to the page."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dure.city.models import User


class StaffAccounts(DefaultAccountAdapter):
    """allauth without open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class Plain:
    """A form with labels instead of placeholders, and no way to reset what the administrator gives out."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in {"password", "oldpassword"}:
                field.help_text = ""


class SignInForm(Plain, LoginForm):
    """Name and password."""


class ConfirmForm(Plain, ReauthenticateForm):
    """The password once more, before the sign-in itself is changed."""


class PasswordForm(Plain, ChangePasswordForm):
    """From the old password to a new one."""


class StaffKeys(DefaultMFAAdapter):
    """Says in its own words what a key is called until its owner names it."""

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        return gettext("내 기기")


class AddPasskeyForm(AddWebAuthnForm):
    """A key of this machine or phone; signing in with it alone is what it is for."""

    name = forms.CharField(label=_("이 기기의 이름"), required=False, max_length=60)
    passwordless = forms.BooleanField(
        label=_("비밀번호 없이 이 패스키만으로 들어가기"),
        help_text=_("지문, 얼굴이나 PIN으로 기기가 본인을 확인합니다."),
        required=False,
        initial=True,
    )


class EditPasskeyForm(EditWebAuthnForm):
    """Another name for a key."""

    name = forms.CharField(label=_("이 기기의 이름"), max_length=60)
