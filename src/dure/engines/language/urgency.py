# SPDX-License-Identifier: Apache-2.0
"""How urgent a complaint is, by its words: 4 danger to life now, 3 danger today, 2 soon, 1 in its turn.

Recall goes first: a call too many costs the duty officer a minute, one too few may cost a life. What names a danger is
a 4 unless the sentence plainly asks about a manual (행동 요령, 교육, 보험), tells of long ago, or the words say another
thing there (불이 나갔어요: the lamp is out). No morphemes are needed, so that the ring never waits for a model to load.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .phrases import Found, Phrases, folded, sentences
from .tokens import normal

DANGER, TODAY, SOON, ORDINARY = 4, 3, 2, 1

_DANGER = Phrases(
    r"""
    살려  사람 살  도와 ?(?:줘|주세|주십|줏|도)[가-힣]{0,8} ?(?:제발|빨리|급)  (?:제발|빨리|급해) ?[가-힣]{0,8} 도와
    구급차  앰뷸런스  엠뷸런스  응급 ?(?:상황|환자|이에|입니|이요)  구조 ?(?:해 ?(?:주|줘)|요청|바랍)
    큰일 ?났  (?<![\d,.\-])119(?![\d,.]|\s?(?:동|호|번지|번길|번 ?버스|원|개|명|m|미터|-\d))  <일일구>
    (?:<|산|들)불(?:이|이요)? ?(?:야(?!기)|났|낫|나써|나뿟|난 ?(?:것|거|다|집)|나고 ?있|나서|납니|나요)
    (?:<|산|들)불(?:이|이요)? ?(?:번지|붙|탑니|타고|타요|탄다)
    화재 ?(?:가|다|요|입니|발생|현장|났)  <화재>  연기 ?(?:가|도)? ?(?:나|자욱|피어|새|올라|차|많|가득|엄청)
    타는 ?(?:냄새|내음|내가)  끙끙 ?앓  앓는 ?소리  신음 ?(?:소리|하)
    (?:가스|까스|깨스) ?(?:가|이)? ?(?:냄|누출|새|샌|샙|폭발|중독)  폭발  폭팔
    감전  일산화탄소  (?:전선|전봇대|전신주|옹벽|축대|담장|건물|천장|다리)[가-힣]{0,8} ?(?:무너|쓰러|붕괴)  쓰러
    쓰려져  의식 ?(?:이|을)? ?(?:없|잃|불명|을 못|이 안)  기절  실신
    숨 ?(?:을|이)? ?(?:못|안|않|멎|멈|막히)  호흡 ?(?:이|을)? ?(?:없|안|않|곤란|못|멈)  심정지
    심장 ?(?:이|마비|발작)  맥박 ?이? ?(?:없|안)  <피(?:를|가)? ?(?:흘|토|나|많|철철|엄청|범벅)  출혈  발작
    경련  마비 ?(?:가|됐|되|왔)  질식
    (?:물|강|하천|호수|저수지|바다|수영장|맨홀|구덩이|우물)(?:에|로|속에) ?빠  물에 ?(?:휩쓸|떠내려)  익사
    (?:밑|아래|나무|차|벽|담|기계|더미|잔해|사람)[가-힣]{0,3} ?(?:[가-힣]{1,4} )?깔(?:렸|려|린)  갇혔  갇혀
    끼였  매몰 ?(?:되|됐|된)  추락 ?(?:했|해|한|하|사고|사)  떨어져 ?(?:서 )?다쳤  (?:안|못) ?(?:깨어|일어)나
    (?:깨어나지 ?[않안못]|일어나지 ?못)  정신 ?을? ?(?:잃|못 차)  눈 ?을? ?[안못] ?떠  거품 ?을? ?물
    숨 ?이? ?넘어  목 ?[을이]? ?졸  물에 ?뛰어
    (?:난간|옥상|다리)[가-힣]{0,3} ?[가-힣]{0,4} ?(?:매달|뛰|올라가 ?있)  중태
    위독  (?:농약|독극물|락스|수면제)[을를]? ?[가-힣]{0,4} ?(?:먹|마셨|삼)
    약을? ?(?:많이|한꺼번에|다|통째로|왕창) ?(?:먹|삼)  저체온  얼어 ?죽  굶어 ?죽
    사람 ?(?:이|을)? ?(?:죽|치였|쳤|물에)  차에 ?(?:치|받)  뺑소니  뇌졸중  열사병  칼(?:을|로|부림| 들)
    흉기  총(?:을|소리| 들)  (?:때리고|맞고|때려요|패고|두들겨|목을 ?조르)  폭행 ?(?:당|하고|중)  납치  감금
    성폭(?:행|력)  강간  강도(?:가 ?(?:들|침입|나타|있)| 들)  죽이(?:겠|려|러)  인질
    (?:아이|아기|애|아동|할머니|노인|장애인)[가-힣]{0,8} ?(?:때|학대)  자살  <자해  죽고 ?싶  죽어 ?버리  죽으려
    죽을 ?래  죽는 ?게 ?(?:낫|나)  <목(?:을)? ?[매맨맬맸멘](?!듭)  뛰어 ?내리  투신  유서  번개탄
    극단적 ?(?:인 )?선택  살기 ?(?:가 )?싫  살고 ?싶지  그만 ?살  사라지고 ?싶
    세상 ?(?:을)? ?(?:떠나|등지|하직)  손목 ?을? ?(?:긋|그었)  생을 ?마감  <help me  <save me
    <(?:on|a|house|my) fire>  <fire ?!  <fire (?:in|at|broke)  gas (?:smell|leak)
    smell(?:s|ing)? (?:of |like )?gas  <smoke (?:coming|everywhere|in|from)  explo(?:sion|ded)  collapsed
    unconscious  not breathing  (?:cannot|can't|cant) breathe  bleeding  drown  heart attack  stroke>
    seizure  <stabb?  <knife>  <gun>  <rape  kidnap  suicid  kill (?:myself|himself|herself)  want to die
    end my life  trapped  electrocut  <ambulance  <emergency>  <dying>  overdos
    """
)
_TODAY = Phrases(
    r"""
    맨홀 ?[가-힣]{0,2} ?(?:뚜껑)?[가-힣]{0,2} ?(?:열|없|깨|빠|파손|꺼)  싱크홀  땅 ?꺼짐
    (?:땅|도로|지반|길)(?:이|가)? ?(?:꺼|내려앉|푹|가라앉)  지반 ?침하
    (?:전선|전깃줄|전기줄|케이블)[가-힣]{0,8} ?(?:늘어|끊|내려|떨어|노출|벗겨)  누전  스파크  불꽃(?!놀이|축제)
    (?:신호등|신호기|차단기|차단봉)[가-힣]{0,8} ?(?:고장|꺼|안 |나갔|안들|멈|부러)  쓰러  넘어졌  넘어져
    부러(?:져|졌|질)  무너  붕괴  추락  침수  물이 ?(?:차오|넘치|들어오|역류)  범람  산사태  낙석  토사
    떨어질  떨어지려  고드름  벌집  말벌  멧돼지  들개  개(?:가|한테|에게) ?(?:물|달려)  뱀이  빙판
    블랙 ?아이스  다쳤  다쳐  다칠  교통 ?사고  사고(?:가)? ?(?:났|나)  정전  갑자기 ?전기  학대  노숙  실종
    치매[가-힣 ]{0,12}(?:없어|사라|나가|배회)  아이(?:가|를) ?(?:없어|잃어|혼자)  유리 ?(?:조각|파편)
    난간[가-힣]{0,8} ?(?:떨어|흔들|부서|파손|없)  기름 ?유출  하수[가-힣]{0,8} ?(?:역류|넘)
    수도관[가-힣]{0,8} ?(?:터|파열)  물이 ?(?:솟|터)  타는 ?(?:냄새|내음|내가)  식중독
    협박  스토킹  위험 ?(?:해|합|하|천만|한 ?상)
    <dangerous  sinkhole  fallen (?:tree|wire|branch|line)  tree (?:has )?(?:fell|fallen|down)
    power (?:outage|cut)  flood(?:ed|ing)  (?:traffic|signal) lights? (?:is |are )?(?:out|broken|not|dead)
    open manhole  manhole cover  injur  <accident>  live wire  <burst
    """
)
_SOON = Phrases(
    r"""
    빨리  <급(?:해|합|하|히|한)  시급  긴급  당장  즉시  오늘 ?(?:안|중|까지)  지금 ?바로  위험  단수  누수
    못 ?살겠  (?:\d+|몇|여러|수십|수차례|세|네|다섯) ?번(?:이나|째| ?(?:을 )?(?:신고|전화|말))
    (?:며칠|몇 ?일|\d+일|일주일|한 ?달|몇 ?달)(?:째|이 ?넘|동안)  내일까지  <urgent  asap
    right (?:now|away)  immediately  <for (?:days|weeks)  no water  <leak
    """
)
_ANOTHER_THING = Phrases(
    r"""
    불(?:이|도)? ?(?:나갔|나가|안 ?(?:나와|들어|켜)|들어)  불이야기
    <(?!사람|아이|아기|우리|저|나|날|엄마|아빠|남편|아내|할|어머|아버|아들|딸|애)[가-힣]{1,12}[을를] ?살려
    (?:교통|도로|행정|업무|전산|기능|전화)[가-힣]{0,8} ?마비  유서 ?깊  총 ?들어  회의[가-힣]{0,8} ?연기
    연기(?:된|되|신청|요청|해)  접수[가-힣]{0,8} ?폭발
    (?:민원|문의|인기|관심|수요|분노|화)(?:이|가)? ?폭(?:발|팔)  피(?:가|를) ?말(?:라|리)
    총(?:을|소리)? ?(?:합|액|계|무|괄|장|선|량|회)  칼(?:로리|럼|국수|슘)  심장 ?(?:이 )?(?:뛰|쿵)
    (?:가격|집값|물가|점수|지지율|성적|순위|수치)[가-힣]{0,8} ?(?:추락|폭발)  피(?:가|를)? ?나무
    피나(?:는 ?노력)  fire ?(?:extinguisher|station|department|hydrant|works|drill|truck|lane)
    (?:traffic|air|phone|lift) ?(?:light )?emergency number
    """
)
_WORKS = "공장|소각|굴뚝|작업장|공사장|고물상|정비소|인쇄소|식당|고깃집|치킨집|음식점|텃밭|논밭|밭에서|논에서"
_AT_WORK = Phrases(rf"(?:{_WORKS})[가-힣]{{0,4}}(?:(?!불|연기|폭|가스|전선)[^.?!\n]){{0,14}}?타는 ?(?:냄새|내음|내가)")
"""Where there is always something burning it is a nuisance, for which nobody is woken."""
_ANIMALS = "고양이|강아지|고라니|너구리|비둘기|멧돼지|노루|족제비|들개|유기견|<개|까치|동물"
_HURT = "차에 ?(?:치|받)|쓰러|깔(?:렸|려|린)|갇혔|갇혀|끼였|숨 ?(?:을|이)? ?(?:못|안|않)|<피(?:를|가)? ?(?:흘|나|많)"
_HURT_ANIMAL = Phrases(rf"(?:{_ANIMALS})[가-힣]{{0,4}}[^.?!\n]{{0,14}}?(?:{_HURT})")
_FALLEN_THING = Phrases(
    r"""
    (?:나무|가로수|나뭇가지|표지판|간판|자전거|킥보드|펜스|울타리|현수막|화분|의자|벤치|오토바이|볼라드|쓰레기통|휴지통|라바콘|안내판|가드레일|천막|텐트|꽃|풀|벼|잔디|묘목|수거함|이정표|반사경|파라솔|시설물|배너|게시판|차단봉|차단기|신호등|가로등)[가-힣]{0,4}[^.?!\n]{0,14}?쓰러
    """
)
_SOMEBODY = Phrases(
    r"""
    사람  할머니  할아버지  어르신  아이  아기  애가  애기  학생  남자  여자  아저씨  아주머니  엄마  아빠
    어머니  아버지  남편  아내  친구  노인  행인  <(?:제|내|저)가  깔  다쳤
    """
)
_ASKED_IN_GENERAL = Phrases(
    r"""
    요령  매뉴얼  메뉴얼  교육  훈련  캠페인  보험  조례  절차  강의  강좌  수칙  포스터  통계
    예방 ?(?:사업|정책|대책|계획)  방법  지원금  보상
    (?:날|날때|난|될|질|칠|쓰러졌을|났을|을) ?때(?:는|에|의)?   (?:나|되|지|하|으|쓰러지|나게 ?되)면   경우
    <how (?:do|to|should|can)  <what (?:should|to do|if)  training  manual>  insurance  policy>
    """
)
_LONG_AGO = Phrases(
    r"""
    작년  재작년  지난해  지난 ?달  (?:\d+|몇|수) ?(?:년|달|개월) ?전  예전에  last (?:year|month)
    years ago
    """
)
_STILL = Phrases(
    r"""
    지금  방금  현재  살려  빨리  도와  불러  출동  급해  고 ?있  싶  <또  right now  <again  please
    """
)
_NOW = Phrases(
    r"""
    지금  방금  현재  <여기  살려  빨리  도와  어떡  불러  와 ?(?:주|줘)  출동  급해
    고 ?있(?:어|습|는|다|음|네)  (?:졌|났|렸|됐|었|았)(?:어|습|는데|네|다>|음|심더|수다|는디|당)
    (?:<나|냄새 ?나|보이)(?:요|는데|네요)  싶(?:어|습|다|네|은데)  <right now  <now>
    <please (?:help|come|hurry)
    """
)


@dataclass(frozen=True)
class Urgency:
    """``level`` 1–4 and the words, as they stand in the text, that made it so (none for 1)."""

    level: int
    words: list[str] = field(default_factory=list)


def urgency(text: str) -> Urgency:
    """How urgent ``text`` (Korean or English) is: its most urgent sentence decides."""
    text = normal(text)
    by_level: dict[int, dict[str, None]] = {}
    for start, end in sentences(text):
        level, found = _of_sentence(text[start:end])
        by_level.setdefault(level, {}).update(dict.fromkeys(one.words for one in found))
    level = max(by_level, default=ORDINARY)
    return Urgency(level, list(by_level.get(level, ())))


def _of_sentence(text: str) -> tuple[int, list[Found]]:
    same = folded(text)
    meant = _ANOTHER_THING.blanked(same)
    meant = _AT_WORK.blanked(meant)
    if not _SOMEBODY.are_in(meant):
        meant = _HURT_ANIMAL.blanked(_FALLEN_THING.blanked(meant))
    if danger := _DANGER.find(text, meant):
        in_general = _ASKED_IN_GENERAL.are_in(meant) and not _NOW.are_in(meant)
        calm = in_general or (_LONG_AGO.are_in(meant) and not _STILL.are_in(meant))
        return (SOON if calm else DANGER), danger
    for level, signs in ((TODAY, _TODAY), (SOON, _SOON)):
        if found := signs.find(text, same):
            return level, found
    return ORDINARY, []
