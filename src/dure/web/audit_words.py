# SPDX-License-Identifier: Apache-2.0
"""Entries of the audit chain in words; what has none here is shown as the chain has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dure.city.models import AuditEntry, ConsentPurpose
from dure.city.purposes import WORDS, Purpose
from dure.web.actors import names_of

DEEDS = {
    "person:record:read": _("기록을 열어 봄"),
    "person:record:listed": _("여러 분의 이름을 봄"),
    "person:record:denied": _("열어 보려다 거절됨"),
    "person:record:registered": _("주민을 등록함"),
    "person:record:changed": _("기록을 고침"),
    "person:record:left": _("떠난 것으로 적음"),
    "person:phone:searched": _("전화번호로 찾음"),
    "person:contact:added": _("가족·이웃을 적음"),
    "person:consent:granted": _("동의를 적음"),
    "person:consent:withdrawn": _("동의 철회를 적음"),
    "person:family:let_in": _("가족에게 화면을 열어 줌"),
    "person:family:shut_out": _("가족의 화면을 닫음"),
    "household:record:registered": _("가구를 등록함"),
    "household:area:moved": _("가구의 지역이 바뀜"),
    "device:record:registered": _("기기를 등록함"),
    "device:record:retired": _("기기를 거둠"),
    "device:feed:registered": _("공급원을 등록함"),
    "device:key:issued": _("열쇠를 만듦"),
    "device:key:revoked": _("열쇠를 없앰"),
    "care:enrolment:made": _("안부 확인에 등록함"),
    "care:enrolment:given": _("맡는 이를 바꿈"),
    "care:away:declared": _("외출을 적음"),
    "care:away:returned": _("돌아오신 것을 적음"),
    "care:call:begun": _("자동 전화를 걺"),
    "care:call:answered": _("자동 전화를 받으심"),
    "care:plan:read": _("일과를 봄"),
    "care:rule:set": _("규칙을 바꿈"),
    "city:rule:set": _("규칙을 바꿈"),
    "city:case:opened": _("사건을 엶"),
    "city:case:acknowledged": _("사건을 맡음"),
    "city:case:assigned": _("사건을 맡김"),
    "city:case:called": _("전화를 적음"),
    "city:case:visited": _("방문을 적음"),
    "city:case:noted": _("메모를 적음"),
    "city:case:overruled": _("판단을 바꿈"),
    "city:case:overdue": _("기한을 넘김"),
    "city:case:closed": _("사건을 닫음"),
    "city:case:thread_read": _("사건의 기록을 봄"),
    "city:finding:opened": _("기계가 알아챔"),
    "city:finding:ended": _("알아챈 것이 끝남"),
    "city:handover:ordered": _("119에 넘김"),
    "city:handover:sent": _("119에 보냄"),
    "city:handover:accepted": _("119가 받음"),
    "city:handover:failed": _("119에 보내지 못함"),
    "city:case:follow_up_cancelled": _("뒤따를 일을 취소함"),
    "city:errand:ordered": _("뒤따를 일을 시킴"),
    "city:errand:place_read": _("갈 곳을 봄"),
    "city:escalation:tried": _("연락을 시도함"),
    "city:escalation:try_ended": _("연락 시도가 끝남"),
    "city:escalation:moved": _("다음 단계로 감"),
    "city:escalation:plan_set": _("단계 계획을 바꿈"),
    "city:review:asked": _("자동 결정에 대한 요구를 받음"),
    "city:review:answered": _("자동 결정에 대한 요구에 답함"),
    "city:duty:added": _("당직을 넣음"),
    "city:duty:removed": _("당직을 뺌"),
    "area:boundaries:imported": _("행정구역을 들여옴"),
    "care:call:hung_up": _("자동 전화가 끝남"),
    "care:consent:taken_back": _("본인이 동의를 그만둠"),
    "city:decisions:read": _("기계가 판단한 것을 봄"),
    "care:occasion:asked": _("일과를 여쭘"),
    "care:occasion:confirmed": _("일과를 하신 것을 적음"),
    "care:occasion:excused": _("일과를 쉰 것으로 적음"),
    "care:occasion:missed": _("일과를 놓친 것을 적음"),
    "care:occasions:made": _("오늘의 일과를 마련함"),
    "care:report:exported": _("월간 보고를 내려받음"),
    "care:routine:added": _("일과를 더함"),
    "care:routine:changed": _("일과를 고침"),
    "care:routine:ended": _("일과를 그만둠"),
    "care:routine:paused": _("일과를 쉬게 함"),
    "care:template:ended": _("일과 틀을 거둠"),
    "care:template:set": _("일과 틀을 바꿈"),
    "care:voice:set": _("전화 목소리를 바꿈"),
    "city:case:due_changed": _("사건의 기한을 바꿈"),
    "city:case:finding_added": _("사건에 알아챈 것을 더함"),
    "city:case:follow_up_ordered": _("뒤따를 일을 시킴"),
    "city:case:level_raised": _("사건의 수준을 올림"),
    "city:case:reopened": _("사건을 다시 엶"),
    "city:case:status_changed": _("사건의 상태를 바꿈"),
    "city:errand:assigned": _("갈 사람을 정함"),
    "city:errand:place_denied": _("갈 곳을 보려다 거절됨"),
    "city:escalation:plan_retired": _("단계 계획을 거둠"),
    "city:rejected:pruned": _("오래된 거절 기록을 지움"),
    "city:review:extended": _("요구에 답할 기한을 늘림"),
    "city:review:read": _("자동 결정에 대한 요구를 봄"),
    "city:review:withdrawn": _("자동 결정에 대한 요구를 거둠"),
    "city:team:set": _("팀을 정함"),
    "city:holiday:set": _("쉬는 날을 적음"),
    "city:holiday:cleared": _("쉬는 날을 되돌림"),
    "complaints:department:set": _("부서를 적음"),
    "complaints:department:retired": _("부서를 없앰"),
    "complaints:duties:set": _("업무분장을 바꿈"),
    "complaints:topic:set": _("민원 갈래를 바꿈"),
    "complaints:topic:retired": _("민원 갈래를 없앰"),
    "complaints:rule:set": _("규칙을 바꿈"),
    "complaints:complaint:received": _("민원을 받음"),
    "complaints:complaint:opened": _("민원을 열어 봄"),
    "complaints:complaint:denied": _("민원을 열어 보려다 거절됨"),
    "complaints:complaint:sorted": _("민원의 부서를 고름"),
    "complaints:complaint:joined": _("민원을 합침"),
    "complaints:complaint:parted": _("민원을 나눔"),
    "complaints:complaint:added": _("시민이 덧붙임"),
    "complaints:complaint:withdrawn": _("시민이 취하함"),
    "complaints:complaint:rated": _("시민이 평가함"),
    "complaints:complaint:objected": _("시민이 이의를 말함"),
    "complaints:complaint:repeated": _("반복 민원으로 마침"),
    "complaints:complaint:compared": _("같은 민원인지 정함"),
    "complaints:transfer:sent": _("부서로 보냄"),
    "complaints:transfer:accepted": _("부서가 받음"),
    "complaints:transfer:refused": _("부서가 돌려보냄"),
    "complaints:transfer:unanswered": _("부서의 답이 없음"),
    "complaints:partner:asked": _("다른 부서의 의견을 물음"),
    "complaints:partner:answered": _("다른 부서가 의견을 냄"),
    "complaints:citizen:asked": _("시민에게 물음"),
    "complaints:citizen:told": _("시민에게 알림"),
    "complaints:clock:resumed": _("처리 기간이 다시 감"),
    "complaints:clock:extended": _("처리 기간을 늘림"),
    "complaints:answer:sent": _("민원에 답함"),
    "complaints:answer:taken_back": _("답한 민원을 다시 봄"),
    "complaints:message:sent": _("시민에게 글을 보냄"),
    "complaints:message:failed": _("시민에게 글을 보내지 못함"),
    "complaints:pin:accepted": _("시민이 번호와 비밀번호로 봄"),
    "complaints:pin:refused": _("번호나 비밀번호가 틀림"),
    "complaints:picture:removed": _("민원 사진을 없앰"),
    "complaints:draft:made": _("답변 초안을 만듦"),
    "complaints:synonym:added": _("같은 뜻의 말을 적음"),
    "complaints:synonym:removed": _("같은 뜻의 말을 거둠"),
    "complaints:template:removed": _("글 본을 거둠"),
    "complaints:template:set": _("글 본을 바꿈"),
    "complaints:text:removed": _("근거 글을 거둠"),
    "complaints:text:set": _("근거 글을 바꿈"),
    "device:series:added": _("기기에 계열을 더함"),
    "fhir:flag:exported": _("발견을 FHIR로 내보냄"),
    "fhir:flag:imported": _("발견을 FHIR로 받음"),
    "fhir:observation:exported": _("측정값을 FHIR로 내보냄"),
    "fhir:observation:imported": _("측정값을 FHIR로 받음"),
    "fhir:task:exported": _("후속 지원을 FHIR로 내보냄"),
    "fhir:task:imported": _("후속 지원을 FHIR로 받음"),
    "monitoring:device:given": _("건강 기기를 맡김"),
    "monitoring:device:taken_back": _("건강 기기를 거둠"),
    "monitoring:range:ended": _("의료진이 정한 범위를 그만 씀"),
    "monitoring:range:learned": _("평소 범위를 익힘"),
    "monitoring:range:set": _("의료진이 정한 범위를 적음"),
    "waste:bin:changed": _("수거함을 고쳐 적음"),
    "waste:bin:enrolled": _("수거함을 등록함"),
    "waste:bin:retired": _("수거함을 거둠"),
    "waste:note:denied": _("기사가 적은 글을 보려다 거절됨"),
    "waste:note:opened": _("기사가 적은 글을 봄"),
    "waste:photo:denied": _("수거 사진을 보려다 거절됨"),
    "waste:photo:kept": _("수거 사진을 남김"),
    "waste:photo:opened": _("수거 사진을 봄"),
    "waste:photo:removed": _("오래된 수거 사진을 지움"),
    "waste:pickup:collected": _("수거함을 비움"),
    "waste:pickup:could_not": _("수거함을 비우지 못함"),
    "waste:pickup:spared": _("다른 차량이 비워 가지 않게 됨"),
    "waste:pickup:undone": _("기사가 누른 것을 되돌림"),
    "waste:pickup:unloaded": _("하역함"),
    "waste:report:received": _("수거함 신고를 받음"),
    "waste:sensor:interval_ordered": _("감지기의 보고 간격을 정함"),
    "waste:sensor:interval_refused": _("감지기의 보고 간격을 보내지 못함"),
    "waste:sensor:interval_sent": _("감지기의 보고 간격을 보냄"),
    "waste:turn:back": _("수거 차량이 돌아옴"),
    "waste:turn:started": _("수거 차량이 떠남"),
    "waste:round:made": _("수거 차수를 만듦"),
    "waste:round:planned": _("수거 계획을 세움"),
    "waste:round:wished": _("수거함에 갈지 정함"),
    "waste:round:unwished": _("수거함에 갈지 정한 것을 거둠"),
    "waste:round:turn_set": _("차량의 기사를 정함"),
    "waste:round:moved": _("정거장을 옮김"),
    "waste:round:split": _("정거장을 다른 차량에 나눔"),
    "waste:round:given_out": _("수거 차수를 나눠 줌"),
    "waste:round:truck_broke_down": _("차량이 고장 남"),
    "waste:round:over": _("수거 차수를 마감함"),
    "waste:site:enrolled": _("차고지·하역지를 등록함"),
    "waste:site:changed": _("차고지·하역지를 고쳐 적음"),
    "waste:influence:told": _("행사나 날씨를 적음"),
    "waste:influence:changed": _("행사나 날씨를 고쳐 적음"),
    "waste:influence:cancelled": _("행사나 날씨를 거둠"),
    "waste:truck:enrolled": _("차량을 등록함"),
    "waste:truck:changed": _("차량을 고쳐 적음"),
    "waste:truck:retired": _("차량을 뺌"),
    "city:errands:ordered": _("여러 심부름을 주문함"),
    "city:errands:cancelled": _("여러 심부름을 거둠"),
    "account:user:added": _("계정을 만듦"),
    "account:role:given": _("역할을 줌"),
    "audit:chain:viewed": _("열람 기록을 봄"),
    "audit:chain:exported": _("열람 기록을 내보냄"),
}
NUMBER = re.compile(r"([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Line:
    """An entry as the page shows it; ``deed`` "" where there are no words for its tag."""

    entry: AuditEntry
    who: str
    deed: str
    whom: str
    why: str


def lines(entries: Sequence[AuditEntry]) -> list[Line]:
    """The entries in words, in their order."""
    names = names_of(entry.actor for entry in entries)
    return [
        Line(
            entry=one,
            who=names[one.actor],
            deed=str(DEEDS.get(one.tag, "")),
            whom=NUMBER.sub(r"\1…", one.subject),
            why=_why(one.purpose),
        )
        for one in entries
    ]


def _why(purpose: str) -> str:
    if purpose in list(Purpose):
        return str(WORDS[Purpose(purpose)])
    if purpose in ConsentPurpose.values:
        return str(ConsentPurpose(purpose).label)
    return gettext("사건을 처리하려고") if purpose == "case" else purpose
