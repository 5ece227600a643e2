"""What goods cost us and are priced at, and how both changed: every change is written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from oscar.apps.partner.models import StockRecord

from mall.accounts.models import User
from mall.catalogue.models import PriceChange, StockCost
from payments.api import Money, now, transact


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A price or a cost from an instant on; fen."""

    what: str
    minor: int
    at: datetime
    by: str


def cost_of(stockrecord_id: int) -> int | None:
    """Return what a supplier is owed per unit today (fen); None where nobody said."""
    return costs_of([stockrecord_id]).get(stockrecord_id)


def costs_of(stockrecord_ids: Iterable[int]) -> dict[int, int]:
    """Return the costs of stock records (fen); those without a cost are not there."""
    rows = StockCost.objects.filter(pk__in=list(stockrecord_ids))
    return dict(rows.values_list("pk", "cost_minor"))


@transact()
def set_cost(*, stockrecord_id: int, cost_minor: int, by: User | None) -> bool:
    """Set what a supplier is owed per unit (fen); False where it was that already.

    ValueError below zero.
    """
    if cost_minor < 0:
        raise ValueError("a supplier is never owed less than nothing")
    at = now()
    changed = {"cost_minor": cost_minor, "changed_at": at}
    _row, is_new = StockCost.objects.get_or_create(pk=stockrecord_id, defaults=changed)
    others = StockCost.objects.filter(pk=stockrecord_id).exclude(cost_minor=cost_minor)
    if not is_new and not others.update(**changed):
        return False
    PriceChange.objects.create(
        stockrecord_id=stockrecord_id,
        what=PriceChange.What.COST,
        minor=cost_minor,
        at=at,
        by=by,
    )
    return True


@transact()
def set_price(*, stockrecord_id: int, price_minor: int, by: User | None) -> bool:
    """Set the price outside groups (fen); False where it was that already. ValueError below 1 fen.

    The database writes the change down; here it learns who made it.
    """
    if price_minor < 1:
        raise ValueError("a price is at least one fen")
    at, price = now(), Money(price_minor).major
    others = StockRecord.objects.filter(pk=stockrecord_id).exclude(price=price)
    if not others.update(price=price, date_updated=at):
        return False
    changes = PriceChange.objects.filter(
        stockrecord=stockrecord_id, what=PriceChange.What.PRICE, by=None
    )
    latest = changes.order_by("-pk").values_list("pk", flat=True)[:1]
    PriceChange.objects.filter(pk__in=list(latest)).update(by=by)
    return True


def cost_history(stockrecord_id: int, *, limit: int = 200) -> list[Change]:
    """Return the changes of a stock record's price and cost, newest first."""
    rows = PriceChange.objects.filter(stockrecord=stockrecord_id).select_related("by")
    return [
        Change(what=row.what, minor=row.minor, at=row.at, by=str(row.by) if row.by else "")
        for row in rows[:limit]
    ]
