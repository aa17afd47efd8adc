# SPDX-License-Identifier: Apache-2.0
"""``POST /api/v1/chat/kakao``: the skill server of a KakaoTalk channel, with the key of a feed of kind ``chat``."""

from __future__ import annotations

import logging
from uuid import UUID, uuid4

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from dure.city.bearer import MachineKey
from dure.city.clock import SEOUL
from dure.city.devices import Holder
from dure.city.errors import Conflict, DureError
from dure.city.models import Level
from dure.city.plain_text import plain
from dure.city.readings import available
from dure.city.sealed import blind_index
from dure.engines.language.urgency import urgency
from dure.gateways.chat import dialogue
from dure.gateways.chat.dialogue import Add, Look, Send, Turn
from dure.services.complaints import assist, judging, masking
from dure.services.complaints.access import access_as_citizen
from dure.services.complaints.actions import talks
from dure.services.complaints.actions.citizen import add_words, prove
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.models import Complaint, Door, MessageWay, TalkStep, Topic

log = logging.getLogger(__name__)
router = Router(tags=["chat"], auth=MachineKey("chat"))
LONGEST_BUBBLE = 1_000
"""Characters of a simpleText; there are at most three of them in an answer."""
MOST_BUBBLES = 3
TRIES = 5
"""How often a message is answered anew because another of the same citizen was answered meanwhile."""


class ChatUser(Schema):
    """Who writes: a key that the channel makes for each account."""

    id: str = Field(min_length=1, max_length=200)


class UserRequest(Schema):
    """What they wrote."""

    utterance: str = Field(max_length=20_000)
    user: ChatUser
    lang: str | None = Field(None, max_length=20)


class SkillPayload(Schema):
    """What a channel's bot asks; what else it sends is not looked at."""

    userRequest: UserRequest


class SimpleText(Schema):
    text: str


class Output(Schema):
    simpleText: SimpleText


class QuickReply(Schema):
    label: str
    action: str = "message"
    messageText: str


class Template(Schema):
    outputs: list[Output]
    quickReplies: list[QuickReply]


class SkillResponse(Schema):
    """Version 2.0 of the answer."""

    version: str = "2.0"
    template: Template


@router.post("/chat/kakao", response=SkillResponse, summary="A KakaoTalk channel's bot asks for an answer")
def kakao(request: HttpRequest, payload: SkillPayload) -> SkillResponse:
    """The open builder's skill webhook: set `Authorization: Bearer <key>` as a header of the skill. What goes wrong is
    said in the chat, with status 200: the bot shows nothing of another answer."""
    holder: Holder = request.auth  # type: ignore[attr-defined]
    assist.warm()  # the bot waits five seconds and no longer
    asked = payload.userRequest
    language = "en" if (asked.lang or "").lower().startswith("en") else "ko"
    caller = blind_index(f"chat:{holder.feed.code}:{asked.user.id}")
    try:
        with available():
            said, presses = converse(caller, plain(asked.utterance).strip(), language, actor=f"feed:{holder.feed.code}")
    except DureError as error:
        log.warning("a chat message was not taken: %s", error.en)
        said, presses = [error.in_language(language)], ("complain", "follow", "person")
    return _response(said, presses, language)


def converse(caller: str, text: str, language: str, *, actor: str) -> tuple[list[str], tuple[str, ...]]:
    """One message of a citizen: what the city says to it, and what may be pressed. ``caller``: their digest."""
    waiting, message = talks.access_words(caller), uuid4()
    for _ in range(TRIES):
        talk = talks.access_talk(caller, language)
        turn = dialogue.answer(talk.step, talk.said, text, language)
        if turn.step is TalkStep.WHERE and not _may_have_place(text):
            turn = dialogue.consent(turn.said, language)
        talk.language = language
        turn = _done(talk, turn, message, actor)
        talk.step, talk.said = turn.step, turn.said
        if talks.keep_talk(talk):
            talks.said_words(waiting)
            heads = [f"[{one.number}] {one.text}" for one in waiting]
            if urgency(text).level >= Level.SEVERE:
                heads.insert(0, dialogue.words("danger", language))
            return [*heads, *turn.words], turn.presses
    raise RuntimeError("others of the same citizen were answered all the time")


