# SPDX-License-Identifier: Apache-2.0
"""The family's page, large and calm, and the staff's page that opens it to a contact."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.city import clock, people
from dure.city.accounts import Added
from dure.city.errors import DureError, NotAllowed, NotFound
from dure.city.family import let_in, shut_out
from dure.city.models import Contact, Role, User
from dure.city.people import PersonRecord, Purpose
from dure.city.roles import open_to, user_of
from dure.services.care.actions.away import declare_away, returned
from dure.services.care.family import Relative, home_of, my_relative, my_relatives
from dure.services.care.forms import AwayUntilForm
from dure.services.care.models import AwayReason, AwaySource

STAFF = (Role.CARE_WORKER, Role.WELFARE_OFFICER)


@require_safe
@open_to(Role.FAMILY)
def family(request: HttpRequest) -> HttpResponse:
    """Those whose family the reader is."""
    return _family_page(request, my_relatives(user_of(request)))


@require_POST
@open_to(Role.FAMILY)
def family_away(request: HttpRequest, ref: UUID) -> HttpResponse:
    """They are with us, or on a journey: no alarms until then."""
    relative = my_relative(user_of(request), ref)
    form = AwayUntilForm(request.POST, auto_id=f"{ref}_%s")
    if form.is_valid():
        try:
            declare_away(
                home_of(relative).household,
                starts_at=clock.now(),
                ends_at=form.until(),
                said_by=AwaySource.FAMILY,
                reason=AwayReason(form.cleaned_data["reason"]),
                actor=user_of(request),
            )
        except DureError as error:
            form.add_error(None, error.in_language(request.LANGUAGE_CODE))
        else:
            messages.success(request, _("알려 주셔서 고맙습니다. 그때까지 알림을 멈춥니다."))
            return redirect("care:family")
    return _family_page(request, my_relatives(user_of(request)), {ref: form}, status=422)


@require_POST
@open_to(Role.FAMILY)
def family_back(request: HttpRequest, ref: UUID) -> HttpResponse:
    """They are home again."""
    relative = my_relative(user_of(request), ref)
    if relative.away is not None:
        returned(relative.away, at=clock.now(), actor=user_of(request))
        messages.success(request, _("댁에 계신 것으로 적었습니다. 다시 살핍니다."))
    return redirect("care:family")


def _family_page(
    request: HttpRequest, found: list[Relative], filled: dict[UUID, AwayUntilForm] | None = None, status: int = 200
) -> HttpResponse:
    forms_of = filled or {}
    rows = [(one, forms_of.get(one.record.ref) or AwayUntilForm(auto_id=f"{one.record.ref}_%s")) for one in found]
    return render(request, "care/family.html", {"rows": rows}, status=status)


class AccountForm(forms.Form):
    """The name by which a contact signs in."""

    contact = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("들어올 때 쓸 이름"),
        max_length=60,
        help_text=gettext_lazy("글자와 숫자. 이미 가족 화면이 있으면 그 이름을 적습니다."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*STAFF)
def readers(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Who of a person's contacts may see how they are; by POST, one more of them."""
    user = user_of(request)
    record = _with_contacts(user, ref)
    if record is None:
        return render(request, "care/readers.html", {"ref": ref, "agreed": False})
    form = AccountForm(request.POST) if request.method == "POST" else None
    if form is None or not form.is_valid():
        return _readers_page(request, record, form)
    contact = _contact(record, form.cleaned_data["contact"])
    try:
        added = let_in(contact, form.cleaned_data["name"], actor=user)
    except DureError as error:
        form.add_error("name", error.in_language(request.LANGUAGE_CODE))
        return _readers_page(request, record, form)
    return _readers_page(request, _with_contacts(user, ref) or record, None, added)


@require_POST
@open_to(*STAFF)
def reader_end(request: HttpRequest, ref: UUID, number: int) -> HttpResponse:
    """This contact sees no more."""
    record = people.access_person(user_of(request), ref, Purpose.WELL_BEING_CHECK)
    shut_out(_contact(record, number), actor=user_of(request))
    messages.warning(request, _("가족 화면을 닫았습니다."))
    return redirect("care:readers", ref=ref)


def _with_contacts(user: User, ref: UUID) -> PersonRecord | None:
    """The person with their contacts; None where they have not agreed to share with family. Raises NotFound."""
    try:
        return people.access_person(user, ref, Purpose.FAMILY_SHARE)
    except NotAllowed:
        return None


def _contact(record: PersonRecord, number: int) -> Contact:
    found = Contact.objects.select_related("person__household__area", "user")
    contact = found.filter(person__ref=record.ref, pk=number).first()
    if contact is None:
        raise NotFound("그런 연락처가 없습니다", "there is no such contact")
    return contact


def _readers_page(
    request: HttpRequest, record: PersonRecord, form: AccountForm | None, added: Added | None = None
) -> HttpResponse:
    def of(number: int) -> AccountForm:
        mine = form is not None and form["contact"].value() == str(number)
        return form if form is not None and mine else AccountForm(initial={"contact": number}, auto_id=f"{number}_%s")

    context = {
        "ref": record.ref,
        "agreed": True,
        "record": record,
        "rows": [(contact, of(contact.id)) for contact in record.contacts],
        "added": added,
    }
    return render(request, "care/readers.html", context, status=422 if form is not None else 200)
