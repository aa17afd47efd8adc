# SPDX-License-Identifier: Apache-2.0
"""An escalation plan as a form. Steps are added, removed and moved by buttons of the form itself, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dure.city.errors import Invalid
from dure.city.escalation_plans import MOST_ATTEMPTS, MOST_MINUTES, MOST_STEPS, StepSpec
from dure.city.models import Channel, EscalationPlan, Level, QuietAction, Team

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class PlanForm(forms.Form):
    """What the plan as a whole says."""

    name = forms.CharField(label=_("계획의 이름"), max_length=60)
    rearm_minutes = forms.IntegerField(
        label=_("다시 시작까지 (분)"),
        help_text=_("사건을 맡은 뒤 이만큼 아무 일도 적지 않으면 처음부터 다시 시작합니다."),
        min_value=1,
        max_value=MOST_MINUTES,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """The newest change of the plan that the reader saw: a change by somebody else meanwhile is not overwritten."""


class StepForm(forms.Form):
    """One step; see :class:`dure.city.models.EscalationStep`."""

    channel = forms.ChoiceField(label=_("어떻게"), choices=Channel.choices)
    from_level = forms.TypedChoiceField(label=_("어느 수준부터"), choices=Level.choices, coerce=int)
    attempts = forms.IntegerField(label=_("몇 번까지"), min_value=1, max_value=MOST_ATTEMPTS)
    gap_minutes = forms.IntegerField(label=_("번과 번 사이 (분)"), min_value=0, max_value=MOST_MINUTES)
    timeout_minutes = forms.IntegerField(
        label=_("한 번에 답을 기다리는 시간 (분)"), min_value=1, max_value=MOST_MINUTES
    )
    wait_minutes = forms.IntegerField(label=_("다음 단계까지 (분)"), min_value=0, max_value=MOST_MINUTES)
    quiet_from = forms.TimeField(label=_("조용한 시간 시작"), required=False, widget=CLOCK)
    quiet_to = forms.TimeField(label=_("조용한 시간 끝"), required=False, widget=CLOCK)
    quiet_action = forms.ChoiceField(
        label=_("조용한 시간에는"),
        choices=QuietAction.choices,
        help_text=_("심각 수준의 사건은 조용한 시간과 상관없이 바로 합니다."),
    )
    team = forms.ModelChoiceField(
        label=_("맡는 팀"), queryset=Team.objects.none(), required=False, empty_label=_("사건을 맡은 팀")
    )

    def __init__(self, *arguments: Any, teams: QuerySet[Team], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    def spec(self) -> StepSpec:
        """The step that a valid form describes."""
        known = dict(self.cleaned_data)
        known["channel"], known["from_level"] = Channel(known["channel"]), Level(known["from_level"])
        return StepSpec(**known | {"quiet_action": QuietAction(known["quiet_action"])})


class PlanEditor:
    """The plan's form and its steps' forms, together: from the record, or from what was sent."""

    def __init__(self, teams: QuerySet[Team], plan: PlanForm, steps: list[StepForm]) -> None:
        self.teams, self.plan, self.steps = teams, plan, steps

    @classmethod
    def of(cls, plan: EscalationPlan | None, name: str, teams: QuerySet[Team], seen: int) -> PlanEditor:
        """As it is in the record; one step to begin with where there is no plan yet."""
        rows = [_columns(step) for step in plan.steps.all()] if plan else [_columns(StepSpec(Channel.WORKER_CALL))]
        whole = {"name": plan.name if plan else name, "rearm_minutes": plan.rearm_minutes if plan else 120}
        return cls(teams, PlanForm(initial=whole | {"seen": seen}), _unsent(rows, teams))

    @classmethod
    def sent(cls, data: QueryDict, teams: QuerySet[Team]) -> PlanEditor:
        """As it was typed."""
        steps = [StepForm(data, prefix=f"s{n}", teams=teams) for n in range(_how_many(data))]
        return cls(teams, PlanForm(data), steps)

    def rearranged(self, data: QueryDict, do: str) -> PlanEditor:
        """With a step more, one less, or one moved; nothing is judged yet, and all that was typed stays."""
        rows = [{name: data.get(f"s{n}-{name}", "") for name in StepForm.base_fields} for n in range(_how_many(data))]
        verb, _dash, place = do.partition("-")
        at = int(place) if place.isdecimal() and int(place) < len(rows) else None
        if verb == "add" and len(rows) < MOST_STEPS:
            rows.append(_columns(StepSpec(Channel.WORKER_CALL)))
        elif verb == "remove" and at is not None and len(rows) > 1:
            rows.pop(at)
        elif verb in {"up", "down"} and at is not None:
            to = at + (1 if verb == "down" else -1)
            if 0 <= to < len(rows):
                rows[at], rows[to] = rows[to], rows[at]
        whole = {name: data.get(name, "") for name in PlanForm.base_fields}
        return PlanEditor(self.teams, PlanForm(initial=whole), _unsent(rows, self.teams))

    def is_valid(self) -> bool:
        """Whether every field is; each form says what is wrong with its own."""
        return all([self.plan.is_valid(), *[step.is_valid() for step in self.steps], bool(self.steps)])

    def specs(self) -> list[StepSpec]:
        """The steps of a valid editor."""
        return [step.spec() for step in self.steps]

    def refuse(self, error: Invalid) -> None:
        """Put what the record refused beside the field it names (``steps.2.attempts`` is the second step's)."""
        said = error.in_language(get_language() or "ko")
        part, _dot, rest = (error.field or "").partition(".")
        number, _dot, name = rest.partition(".")
        if part == "steps" and number.isdecimal() and name in StepForm.base_fields:
            self.steps[int(number) - 1].add_error(name, said)
        else:
            self.plan.add_error(part if part in self.plan.fields else None, said)

    def faults(self) -> list[tuple[str, str, str]]:
        """Every error with the id and the words of its field, for the list at the top of the page."""
        found = []
        for number, form in [(0, self.plan), *enumerate(self.steps, start=1)]:
            for name, errors in form.errors.items():
                bound = form[name] if name in form.fields else None
                where = str(bound.label) if bound else ""
                if number:
                    where = str(_("%(n)d단계 %(field)s")) % {"n": number, "field": where}
                found.append((bound.id_for_label if bound else "", where, " ".join(str(one) for one in errors)))
        return found


def _unsent(rows: Sequence[dict[str, Any]], teams: QuerySet[Team]) -> list[StepForm]:
    return [StepForm(initial=row, prefix=f"s{n}", teams=teams) for n, row in enumerate(rows)]


def _columns(step: Any) -> dict[str, Any]:
    return {name: getattr(step, name) for name in StepForm.base_fields}


def _how_many(data: QueryDict) -> int:
    count = data.get("steps", "")
    return min(int(count), MOST_STEPS) if count.isdecimal() else 0
