# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document's English in Korean, for the page that shows it. tests/web/test_api_page.py misses none."""

KOREAN = {
    "What machines say to the city, and ask of it. Errors name the field, in English and Korean.": (
        "기계가 도시에 알리고 묻는 문입니다. 잘못된 곳은 어느 칸인지 한국어와 영어로 알려 줍니다."
    ),
    "Send readings": "측정값 보내기",
    "One reading, or up to 10,000, in one request. The answer is sent when they are on disk; sending the same again "
    "changes nothing. A reading that is wrong is named with its field, and the others are stored. 422: none could be. "
    "503: nothing was stored; send all of it again after Retry-After seconds.": (
        "한 번에 하나부터 10,000개까지 보냅니다. 디스크에 적힌 뒤에 답하고, 같은 것을 다시 보내도 그대로입니다. "
        "잘못된 값은 어느 칸이 왜 틀렸는지 알리고 나머지는 적습니다. 422: 적을 수 있는 것이 하나도 없음. "
        "503: 아무것도 적지 못했으니 Retry-After 초 뒤에 모두 다시 보내세요."
    ),
    "Start of the interval, with its zone": "구간이 시작하는 때, 시간대와 함께",
    "null: the device reported and had no value": "null: 기기가 살아 있으나 값이 없음",
    "Up to 10000": "10,000개까지",
    "Columns device, series, at (timestamp[us, UTC]), value (float64); optionally quality": (
        "칸: device, series, at (timestamp[us, UTC]), value (float64), 있으면 quality"
    ),
    "What was wrong with one reading.": "측정값 하나에서 잘못된 것.",
    "Which reading, counted from 0 in what was sent": "보낸 것 가운데 몇째인지 (0부터)",
    "What became of the readings, written after they are on disk.": (
        "측정값이 어떻게 되었는지. 디스크에 적힌 뒤의 답입니다."
    ),
    "Readings whose series and time were there already; nothing was changed": (
        "같은 계열과 시각의 값이 이미 있음; 바뀐 것은 없음"
    ),
    "Duplicates sent with another value: the first one stays": "이미 있는 것과 다른 값: 먼저 온 것이 남음",
    "Why the whole request was refused.": "요청 전체를 받지 않은 까닭.",
    "Uplinks from ChirpStack": "ChirpStack이 받은 것",
    "ChirpStack v4's HTTP integration, JSON. Events other than ?event=up are answered and not kept. A frame that "
    "cannot be decoded is answered 200 too, with the reason, and kept as rejected: the server must not stop sending "
    "the others.": (
        "ChirpStack v4의 HTTP 연동, JSON. ?event=up이 아닌 일은 답만 하고 적지 않습니다. 풀 수 없는 것도 까닭과 함께 "
        "200으로 답하고 거절한 값으로 적습니다. 서버가 나머지까지 멈추지 않게 하기 위해서입니다."
    ),
    "Uplinks from The Things Stack": "The Things Stack이 받은 것",
    "The Things Stack v3's webhook, JSON. What is no uplink is answered and not kept. A frame that cannot be decoded "
    "is answered 200 too, with the reason, and kept as rejected: the server must not stop sending the others.": (
        "The Things Stack v3의 웹훅, JSON. 올라온 값이 아니면 답만 하고 적지 않습니다. 풀 수 없는 것도 까닭과 함께 "
        "200으로 답하고 거절한 값으로 적습니다. 서버가 나머지까지 멈추지 않게 하기 위해서입니다."
    ),
    "oneM2M notifications": "oneM2M 알림",
    "Where a oneM2M platform notifies of new content instances (m2m:sgn). A subscription that asks to be confirmed is. "
    "A value that is wrong is answered 200 with the reason and kept as rejected; the others are stored.": (
        "oneM2M 플랫폼이 새 contentInstance를 알리는 곳입니다 (m2m:sgn). 확인을 청하는 구독은 확인해 줍니다. "
        "잘못된 값은 까닭과 함께 200으로 답하고 거절한 값으로 적으며, 나머지는 적습니다."
    ),
    "A oneM2M content instance": "oneM2M contentInstance 하나",
    "One content instance (m2m:cin) of the device that the AE is named after. A value that is wrong is answered 200 "
    "with the reason and kept as rejected; the others are stored.": (
        "AE의 이름이 가리키는 기기의 contentInstance 하나입니다 (m2m:cin). 잘못된 값은 까닭과 함께 200으로 답하고 "
        "거절한 값으로 적으며, 나머지는 적습니다."
    ),
    "Bins as NGSI-LD WasteContainer": "수거함 (NGSI-LD WasteContainer)",
    "How full every bin is, what is wrong with it and when it was last emptied, by code, key-values.": (
        "수거함마다 얼마나 찼는지, 무엇이 잘못되었는지, 언제 비웠는지를 코드 차례로 key-value로 줍니다."
    ),
    "A place: longitude and latitude in degrees (WGS 84).": "곳: 경도와 위도 (도, WGS 84).",
    "One bin in the words of the smart-data-models WasteContainer; what is not known is left out.": (
        "smart-data-models WasteContainer의 말로 적은 수거함 하나. 모르는 것은 빠집니다."
    ),
    "0 empty, 1 full": "0 비었음, 1 가득 참",
    "°C inside the bin": "수거함 안의 온도 (°C)",
    "When the level was measured": "찬 정도를 잰 때",
    "Area code: it and all below it": "지역 코드: 그곳과 그 아래 모두",
    "Calls that ring now": "지금 울리는 전화",
    "The telephone asks which numbers to ring. Each number read is on the audit chain.": (
        "전화 장치가 어느 번호를 울릴지 묻습니다. 읽은 번호는 모두 감사 기록에 남습니다."
    ),
    "An answer in a call": "통화 중의 대답",
    "Say what was heard, and hear what to say next. 404 unknown, 409 when the call is over.": (
        "들은 것을 알리고, 다음에 할 말을 받습니다. 404: 없는 전화, 409: 이미 끝난 전화."
    ),
    "A home is empty for a while": "얼마간 집을 비움",
    "“I am away”, said with the phone: hold alarms back and bring them back by themselves.": (
        "휴대전화로 알린 “외출합니다”. 그동안 알림을 멈추고, 끝나면 저절로 다시 켭니다."
    ),
    "Send many resources": "여러 자원 보내기",
    "A Bundle of up to 500 resources to create. A batch keeps what is right and names the fault of the others; a "
    "transaction keeps all or nothing.": (
        "500개까지의 자원을 Bundle 하나로 보냅니다. batch는 옳은 것을 두고 나머지의 잘못을 알리며, "
        "transaction은 모두 두거나 하나도 두지 않습니다."
    ),
    "Codes of our own": "우리의 코드",
    "What they mean: series, finding, follow-up, quality.": "코드의 뜻: series, finding, follow-up, quality.",
    "One thing that was noticed": "알아챈 것 하나",
    "One help that was ordered": "청한 도움 하나",
    "By the id that a search or a creation gave. For partners' feeds and officers.": (
        "찾거나 만들 때 받은 id로 읽습니다. 기관 공급원과 담당자에게."
    ),
    "Falls and calls for help, how late": "넘어짐과 도움 요청, 얼마나 늦었는지",
    "Falls and calls for help that came into a case at or after since.": ("그때부터 사건이 된 넘어짐과 도움 요청."),
    "One fall or call for help that a device told of, without any personal data.": (
        "기기가 알린 넘어짐이나 도움 요청 하나. 개인정보는 없습니다."
    ),
    "By the time at which the platform had them.": "플랫폼이 알게 된 때의 순서.",
    "What became of the cases": "사건이 어떻게 되었는지",
    "Cases opened at or after since, without any personal data.": "since부터 열린 사건. 개인정보는 없습니다.",
    "A call that rings now.": "지금 울리는 전화 하나.",
    "All calls that ring now.": "지금 울리는 모든 전화.",
    "The call after the answer: what is said next, which keys mean something, and whether it is over.": (
        "대답 뒤의 통화: 다음에 할 말, 뜻이 있는 단추, 끝났는지."
    ),
    "What was heard: a key that was pressed or words that were said (both null: silence), or that the line was cut. "
    "turn is the number of the answer from 0, as the last reply gave it: the same one sent again changes nothing.": (
        "들은 것: 누른 단추나 하신 말씀(둘 다 null: 아무 말 없음), 또는 끊어짐. "
        "turn은 앞선 답이 준 차례(0부터)이고, 같은 것을 다시 보내도 바뀌는 것이 없습니다."
    ),
    "What was kept.": "적힌 것.",
    "The home of a device is empty between from and until.": "기기가 있는 집이 from부터 until까지 비어 있음.",
    "What became of one case, with the home named by its power meter only. A case of silent devices names the device "
    "where it is one, else about says which (devices:{feed}:{area}, feed:{code}).": (
        "사건 하나가 어떻게 되었는지. 집은 전력량계로만 알립니다. 값이 오지 않는 기기의 사건은 하나면 그 기기를, "
        "여럿이면 about에 어느 것인지(devices:{feed}:{area}, feed:{code}) 알립니다."
    ),
    "Cases by the time they were opened.": "열린 차례로 늘어놓은 사건.",
    "OK": "됨",
    "Refused": "받지 않음",
    "Not now": "지금은 안 됨",
    "Bad Request": "읽을 수 없는 요청",
    "Unauthorized": "열쇠가 없거나 틀림",
    "Forbidden": "이 열쇠로는 안 됨",
    "Service Unavailable": "지금은 안 됨",
    "Request Entity Too Large": "너무 큼",
    "Unsupported Media Type": "받지 않는 형식",
    "Unprocessable Entity": "적을 수 있는 것이 없음",
    "A FHIR R4 resource": "FHIR R4 자원",
    "Active ones are open findings. For partners' feeds and officers.": (
        "active인 것은 열려 있는 발견입니다. 협력 기관의 공급원과 담당 공무원이 씁니다."
    ),
    "Ask for help for a person": "한 분을 도와 달라고 하기",
    "Becomes a finding, and from medium priority on a case; the same identifier with inactive ends it.": (
        "발견이 되고, medium 이상이면 사건이 됩니다. 같은 identifier를 inactive로 보내면 끝납니다."
    ),
    "By the id that a search or a creation gave.": "찾기나 만들기가 알려 준 id로 읽습니다.",
    "Help ordered for a person": "한 분께 시킨 도움",
    "It is new, and on disk": "새것이며 디스크에 적힘",
    "One reading": "측정값 하나",
    "Orders a follow-up on the person's case; the same identifier with cancelled takes it back.": (
        "그분의 사건에 뒤따를 일을 시킵니다. 같은 identifier를 cancelled로 보내면 거둡니다."
    ),
    "Readings of a person": "한 분의 측정값",
    "Refused; the element to blame is in issue[0].expression": "받지 않음; 잘못된 곳은 issue[0].expression에 있음",
    "Send a reading": "측정값 보내기",
    "Tell what was noticed of a person": "한 분에게서 알아챈 것을 알리기",
    "The CapabilityStatement.": "CapabilityStatement입니다.",
    "The errands of the person's monitoring cases. For partners' feeds and officers.": (
        "그분의 건강 사건에서 시킨 일입니다. 협력 기관의 공급원과 담당 공무원이 씁니다."
    ),
    "The newest first; date (ge, gt, le, lt) may stand several times. An officer names purpose.": (
        "새것부터. date(ge, gt, le, lt)는 여러 번 쓸 수 있습니다. 공무원은 purpose를 밝힙니다."
    ),
    "Through the same checks as every reading; sent again it changes nothing. 201 when it is on disk.": (
        "다른 측정값과 같은 검사를 거칩니다. 다시 보내도 바뀌는 것이 없습니다. 201: 디스크에 적힘."
    ),
    "What this FHIR server can do": "이 FHIR 서버가 할 수 있는 것",
    "What was noticed of a person": "한 분에게서 알아챈 것",
    "Emptyings, cases and reports of bins": "수거함의 비움, 사건, 신고",
    "An emptying that was seen from readings; levels in percent.": "측정값에서 알아챈 비움. 찬 정도는 %입니다.",
    "What became of one case. bin: None where it is about several or none of them.": (
        "사건 하나가 어떻게 되었는지. bin: 여러 수거함이거나 수거함이 아니면 없습니다."
    ),
    "That a passer-by reported a bin, without what they wrote.": "지나던 시민이 수거함을 알린 것. 쓴 글은 없습니다.",
    "By their times.": "시각 차례입니다.",
    "What came at or after since, without any personal data.": "since부터 온 것. 개인정보는 없습니다.",
    "A truck's turn": "차량의 차수",
    "The turn that the truck is on, else its next; its stops with what came of them.": (
        "차량이 지금 도는 차수, 없으면 다음 차수. 들를 곳과 그곳에서 어떻게 되었는지."
    ),
    "The truck's turn: what is over in the order in which it was, then what is left in the order of the plan.": (
        "차량의 차수: 끝난 곳은 들른 차례로, 남은 곳은 계획의 차례로."
    ),
    "Code of the truck: with the key of a feed": "차량의 코드: 공급원의 열쇠로 물을 때",
    "A stop: a bin to be emptied or a site to unload at. Levels in percent.": (
        "들를 곳: 비울 수거함이나 하역할 곳. 찬 정도는 %입니다."
    ),
    "To be said with what came of it": "어떻게 되었는지 알릴 때 씁니다",
    "As planned": "계획한 때",
    "Expected, %": "예상 (%)",
    "Seen, %": "가 보니 (%)",
    "A rest that the plan holds.": "계획에 든 쉬는 시간.",
    "Another one when the stops, their order or their states are others": (
        "들를 곳, 차례, 상태가 달라지면 다른 값이 됩니다"
    ),
    "A truck leaves, is back, breaks down": "차량이 떠남, 돌아옴, 고장 남",
    "The truck leaves, is back, or goes no further.": "차량이 떠나거나 돌아오거나 더 가지 못합니다.",
    "Said again it changes nothing. What a truck that breaks down had left is planned anew for the others.": (
        "다시 말해도 그대로입니다. 고장 난 차량에 남은 것은 다른 차량들에 다시 나눕니다."
    ),
    "When; default: now": "언제; 안 적으면 지금",
    "Where it broke down, °E": "고장 난 곳 (°E)",
    "°N": "°N (북위)",
    "°E, °N": "°E, °N (동경, 북위)",
    "What came of a truck's stop": "들른 곳에서 어떻게 되었는지",
    "What came of a stop. The same client_id again changes nothing.": (
        "들른 곳에서 어떻게 되었는지. 같은 client_id를 다시 보내도 그대로입니다."
    ),
    "Kept whatever the plan has made of the stop meanwhile; of several words the one of the latest at holds.": (
        "그 사이 계획이 바뀌었어도 남깁니다. 여러 번 말했으면 at이 가장 늦은 말을 따릅니다."
    ),
    "When it was; at most five minutes ahead, not before the round was given out": (
        "언제였는지. 5분 넘게 앞선 때와 차수를 나눠 주기 전은 안 됩니다"
    ),
    "Level that was seen, %": "본 찬 정도 (%)",
    "What the scale said": "저울의 값",
    "Needed where it could not be done": "못 했을 때 적습니다",
    "A KakaoTalk channel's bot asks for an answer": "카카오톡 채널의 봇이 답을 청함",
    "The open builder's skill webhook: set Authorization: Bearer <key> as a header of the skill. What goes wrong is "
    "said in the chat, with status 200: the bot shows nothing of another answer.": (
        "오픈빌더의 스킬 웹훅입니다. 스킬의 머리글에 Authorization: Bearer <key>를 적습니다. 잘못된 것은 200으로 "
        "답하고 채팅에서 말합니다: 봇은 다른 답을 보여 주지 않습니다."
    ),
    "What a channel's bot asks; what else it sends is not looked at.": (
        "채널의 봇이 묻는 것. 그 밖에 보낸 것은 보지 않습니다."
    ),
    "Who writes: a key that the channel makes for each account.": "누가 쓰는지: 채널이 계정마다 만드는 열쇠입니다.",
    "What they wrote.": "적은 말.",
    "Version 2.0 of the answer.": "답의 2.0판.",
    "Lines of a call under way": "통화 중의 말",
    "With the key of a telephony feed. Answered when the lines are on disk; send again what was not answered.": (
        "전화 공급원의 열쇠로 보냅니다. 디스크에 적힌 뒤에 답합니다. 답을 못 받은 것은 다시 보내세요."
    ),
    "What was heard since the last time.": "지난번 뒤로 들은 것.",
    "One thing that was said.": "말 한 줄.",
    "Its number within the call; the same number again changes nothing": (
        "통화 안에서의 번호. 같은 번호를 다시 보내도 그대로입니다"
    ),
    "The caller's number, once it is known": "건 이의 번호, 아는 때부터",
    "User name of the agent who took the call": "전화를 받은 상담사의 로그인 이름",
    "What is on disk now.": "지금 디스크에 있는 것.",
    "Lines of this call": "이 통화의 줄 수",
    "Of those just sent": "그 가운데 방금 보낸 것",
    "How complaints were judged, joined, masked and answered": "민원을 어떻게 나누고, 잇고, 가리고, 답했는지",
    "One complaint. departments and topics: codes as judged when it came, best first; masked: the kinds of the marks "
    "that stand in its text, in their order.": (
        "민원 하나. departments와 topics: 왔을 때 나눈 코드, 가장 그럴듯한 것부터; masked: 글에 선 표의 종류, 차례대로."
    ),
    "Those received at or after since.": "since나 그 뒤에 받은 것.",
}
