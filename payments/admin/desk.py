"""The desk: what a person does about money that is stuck, asked for with a reason, then done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.admin.paper import PaperAdmin
from payments.admin.showing import NOTHING, Table, clock, table
from payments.kernel.errors import LinliError
from payments.models import Decision, ErrandStep
from payments.models.errands import Errand


@dataclass(frozen=True, kw_only=True)
class Question:
    """A page with one question: what happens if she says yes, and what she must say for it."""

    question: str | Promise
    button: str | Promise
    done: str | Promise
    asks_reason: bool = False
    options: Sequence[tuple[str, str]] = ()
    options_label: str | Promise = ""


class DeskAdmin(PaperAdmin):
    """Rows about which a person may do something; services do it, and say when they refuse."""

    def ask(
        self,
        request: HttpRequest,
        row: Model,
        question: Question,
        *,
        act: Callable[[str, str], object],
    ) -> HttpResponse:
        """Show the question; on yes call `act(reason, choice)` and go back to the row."""
        meta = row._meta  # noqa: SLF001 - Django documents it
        back = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
        if request.method == "POST":
            _act(request, question, act)
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "back": back,
            "question": question.question,
            "button": question.button,
            "asks_reason": question.asks_reason,
            "options": question.options,
            "options_label": question.options_label,
        }
        return TemplateResponse(request, "admin/payments/desk.html", context)


def _act(request: HttpRequest, question: Question, act: Callable[[str, str], object]) -> None:
    reason = request.POST.get("reason", "").strip()[:300]
    if question.asks_reason and not reason:
        messages.error(request, gettext("Please say why."))
        return
    try:
        act(reason, request.POST.get("choice", ""))
    except LinliError as error:
        messages.error(request, str(error.user_message))
    else:
        messages.success(request, str(question.done))


def who(request: HttpRequest) -> str:
    """Name who is at the desk."""
    return str(request.user.get_username())


def steps_table(errand: Errand) -> Table:
    """Show each step of an errand with the number of its edge, the evidence or the person."""
    headers = (_("at"), _("edge"), _("from status"), _("to status"), _("heard from"), _("person"))
    words = dict(type(errand)._meta.get_field("status").flatchoices)  # noqa: SLF001 - Django documents it
    steps = ErrandStep.objects.filter(errand_no=str(errand)).select_related("fact").order_by("pk")
    rows: list[list[Any]] = [
        [
            clock(step.at),
            step.edge,
            words.get(step.from_status, NOTHING),
            words.get(step.to_status, step.to_status),
            step.fact.get_source_display() if step.fact else NOTHING,
            step.by or NOTHING,
        ]
        for step in steps
    ]
    return table(_("Timeline"), headers, rows)


def decisions_table(subject_no: str) -> Table:
    """Show what was proposed and decided about a number."""
    headers = (
        _("decision number"),
        _("decision"),
        _("status"),
        _("proposed by"),
        _("decided by"),
        _("reason"),
    )
    return table(
        _("Decisions"),
        headers,
        (
            [
                decision.decision_no,
                decision.get_kind_display(),
                decision.get_status_display(),
                decision.proposed_by,
                decision.decided_by or NOTHING,
                decision.reason,
            ]
            for decision in Decision.objects.filter(subject_no=subject_no).order_by("pk")
        ),
    )
