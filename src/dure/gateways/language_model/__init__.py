# SPDX-License-Identifier: Apache-2.0
"""A language model behind an OpenAI-compatible address: vLLM, llama.cpp, Ollama, CLOVA Studio's government zone.

``DURE_MODEL_URL`` unset: none, and nothing is ever sent. It gets the masked text of one complaint and the city's own
passages, and writes drafts that ``engines.language.grounding`` checks and a person approves.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def register() -> None:
    """Have the model of the settings write drafts; nothing where there is none.

    Raises
    ------
    ImproperlyConfigured
        The address is none.
    """
    if not settings.DURE_MODEL_URL:
        return
    from dure.services.complaints import drafting  # noqa: PLC0415 - half a second that only who has a model shall wait

    from .client import Client  # noqa: PLC0415

    try:
        client = Client(
            settings.DURE_MODEL_URL,
            model=settings.DURE_MODEL,
            key=settings.DURE_MODEL_KEY,
            seconds=settings.DURE_MODEL_SECONDS,
        )
    except ValueError as error:
        raise ImproperlyConfigured(f"DURE_MODEL_URL: {error}") from error
    drafting.register_writer(client.write, client.name)
