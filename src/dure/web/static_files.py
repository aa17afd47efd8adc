# SPDX-License-Identifier: Apache-2.0
"""The files that pages are made with, while the city runs and its program is updated under it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise measures every file once, at its start, and would send one that was changed since with the length
    it had: a torn answer. Such a file is measured again; one that is gone is as one that never was."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.measured: dict[str, tuple[str, tuple[int, int] | None]] = {}
        """By address, the file's path and what :func:`_measure` said of it."""
        super().__init__(get_response)

    def add_file_to_dictionary(
        self, url: str, path: str, stat_cache: Mapping[str, os.stat_result] | None = None
    ) -> None:
        self.measured[url] = path, _measure(path)
        super().add_file_to_dictionary(url, path, stat_cache=stat_cache)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in self.measured:
            self._look_again(request.path_info)
        return super().__call__(request)

    def _look_again(self, address: str) -> None:
        path, before = self.measured[address]
        now = _measure(path)
        if now == before:
            return
        if now is None:
            self.measured[address] = path, None
            self.files.pop(address, None)
        else:
            self.add_file_to_dictionary(address, path)


def _measure(path: str) -> tuple[int, int] | None:
    """When the file was last written and its length, or None where there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
