# SPDX-License-Identifier: Apache-2.0
"""The files that pages are made with, as they were when the server started.

Their addresses say which files they are (``/static/<digest of them all>/css/base.css``): a browser keeps them and never
asks again, and after an update every page names the new ones. In ``DEBUG`` they are plain and read anew each time.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise over a copy of its own.

    It measures every file once, at its start, and would send one that an update changes under it with the length it
    had: a torn answer. And a page that was made before the update is not to be given the scripts from after it.
    """

    measured: ClassVar[dict[Path, dict[str, Any]]] = {}
    """By folder of :func:`kept`, what is in it: every instance of a process serves the same."""

    def add_files_from_finders(self) -> None:
        folder = kept()
        if folder not in self.measured:
            self.add_files(folder, prefix=f"{self.static_prefix}{digest()}/")
            self.measured[folder] = dict(self.files)
        self.files.update(self.measured[folder])

    def immutable_file_test(self, path: str, url: str) -> bool:
        return url.startswith(f"{self.static_prefix}{digest()}/")


class StaticAddresses(StaticFilesStorage):
    """What ``{% static %}`` writes."""

    def url(self, name: str | None) -> str:
        return super().url(name if settings.DEBUG else f"{digest()}/{name}")


@cache
def kept() -> Path:
    """This process's copy of all apps' files, gone when the process ends."""
    folder = Path(mkdtemp(prefix="dure-static-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for finder in finders.get_finders():
        for path, storage in finder.list(None):
            copy = folder / path
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(storage.path(path), copy)
    return folder


@cache
def digest() -> str:
    """Of all the kept files and their names, short enough for an address."""
    found = hashlib.sha256()
    for path in sorted(path for path in kept().rglob("*") if path.is_file()):
        content = path.read_bytes()
        found.update(f"{path.relative_to(kept())}\0{len(content)}\0".encode() + content)
    return found.hexdigest()[:12]
