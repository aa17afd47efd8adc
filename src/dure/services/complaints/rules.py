# SPDX-License-Identifier: Apache-2.0
"""Every period and limit of the complaint desk that a city may set; the defaults are the law's where it has one.

법: 민원 처리에 관한 법률, 영: its 시행령.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from dure.city.rules import rule

DAYS, HOURS, TIMES = _("근무일"), _("근무시간"), _("번")


@dataclass(frozen=True)
class DeskRules:
    """Periods by kind of complaint, hand-over, the citizen's rights, and what is kept."""

    law_question_days: int = field(
        default=14,
        metadata=rule(
            ko="법령 질의 처리 기간", en="Period of a question about law", unit=DAYS, source=_("영 제14조 제1호"),
            least=1, most=60,
        ),
    )  # fmt: skip
    question_days: int = field(
        default=7,
        metadata=rule(
            ko="그 밖의 질의 처리 기간", en="Period of another question", unit=DAYS, source=_("영 제14조 제2호"),
            least=1, most=60,
        ),
    )  # fmt: skip
    suggestion_days: int = field(
        default=14,
        metadata=rule(
            ko="건의 처리 기간", en="Period of a suggestion", unit=DAYS, source=_("영 제15조"), least=1, most=60
        ),
    )
    grievance_days: int = field(
        default=7,
        metadata=rule(
            ko="고충 민원 처리 기간", en="Period of a grievance", unit=DAYS, source=_("영 제17조 제1항"),
            least=1, most=60,
        ),
    )  # fmt: skip
    application_days: int = field(
        default=7,
        metadata=rule(
            ko="기간이 따로 없는 법정 민원 처리 기간",
            en="Period of an application whose topic has none",
            unit=DAYS,
            source=_("법 제17조: 기간은 민원마다 정함; 처음 값은 도시가 정함"),
            least=1,
            most=90,
        ),
    )
    other_hours: int = field(
        default=3,
        metadata=rule(
            ko="기타 민원 처리 기간 (즉시)",
            en="Period of any other complaint (at once)",
            unit=HOURS,
            source=_("영 제16조 제1항, 제19조: 즉시는 3근무시간; 제16조 제3항: 달리 정할 수 있음"),
            least=1,
            most=240,
        ),
    )
    desk_hours: int = field(
        default=1,
        metadata=rule(
            ko="창구가 부서로 보낼 때까지",
            en="Until the desk has sent it to a department",
            unit=HOURS,
            source=_("영 제13조 제1항"),
            least=1,
            most=8,
        ),
    )
    transfer_hours: int = field(
        default=3,
        metadata=rule(
            ko="부서가 받을지 답할 때까지",
            en="Until a department says whether it takes it",
            unit=HOURS,
            source=_("영 제13조 제2항"),
            least=1,
            most=16,
        ),
    )
    outside_hours: int = field(
        default=8,
        metadata=rule(
            ko="다른 기관으로 보낼 때까지",
            en="Until it is sent to another institution",
            unit=HOURS,
            source=_("영 제13조 제3항"),
            least=1,
            most=40,
        ),
    )
    most_transfers: int = field(
        default=3,
        metadata=rule(
            ko="이만큼 옮겨 다니면 책임자가 정함",
            en="After so many departments the lead decides",
            unit=TIMES,
            source=_("도시가 정함; 그 뒤로는 돌려보낼 수 없음"),
            least=1,
            most=10,
        ),
    )
    partner_hours: int = field(
        default=16,
        metadata=rule(
            ko="함께 처리하는 부서가 의견을 낼 때까지",
            en="Until a partner gives its opinion",
            unit=HOURS,
            source=_("도시가 정함; 법 제20조는 처리 기간 안에서 정하게 함"),
            least=1,
            most=80,
        ),
    )
    near_due_hours: int = field(
        default=8,
        metadata=rule(
            ko="기한이 이만큼 남으면 알림",
            en="Tell when so much of the period is left",
            unit=HOURS,
            source=_("도시가 정함; 하루 전"),
            least=1,
            most=40,
        ),
    )
    danger_minutes: int = field(
        default=30,
        metadata=rule(
            ko="위험한 일 기한",
            en="Due time of danger",
            unit=_("분"),
            source=_("도시가 정함; 밤과 쉬는 날에도"),
            least=5,
            most=240,
        ),
    )
    ask_days: int = field(
        default=10,
        metadata=rule(
            ko="시민이 보완할 때까지",
            en="Until the citizen has answered a question",
            unit=_("일"),
            source=_("도시가 정함; 법 제22조 제1항: 상당한 기간"),
            least=1,
            most=60,
        ),
    )
    inspection_days: int = field(
        default=14,
        metadata=rule(
            ko="고충 민원의 실지조사를 기간에서 빼는 날",
            en="How long a grievance's inspection may last outside its period",
            unit=_("일"),
            source=_("영 제17조 제4항·제5항"),
            least=1,
            most=14,
        ),
    )
    inspection_more_days: int = field(
        default=7,
        metadata=rule(
            ko="실지조사를 한 번 더 늘리는 날",
            en="By how much an inspection may be prolonged, once",
            unit=_("일"),
            source=_("영 제17조 제4항 단서"),
            least=1,
            most=7,
        ),
    )
    progress_days: int = field(
        default=30,
        metadata=rule(
            ko="이만큼 지날 때마다 진행 상황을 알림",
            en="Tell the citizen how it stands every so often",
            unit=_("일"),
            source=_("영 제23조 제1항·제2항"),
            least=7,
            most=30,
        ),
    )
    repeat_times: int = field(
        default=3,
        metadata=rule(
            ko="같은 민원을 이만큼 내면 반복 민원",
            en="The same complaint so many times is a repeated one",
            unit=TIMES,
            source=_("법 제23조 제1항"),
            least=3,
            most=10,
        ),
    )
    repeat_told: int = field(
        default=2,
        metadata=rule(
            ko="결과를 이만큼 알린 뒤에만 반복 민원으로 끝냄",
            en="Repeated ones are ended only after so many answers",
            unit=TIMES,
            source=_("법 제23조 제1항"),
            least=2,
            most=10,
        ),
    )
    object_days: int = field(
        default=60,
        metadata=rule(
            ko="이의를 말할 수 있는 기간",
            en="How long the citizen may object",
            unit=_("일"),
            source=_("법 제35조 제1항 (법정 민원의 거부); 다른 민원은 도시가 정함"),
            least=60,
            most=365,
        ),
    )
    objection_days: int = field(
        default=10,
        metadata=rule(
            ko="이의에 답하는 기간",
            en="Period of an objection",
            unit=DAYS,
            source=_("법 제35조 제2항 (법정 민원의 거부); 다른 민원은 도시가 정함"),
            least=1,
            most=10,
        ),
    )
    pin_tries: int = field(
        default=5,
        metadata=rule(
            ko="비밀번호를 틀릴 수 있는 횟수",
            en="Wrong PINs before it is closed for a while",
            unit=TIMES,
            source=_("도시가 정함"),
            least=3,
            most=20,
        ),
    )
    pin_minutes: int = field(
        default=60,
        metadata=rule(
            ko="여러 번 틀린 뒤 닫아 두는 시간",
            en="How long it is closed after wrong PINs",
            unit=_("분"),
            source=_("도시가 정함"),
            least=5,
            most=1440,
        ),
    )
    safe_answers: int = field(
        default=0,
        metadata=rule(
            ko="밤에 안전한 글로 스스로 답함 (1: 함)",
            en="Answer from safe texts at night (1: yes)",
            unit=_("0 또는 1"),
            source=_("도시가 정함; 사람이 다음 날 다시 봄"),
            least=0,
            most=1,
        ),
    )
    safe_percent: int = field(
        default=60,
        metadata=rule(
            ko="스스로 답하려면 물음의 낱말이 글에 이만큼 있어야 함",
            en="How many of a question's words a text must have to be sent by itself",
            unit=_("%"),
            source=_("도시가 정함"),
            least=30,
            most=100,
        ),
    )
    picture_days: int = field(
        default=180,
        metadata=rule(
            ko="처리한 민원의 사진을 두는 기간",
            en="How long photos are kept after the answer",
            unit=_("일"),
            source=_("도시가 정함; 이의를 말할 수 있는 60일보다 길게"),
            least=61,
            most=1095,
        ),
    )
    most_pictures: int = field(
        default=5,
        metadata=rule(
            ko="민원 하나에 받는 사진",
            en="Photos of one complaint",
            unit=_("장"),
            source=_("도시가 정함"),
            least=0,
            most=20,
        ),
    )
    page_from_address: int = field(
        default=20,
        metadata=rule(
            ko="누리집에서 한 주소가 10분에 낼 수 있는 접수와 덧붙임",
            en="Complaints and additions from one address in ten minutes",
            unit=_("건"),
            source=_("도시가 정함; 여러 전화기가 통신사의 한 주소를 씀"),
            least=1,
            most=1000,
        ),
    )
    page_in_a_minute: int = field(
        default=60,
        metadata=rule(
            ko="누리집에서 도시 모두 1분에 받는 접수",
            en="Complaints by the page in a minute, of the whole city",
            unit=_("건"),
            source=_("도시가 정함; 더 많으면 시민이 아님"),
            least=1,
            most=10_000,
        ),
    )
