"""Money back for a part of an order, or all of it: who gets how much, to the fen.

Every funder's part of every line goes back by itself with the goods (mall.ordering.parts), so that
several refunds of any pieces or fen in any order give each of them exactly what it gave.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import BigIntegerField, Case, F, Value, When

from mall.loyalty import spending as points
from mall.ordering.backs import Back, Gone, backs_of, forfeit
from mall.ordering.facts import tell_costs_returned, tell_lines_refunded
from mall.ordering.models import (
    LineBack,
    LineDiscount,
    LineFulfilment,
    OrderDiscount,
    OrderFulfilment,
)
from mall.ordering.reasons import part_of_all, parts_told, write_backs
from mall.promotions.models import BankOffer
from mall.promotions.reservation import claw_back, live_use
from mall.vouchers import holding as vouchers
from payments.api import (
    Funder,
    Money,
    RefundStage,
    RefundView,
    TenderPart,
    refund_view,
    request_refund,
)

Source = OrderDiscount.Source
Why = LineBack.Why
_NAME_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """A refund that was promised: its number, what of it she gets, whether nothing is left."""

    refund_no: str
    payer: Money
    is_whole: bool


def give_back(
    order: OrderFulfilment,
    gone: Sequence[Gone],
    *,
    key: str,
    why: str,
    stage: RefundStage = RefundStage.BEFORE_PICKUP,
) -> GivenBack:
    """Promise money back for pieces that are gone, or for fen off those that stay; once per key.

    In the caller's transaction, with the paid order locked. The resident gets what she paid of it,
    every funder of a discount its part, the supplier is owed less (after pickup he gives it back);
    where the offer says so and the rest falls below its threshold, the whole offer goes back and
    she bears it. Repeated with the same key it returns the first. ValueError for more pieces or
    fen than are left, or where nothing would go back. Stock, chain and limits are the caller's.
    """
    before = _given(order, key)
    if before is not None:
        return before
    backs, _forfeited = plan_back(order, gone)
    if not backs:
        raise ValueError("nothing would go back")
    _book(backs)
    refund = request_refund(
        payment_no=order.payment_no,
        refund_key=f"{why}:{key}",
        tenders=_tenders(backs),
        reason=str(why),
        reference=order.order_no,
        stage=stage,
        supplier_parts=_suppliers(backs) if stage == RefundStage.AFTER_PICKUP else (),
    )
    parts = list(parts_told(backs, why))
    write_backs(parts, backs, key=key, why=why, refund_no=refund.refund_no)
    is_whole = not order.lines.filter(quantity__gt=F("refunded_quantity")).exists()
    _return_to_their_rooms(order.order_no, _by_source(backs), is_whole=is_whole)
    tell_lines_refunded(order, parts, refund_no=refund.refund_no, stage=stage)
    if stage == RefundStage.AFTER_PICKUP:
        costs = [(back.line, back.quantity, back.cost_minor) for back in backs]
        tell_costs_returned(order, costs, refund_no=refund.refund_no)
    payer = Money(sum(part.payer_minor for part in parts))
    return GivenBack(refund_no=refund.refund_no, payer=payer, is_whole=is_whole)


def plan_back(order: OrderFulfilment, gone: Sequence[Gone]) -> tuple[list[Back], int]:
    """Return what would go back of which lines, and what of the offer is forfeited with it (fen).

    Nothing is written. ValueError beyond what is left.
    """
    backs = backs_of(order, gone)
    before = sum(back.share_minor for back in backs)
    use = live_use(order.order_no)
    if use is not None and use.offer.refund_policy == BankOffer.RefundPolicy.FORFEIT:
        forfeit(backs, use.offer)
    lost = sum(back.share_minor for back in backs) - before
    return [back for back in backs if back.value_minor or back.share_minor], lost


@dataclass(frozen=True, kw_only=True)
class Missing:
    """So many pieces of a line that did not come."""

    line_id: int
    quantity: int


def refund_missing(order: OrderFulfilment, missing: Sequence[Missing]) -> bool:
    """Promise money back for pieces that did not come; say whether nothing of the order is left.

    In the caller's transaction, with the order locked, before collection; give_back() says who
    gets what.
    """
    gone = [Gone(line_id=each.line_id, quantity=each.quantity) for each in missing]
    return give_back(order, gone, key=_key(order, gone), why=Why.SHORTAGE).is_whole


def return_all(order: OrderFulfilment, *, why: str) -> RefundView:
    """Promise back all that is left of a paid order: her money, every funder's part, all goods.

    In the caller's transaction, with the order locked. Repeated, or where everything went back in
    parts before, it returns the last refund.
    """
    key = f"whole:{order.order_no}"
    before = _given(order, key)
    if before is not None:
        return refund_view(before.refund_no)
    lines = order.lines.order_by("pk").prefetch_related("discounts__discount")
    backs = [back for line in lines if (back := Back.of_all(line)).is_something]
    if not any(back.value_minor for back in backs):
        return _last_of_all(order, backs, key=key, why=why)
    refund = request_refund(
        payment_no=order.payment_no,
        refund_key=key,
        tenders=_tenders(backs),
        reason=str(why),
        reference=order.order_no,
        stage=RefundStage.BEFORE_PICKUP,
    )
    amounts = _by_source(backs)
    write_backs(
        [part_of_all(b, why) for b in backs], backs, key=key, why=why, refund_no=refund.refund_no
    )
    _book_all(backs)
    _return_to_their_rooms(order.order_no, amounts, is_whole=True)
    return refund


def _last_of_all(
    order: OrderFulfilment, backs: Sequence[Back], *, key: str, why: str
) -> RefundView:
    """Return the refund with which the last money went back; pieces worth nothing go with it."""
    last = LineBack.objects.filter(line__order=order).order_by("pk").last()
    if last is None:
        raise ValueError(f"nothing of order {order.order_no} was ever worth anything")
    parts = [part_of_all(back, why) for back in backs]
    write_backs(parts, backs, key=key, why=why, refund_no=last.refund_no)
    _book_all(backs)
    return refund_view(last.refund_no)


def _book_all(backs: Sequence[Back]) -> None:
    lines = [back.line.pk for back in backs]
    LineFulfilment.objects.filter(pk__in=lines).update(
        refunded_quantity=F("quantity"),
        refunded_minor=F("value_minor"),
        returned_share_minor=F("offer_share_minor"),
        returned_cost_minor=F("cost_minor"),
    )
    LineDiscount.objects.filter(line__in=lines).update(returned_minor=F("minor"))


def _given(order: OrderFulfilment, key: str) -> GivenBack | None:
    rows = list(LineBack.objects.filter(line__order=order, key=key))
    if not rows:
        return None
    return GivenBack(
        refund_no=rows[0].refund_no,
        payer=Money(sum(row.payer_minor for row in rows)),
        is_whole=not order.lines.filter(quantity__gt=F("refunded_quantity")).exists(),
    )


def _book(backs: Sequence[Back]) -> None:
    """Count what goes back on the lines and on the funders' rows."""
    for back in backs:
        back.line.refunded_quantity += back.quantity
        back.line.refunded_minor += back.value_minor
        back.line.returned_share_minor += back.share_minor
        back.line.returned_cost_minor += back.cost_minor
    fields = ["refunded_quantity", "refunded_minor", "returned_share_minor", "returned_cost_minor"]
    LineFulfilment.objects.bulk_update([back.line for back in backs], fields)
    minors = {part.row.pk: part.minor for back in backs for part in back.parts if part.minor}
    if minors:
        whens = [When(pk=pk, then=Value(minor)) for pk, minor in minors.items()]
        more = Case(*whens, output_field=BigIntegerField())
        LineDiscount.objects.filter(pk__in=minors).update(returned_minor=F("returned_minor") + more)


