# SPDX-License-Identifier: Apache-2.0
"""The platform's settings with a home of their own: a test run touches no installation's database or keys."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:
    _home = Path(os.environ["DURE_HOME"]) / os.environ["PYTEST_XDIST_WORKER"]
else:
    _home = Path(tempfile.mkdtemp(prefix="dure-tests-"))
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["DURE_HOME"] = str(_home)
for _name in ("DURE_CLOCK", "DURE_SECRETS", "DURE_SIMULATION", "DURE_HOSTS", "DURE_TLS", "DURE_DEBUG"):
    os.environ.pop(_name, None)

from dure.web.settings import *  # noqa: E402, F403
from dure.web.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads, live servers and WAL behave as they do in a city.
    DATABASES["default"]["TEST"] = {"NAME": str(_home / "test.sqlite3")}
else:  # what pytest itself writes waits for no disk; the processes that the kill tests start do
    DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # many sign-ins, none worth protecting
