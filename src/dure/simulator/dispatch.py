# SPDX-License-Identifier: Apache-2.0
"""The made city's 119: takes what the platform hands over (gateways/emergency). It sends nobody."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .persistence import say

LARGEST = 1_000_000
"""Bytes of one handover."""


class DispatchCentre(ThreadingHTTPServer):
    """Answers each handover with a reference, the same for the same ``Idempotency-Key``. ``address``: host, port."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Handover)
        self.taken: dict[str, str] = {}
        """Reference by key."""

    def run(self, stop: threading.Event) -> None:
        """Take handovers until ``stop`` is set."""
        serving = threading.Thread(target=self.serve_forever, name="dispatch")
        serving.start()
        say("dispatch", address=f"http://{self.server_address[0]!s}:{self.server_port}/")
        stop.wait()
        self.shutdown()
        serving.join()
        self.server_close()


class _Handover(BaseHTTPRequestHandler):
    server: DispatchCentre

    def do_POST(self) -> None:
        key = self.headers.get("Idempotency-Key", "")
        length = self.headers.get("Content-Length", "")
        if not key:
            return self._answer(400, {"field": "Idempotency-Key", "message": "is missing"})
        if not length.isdecimal() or int(length) > LARGEST:
            return self._answer(400, {"field": "Content-Length", "message": f"a number up to {LARGEST} is needed"})
        try:
            case = json.loads(self.rfile.read(int(length)))["case"]
        except (ValueError, KeyError, TypeError):
            return self._answer(400, {"field": "case", "message": "a JSON object with the case's number is needed"})
        reference = self.server.taken.setdefault(key, f"119-{len(self.server.taken) + 1:04d}")
        say("handover", case=str(case), reference=reference)
        return self._answer(200, {"reference": reference})

    def _answer(self, status: int, body: dict[str, str]) -> None:
        sent = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        """What is taken is said by :func:`say`, without anybody's name."""
