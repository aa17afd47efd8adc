# SPDX-License-Identifier: Apache-2.0
"""What the city may quote: texts with their validity, synonyms, templates. The desk's lead keeps the texts; whoever
answers citizens may read them, and says which words mean the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.city import clock
from dure.city.errors import Conflict, DureError
from dure.city.models import Role
from dure.city.roles import open_to, roles_of, user_of
from dure.services.complaints.actions import knowledge
from dure.services.complaints.knowledge_forms import (
    SynonymForm,
    TemplateForm,
    TextForm,
    values_of,
    values_of_template,
)
from dure.services.complaints.models import Department, Source, Synonym, Template, Text

WRITERS = (Role.DESK_LEAD,)
READERS = (Role.CALL_AGENT, Role.DESK_LEAD, Role.OFFICER)
PAGE = 40
WHEN = (
    ("", gettext_lazy("지금 쓰는 것")),
    ("past", gettext_lazy("지난 것")),
    ("later", gettext_lazy("앞으로 쓸 것")),
    ("removed", gettext_lazy("뺀 것")),
)


@require_safe
@open_to(*READERS)
def texts(request: HttpRequest) -> HttpResponse:
    """The texts; ``q``, ``source``, ``department`` and ``when`` choose."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "source", "department", "when")}
    page = Paginator(_chosen(asked), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "asked": asked,
        "sources": Source.choices,
        "departments": Department.objects.filter(retired_at=None),
        "whens": WHEN,
        "may": _may_write(request),
    }
    return render(request, "complaints/texts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*READERS)
def text(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """One text, to read or to change; without a ``number`` a new one."""
    known = get_object_or_404(Text, pk=number) if number is not None else None
    form = TextForm(request.POST or None, initial=values_of(known) if known else {"language": "ko"})

    def keep() -> str:
        code = known.code if known else knowledge.free_code(form.data["source"], form.data.get("topic", ""))
        knowledge.set_text(form.spec(code), actor=user_of(request))
        return "complaints:texts"

    return _kept(request, form, known, keep) or _shown(request, "complaints/text.html", form, known)


@require_POST
@open_to(*WRITERS)
def text_remove(request: HttpRequest, number: int) -> HttpResponse:
    """It is quoted no more."""
    knowledge.remove_text(get_object_or_404(Text, pk=number), actor=user_of(request))
    messages.success(request, _("뺐습니다. 이제 답의 근거로 쓰지 않습니다."))
    return redirect("complaints:texts")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*READERS)
def synonyms(request: HttpRequest) -> HttpResponse:
    """Words that mean the same, and a line for more."""
    form = SynonymForm(request.POST or None)

    def keep() -> str:
        knowledge.add_synonym(form.cleaned_data["words"], actor=user_of(request))
        return "complaints:synonyms"

    done = _kept(request, form, None, keep, may=True)
    context = {"form": form, "synonyms": Synonym.objects.order_by("words").select_related("by")}
    return done or render(request, "complaints/synonyms.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(*READERS)
def synonym_remove(request: HttpRequest, number: int) -> HttpResponse:
    """They do not mean the same after all."""
    knowledge.remove_synonym(get_object_or_404(Synonym, pk=number), actor=user_of(request))
    messages.success(request, _("거두었습니다."))
    return redirect("complaints:synonyms")


@require_safe
@open_to(*READERS)
def templates(request: HttpRequest) -> HttpResponse:
    """The texts that agents use again."""
    rows = Template.objects.filter(removed_at=None).select_related("department")
    return render(request, "complaints/templates.html", {"rows": rows, "may": _may_write(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*READERS)
def template(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """One of them; without a ``number`` a new one."""
    known = get_object_or_404(Template, pk=number) if number is not None else None
    form = TemplateForm(request.POST or None, known=known, initial=values_of_template(known) if known else {})

    def keep() -> str:
        spec = form.spec()
        if known is None and Template.objects.filter(code=spec.code, removed_at=None).exists():
            raise Conflict("같은 코드의 글 본이 있습니다", "a template has this code already", field="code")
        knowledge.set_template(spec, actor=user_of(request))
        return "complaints:templates"

    return _kept(request, form, known, keep) or _shown(request, "complaints/template.html", form, known)


@require_POST
@open_to(*WRITERS)
def template_remove(request: HttpRequest, number: int) -> HttpResponse:
    """It is offered no more."""
    knowledge.remove_template(get_object_or_404(Template, pk=number), actor=user_of(request))
    messages.success(request, _("거두었습니다."))
    return redirect("complaints:templates")


def _may_write(request: HttpRequest) -> bool:
    return bool(roles_of(user_of(request)) & set(WRITERS))


def _kept(
    request: HttpRequest,
    form: forms.Form,
    known: Text | Template | None,
    keep: Callable[[], str],
    *,
    may: bool | None = None,
) -> HttpResponse | None:
    """Where the form was sent and can be kept: on to the page that ``keep`` names. Else the form says why not."""
    if request.method != "POST":
        return None
    if not (_may_write(request) if may is None else may):
        return HttpResponse(status=403)
    if not form.is_valid():
        return None
    try:
        if known is not None and form.cleaned_data["seen"] != known.changed_at.isoformat():
            words = (
                "그사이 다른 사람이 바꾸었습니다. 새로 열어 다시 고쳐 주세요.",
                "somebody changed it meanwhile: open it again",
            )
            raise Conflict(*words)
        way = keep()
    except DureError as error:
        field = (error.field or "").replace(".", "_")
        form.add_error(field if field in form.fields else None, error.in_language(request.LANGUAGE_CODE))
        return None
    messages.success(request, _("적었습니다. 다음 물음부터 씁니다."))
    return redirect(way)


def _shown(request: HttpRequest, page: str, form: forms.Form, known: Text | Template | None) -> HttpResponse:
    context = {"form": form, "known": known, "may": _may_write(request), "today": clock.today()}
    return render(request, page, context, status=422 if form.errors else 200)


def _chosen(asked: dict[str, Any]) -> QuerySet[Text]:
    today = clock.today()
    over, later = Q(valid_to__lt=today), Q(valid_from__gt=today)
    found = {
        "past": Text.objects.filter(over, removed_at=None),
        "later": Text.objects.filter(later, removed_at=None),
        "removed": Text.objects.exclude(removed_at=None),
    }.get(asked["when"], Text.objects.filter(removed_at=None).exclude(over).exclude(later))
    if asked["q"]:
        found = found.filter(Q(title__icontains=asked["q"]) | Q(text__icontains=asked["q"]))
    if asked["source"] in Source.values:
        found = found.filter(source=asked["source"])
    if asked["department"]:
        found = found.filter(department__code=asked["department"])
    return found.select_related("department", "topic").order_by(F("topic__code").asc(nulls_last=True), "code")
