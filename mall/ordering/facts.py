"""What the mall tells about an order as it goes along its life.

order.placed, .paid, .confirmed, .arrived, .collected, .uncollected (a collection was undone),
.closed, .cancelled, .refunded, .changed and .moved. Payload of every order.* fact: order_no,
group_id, pickup_point_id, leader_id, resident_id, placed_by_id (who ordered for her, else null),
is_quiet (staff ended it without telling her), at (ISO instant), paid_at (the same, or null),
window_ends_at (end of the after-sales window once collected, else null), is_tied (paid, or to be
paid, with a tied card), and in fen: goods_minor, discount_minor and payable_minor of the whole
order as placed (once paid: as the bank really gave), payer_minor (payable less what was promised
back to the payer so far; 0 when all went back).

order.changed adds refund_no, back_minor (what she gets back) and changes: each line_id, title, was
and is (pieces). order.moved adds from_group_id, from_leader_id, by_id, reason, refund_no ("" where
nothing went back) and back_minor.

discounts: each of the order's with source (voucher, points or offer), source_no (the voucher's
number, how many points, the offer's code), name, decided_by (shop or bank), estimated_minor,
actual_minor (null until paid), returned_minor, and funders, each with funder, ref, minor and
returned_minor.

lines: each with line_id, item_id, product_id, title, category_ids, quantity (what is left of it),
value_minor (of what is left; after merchant-funded, before bank-funded discount), cost_minor (owed
to the supplier for what is left), supplier_id, storage_class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mall.ordering.discounts import DiscountShown, discounts_of_all
from mall.ordering.models import LineFulfilment, OrderFulfilment
from payments.api import now, part_of_share, publish


def tell(what: str, orders: Sequence[OrderFulfilment], *, turn: int = 1) -> None:
    """Publish order.<what> for orders that have just become so; in their transaction.

    ``turn`` counts what can happen again: a collection that was undone and done again.
    """
    lines: defaultdict[int, list[LineFulfilment]] = defaultdict(list)
    for line in LineFulfilment.objects.filter(order__in=orders).order_by("pk"):
        lines[line.order_id].append(line)
    discounts = discounts_of_all([order.pk for order in orders if order.discount_minor])
    for order in orders:
        told = _Told(order=order, lines=lines[order.pk], discounts=discounts.get(order.pk, []))
        told.publish(what, turn=turn)


def tell_more(what: str, order: OrderFulfilment, *, turn: str, more: Mapping[str, Any]) -> None:
    """Publish order.<what> with more than every fact of an order says; ``turn`` names the event."""
    lines = list(LineFulfilment.objects.filter(order=order).order_by("pk"))
    discounts = discounts_of_all([order.pk] if order.discount_minor else []).get(order.pk, [])
    _Told(order=order, lines=lines, discounts=discounts).publish(what, turn=turn, more=more)


def tell_placed(
    order: OrderFulfilment,
    lines: Iterable[LineFulfilment],
    discounts: Sequence[DiscountShown],
) -> None:
    """Publish order.placed for an order whose rows are at hand; no query for them."""
    _Told(order=order, lines=list(lines), discounts=discounts).publish("placed", turn=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    """What went back of a line: pieces (or none), their value, what of it the payer gets (fen)."""

    line: LineFulfilment
    quantity: int
    value_minor: int
    payer_minor: int
    why: str = ""


def tell_lines_refunded(
    order: OrderFulfilment, parts: Iterable[LinePart], *, refund_no: str, stage: str
) -> None:
    """Publish line.refunded for each; the money itself is on its way back under refund_no.

    Payload: order_no, resident_id, line_id, quantity (0 where only the price went down),
    value_minor (of what went back, the base of commission), payer_minor (what of it goes back to
    the payer: over the lines of a refund it sums to what she gets), why (LineBack.Why: of the
    pieces, or of the fen where no pieces went), stage (before_pickup, after_pickup, or goodwill:
    the mall's own money, nobody else loses anything), refund_no, at. Amounts in fen.
    """
    for part in parts:
        line = part.line
        publish(
            "line.refunded",
            key=f"line.refunded:{refund_no}:{line.pk}",
            aggregate=order.order_no,
            payload={
                "order_no": order.order_no,
                "resident_id": order.resident_id,
                "line_id": line.pk,
                "quantity": part.quantity,
                "value_minor": part_of_share(
                    line.commission_base_minor,
                    done=line.refunded_minor - part.value_minor,
                    now=part.value_minor,
                    whole=line.value_minor,
                ),
                "payer_minor": part.payer_minor,
                "why": part.why,
                "stage": str(stage),
                "refund_no": refund_no,
                "at": now().isoformat(),
            },
        )


def tell_costs_returned(
    order: OrderFulfilment, parts: Iterable[tuple[LineFulfilment, int, int]], *, refund_no: str
) -> None:
    """Publish supplier.returned: what suppliers give back of goods that were handed over (fen).

    ``parts`` are lines with the pieces and the cost that went back. Payload: order_no, refund_no,
    lines (line_id, supplier_id, title, quantity, cost_minor), at.
    """
    lines = [
        {
            "line_id": line.pk,
            "supplier_id": line.supplier_id,
            "title": line.title,
            "quantity": quantity,
            "cost_minor": cost_minor,
        }
        for line, quantity, cost_minor in parts
        if cost_minor
    ]
    if not lines:
        return
    publish(
        "supplier.returned",
        key=f"supplier.returned:{refund_no}",
        aggregate=order.order_no,
        payload={
            "order_no": order.order_no,
            "refund_no": refund_no,
            "lines": lines,
            "at": now().isoformat(),
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An order with its rows, as a fact tells it."""

    order: OrderFulfilment
    lines: Sequence[LineFulfilment]
    discounts: Sequence[DiscountShown]

    def publish(self, what: str, *, turn: int | str, more: Mapping[str, Any] | None = None) -> None:
        number = self.order.order_no
        publish(
            f"order.{what}",
            key=f"order.{what}:{number}:{turn}",
            aggregate=number,
            payload={**self._payload(now().isoformat()), **(more or {})},
        )

    def _payload(self, at: str) -> dict[str, Any]:
        order = self.order
        return {
            "order_no": order.order_no,
            "group_id": order.group_id,
            "pickup_point_id": order.pickup_point_id,
            "leader_id": order.leader_id,
            "resident_id": order.resident_id,
            "placed_by_id": order.placed_by_id,
            "is_quiet": order.is_quiet,
            "goods_minor": order.goods_minor,
            "discount_minor": order.discount_minor,
            "payable_minor": order.payable_minor,
            "payer_minor": sum(_payers_rest(line) for line in self.lines),
            "is_tied": bool(order.agreement_no),
            "discounts": [_discount_payload(each) for each in self.discounts],
            "lines": [_line_payload(line) for line in self.lines],
            "window_ends_at": order.window_ends_at and order.window_ends_at.isoformat(),
            "paid_at": order.paid_at and order.paid_at.isoformat(),
            "at": at,
        }


def _payers_rest(line: LineFulfilment) -> int:
    """Return what the payer gave for a line and was not promised back."""
    gave = line.value_minor - line.offer_share_minor
    return gave - (line.refunded_minor - line.returned_share_minor)


def _discount_payload(discount: DiscountShown) -> dict[str, Any]:
    told = asdict(discount)
    funders = told.pop("funding")
    return {**told, "returned_minor": discount.returned_minor, "funders": list(funders)}


def _line_payload(line: LineFulfilment) -> dict[str, Any]:
    base_minor = line.commission_base_minor
    back = part_of_share(base_minor, done=0, now=line.refunded_minor, whole=line.value_minor)
    return {
        "line_id": line.pk,
        "item_id": line.item_id,
        "product_id": line.product_id,
        "title": line.title,
        "category_ids": line.category_ids,
        "quantity": line.quantity - line.refunded_quantity,
        "value_minor": base_minor - back,
        "cost_minor": line.cost_minor - line.returned_cost_minor,
        "supplier_id": line.supplier_id,
        "storage_class": line.storage_class,
    }
