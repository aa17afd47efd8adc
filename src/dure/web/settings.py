# SPDX-License-Identifier: Apache-2.0
"""The platform's settings: everything a city sets comes from the environment, everything else is here.

``DURE_HOME`` (folder for the embedded database, keys and logs), ``DATABASE_URL``, ``DURE_SECRETS`` (file of keys,
made on first use), ``DURE_HOSTS`` (comma-separated), ``DURE_CLOCK`` (see dure.city.clock), ``DURE_DEBUG``,
``DURE_TLS``, ``DURE_VOICE``, ``DURE_ROADS``, ``DURE_METRICS_FROM`` (comma-separated networks), ``DURE_MIN_FREE_MIB``,
``DURE_LOG``: docs/operations.md. ``DURE_OPEN311_JURISDICTION``, ``DURE_SMTP_URL``, ``DURE_SMTP_PASSWORD``,
``DURE_MAIL_FROM``: docs/complaints-doors.md.
"""

from __future__ import annotations

import os
import shlex
from ipaddress import ip_network
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from dure.city.secrets import load_secrets

HERE = Path(__file__).resolve().parent
HOME = Path(os.environ.get("DURE_HOME", "var")).resolve()
HOME.mkdir(parents=True, exist_ok=True)
DURE_SECRETS = Path(os.environ.get("DURE_SECRETS", HOME / "secrets.json"))
_secrets = load_secrets(DURE_SECRETS)

SECRET_KEY = _secrets.web
DURE_KEYS = _secrets.sealing
DURE_INDEX_KEY = _secrets.index
DURE_AUDIT_KEY = _secrets.audit
DURE_HOME = HOME
DURE_SIMULATION = os.environ.get("DURE_SIMULATION") == "1"
"""A made city: demo sign-ins are shown and residents answer calls by themselves. Never set in production."""

DURE_METRICS_FROM = [ip_network(one) for one in os.environ.get("DURE_METRICS_FROM", "127.0.0.0/8,::1").split(",")]
"""Who may read /metrics."""
DURE_MIN_FREE_MIB = int(os.environ.get("DURE_MIN_FREE_MIB", "500"))
"""With less free disk than this the platform says that it is not ready."""

DURE_119_URL = os.environ.get("DURE_119_URL", "")
"""Where cases handed to 119 are posted (dure.gateways.emergency); empty: nobody takes them by wire."""

DURE_ROADS = os.environ.get("DURE_ROADS", "")
"""The city's road map, a file that ``dure route roads`` made. Empty: plans go by straight lines, and say so."""

DURE_OPEN311_JURISDICTION = os.environ.get("DURE_OPEN311_JURISDICTION", "")
"""The city's ``jurisdiction_id`` at the Open311 door (its site's domain). Empty: any is taken as this city."""

DURE_SMTP_URL = os.environ.get("DURE_SMTP_URL", "")
"""Through which the desk's mail leaves: smtp://user@host:25, smtp+tls:// (STARTTLS) or smtps://; the password is in
``DURE_SMTP_PASSWORD``. Empty: answers by mail wait, and are seen to wait."""
DURE_SMTP_PASSWORD = os.environ.get("DURE_SMTP_PASSWORD", "")
DURE_MAIL_FROM = os.environ.get("DURE_MAIL_FROM", "")
"""The desk's own address, from which answers come and to which citizens write."""

DURE_MODEL_URL = os.environ.get("DURE_MODEL_URL", "")
"""An OpenAI-compatible address of a language model that writes drafts (https://host/v1). Empty: texts are quoted, and
nothing is sent anywhere."""
DURE_MODEL = os.environ.get("DURE_MODEL", "")
"""What the model is called there; empty: the first that is listed."""
DURE_MODEL_KEY = os.environ.get("DURE_MODEL_KEY", "")
DURE_MODEL_SECONDS = float(os.environ.get("DURE_MODEL_SECONDS", "20"))
"""One answer must have come within so long."""

DURE_VOICE = shlex.split(os.environ.get("DURE_VOICE", ""))
"""A city's own voice for the automatic calls: a program that reads text and writes a WAV. Empty: eSpeak NG."""

DEBUG = os.environ.get("DURE_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("DURE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_FAILURE_VIEW = "dure.web.views.refused"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "dure.city",
    "dure.services.care",
    "dure.services.complaints",
    "dure.services.monitoring",
    "dure.services.waste",
    "dure.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dure.web.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "dure.web.live.LiveMiddleware",
    "dure.web.middleware.RolesMiddleware",
    "dure.web.middleware.ErrorsMiddleware",
    "dure.web.middleware.PolicyMiddleware",
]
ROOT_URLCONF = "dure.web.urls"
ASGI_APPLICATION = "dure.web.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dure.web.shell.context",
            ],
            "builtins": ["dure.city.templatetags.dure", "dure.web.templatetags.components"],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL", f"sqlite:///{HOME / 'dure.sqlite3'}"), conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "city.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "dure.web.accounts.StaffAccounts"
ACCOUNT_FORMS = {
    "login": "dure.web.accounts.SignInForm",
    "reauthenticate": "dure.web.accounts.ConfirmForm",
    "change_password": "dure.web.accounts.PasswordForm",
}
ACCOUNT_SESSION_REMEMBER = False  # machines are shared: a session ends with the browser
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DURE_SIMULATION
MFA_ADAPTER = "dure.web.accounts.StaffKeys"
MFA_FORMS = {
    "add_webauthn": "dure.web.accounts.AddPasskeyForm",
    "edit_webauthn": "dure.web.accounts.EditPasskeyForm",
}
MFA_TOTP_ISSUER = "Dure 두레"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
_tls = os.environ.get("DURE_TLS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _tls
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _tls else None
SECURE_HSTS_SECONDS = 31_536_000 if _tls else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("한국어")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [HERE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "dure.web.static_files.StaticAddresses"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("DURE_LOG", "INFO")},
}
