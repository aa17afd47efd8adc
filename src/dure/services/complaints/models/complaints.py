# SPDX-License-Identifier: Apache-2.0
"""What a citizen said, what was made of it, and what was said back. A case may answer many citizens."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.models import Area, Case
from dure.city.sealed import SealedTextField

from .departments import Department, Kind, Topic


class Door(models.TextChoices):
    PHONE = "phone", _("전화")
    VISIT = "visit", _("방문")
    WEB = "web", _("누리집")
    EMAIL = "email", _("전자우편")
    CHAT = "chat", _("채팅")
    EPEOPLE = "epeople", _("국민신문고")
    OPEN311 = "open311", _("다른 앱")


class ComplaintNumber(models.Model):
    """The last complaint number given in a year (of Korea), as :class:`dure.city.models.CaseNumber`."""

    year = models.PositiveSmallIntegerField("해", primary_key=True)
    last = models.PositiveIntegerField("마지막 번호", default=0)

    class Meta:
        verbose_name = "민원 번호"


class Complaint(models.Model):
    """One citizen's complaint. Forty reports of one lamp are forty rows with one ``case``.

    ``text`` is what they said, sealed; ``masked`` the same with marks (⟦PHONE_1⟧) in the place of personal data, and
    ``vault`` (sealed JSON) what stood there. Only ``masked`` is indexed, shown to other departments, sent to a model.
    ``reporter``: sealed JSON ``{"name","phone","email"}``, each optional; ``reporter_index`` finds them again, and
    ``place_index`` others who name the same house, of which nobody reads the address.
    ``version`` grows with every word added, so that a draft made for an older one is not sent. ``reply_by``: by which
    sender (a Door) answers are brought to the citizen; empty, they come and look. ``near_told_at``: when it was told
    that little of the period is left; None again with a new ``due_at``.
    """

    number = models.CharField("접수 번호", max_length=20, unique=True)
    pin = models.CharField("비밀번호 (요약값)", max_length=128)
    pin_failures = models.PositiveSmallIntegerField("틀린 횟수", default=0)
    pin_closed_until = models.DateTimeField("이때까지 닫음", null=True, blank=True)
    client_id = models.UUIDField("보낸 쪽 번호", unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="complaints", verbose_name="사건")
    door = models.CharField("들어온 곳", max_length=8, choices=Door.choices)
    outside_ref = models.CharField("그곳의 번호", max_length=200, blank=True)
    language = models.CharField("말", max_length=5, default="ko")
    kind = models.CharField("종류", max_length=12, choices=Kind.choices, default=Kind.OTHER)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="complaints")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="complaints")
    area = models.ForeignKey(Area, models.PROTECT, related_name="complaints")
    title = models.CharField("제목 (가린 것)", max_length=120, blank=True)
    text = SealedTextField("글")
    masked = models.TextField("글 (가린 것)")
    vault = SealedTextField("가린 것의 원래 값")
    answers = models.JSONField("더 물은 것의 답", default=dict, blank=True)
    reply_by = models.CharField("답을 보낼 곳", max_length=8, choices=Door.choices, blank=True)
    reporter = SealedTextField("알린 이", null=True, blank=True)
    reporter_index = models.CharField("알린 이 찾기표", max_length=64, blank=True, db_index=True)
    address = SealedTextField("자리의 주소", null=True, blank=True)
    place_index = models.CharField("자리 찾기표", max_length=64, blank=True, db_index=True)
    lon = models.FloatField("경도 (°E)", null=True, blank=True)
    lat = models.FloatField("위도 (°N)", null=True, blank=True)
    received_at = models.DateTimeField("접수 시각", db_index=True)
    due_at = models.DateTimeField("법정 기한")
    near_told_at = models.DateTimeField("기한이 가까움을 알린 시각", null=True, blank=True)
    first_answered_at = models.DateTimeField("처음 답한 시각", null=True, blank=True)
    answered_at = models.DateTimeField("처리 결과를 알린 시각", null=True, blank=True)
    withdrawn_at = models.DateTimeField("취하 시각", null=True, blank=True)
    objected_at = models.DateTimeField("이의를 말한 시각", null=True, blank=True)
    rating = models.PositiveSmallIntegerField("만족 (1~5)", null=True, blank=True)
    repeats = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="repeated_by")
    version = models.PositiveIntegerField("판", default=1)

    class Meta:
        verbose_name = "민원"
        indexes = [models.Index(fields=["answered_at", "due_at"]), models.Index(fields=["topic", "received_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["door", "outside_ref"], condition=~models.Q(outside_ref=""), name="complaint_once_per_door"
            )
        ]

    def __str__(self) -> str:
        return self.number


class Judgement(models.Model):
    """What the classifier said of a complaint when it came, and what a person then chose (promise 4).

    ``labels``: ``[{"label","p"}]`` best first, ``why``: ``{"words":[…],"complaints":[…]}``. ``chosen`` differs from
    the first label: a correction, which teaches. ``parts``: several matters in one, ``[{"start","end","label","p"}]``.
    """

    complaint = models.OneToOneField(Complaint, models.CASCADE, related_name="judgement")
    engine = models.CharField("엔진과 판", max_length=60)
    at = models.DateTimeField("시각")
    labels = models.JSONField("후보 부서", default=list)
    topics = models.JSONField("후보 갈래", default=list)
    decided = models.BooleanField("스스로 정함")
    urgency = models.PositiveSmallIntegerField("급한 정도 (1~4)", default=1)
    urgent_words = models.JSONField("급하다고 본 말", default=list)
    parts = models.JSONField("나뉜 것", default=list)
    why = models.JSONField("까닭", default=dict)
    chosen = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    chosen_topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="+")
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    chosen_at = models.DateTimeField("고른 시각", null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = "분류"


class MessageWay(models.TextChoices):
    IN = "in", _("시민이")
    OUT = "out", _("시가")


class MessageKind(models.TextChoices):
    RECEIPT = "receipt", _("접수 알림")
    ADDED = "added", _("덧붙임")
    QUESTION = "question", _("보완 요청")
    INTERIM = "interim", _("중간 안내")
    ANSWER = "answer", _("처리 결과")
    EXTENSION = "extension", _("기간 연장 알림")
    TRANSFER = "transfer", _("이송 알림")
    OBJECTION = "objection", _("이의")
    WITHDRAWAL = "withdrawal", _("취하")


class Message(models.Model):
    """One word between the city and one citizen. Never changed. ``automatic``: no person read it before it went.

    ``sent_at`` None of an OUT message: waiting for the door's sender (an outbox); WEB and PHONE need no sender.
    """

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="messages")
    way = models.CharField("누가", max_length=3, choices=MessageWay.choices)
    kind = models.CharField("무엇", max_length=10, choices=MessageKind.choices)
    at = models.DateTimeField("시각")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    text = SealedTextField("글")
    automatic = models.BooleanField("사람이 보기 전에 보냄", default=False)
    client_id = models.UUIDField("보낸 쪽 번호", null=True, blank=True, unique=True)
    sent_at = models.DateTimeField("보낸 시각", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("시도", default=0)
    next_at = models.DateTimeField("다음 시도", null=True, blank=True)
    failure = models.CharField("못 보낸 까닭", max_length=200, blank=True)

    class Meta:
        verbose_name = "주고받은 글"
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["way", "sent_at", "next_at"])]


class PauseGround(models.TextChoices):
    """Why the law's clock stands: 영 제20조, by which 행정절차법 시행령 제11조 holds, and 영 제17조 제5항."""

    CITIZEN = "citizen", _("보완")
    INSPECTION = "inspection", _("실지조사")
    EXAMINATION = "examination", _("검사·감정·기술 검토")
    HEARING = "hearing", _("의견 청취")
    REPRESENTATIVE = "spokesman", _("대표자 선정")
    FORWARDING = "forwarding", _("먼 기관 사이의 문서 이송")
    PRIOR = "prior", _("먼저 끝나야 하는 일")


