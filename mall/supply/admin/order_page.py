"""What the page of a purchase order shows: its lines, answers, what can be done, its story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.utils.crypto import get_random_string
from django.utils.translation import pgettext_lazy

from mall.catalogue.models import Batch
from mall.supply.admin.acts import CHANGE, SEND
from mall.supply.admin.showing import COLOURS, yuan
from mall.supply.models import PurchaseLine, PurchaseOrder
from mall.supply.papers.content import (
    PaperLine,
    facts_of,
    paper_line,
    short_text,
    sums_of,
    title_of,
)
from mall.supply.selectors import points_of
from payments.api import now

Status = PurchaseOrder.Status
WORDS: Final = {
    "drafted": pgettext_lazy("purchase order", "drafted"),
    "void": pgettext_lazy("purchase order", "fell away"),
    "sent": pgettext_lazy("purchase order", "sent"),
    "resent": pgettext_lazy("purchase order", "sent again"),
    "link": pgettext_lazy("purchase order", "one more link made"),
    "reminded": pgettext_lazy("purchase order", "reminded"),
    "acknowledged": pgettext_lazy("purchase order", "acknowledged"),
    "short": pgettext_lazy("purchase order", "cannot bring all"),
    "goods_in": pgettext_lazy("purchase order", "counted in"),
    "closed": pgettext_lazy("purchase order", "closed"),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line with what was answered and counted."""

    line: PurchaseLine
    paper: PaperLine
    answer: str
    cost: str
    batches: list[Batch]

    @property
    def still(self) -> int:
        """Return how many have not been counted in yet."""
        return max(self.line.pieces - (self.line.delivered or 0), 0)


def order_context(request: HttpRequest, purchase: PurchaseOrder) -> dict[str, Any]:
    """Return everything the page shows; one query per kind of row."""
    lines = list(purchase.lines.select_related("product"))
    points = points_of(purchase)
    batches = _batches(purchase, lines)
    at = now()
    return {
        "purchase": purchase,
        "paper_title": title_of(purchase),
        "colour": COLOURS[purchase.status],
        "facts": facts_of(purchase),
        "sums": sums_of(purchase),
        "rows": [
            Row(
                line=line,
                paper=paper_line(line, number=number, points=points.get(line.pk, [])),
                answer=short_text(line),
                cost=yuan(line.cost_minor),
                batches=batches.get(line.product_id, []),
            )
            for number, line in enumerate(lines, start=1)
        ],
        "missing": [line for line in lines if line.grams is None],
        "events": [(event, WORDS.get(event.what, event.what)) for event in purchase.events.all()],
        "links": list(purchase.links.filter(revoked_at=None, expires_at__gt=at)),
        "documents": list(purchase.documents.select_related("counted_by")),
        "supplements": list(purchase.supplement_orders.exclude(status=Status.VOID)),
        "is_draft": purchase.status == Status.DRAFT,
        "is_out": purchase.is_out,
        "is_delivered": purchase.status == Status.DELIVERED,
        "may_send": request.user.has_perm(SEND),
        "may_change": request.user.has_perm(CHANGE),
        "wish": get_random_string(32),
    }


def _batches(purchase: PurchaseOrder, lines: list[PurchaseLine]) -> dict[int, list[Batch]]:
    """Return by product the supplier's batches that may be noted when counting in."""
    found: dict[int, list[Batch]] = {}
    rows = Batch.objects.filter(
        product__in=[line.product_id for line in lines],
        supplier=purchase.supplier_id,
        is_recalled=False,
    )
    for batch in rows.order_by("-pk")[:500]:
        found.setdefault(batch.product_id, []).append(batch)
    return found
