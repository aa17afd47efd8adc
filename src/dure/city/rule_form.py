# SPDX-License-Identifier: Apache-2.0
"""A rules page: every rule in its own unit, within its bounds, with its source, default and who set it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dure.city import rules
from dure.city.models import Role, RuleSetting, User
from dure.city.roles import everywhere, user_of

Kinds = Sequence[tuple[type[Any], str]]
"""Classes of rules, and the service under which each is kept. No two have a rule of one name."""
Groups = Sequence[tuple[str | Promise, tuple[str, ...]]]
"""Headings and their rules in the order in which a person thinks of them; what is in no group comes last."""
Shown = tuple[forms.BoundField, RuleSetting | None]
"""A rule and the setting that holds, None where it is as it was at first."""


def nothing_more(name: str, value: float) -> str:
    """No note beside a rule."""
    return ""


class RulesForm(forms.Form):
    """``note(name, value)``: what a rule's value means in this city, said before its source ("" for nothing)."""

    def __init__(
        self,
        *arguments: Any,
        kinds: Kinds,
        groups: Groups,
        note: Callable[[str, float], str] = nothing_more,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        korean = (translation.get_language() or "ko").startswith("ko")
        self.set_before: dict[str, RuleSetting] = {}
        self._groups = groups
        self._kinds: dict[str, tuple[type[Any], str]] = {}
        for kind, service in kinds:
            current = rules.load(kind, service)
            self.set_before |= rules.settings_of(service)
            for one in fields(kind):
                about, value = one.metadata, getattr(current, one.name)
                default = gettext("처음 값 %s") % f"{one.default:g}"
                said = [note(one.name, value), gettext(about["source"]), default]
                self._kinds[one.name] = kind, service
                self.fields[one.name] = (forms.IntegerField if one.type in (int, "int") else forms.FloatField)(
                    label=f"{about['ko'] if korean else about['en']} ({gettext(about['unit'])})",
                    help_text=" · ".join(part for part in said if part),
                    min_value=about["least"],
                    max_value=about["most"],
                    initial=int(value) if value == int(value) else value,
                    show_hidden_initial=True,  # what its reader saw: see keep
                )

    def groups(self) -> list[tuple[str, list[Shown]]]:
        """The rules under their headings."""
        grouped = {name for _title, names in self._groups for name in names}
        other = tuple(name for name in self.fields if name not in grouped)
        listed = [*self._groups, (_("그 밖"), other)] if other else self._groups
        return [(str(title), list(self._shown(names))) for title, names in listed]

    def _shown(self, names: tuple[str, ...]) -> Iterator[Shown]:
        for name in names:
            yield self[name], self.set_before.get(name)

    @transaction.atomic
    def keep(self, *, by: User) -> None:
        """Set the rules that differ both from what the reader saw and from what holds: what another has set meanwhile
        is not set back by who did not touch it."""
        for name in self.changed_data:
            if self.cleaned_data[name] == self.fields[name].initial:
                continue
            rules.set_rule(*self._kinds[name], name, self.cleaned_data[name], by=by)


def rules_page(
    request: HttpRequest,
    url_name: str,
    template: str,
    *,
    role: Role,
    kinds: Kinds,
    groups: Groups,
    note: Callable[[str, float], str] = nothing_more,
) -> HttpResponse:
    """Show the rules, and keep what was changed by somebody who holds ``role`` in the whole city; then ``url_name``."""
    user = user_of(request)
    may = everywhere(user, role)
    form = RulesForm((may and request.POST) or None, kinds=kinds, groups=groups, note=note)
    if may and request.method == "POST" and form.is_valid():
        form.keep(by=user)
        messages.success(request, gettext("규칙을 바꾸었습니다."))
        return redirect(url_name)
    status = 422 if form.errors else 200 if may or request.method != "POST" else 403
    return render(request, template, {"form": form, "may": may}, status=status)