class Pause(models.Model):
    """Time that does not count towards the period; at most until ``until``. One of a ground at a time; where several
    stand together the time is left out once. ``prolonged``: how often ``until`` was moved."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="pauses")
    ground = models.CharField("근거", max_length=12, choices=PauseGround.choices, default=PauseGround.CITIZEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    from_at = models.DateTimeField("시작")
    until = models.DateTimeField("늦어도", null=True, blank=True)
    to_at = models.DateTimeField("끝", null=True, blank=True)
    reason = models.CharField("까닭", max_length=200)
    prolonged = models.PositiveSmallIntegerField("늘린 횟수", default=0)

    class Meta:
        verbose_name = "기간에 넣지 않는 때"
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "ground"], condition=models.Q(to_at__isnull=True), name="one_pause_of_a_ground"
            )
        ]


class Extension(models.Model):
    """The period was made longer, why, and (from the second on) whether the citizen agreed."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="extensions")
    at = models.DateTimeField("시각")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField("늘린 날 (일)")
    reason = models.CharField("까닭", max_length=200)
    agreed = models.BooleanField("민원인이 동의함", default=False)
    due_before = models.DateTimeField("그 전의 기한")
    due_after = models.DateTimeField("그 뒤의 기한")

    class Meta:
        verbose_name = "기간 연장"


