"""Order amounts by kind of card: how small they are, and how much of them the offer paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mall.insight.figures import Figures
from mall.insight.shown import Form, show
from mall.insight.uses import BUCKETS

KINDS: Final[Mapping[str, Promise]] = {
    "debit": _("debit cards"),
    "credit": _("credit cards"),
    "": _("without a tied card"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """Orders of a kind of card in one range of amounts; `width` is its bar, 0 to 100."""

    kind: str
    range: str
    orders: int
    share: str
    average: str
    average_discount: str
    discount_share: str
    width: int
    is_sum: bool = False


def bucket_words(bucket: int) -> str:
    """Return a range of amounts in yuan: "¥20 – ¥50"."""
    low = BUCKETS[bucket - 1] // 100 if bucket else 0
    if bucket == len(BUCKETS):
        return gettext("from ¥%(low)s") % {"low": low}
    return gettext("¥%(low)s to below ¥%(high)s") % {"low": low, "high": BUCKETS[bucket] // 100}


def tickets_of(now: Figures) -> list[TicketRow]:
    most = max((one.orders for one in now.tickets), default=0)
    rows: list[TicketRow] = []
    for kind in now.kinds:
        of = {one.bucket: one for one in now.tickets if one.kind == kind}
        whole = sum(one.orders for one in of.values())
        for bucket in range(len(BUCKETS) + 1):
            one = of.get(bucket)
            counts = (one.orders, one.ticket_minor, one.discount_minor) if one else (0, 0, 0)
            rows.append(_ticket(kind, bucket_words(bucket), counts, whole=whole, most=most))
        sums = (
            whole,
            sum(one.ticket_minor for one in of.values()),
            sum(one.discount_minor for one in of.values()),
        )
        rows.append(_ticket(kind, gettext("all"), sums, whole=whole, most=0))
    return rows


def _ticket(
    kind: str, words: str, counts: tuple[int, int, int], *, whole: int, most: int
) -> TicketRow:
    orders, ticket, discount = counts
    each = Decimal(orders) if orders else None
    return TicketRow(
        kind=str(KINDS[kind]),
        range=words,
        orders=orders,
        share=show(Decimal(orders) / whole if whole else None, Form.PERCENT),
        average=show(ticket / each if each else None, Form.MONEY),
        average_discount=show(discount / each if each else None, Form.MONEY),
        discount_share=show(Decimal(discount) / ticket if ticket else None, Form.PERCENT),
        width=orders * 100 // most if most else 0,
        is_sum=not most,
    )


def small_tickets(now: Figures) -> str:
    """Say in one sentence what a bank must see: how much of the smallest orders it paid."""
    small = [one for one in now.tickets if one.bucket <= 1]
    orders = sum(one.orders for one in small)
    if not orders:
        return ""
    ticket, discount = (
        sum(one.ticket_minor for one in small),
        sum(one.discount_minor for one in small),
    )
    return gettext(
        "%(orders)s of %(all)s orders were below ¥50: on average %(average)s, of which the offer"
        " paid %(discount)s (%(share)s)."
    ) % {
        "orders": show(orders, Form.COUNT),
        "all": show(now.orders, Form.COUNT),
        "average": show(Decimal(ticket) / orders, Form.MONEY),
        "discount": show(Decimal(discount) / orders, Form.MONEY),
        "share": show(Decimal(discount) / ticket if ticket else None, Form.PERCENT),
    }