def _tenders(backs: Sequence[Back]) -> list[TenderPart]:
    """Return what the payer and each funder get back in all."""
    payer_minor = sum(back.value_minor - back.share_minor for back in backs)
    sums: Counter[tuple[str, str]] = Counter({(Funder.PAYER, ""): payer_minor})
    for back in backs:
        for part in back.parts:
            sums[part.row.funder, part.row.funder_ref] += part.minor
    return [
        TenderPart(funder=Funder(funder), ref=ref, amount=Money(minor))
        for (funder, ref), minor in sums.items()
        if minor
    ]


def _suppliers(backs: Sequence[Back]) -> list[tuple[str, Money]]:
    """Return what each supplier gives back of goods that were handed over already."""
    sums: Counter[str] = Counter()
    for back in backs:
        sums[f"supplier:{back.line.supplier_id}"] += back.cost_minor
    return [(supplier, Money(minor)) for supplier, minor in sorted(sums.items()) if minor]


def _by_source(backs: Sequence[Back]) -> Counter[str]:
    amounts: Counter[str] = Counter()
    for back in backs:
        for part in back.parts:
            amounts[_source_of(part.row)] += part.minor
    return amounts


def _source_of(row: LineDiscount) -> str:
    """Return whose use shrinks with the row; nobody's where the bank gave what nobody quoted."""
    return row.discount.source if row.discount.estimated_minor else ""


def _return_to_their_rooms(order_no: str, amounts: Counter[str], *, is_whole: bool) -> None:
    """Tell voucher, points and offer what of them went back; budgets last."""
    if amounts[Source.VOUCHER] or is_whole:
        vouchers.take_back(
            order_no=order_no, amount_minor=amounts[Source.VOUCHER], is_whole=is_whole
        )
    if amounts[Source.POINTS]:
        points.give_back(order_no=order_no, amount_minor=amounts[Source.POINTS])
    claw_back(order_no=order_no, amount_minor=amounts[Source.OFFER])


def _key(order: OrderFulfilment, gone: Sequence[Gone]) -> str:
    """Name this wish: which lines, and how many of each have gone back with it."""
    done = dict(order.lines.values_list("pk", "refunded_quantity"))
    steps = (f"{each.line_id}.{done[each.line_id] + each.quantity}" for each in gone)
    wish = "-".join(steps)
    # Cut off, two wishes about a long order would be one.
    return wish if len(wish) <= _NAME_MAX else hashlib.sha256(wish.encode()).hexdigest()
