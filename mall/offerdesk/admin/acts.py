"""What a person does about an offer: propose, pause, resume, end, prepare a new version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mall.banks.spending import may_spend
from mall.offerdesk.admin.showing import site_context, who
from mall.offerdesk.forms.fields import fen_of, yuan_of
from mall.promotions import lifecycle
from mall.promotions.approvals import Action, needs_two, open_proposals, propose, waive
from mall.promotions.models import BankOffer
from mall.promotions.offer_approvals import OFFER
from payments.api import LinliError

State = BankOffer.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something to do: in which states, what is asked first, what is said then, what is done."""

    name: str
    asked_word: str | Promise
    states: frozenset[str]
    question: str | Promise
    done: str | Promise
    run: Callable[[HttpRequest, BankOffer], BankOffer | None]
    asks_reason: bool = False
    asks_budget: bool = False
    is_grave: bool = False
    # an approver, too, may stop what goes wrong
    is_stopping: bool = False
    # done alone it is for whoever's money it is; with two the second one is
    spends: bool = False
    # what it is called where nobody else is asked (LINLI_OFFERS_FOUR_EYES off)
    word_alone: str | Promise = ""
    question_alone: str | Promise = ""

    @property
    def word(self) -> str:
        """Return what its button says."""
        return str(self.word_alone if self.word_alone and not needs_two() else self.asked_word)

    @property
    def asked(self) -> str:
        """Return what is asked first."""
        is_alone = self.question_alone and not needs_two()
        return str(self.question_alone if is_alone else self.question)


def _launch(request: HttpRequest, offer: BankOffer) -> None:
    _two_or_one(request, offer, Action.LAUNCH, budget_minor=None)


def _budget(request: HttpRequest, offer: BankOffer) -> None:
    text = request.POST.get("budget", "").strip()
    try:
        budget = fen_of(text) if text else None
    except ValidationError as error:
        raise LinliError(" ".join(error.messages)) from error
    _two_or_one(request, offer, Action.BUDGET, budget_minor=budget)


def _two_or_one(
    request: HttpRequest, offer: BankOffer, action: Action, *, budget_minor: int | None
) -> None:
    act = propose if needs_two() else waive
    act(
        action,
        kind=OFFER,
        pk=offer.pk,
        by=who(request),
        reason=request.POST.get("reason", ""),
        budget_minor=budget_minor,
    )


ACTS: Final[dict[str, Act]] = {
    act.name: act
    for act in (
        Act(
            name="launch",
            asked_word=_("Propose to launch"),
            states=frozenset({State.DRAFT}),
            question=_(
                "Once launched the rule can no longer be changed: it can be paused, ended or "
                "replaced by a new version. A second person has to approve the launch."
            ),
            done=_("It is proposed. A second person decides."),
            run=_launch,
            asks_reason=True,
            spends=True,
            word_alone=_("Launch"),
            question_alone=_("Once launched the rule can no longer be changed."),
        ),
        Act(
            name="budget",
            asked_word=_("Propose another budget"),
            states=frozenset({State.SCHEDULED, State.ACTIVE, State.PAUSED, State.EXHAUSTED}),
            question=_("A second person has to approve another budget."),
            done=_("It is proposed. A second person decides."),
            run=_budget,
            asks_reason=True,
            asks_budget=True,
            spends=True,
            word_alone=_("Another budget"),
            question_alone=_("It holds at once."),
        ),
        Act(
            name="pause",
            asked_word=_("Pause"),
            states=frozenset({State.ACTIVE}),
            question=_(
                "Nobody gets it from now on; what is reserved for unpaid orders stays good."
            ),
            done=_("It is paused."),
            run=lambda _request, offer: lifecycle.pause(offer),
            is_stopping=True,
        ),
        Act(
            name="resume",
            asked_word=_("Resume"),
            states=frozenset({State.PAUSED}),
            question=_("It is given again, as its rule says."),
            done=_("It runs again."),
            run=lambda _request, offer: lifecycle.resume(offer),
        ),
        Act(
            name="end",
            asked_word=_("End for good"),
            states=frozenset({State.SCHEDULED, State.ACTIVE, State.PAUSED, State.EXHAUSTED}),
            question=_("It ends for good and cannot be begun again; reserved uses stay good."),
            done=_("It has ended."),
            run=lambda _request, offer: lifecycle.end(offer),
            is_grave=True,
        ),
        Act(
            name="new_version",
            asked_word=_("Prepare a new version"),
            states=frozenset(set(State.values) - {State.DRAFT}),
            question=_(
                "A draft with the same rule is made, to be changed and launched in its place. "
                "This version goes on until then."
            ),
            done=_("The new version is a draft now."),
            run=lambda _request, offer: lifecycle.new_version(offer),
        ),
    )
}


def acts_for(model_admin: Any, request: HttpRequest, offer: BankOffer) -> list[Act]:
    """Return what she may do about an offer in its state; what is proposed already is left out."""
    waiting = {proposal.action for proposal in open_proposals(OFFER, offer.pk)}
    return [
        act
        for act in ACTS.values()
        if offer.state in act.states
        and act.name not in waiting
        and _may(model_admin, request, offer, act)
    ]


def act_page(model_admin: Any, request: HttpRequest, offer: BankOffer) -> HttpResponse:
    """Ask whether she means it; on yes do it and go back to the offer."""
    asked = request.POST.get("what") or request.GET.get("what", "")
    act = ACTS.get(asked)
    if act is None:
        raise Http404
    if not _may(model_admin, request, offer, act):
        raise PermissionDenied
    if request.method == "POST":
        return _done(model_admin, request, offer, act)
    back = reverse("admin:promotions_bankoffer_change", args=[offer.pk])
    context = site_context(
        model_admin,
        request,
        title=str(offer),
        offer=offer,
        act=act,
        back=back,
        budget=yuan_of(offer.budget_minor),
        needs_two=needs_two(),
    )
    return TemplateResponse(request, "admin/offers/act.html", context)


def _done(  # noqa: PLR0917 - who, what about, what
    model_admin: Any, request: HttpRequest, offer: BankOffer, act: Act
) -> HttpResponse:
    target = offer
    try:
        target = act.run(request, offer) or offer
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
    else:
        model_admin.log_change(request, offer, str(act.word))
        is_alone = act.name in {"launch", "budget"} and not needs_two()
        messages.success(request, gettext("It is done.") if is_alone else str(act.done))
    if request.POST.get("back") == "live":
        return redirect("admin:promotions_bankoffer_live", offer.pk)
    page = "edit" if act.name == "new_version" and target is not offer else "change"
    return redirect(f"admin:promotions_bankoffer_{page}", target.pk)


def _may(  # noqa: PLR0917 - who, what about, what
    model_admin: Any, request: HttpRequest, offer: BankOffer, act: Act
) -> bool:
    if act.spends and not needs_two() and not may_spend(request.user, offer.funding):
        return False
    if model_admin.has_change_permission(request, offer):
        return True
    return act.is_stopping and request.user.has_perm("promotions.approve_proposal")
