# SPDX-License-Identifier: Apache-2.0
"""The platform within this process, behind the simulator's own HTTP client."""

from __future__ import annotations

import httpx
from django.test import Client

URL = "http://testserver"


class Doors(httpx.BaseTransport):
    """The platform within this process, as a program outside meets it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name not in ("cookie", "content-type")}
        client = Client(enforce_csrf_checks=True)
        client.cookies.load(request.headers.get("cookie", ""))
        kind = request.headers.get("content-type", "")
        path = request.url.raw_path.decode()
        answer = client.generic(request.method, path, request.read(), content_type=kind, headers=headers)
        cookies = [("set-cookie", one.OutputString()) for one in answer.cookies.values()]
        return httpx.Response(answer.status_code, headers=[*answer.items(), *cookies], content=answer.content)
