"""What a person does about a batch: each on a page of its own that asks first, and once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from mall.banks.spending import may_spend
from mall.promotions.approvals import Action, needs_two, propose, waive
from mall.vouchers import lifecycle
from mall.vouchers.admin.forms import BudgetForm, GrantForm, ReasonForm
from mall.vouchers.approving import BATCH
from mall.vouchers.granting import grant_by_hand
from mall.vouchers.models import VoucherBatch
from payments.api import LinliError

State = VoucherBatch.State
LAUNCH: Final = "vouchers.launch_voucherbatch"
GRANT: Final = "vouchers.grant_voucher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something to do: who may, in which states, what is asked first, and what is done."""

    word: str | Promise
    question: str | Promise
    permission: str
    states: frozenset[str]
    run: Callable[[HttpRequest, VoucherBatch, dict[str, Any]], str]
    form: type[forms.Form] = forms.Form
    is_grave: bool = False
    # whether it gives money away, so that it must be hers to give
    is_spending: bool = False


def acts_for(request: HttpRequest, batch: VoucherBatch) -> dict[str, Act]:
    """Return what this person may do about the batch now."""
    is_hers = may_spend(request.user, batch.funding)
    return {
        name: act
        for name, act in ACTS.items()
        if batch.state in act.states
        and request.user.has_perm(act.permission)
        and (is_hers or not act.is_spending)
    }


def act_page(
    model_admin: ModelAdmin[Any], request: HttpRequest, *, batch: VoucherBatch, name: str
) -> HttpResponse:
    """Ask; answered, do it and go back to the batch."""
    act = ACTS.get(name)
    if act is None:
        raise Http404
    if name not in acts_for(request, batch):
        raise PermissionDenied
    form = act.form(request.POST or None)
    back = reverse("admin:vouchers_voucherbatch_change", args=[batch.pk])
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act.run(request, batch, form.cleaned_data))
            model_admin.log_change(request, batch, str(act.word))
        except LinliError as refusal:
            messages.error(request, refusal.user_message)
        return redirect(back)
    context = model_admin.admin_site.each_context(request) | {
        "act": act,
        "batch": batch,
        "form": form,
        "back": back,
        "title": act.word,
        "opts": model_admin.opts,
    }
    status = 422 if form.errors else 200
    return render(request, "admin/vouchers/act.html", context, status=status)


def _two_or_one(
    request: HttpRequest, batch: VoucherBatch, *, action: Action, told: dict[str, Any]
) -> str:
    do = propose if needs_two() else waive
    do(
        action,
        kind=BATCH,
        pk=batch.pk,
        by=request.user.get_username(),
        reason=told["reason"],
        budget_minor=told.get("budget"),
    )
    if needs_two():
        return _now("It is proposed. A second person decides.")
    return _now("Done.")


def _launch(request: HttpRequest, batch: VoucherBatch, told: dict[str, Any]) -> str:
    return _two_or_one(request, batch, action=Action.LAUNCH, told=told)


def _budget(request: HttpRequest, batch: VoucherBatch, told: dict[str, Any]) -> str:
    return _two_or_one(request, batch, action=Action.BUDGET, told=told)


def _pause(_request: HttpRequest, batch: VoucherBatch, _told: dict[str, Any]) -> str:
    lifecycle.pause(batch)
    return _now("It is paused.")


def _resume(_request: HttpRequest, batch: VoucherBatch, _told: dict[str, Any]) -> str:
    lifecycle.resume(batch)
    return _now("It runs again.")


def _end(_request: HttpRequest, batch: VoucherBatch, _told: dict[str, Any]) -> str:
    lifecycle.end(batch)
    return _now("It has ended.")


def _grant(request: HttpRequest, batch: VoucherBatch, told: dict[str, Any]) -> str:
    voucher = grant_by_hand(
        batch=batch,
        resident=told["phone"],
        by=request.user,
        reason=told["reason"],
        form_key=told["form_key"],
    )
    return _now("Given: %(number)s.") % {"number": voucher.voucher_no}


ACTS: Final[dict[str, Act]] = {
    "launch": Act(
        word=_("Propose to launch"),
        question=_(
            "Once it runs the rule can no longer be changed: the batch can be paused or ended. "
            "A second person has to approve."
        ),
        permission=LAUNCH,
        states=frozenset({State.DRAFT}),
        run=_launch,
        is_spending=True,
        form=ReasonForm,
    ),
    "budget": Act(
        word=_("Propose another budget"),
        question=_("A second person has to approve. There are then as many vouchers as it pays."),
        permission=LAUNCH,
        states=frozenset({State.ACTIVE, State.PAUSED}),
        run=_budget,
        is_spending=True,
        form=BudgetForm,
    ),
    "pause": Act(
        word=_("Pause"),
        question=_("Nobody gets one from now on; what residents hold stays good."),
        permission=LAUNCH,
        states=frozenset({State.ACTIVE}),
        run=_pause,
    ),
    "resume": Act(
        word=_("Resume"),
        question=_("They are given out again, as the rule says."),
        permission=LAUNCH,
        states=frozenset({State.PAUSED}),
        run=_resume,
    ),
    "end": Act(
        word=_("End for good"),
        question=_("Nobody gets one any more, for ever; what residents hold stays good."),
        permission=LAUNCH,
        states=frozenset({State.ACTIVE, State.PAUSED, State.EXHAUSTED}),
        run=_end,
        is_grave=True,
    ),
    "grant": Act(
        word=_("Give one to a resident"),
        question=_("Who gave it to whom and why is kept; limits per person hold."),
        permission=GRANT,
        states=frozenset({State.ACTIVE}),
        run=_grant,
        is_spending=True,
        form=GrantForm,
    ),
}
