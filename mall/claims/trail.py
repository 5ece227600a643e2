"""What claims tell on the page of an order's money: who was asked for its discount, who paid."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext

from mall.claims.models import ClaimLine
from mall.claims.names import giver_name
from payments.api import Chapter, Line


def of_order(order_no: str) -> Chapter | None:
    """Return the claims an order's discounts are in; None where they are in none."""
    lines = list(
        ClaimLine.objects.filter(order_no=order_no)
        .select_related("claim", "dispute")
        .order_by("claim__month", "pk")
    )
    if not lines:
        return None
    disputed = [line for line in lines if hasattr(line, "dispute")]
    return Chapter(
        title=gettext("Claims on banks"),
        lines=[told for line in lines for told in _told(line)],
        events=[f"subsidy_off:{line.claim.claim_no}:{line.number}" for line in disputed],
        names={("1131", line.claim.giver): giver_name(line.claim.giver) for line in lines},
    )


def _told(line: ClaimLine) -> Iterator[Line]:
    claim = line.claim
    page = reverse("admin:claims_subsidyclaim_change", args=[claim.pk])
    yield Line(
        what=gettext("Claim %(claim)s, line %(line)s") % {"claim": claim, "line": line.number},
        detail=f"{line.get_kind_display()} · {claim.get_status_display()}",
        minor=line.net_minor,
        url=page,
    )
    if hasattr(line, "dispute"):
        yield Line(
            what=gettext("Disputed by the bank"),
            detail=f"{line.dispute.get_state_display()} · {line.dispute.reason}",
            minor=line.dispute.minor,
            url=page,
        )
