"""Proposals in the admin: what waits for a second person, as it was proposed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from mall.banks.filters import OwnerFilter
from mall.banks.scope import owned_by
from mall.offerdesk.admin.offer_page import may_approve, may_withdraw, waits_for_the_mall
from mall.offerdesk.admin.showing import PROPOSAL_COLOURS, site_context, who
from mall.offerdesk.sentences import sentences
from mall.offerdesk.warnings import warnings
from mall.offerdesk.words import yuan
from mall.promotions.admin import LookUpOnly
from mall.promotions.approvals import approve, digest_of, refuse
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.offer_approvals import OFFER, facts_of
from payments.api import LinliError

# Where the page of a subject is, by its kind.
SUBJECT_PAGES = {
    OFFER: "admin:promotions_bankoffer_change",
    "voucher_batch": "admin:vouchers_voucherbatch_change",
    "rain": "admin:redpackets_rainsession_change",
    "points": "admin:loyalty_pointsprogramme_change",
}


@admin.register(Proposal)
class ProposalAdmin(LookUpOnly):
    """Launches and budgets of her unit's offers and voucher batches; decided by a second person."""

    list_display = (
        "subject_name",
        "action",
        "owner",
        "status_label",
        "budgets",
        "proposed_by",
        "proposed_at",
        "decided_by",
        "expires_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("action", ChoicesDropdownFilter),
        OwnerFilter,
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("owner",)
    search_fields = ("subject_name", "proposed_by", "decided_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        """Show those about what her unit owns and those below."""
        return owned_by(super().get_queryset(request), request.user)

    def get_urls(self) -> list[URLPattern]:
        """Add the decision."""
        decide = self.admin_site.admin_view(self.decide)
        name = "promotions_proposal_decide"
        return [path("<int:pk>/decide/", decide, name=name), *super().get_urls()]

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what was proposed, and whether it still is so."""
        del form_url, extra_context
        row = self._found(request, object_id)
        context = site_context(
            self,
            request,
            title=str(row),
            row=row,
            colour=PROPOSAL_COLOURS[row.status],
            subject_url=_subject_url(row),
            may_approve=may_approve(request, row),
            may_withdraw=may_withdraw(request, row),
            waits_for_the_mall=waits_for_the_mall(request, row),
            budget_from=_budget(row.budget_from_minor),
            budget_to=_budget(row.budget_to_minor),
            **_told(row),
        )
        return TemplateResponse(request, "admin/offers/proposal.html", context)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve, refuse or take back; then the page where she was."""
        row = self._found(request, pk)
        if request.method != "POST":
            raise Http404
        what, answer = request.POST.get("what", ""), request.POST.get("answer", "")
        if what not in _DONE:
            raise Http404
        is_allowed = may_withdraw(request, row) if what == "withdraw" else may_approve(request, row)
        if not is_allowed:
            raise PermissionDenied
        try:
            if what == "approve":
                approve(row, by=who(request))
            else:
                refuse(row, by=who(request), answer=answer)
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
        else:
            self._log(request, row, str(_DONE[what]))
            messages.success(request, gettext(str(_DONE[what])))
        return redirect(_subject_url(row) or reverse("admin:promotions_proposal_changelist"))

    def _log(self, request: HttpRequest, row: Proposal, done: str) -> None:
        """Write it into the proposal's diary and the offer's."""
        self.log_change(request, row, done)
        offer = BankOffer.objects.filter(pk=row.subject_pk) if row.subject_kind == OFFER else None
        if offer is not None and (subject := offer.first()):
            self.log_change(request, subject, f"{row.get_action_display()}: {done}")

    def _found(self, request: HttpRequest, pk: int | str) -> Proposal:
        row = self.get_object(request, str(pk))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    @display(description=_("status"), ordering="status", label=PROPOSAL_COLOURS)
    def status_label(self, row: Proposal) -> tuple[str, str]:
        """Show the state in colour."""
        return row.status, row.get_status_display()

    @display(description=_("budget"))
    def budgets(self, row: Proposal) -> str:
        """Show old and new budget."""
        if row.action != Proposal.Action.BUDGET:
            return "–"
        return f"{_budget(row.budget_from_minor)} → {_budget(row.budget_to_minor)}"


_DONE: dict[str, Promise] = {
    "approve": _("It is approved and done."),
    "refuse": _("It is refused."),
    "withdraw": _("It is taken back."),
}


def _budget(minor: int | None) -> str:
    return gettext("no limit") if minor is None else yuan(minor)


def _subject_url(row: Proposal) -> str:
    try:
        return reverse(SUBJECT_PAGES[row.subject_kind], args=[row.subject_pk])
    except (KeyError, NoReverseMatch):
        return ""


def _told(row: Proposal) -> dict[str, Any]:
    """Write an offer's rule out; of other subjects show the facts that are approved."""
    offer = None
    if row.subject_kind == OFFER:
        offer = BankOffer.objects.filter(pk=row.subject_pk).first()
    if offer is None:
        return {"facts": sorted(row.snapshot.items()), "has_changed": False}
    is_open = row.status == Proposal.Status.PROPOSED
    has_changed = is_open and digest_of(facts_of(offer)) != row.digest
    return {
        "sentences": sentences(offer),
        "warnings": warnings(offer) if is_open else [],
        "has_changed": has_changed,
    }
