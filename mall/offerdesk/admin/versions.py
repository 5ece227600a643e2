"""The versions of an offer beside each other: what changed, field by field, in words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from mall.offerdesk.admin.offer_page import offer_context
from mall.offerdesk.admin.showing import OFFER_COLOURS, PROPOSAL_COLOURS, site_context
from mall.offerdesk.differences import differences
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.offer_approvals import OFFER


def versions_page(model_admin: Any, request: HttpRequest, offer: BankOffer) -> HttpResponse:
    """Show every version she may see, and the differences between two neighbours."""
    rows = model_admin.get_queryset(request).filter(code=offer.code).order_by("-version")
    versions = list(rows.select_related("included", "excluded", "owner"))
    proposals: dict[int, list[Proposal]] = {}
    for proposal in Proposal.objects.filter(
        subject_kind=OFFER, subject_pk__in=[version.pk for version in versions]
    ).order_by("pk"):
        proposals.setdefault(proposal.subject_pk, []).append(proposal)
    before = [*versions[1:], None]
    context = site_context(
        model_admin,
        request,
        title=_("Versions of %(offer)s") % {"offer": offer.name},
        versions=[
            {
                "row": version,
                "colour": OFFER_COLOURS[version.state],
                "differences": differences(earlier, version) if earlier else [],
                "earlier": earlier,
                "proposals": [
                    (row, PROPOSAL_COLOURS[row.status]) for row in proposals.get(version.pk, [])
                ],
            }
            for version, earlier in zip(versions, before, strict=True)
        ],
        **offer_context(model_admin, request, offer),
    )
    return TemplateResponse(request, "admin/offers/versions.html", context)