def _may_have_place(text: str) -> bool:
    """Whether what it surely is about lies somewhere; so while nobody knows what it is about."""
    judged = judging.judge(masking.mask(text).text, topic=None, lon=None, lat=None)
    if not (judged.decided and judged.topics):
        return True
    topic = Topic.objects.filter(code=judged.topics[0]["label"], retired_at=None).first()
    return topic is None or topic.placed


def _done(talk: talks.OpenTalk, turn: Turn, message: UUID, actor: str) -> Turn:
    """What follows once a message has brought about what it should. Done again it changes nothing."""
    match turn.deed:
        case Send():
            _send(talk, turn, actor)
        case Add(text) if talk.complaint is not None:
            try:
                add_words(talk.complaint, text, client_id=message)
            except Conflict as error:  # it has ended, and the talk with it
                return dialogue.ended(error.in_language(talk.language))
        case Look(number, pin):
            turn.words += _how_far(number, pin, talk.language)
    return turn


def _send(talk: talks.OpenTalk, turn: Turn, actor: str) -> None:
    received = Received(
        door=Door.CHAT,
        text=turn.said["what"],
        title="상담사와 이야기" if turn.said.get("person") else "",
        language=talk.language,
        address=turn.said.get("where", "")[:300],
        outside_ref=str(talk.ref),
        client_id=talk.ref,
    )
    complaint, pin = receive(received, actor=actor)
    talk.complaint, turn.said = complaint, {}
    turn.words.append(dialogue.words("received", talk.language, number=complaint.number, pin=pin))


def _how_far(number: str, pin: str, language: str) -> list[str]:
    """How a complaint stands, and the newest word of the city in it."""
    complaint = prove(number, pin, at_door=Door.CHAT)
    record = access_as_citizen(complaint)
    newest = [one.text for one in record.messages if one.way == MessageWay.OUT][-1:]
    return [_state(complaint, language), *newest]


def _state(complaint: Complaint, language: str) -> str:
    ko = language.startswith("ko")
    who = complaint.department.name["ko" if ko else "en"] if complaint.department else ("민원실" if ko else "the desk")
    due = f"{complaint.due_at.astimezone(SEOUL):%Y-%m-%d}"
    ended = complaint.answered_at or complaint.withdrawn_at or complaint.case.closed_at
    if ko:
        return f"{complaint.number}: {'마쳤습니다' if ended else f'처리하고 있습니다 (기한 {due})'}. 맡은 곳: {who}"
    return f"{complaint.number}: {'closed' if ended else f'being dealt with (due {due})'}. With: {who}"


def _response(said: list[str], presses: tuple[str, ...], language: str) -> SkillResponse:
    return SkillResponse(
        template=Template(
            outputs=[Output(simpleText=SimpleText(text=text)) for text in _bubbles(said)],
            quickReplies=[
                QuickReply(label=label, messageText=label)
                for label in (dialogue.press(one, language) for one in presses)
            ],
        )
    )


def _bubbles(said: list[str]) -> list[str]:
    """At most three bubbles of a thousand characters; more is cut, and read on the city's site by number and PIN."""
    parts = [text[at : at + LONGEST_BUBBLE] for text in said for at in range(0, max(len(text), 1), LONGEST_BUBBLE)]
    if len(parts) > MOST_BUBBLES:
        parts = [*parts[: MOST_BUBBLES - 1], "\n\n".join(parts[MOST_BUBBLES - 1 :])]
    return [text if len(text) <= LONGEST_BUBBLE else f"{text[: LONGEST_BUBBLE - 1]}…" for text in parts]
