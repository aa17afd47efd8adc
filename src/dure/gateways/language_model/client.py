# SPDX-License-Identifier: Apache-2.0
"""Asking a model for one answer: in the strictest form it knows, within a time, and not while it keeps failing.

Servers differ in what they take for structured output: ``json_schema`` is tried first, then ``json_object``, then plain
text, and what was taken is remembered. Some take a form and ignore it: whoever reads the answer checks it anyway.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from enum import IntEnum
from queue import Empty, SimpleQueue
from typing import Any

import httpx

from dure.engines.language.draft import Prompt, WriterFailed

from .breaker import Breaker, Open

MOST_BYTES = 512 * 1024
MOST_TOKENS = 1200
FAILURES, PAUSE = 3, timedelta(minutes=1)
UNKNOWN_FORM = frozenset({400, 404, 415, 422, 500, 501})
"""What servers answer to a ``response_format`` that they do not know (llama.cpp, older vLLM: 400 and 500)."""


class Form(IntEnum):
    """How an answer is asked for, from the strictest."""

    JSON_SCHEMA = 0
    JSON_OBJECT = 1
    PLAIN = 2


class _Refused(Exception):
    """The server answered with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class Client:
    """One model at one address (``https://host/v1``).

    Parameters
    ----------
    model
        Its name there; empty: the first that the server lists.
    key
        Sent as a bearer token, where given.
    seconds
        Within which one answer must have come whole, forms that are tried included.
    """

    def __init__(self, url: str, *, model: str = "", key: str = "", seconds: float = 20.0) -> None:
        parsed = httpx.URL(url)
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise ValueError(f"expected http(s)://host/v1, got {url!r}")
        self._url = url.rstrip("/")
        self._model = model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds = seconds
        self._form = Form.JSON_SCHEMA
        self._breaker = Breaker(FAILURES, PAUSE)

    def name(self) -> str:
        """What the model is called, as far as it is known."""
        return self._model or httpx.URL(self._url).host

    def write(self, prompt: Prompt) -> str:
        """The model's answer to ``prompt``.

        Raises
        ------
        WriterFailed
            It did not answer whole in time, answered with an error, or has failed too often lately.
        """
        try:
            with self._breaker.closed():
                return self._in_time(prompt)
        except Open as error:
            raise WriterFailed(
                "모형이 거듭 답하지 못해 잠시 묻지 않음", "the model keeps failing: not asked for a while"
            ) from error

    def _in_time(self, prompt: Prompt) -> str:
        """In a thread of its own: a server that sends a byte now and then resets every time limit of a read."""
        answers: SimpleQueue[str | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._ask(prompt, time.monotonic() + self._seconds))
            except (httpx.HTTPError, _Refused, ValueError, OSError) as error:
                answers.put(error)

        threading.Thread(target=ask, name="language-model", daemon=True).start()
        try:
            answer = answers.get(timeout=self._seconds)
        except Empty:
            answer = httpx.ReadTimeout("not whole in time")
        if isinstance(answer, str):
            return answer
        raise _failure(answer) from answer

    def _ask(self, prompt: Prompt, deadline: float) -> str:
        limits = httpx.Timeout(max(deadline - time.monotonic(), 0.01))
        # Never through a proxy of the environment: whatever goes out goes to the address that the city has set.
        with httpx.Client(headers=self._headers, timeout=limits, trust_env=False) as http:
            if not self._model:
                self._model = _first_model(self._sent(http, "GET", "/models", None, deadline))
            while True:
                form = self._form
                try:
                    body = self._body(prompt, form)
                    return _content(self._sent(http, "POST", "/chat/completions", body, deadline))
                except _Refused as refused:
                    if refused.status not in UNKNOWN_FORM or form is Form.PLAIN:
                        self._form = Form.JSON_SCHEMA
                        raise
                    self._form = Form(form + 1)

    def _body(self, prompt: Prompt, form: Form) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": role, "content": content} for role, content in prompt.messages],
            "max_tokens": MOST_TOKENS,
        }
        if form is Form.PLAIN:
            return body
        body["temperature"] = 0
        body["response_format"] = {"type": "json_object"}
        if form is Form.JSON_SCHEMA:
            schema = {"name": "draft", "strict": True, "schema": prompt.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _sent(self, http: httpx.Client, method: str, path: str, body: dict[str, Any] | None, deadline: float) -> Any:
        with http.stream(method, f"{self._url}{path}", json=body) as response:
            if response.status_code != httpx.codes.OK:
                raise _Refused(response.status_code)
            found = bytearray()
            for chunk in response.iter_bytes():
                found += chunk
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("not whole in time")
                if len(found) > MOST_BYTES:
                    raise ValueError(f"more than {MOST_BYTES} bytes")
        return httpx.Response(200, content=bytes(found)).json()


def _first_model(listed: Any) -> str:
    try:
        return str(listed["data"][0]["id"])
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError("the server lists no model") from error


def _content(answer: Any) -> str:
    try:
        content = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError("no choices[0].message.content") from error
    if not isinstance(content, str):
        raise ValueError("no text in choices[0].message.content")
    return content


def _failure(error: Exception) -> WriterFailed:
    if isinstance(error, httpx.TimeoutException):
        return WriterFailed("모형이 제때 답하지 않음", "the model did not answer in time")
    if isinstance(error, _Refused):
        return WriterFailed(f"모형이 거절함 (HTTP {error.status})", f"the model refused (HTTP {error.status})")
    if isinstance(error, httpx.TransportError):
        return WriterFailed("모형에 닿지 못함", f"the model cannot be reached ({type(error).__name__})")
    return WriterFailed("모형의 답을 읽지 못함", f"the model's answer could not be read ({error})"[:160])
