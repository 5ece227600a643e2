"""An offer's page: its rule in words, what is left of it, what waits, what may be done."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from mall.banks.spending import may_spend
from mall.offerdesk.admin.acts import acts_for
from mall.offerdesk.admin.showing import (
    OFFER_COLOURS,
    PROPOSAL_COLOURS,
    bars_of,
    site_context,
    who,
)
from mall.offerdesk.sentences import sentences
from mall.offerdesk.warnings import warnings
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.offer_approvals import OFFER
from payments.api import now

_PROPOSALS_SHOWN = 20


def offer_page(model_admin: Any, request: HttpRequest, offer: BankOffer) -> HttpResponse:
    """Show it."""
    proposals = Proposal.objects.filter(subject_kind=OFFER, subject_pk=offer.pk)
    context = site_context(
        model_admin,
        request,
        title=str(offer),
        **offer_context(model_admin, request, offer),
        sentences=sentences(offer),
        warnings=warnings(offer) if offer.state == BankOffer.State.DRAFT else [],
        bars=bars_of(offer),
        acts=acts_for(model_admin, request, offer),
        proposals=[
            {
                "row": row,
                "colour": PROPOSAL_COLOURS[row.status],
                "may_approve": may_approve(request, row),
                "may_withdraw": may_withdraw(request, row),
                "waits_for_the_mall": waits_for_the_mall(request, row),
            }
            for row in proposals.order_by("-pk")[:_PROPOSALS_SHOWN]
        ],
        may_edit=offer.state == BankOffer.State.DRAFT
        and model_admin.has_change_permission(request, offer),
        may_delete=model_admin.has_delete_permission(request, offer),
    )
    return TemplateResponse(request, "admin/offers/offer.html", context)


def offer_context(model_admin: Any, request: HttpRequest, offer: BankOffer) -> dict[str, Any]:
    """Return what the head of every page of an offer shows."""
    del model_admin, request
    tabs = [
        ("change", _("Offer")),
        ("live", _("Live")),
        ("tester", _("Try it out")),
        ("rehearsal", _("Dry run")),
        ("versions", _("Versions")),
    ]
    return {"offer": offer, "state_colour": OFFER_COLOURS[offer.state], "tabs": tabs}


def may_approve(request: HttpRequest, proposal: Proposal) -> bool:
    """Tell whether she may be the second person of a proposal: of what her money pays."""
    return _is_anothers(request, proposal) and spends_own(request, proposal)


def waits_for_the_mall(request: HttpRequest, proposal: Proposal) -> bool:
    """Tell whether she could decide but for the money, which is not her bank's alone."""
    return _is_anothers(request, proposal) and not spends_own(request, proposal)


def spends_own(request: HttpRequest, proposal: Proposal) -> bool:
    """Tell whether all the money a proposal spends is hers to spend."""
    return may_spend(request.user, proposal.snapshot.get("funding", ()))


def _is_anothers(request: HttpRequest, proposal: Proposal) -> bool:
    is_open = proposal.status == Proposal.Status.PROPOSED and proposal.expires_at > now()
    is_anothers = proposal.proposed_by != who(request)
    return is_open and is_anothers and request.user.has_perm("promotions.approve_proposal")


def may_withdraw(request: HttpRequest, proposal: Proposal) -> bool:
    """Tell whether it is her own, and open."""
    is_open = proposal.status == Proposal.Status.PROPOSED
    return is_open and proposal.proposed_by == who(request)
