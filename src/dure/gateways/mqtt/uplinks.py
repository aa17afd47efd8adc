# SPDX-License-Identifier: Apache-2.0
"""The uplinks among the messages of one group: a network server's, for whoever it carries."""

from __future__ import annotations

from collections.abc import Sequence

from dure.city.errors import Invalid
from dure.city.readings import available
from dure.gateways.intake import Submission
from dure.gateways.lorawan.envelopes import Refused, Uplink
from dure.gateways.lorawan.taking import submission_of
from dure.gateways.lorawan.topics import down_topic, reader_of
from dure.gateways.mqtt.messages import Message


class UplinkGroup:
    """What the messages say, and where each device is answered."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._sent: list[Uplink | Refused] = []
        self._topics: dict[str, str] = {}
        for message in messages:
            sent = _read(message)
            if sent is not None:
                self._sent.append(sent)
            if isinstance(sent, Uplink):
                self._topics[sent.dev_eui] = down_topic(message.topic)

    def submissions(self) -> list[Submission]:
        """The readings as one submission, or none. Raises Unavailable."""
        if not self._sent:
            return []
        with available():
            return [submission_of(self._sent)]

    def down_topics(self) -> dict[str, str]:
        """By device code, where its server takes messages for it."""
        return self._topics


def _read(message: Message) -> Uplink | Refused | None:
    try:
        return reader_of(message.topic)(message.payload)
    except Invalid as error:
        return Refused(error.field or "", error.en, error.ko, message.payload[:500].decode("utf-8", "replace"))
