# SPDX-License-Identifier: Apache-2.0
"""The made city's telephone: a stand-in for the one in the elder's hand. Not there in a real city.

The address of a call is its secret; the pages show no name.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dure.city.errors import Invalid
from dure.city.roles import open_to_all
from dure.engines.speech import VoiceError
from dure.services.care import conversation, queries
from dure.services.care.actions.calls import answer_call, hang_up
from dure.services.care.models import ON_THE_LINE, Call, CallOutcome
from dure.services.care.voice import voice_for

KEY_WORDS = {
    CallOutcome.WELL: _("괜찮습니다"),
    CallOutcome.HELP: _("도와주세요"),
    CallOutcome.LATER: _("나중에"),
    CallOutcome.TOLD: _("연락해 보겠습니다"),
    CallOutcome.VOUCHED: _("통화했고 잘 계십니다"),
}
ENDED = {
    CallOutcome.WELL: _("괜찮다고 알려 주셨습니다."),
    CallOutcome.HELP: _("도움을 청하셨습니다. 곧 사람이 연락드립니다."),
    CallOutcome.PAIN: _("불편하시다고 알려 주셨습니다. 곧 담당자가 연락드립니다."),
    CallOutcome.LATER: _("나중에 다시 전화드립니다."),
    CallOutcome.TOLD: _("연락해 보겠다고 알려 주셨습니다."),
    CallOutcome.VOUCHED: _("잘 계신다고 알려 주셨습니다."),
    CallOutcome.LOST: _("대답을 알아듣지 못해 다시 전화드립니다."),
    CallOutcome.CUT_OFF: _("말씀 중에 끊어져 다시 전화드립니다."),
}


@require_safe
@open_to_all
def phone(request: HttpRequest) -> HttpResponse:
    """Which calls ring now."""
    _only_in_a_made_city()
    return render(request, "care/phone.html", {"calls": queries.ringing_refs()})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
@never_cache
def call(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The telephone in the elder's hand: what is said, keys, words, hanging up."""
    _only_in_a_made_city()
    found = queries.call(ref)
    if request.method == "POST":
        found = _answered(request, ref)
    now = conversation.saying(found)
    context = {
        "call": found,
        "now": now,
        "open": found.state in ON_THE_LINE,
        "keys": [(key, end, KEY_WORDS.get(CallOutcome(end), "") if end else "") for key, end in now.keys.items()],
        "ended": ENDED.get(CallOutcome(found.outcome), "") if found.outcome else "",
    }
    return render(request, "care/call.html", context)


def _answered(request: HttpRequest, ref: UUID) -> Call:
    by = "page:call"
    if "hang_up" in request.POST:
        return hang_up(ref, by=by)
    turn = request.POST.get("turn", "")
    if turn and not turn.isdecimal():
        raise Invalid("숫자여야 합니다", "must be a number", field="turn")
    key, said = request.POST.get("key"), request.POST.get("said", "").strip()
    return answer_call(ref, key or None, said or None, turn=int(turn) if turn else None, by=by)


@require_safe
@open_to_all
@never_cache
def sound(request: HttpRequest, ref: UUID) -> HttpResponse:
    """What is said now, as a WAV; 503 where there is no voice: the page shows the words anyway."""
    _only_in_a_made_city()
    found = queries.call(ref)
    now = conversation.saying(found)
    try:
        wav = voice_for(found.person).speak(now.text, now.language)
    except VoiceError:
        return HttpResponse(status=503)
    return HttpResponse(wav, content_type="audio/wav")


def _only_in_a_made_city() -> None:
    if not settings.DURE_SIMULATION:
        raise Http404
