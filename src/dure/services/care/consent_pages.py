# SPDX-License-Identifier: Apache-2.0
"""A person's consents: what they agreed to until when, who said so, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from dure.city import clock, people
from dure.city.errors import DureError, NotFound
from dure.city.models import Consent, ConsentPurpose, Role, User
from dure.city.people import Purpose
from dure.city.roles import open_to, user_of
from dure.services.care.actions.consents import How, SaidBy, agree, take_back
from dure.services.care.models import Enrolment

STAFF = (Role.CARE_WORKER, Role.WELFARE_OFFICER)
MOST_YEARS = 5
"""A consent is asked for again at least this often; ours, no law names a number."""
USUAL_YEARS = 1
ENDS_WITH = {
    ConsentPurpose.POWER_WATCH: gettext_lazy(
        "이 댁의 안부를 더 살피지 않습니다. 열려 있는 사건은 저절로 닫히지 않으니 사람이 마무리해 주세요."
    ),
    ConsentPurpose.PHONE_WATCH: gettext_lazy("통신 이용을 더 보지 않습니다. 전력으로는 계속 살핍니다."),
    ConsentPurpose.HOME_WATCH: gettext_lazy("수도와 집 안 감지기를 더 보지 않습니다. 전력으로는 계속 살핍니다."),
    ConsentPurpose.AI_CALL: gettext_lazy("자동 전화를 걸지 않습니다. 알림이 뜨면 바로 담당자에게 갑니다."),
    ConsentPurpose.FAMILY_SHARE: gettext_lazy("가족에게 더 알리지 않습니다."),
    ConsentPurpose.HEALTH_WATCH: gettext_lazy("건강 정보를 더 보지 않습니다."),
    ConsentPurpose.DAILY_CARE: gettext_lazy("약과 식사 같은 일과를 더 여쭙지 않습니다."),
}
"""What stops when a consent is taken back."""


def ends_with(purpose: ConsentPurpose) -> str:
    """What stops when the consent to ``purpose`` is taken back, in words."""
    return str(ENDS_WITH.get(purpose) or _("이 동의로 하던 일을 그만둡니다."))


@dataclass(frozen=True)
class Standing:
    """How a person stands to one purpose: ``newest`` is the consent that holds or held last, None where never asked."""

    purpose: ConsentPurpose
    newest: Consent | None

    @property
    def holds(self) -> bool:
        """Whether it holds now."""
        return bool(self.newest and not self.newest.withdrawn_at and self.newest.expires_at > clock.now())

    @property
    def ends_with(self) -> str:
        """What stops when it is taken back."""
        return ends_with(self.purpose)

    @property
    def heard(self) -> str:
        """Who said so and how, in words; older records say it in their own."""
        said, _colon, how = (self.newest.how if self.newest else "").partition(":")
        if said in SaidBy.values and how in How.values:
            return f"{SaidBy(said).label} · {How(how).label}"
        return _(said) if said else ""


def standings(enrolment: Enrolment) -> list[Standing]:
    """Every purpose, with the consent that reaches furthest; one that was taken back counts only when none is left."""
    found = Consent.objects.filter(person=enrolment.person).select_related("recorded_by").order_by("expires_at")
    newest: dict[str, Consent] = {}
    for consent in sorted(found, key=lambda one: one.withdrawn_at is None):
        newest[consent.purpose] = consent
    return [Standing(purpose, newest.get(purpose)) for purpose in ConsentPurpose]


class HeardForm(forms.Form):
    """Whose words, and in which form."""

    said_by = forms.ChoiceField(
        label=gettext_lazy("누가 말씀하셨나요"), choices=SaidBy.choices, widget=forms.RadioSelect
    )
    how = forms.ChoiceField(label=gettext_lazy("어떻게 받았나요"), choices=How.choices, widget=forms.RadioSelect)


class AgreeForm(HeardForm):
    """To what, and until when."""

    purposes = forms.MultipleChoiceField(
        label=gettext_lazy("무엇에 동의하셨나요"), choices=ConsentPurpose.choices, widget=forms.CheckboxSelectMultiple
    )
    last_day = forms.DateField(
        label=gettext_lazy("언제까지 (그날까지)"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["last_day"].initial = _years_on(USUAL_YEARS)

    def clean_last_day(self) -> date:
        """Within reason: neither over already nor so far off that nobody would ever ask again."""
        day: date = self.cleaned_data["last_day"]
        if day < clock.today():
            raise forms.ValidationError(_("오늘이나 그 뒤여야 합니다"))
        if day > _years_on(MOST_YEARS):
            raise forms.ValidationError(_("%d년 안이어야 합니다") % MOST_YEARS)
        return day


def _years_on(years: int) -> date:
    """The day before this one, so many years from now."""
    day = clock.today() - timedelta(days=1)
    return day.replace(year=day.year + years) if (day.month, day.day) != (2, 29) else date(day.year + years, 2, 28)


@require_safe
@open_to(*STAFF)
def consents(request: HttpRequest, ref: UUID) -> HttpResponse:
    """What a person agreed to."""
    return _page(request, ref)


@require_POST
@open_to(*STAFF)
def grant(request: HttpRequest, ref: UUID) -> HttpResponse:
    """They agree, or renew."""
    user = user_of(request)
    form = AgreeForm(request.POST)
    if not form.is_valid():
        return _page(request, ref, agree_form=form, status=422)
    enrolment, said = _opened(user, ref)[1], form.cleaned_data
    try:
        new = agree(
            enrolment,
            [ConsentPurpose(one) for one in said["purposes"]],
            last_day=said["last_day"],
            said_by=SaidBy(said["said_by"]),
            how=How(said["how"]),
            actor=user,
        )
    except DureError as error:
        form.add_error("last_day" if error.field == "expires_at" else None, error.in_language(request.LANGUAGE_CODE))
        return _page(request, ref, agree_form=form, status=error.status)
    told = ngettext("동의 %(n)d가지를 적었습니다.", "동의 %(n)d가지를 적었습니다.", new) % {"n": new}
    messages.success(request, told if new else _("이미 그렇게 적혀 있습니다."))
    return redirect("care:consents", ref=ref)


@require_POST
@open_to(*STAFF)
def withdraw(request: HttpRequest, ref: UUID, purpose: str) -> HttpResponse:
    """They take it back, and that is the end of it."""
    user = user_of(request)
    if purpose not in ConsentPurpose.values:
        raise NotFound("그런 동의가 없습니다", "there is no such consent")
    form = HeardForm(request.POST, auto_id=f"{purpose}_%s")
    if not form.is_valid():
        return _page(request, ref, refused={purpose: form}, status=422)
    enrolment, said, wanted = _opened(user, ref)[1], form.cleaned_data, ConsentPurpose(purpose)
    left = take_back(enrolment, wanted, said_by=SaidBy(said["said_by"]), how=How(said["how"]), actor=user)
    told = _("동의 철회를 적었습니다. 지금부터: %s") % ends_with(wanted)
    messages.warning(request, told)
    if left:
        more = ngettext("마무리할 사건이 %(n)d건 있습니다.", "마무리할 사건이 %(n)d건 있습니다.", left) % {"n": left}
        messages.error(request, more)
    return redirect("care:consents", ref=ref)


def _opened(user: User, ref: UUID) -> tuple[people.PersonRecord, Enrolment]:
    """The person, opened for their consents and audited. Raises NotFound for whom the reader may not see."""
    record = people.access_person(user, ref, Purpose.CONSENT)
    enrolment = Enrolment.objects.select_related("person__household__area", "household").filter(person__ref=ref).first()
    if enrolment is None:
        raise NotFound("안부 확인 대상이 아닙니다", "this person is not enrolled in care")
    return record, enrolment


def _page(
    request: HttpRequest,
    ref: UUID,
    *,
    agree_form: AgreeForm | None = None,
    refused: dict[str, HeardForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    record, enrolment = _opened(user_of(request), ref)
    found = standings(enrolment)
    refused = refused or {}
    context = {
        "record": record,
        "rows": [(one, refused.get(one.purpose) or HeardForm(auto_id=f"{one.purpose}_%s")) for one in found],
        "refused": next(iter(refused), ""),
        "watched": any(one.holds for one in found if one.purpose == ConsentPurpose.POWER_WATCH),
        "form": agree_form or AgreeForm(initial={"purposes": [one.purpose for one in found if one.newest]}),
        "adding": agree_form is not None,
    }
    return render(request, "care/consents.html", context, status=status)