class TransferState(models.TextChoices):
    SENT = "sent", _("보냄")
    ACCEPTED = "accepted", _("받음")
    REFUSED = "refused", _("우리 일이 아님")


class Transfer(models.Model):
    """The case goes to a department. It is theirs only when they accept; until then ``answer_by`` is watched.
    ``final``: after many departments the lead has decided, and it cannot be refused."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="transfers")
    from_department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    to_department = models.ForeignKey(Department, models.PROTECT, related_name="transfers_in")
    at = models.DateTimeField("보낸 시각")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField("까닭", max_length=200, blank=True)
    final = models.BooleanField("돌려보낼 수 없음", default=False)
    answer_by = models.DateTimeField("받을지 답할 기한")
    state = models.CharField("상태", max_length=8, choices=TransferState.choices, default=TransferState.SENT)
    answered_at = models.DateTimeField("답한 시각", null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    refusal = models.CharField("받지 않은 까닭", max_length=200, blank=True)

    class Meta:
        verbose_name = "이송"
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["state", "answer_by"])]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(state="sent"), name="one_transfer_under_way")
        ]


class Partner(models.Model):
    """A department that answers its part of a joint case (복합 민원·협조); ``opinion`` None: still owed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="partners")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    part = models.CharField("맡은 부분 (가린 글)", max_length=400)
    asked_at = models.DateTimeField("물은 시각")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField("기한")
    opinion = SealedTextField("의견", null=True, blank=True)
    given_at = models.DateTimeField("답한 시각", null=True, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "함께 처리"
        constraints = [models.UniqueConstraint(fields=["case", "department"], name="partner_once")]


class Picture(models.Model):
    """A photo that came with a complaint: JPEG without metadata, sealed."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="pictures")
    at = models.DateTimeField("받은 시각", db_index=True)
    client_id = models.UUIDField("보낸 쪽 번호", unique=True)
    jpeg = SealedTextField("사진 (JPEG, base64)")

    class Meta:
        verbose_name = "민원 사진"


class LiveCall(models.Model):
    """A call under way: what has been heard so far, until a complaint is made of it. ``lines``: sealed JSON
    ``[{"at","who":"citizen|agent","text"}]``."""

    ref = models.UUIDField("번호", unique=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="calls")
    caller = SealedTextField("건 번호", null=True, blank=True)
    caller_index = models.CharField("건 번호 찾기표", max_length=64, blank=True, db_index=True)
    started_at = models.DateTimeField("시작")
    ended_at = models.DateTimeField("끝", null=True, blank=True)
    lines = SealedTextField("들은 말")
    heard = models.PositiveIntegerField("들은 줄", default=0)
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, blank=True, related_name="calls")

    class Meta:
        verbose_name = "통화"
        indexes = [models.Index(fields=["ended_at", "started_at"])]


class ConcernStage(models.TextChoices):
    SEEN = "seen", _("프로그램이 봄")
    WARNED = "warned", _("경고함")
    ENDED = "ended", _("통화를 끝냄")
    DISMISSED = "dismissed", _("문제없음")


class Concern(models.Model):
    """Words against whoever serves (법 제4조 제2항): seen by the program, judged by a person, kept as evidence."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, blank=True, related_name="concerns")
    call = models.ForeignKey(LiveCall, models.PROTECT, null=True, blank=True, related_name="concerns")
    at = models.DateTimeField("시각")
    kind = models.CharField("무엇", max_length=12)
    words = SealedTextField("그 말 (JSON)")
    stage = models.CharField("단계", max_length=9, choices=ConcernStage.choices, default=ConcernStage.SEEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField("정한 시각", null=True, blank=True)
    history = models.JSONField("지나온 단계", default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "폭언 등"
