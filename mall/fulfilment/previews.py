"""Who would go short, and what money each would get back: shown before anything happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from mall.accounts.masking import mask_name
from mall.catalogue.titles import title_of
from mall.fulfilment.shortages import dues_of, lines_due
from mall.groupbuy.models import GroupBuyItem, Sharing
from mall.ordering.backs import Back, Gone, back_of_line, forfeit
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.ordering.sharing import share
from mall.promotions.models import BankOffer, OfferReservation


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShort:
    """What of a line would come: pieces."""

    title: str
    due: int
    got: int

    @property
    def missing(self) -> int:
        """Return how many would not."""
        return self.due - self.got


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentShort:
    """One neighbour's order that would go short, and the money she would get back (fen)."""

    order_no: str
    masked_name: str
    phone_tail: str
    lines: tuple[LineShort, ...]
    back_minor: int
    nothing_left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemShort:
    """One item there is too little of: pieces ordered and there."""

    item_id: int
    title: str
    due: int
    available: int

    @property
    def missing(self) -> int:
        """Return how many are missing."""
        return self.due - self.available


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The whole picture before it is confirmed: items, neighbours, the rule, the sum (fen)."""

    rule: str
    rule_label: str
    items: tuple[ItemShort, ...]
    residents: tuple[ResidentShort, ...]

    @property
    def back_minor(self) -> int:
        """Return what all of them would get back."""
        return sum(each.back_minor for each in self.residents)

    @property
    def missing(self) -> int:
        """Return how many pieces are missing."""
        return sum(each.missing for each in self.items)


def preview(available: Mapping[int, int], *, group_id: int | None = None) -> Preview:
    """Say who would get what if so many pieces of these items came; changes nothing.

    ``available`` is pieces per item; more than is due is no shortage. Without a group all groups of
    the sale share. A constant number of queries.
    """
    lines = lines_due(available, group_id=group_id)
    rule = Sharing(lines[0].item.group_buy.sharing) if lines else Sharing.FAIR
    items: list[ItemShort] = []
    gone: dict[int, int] = {}
    for item in _items(available):
        dues = dues_of(lines, item.pk)
        due = sum(each.quantity for each in dues)
        there = available[item.pk]
        if there >= due:
            continue
        items.append(
            ItemShort(item_id=item.pk, title=title_of(item.product), due=due, available=there)
        )
        got = share(dues, available=there, rule=rule)
        gone |= {each.line_id: each.quantity - got[each.line_id] for each in dues}
    return Preview(
        rule=rule,
        rule_label=str(rule.label),
        items=tuple(items),
        residents=tuple(_residents(lines, {line: n for line, n in gone.items() if n})),
    )


def _items(available: Mapping[int, int]) -> Sequence[GroupBuyItem]:
    rows = GroupBuyItem.objects.filter(pk__in=available).select_related("product__extra")
    return list(rows.order_by("position", "pk"))


def _residents(lines: Sequence[LineFulfilment], gone: Mapping[int, int]) -> list[ResidentShort]:
    orders = list({line.order_id: line.order for line in lines if line.pk in gone}.values())
    prefetch_related_objects(orders, "lines__discounts__discount", "lines__product__extra")
    offers = _forfeiting(orders)
    return [_resident(order, gone, offers.get(order.order_no)) for order in orders]


def _resident(
    order: OrderFulfilment, gone: Mapping[int, int], offer: BankOffer | None
) -> ResidentShort:
    kept = sorted(order.lines.all(), key=lambda line: line.pk)
    backs = [
        back_of_line(line, Gone(line_id=line.pk, quantity=gone.get(line.pk, 0))) for line in kept
    ]
    if offer is not None:
        forfeit(backs, offer)
    return ResidentShort(
        order_no=order.order_no,
        masked_name=mask_name(order.receiver_name),
        phone_tail=order.receiver_phone[-4:],
        lines=tuple(_line(back) for back in backs if back.quantity),
        back_minor=max(0, sum(back.value_minor - back.share_minor for back in backs)),
        nothing_left=all(
            back.line.quantity == back.line.refunded_quantity + back.quantity for back in backs
        ),
    )


def _line(back: Back) -> LineShort:
    due = back.line.quantity - back.line.refunded_quantity
    return LineShort(title=title_of(back.line.product), due=due, got=due - back.quantity)


def _forfeiting(orders: Sequence[OrderFulfilment]) -> dict[str, BankOffer]:
    """Return the offers that take their discount back below their threshold, by order."""
    live = [OfferReservation.State.RESERVED, OfferReservation.State.CONSUMED]
    uses = OfferReservation.objects.filter(
        order_no__in=[order.order_no for order in orders],
        state__in=live,
        offer__refund_policy=BankOffer.RefundPolicy.FORFEIT,
    )
    return {use.order_no: use.offer for use in uses.select_related("offer")}
