# SPDX-License-Identifier: Apache-2.0
"""A server that answers as vLLM, llama.cpp and Ollama do over HTTP, and as they do on a bad day."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], str]
"""What the model says to the body of a request."""


@dataclass
class ModelServer:
    """``answer`` says what is said; ``status`` other than 200 refuses; ``takes``: forms of answers that are known.

    ``drips`` sends a byte at a time for as long as ``released`` is not set; ``raw``: the whole body instead.
    """

    answer: Answer
    url: str = ""
    status: int = 200
    takes: tuple[str, ...] = ("json_schema", "json_object")
    drips: bool = False
    raw: bytes | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    model: ModelServer

    def do_GET(self) -> None:
        self._send(200, {"object": "list", "data": [{"id": "made-model"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.model.asked.append(body)
        self.model.keys.append(self.headers["Authorization"])
        form = body.get("response_format", {}).get("type")
        if self.model.drips:
            self._drip()
        elif form and form not in self.model.takes:
            self._send(400, {"error": {"message": f"unsupported response_format {form}"}})
        elif self.model.status != 200:
            self._send(self.model.status, {"error": {"message": "out of memory"}})
        elif self.model.raw is not None:
            self._send(200, self.model.raw)
        else:
            message = {"role": "assistant", "content": self.model.answer(body)}
            self._send(200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    def _send(self, status: int, body: object) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while not self.model.released.wait(0.02):
                self.wfile.write(b" ")
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@contextmanager
def model_server(answer: Answer, **given: Any) -> Iterator[ModelServer]:
    """Such a server on a free port of 127.0.0.1 while the block runs."""
    server = ModelServer(answer, **given)
    handler = type("Handler", (_Handler,), {"model": server})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        server.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            http.shutdown()
            thread.join()
