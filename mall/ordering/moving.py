"""An order that goes to another pickup point, or to another sale that has all its goods.

Within one sale only the place changes. Into another sale its goods are asked for anew, at that
sale's prices: where one of them is dearer nothing moves, what is cheaper comes back. By the
resident until the cut-off, by staff with a reason: within a sale until the goods leave, into
another one as long as nothing was bought for the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.groupbuy.baskets import require_selling
from mall.groupbuy.entries import move_entry
from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.groupbuy.models import State as GroupState
from mall.groupbuy.readiness import require_on_sale
from mall.ordering import allowances, relocating, stock
from mall.ordering.backs import Gone
from mall.ordering.errors import (
    DearerThereError,
    NoReasonError,
    NotMovableError,
    OrderGoneError,
)
from mall.ordering.facts import tell_more
from mall.ordering.guarding import require_minimum
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, OrderMove, Status
from mall.ordering.paying import locked_order
from mall.ordering.reducing import worth
from mall.ordering.returning import GivenBack, give_back
from mall.pickup.choosing import require_open
from mall.promotions.wording import yuan
from payments.api import now, transact

_TAKING = (GroupState.OPEN, GroupState.CLOSED, GroupState.FORMED, GroupState.ORDERED)
_UNSENT = (Status.PAID, Status.CONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLine:
    """A line with what its goods are worth now, and what they cost there (fen)."""

    line: LineFulfilment
    item: GroupBuyItem
    quantity: int
    was_minor: int
    is_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveQuote:
    """What a move would do (fen). What she gets back of it depends on who paid for the goods."""

    to_group: LeaderGroup
    lines: tuple[MovedLine, ...]
    is_same_sale: bool

    @property
    def cheaper_minor(self) -> int:
        """Return what the goods cost less there."""
        return sum(line.was_minor - line.is_minor for line in self.lines)


def quote_move(*, order_no: str, to_group_id: int, by: User) -> MoveQuote:
    """Say what move_order() would do; nothing is written. Raises what it raises, but a reason."""
    order = OrderFulfilment.objects.filter(order_no=order_no).first()
    if order is None or not (by.pk == order.resident_id or _may_move(by)):
        raise OrderGoneError(order_no=order_no)
    return _quote(order, to_group_id, by)


def move_order(*, order_no: str, to_group_id: int, by: User, reason: str = "") -> OrderMove:
    """Move a paid order to another group; the money that is too much goes back with it.

    Its room, stock, quota and limits are taken there and given back here at once, or nothing is.
    Both chains follow, the commission goes to the leader who hands it out. Repeated for the same
    group it returns the last move. OrderGoneError, NotMovableError, NoReasonError for staff without
    one, DearerThereError with every figure, SoldOutError, LimitError, MinimumOrderError,
    PointFullError, CutOffError and the like.
    """
    note = " ".join(reason.replace("\0", "").split())[:200]
    return _move(order_no=order_no, to_group_id=to_group_id, by=by, note=note)


@transact()
def _move(*, order_no: str, to_group_id: int, by: User, note: str) -> OrderMove:
    order = locked_order(order_no)
    is_hers = by.pk == order.resident_id
    if not is_hers and not _may_move(by):
        raise OrderGoneError(order_no=order_no)
    last = order.moves.order_by("pk").last()
    if last is not None and order.group_id == to_group_id:
        return last
    if not is_hers and not note:
        raise NoReasonError
    quote = _quote(order, to_group_id, by)
    move_entry(
        order_no=order_no,
        to_group_id=to_group_id,
        lines=[(each.line.title, each.quantity) for each in quote.lines],
        items={each.item.pk: each.quantity for each in quote.lines},
        amount_minor=sum(each.is_minor for each in quote.lines),
    )
    if not quote.is_same_sale:
        _take_limits(order, quote)
    given = _give_back(order, quote)
    move = OrderMove.objects.create(
        order=order,
        from_group_id=order.group_id,
        to_group=quote.to_group,
        by=by,
        reason=note,
        cheaper_minor=quote.cheaper_minor,
        refund_no=given.refund_no if given else "",
        at=now(),
    )
    came_from = {"from_group_id": order.group_id, "from_leader_id": order.leader_id}
    relocating.take_room(order, quote.to_group)
    relocating.write_place(order, quote.to_group)
    if not quote.is_same_sale:
        stock.move(_wanted(quote.lines))
    tell_more(
        "moved",
        order,
        turn=str(move.pk),
        more={
            **came_from,
            "by_id": by.pk,
            "reason": note,
            "refund_no": move.refund_no,
            "back_minor": given.payer.minor if given else 0,
        },
    )
    return move


def _quote(order: OrderFulfilment, to_group_id: int, by: User) -> MoveQuote:
    groups = LeaderGroup.objects.select_related("group_buy", "pickup_point", "leader")
    group = groups.filter(pk=to_group_id).first()
    if group is None or group.pk == order.group_id:
        raise NotMovableError
    is_same_sale = group.group_buy_id == order.group_buy_id
    if by.pk == order.resident_id and not _may_move(by):
        _require_hers(order, group)
    else:
        _require_staffs(order, group, is_same_sale=is_same_sale)
    lines = _lines(order, group)
    dearer = [line for line in lines if line.is_minor > line.was_minor]
    if dearer:
        raise _dearer(dearer)
    if not is_same_sale:
        items = [line.item for line in lines]
        require_on_sale(items, pickup_on=group.group_buy.pickup_on)
        require_minimum(group.group_buy, goods_minor=sum(line.is_minor for line in lines))
    return MoveQuote(to_group=group, lines=tuple(lines), is_same_sale=is_same_sale)


def _require_hers(order: OrderFulfilment, group: LeaderGroup) -> None:
    """A resident moves a paid order while both sales take orders."""
    at = now()
    is_open = order.group.state == GroupState.OPEN and at < order.group_buy.closes_at
    if order.status != Status.PAID or order.cancel_requested_at is not None or not is_open:
        raise NotMovableError(status=order.status)
    require_selling(group, at=at)


def _require_staffs(order: OrderFulfilment, group: LeaderGroup, *, is_same_sale: bool) -> None:
    """Staff move it until it leaves; into another sale while nothing was bought for it."""
    if order.status not in _UNSENT or order.cancel_requested_at is not None:
        raise NotMovableError(status=order.status)
    if is_same_sale:
        if group.state not in _TAKING or order.group.state not in _TAKING:
            raise NotMovableError(_("That group takes no more goods."), status=order.status)
        require_open(group.pickup_point)
        return
    if order.status != Status.PAID or order.group.state not in (GroupState.OPEN, GroupState.CLOSED):
        text = _("Its goods are being bought already. It can only change the pickup point.")
        raise NotMovableError(text, status=order.status)
    require_selling(group, at=now())


def _lines(order: OrderFulfilment, group: LeaderGroup) -> list[MovedLine]:
    """Say of every line with something left what it is worth here and what it costs there."""
    lines = list(order.lines.select_related("item").order_by("pk"))
    held = [(line, left) for line in lines if (left := line.quantity - line.refunded_quantity)]
    if group.group_buy_id == order.group_buy_id:
        return [
            MovedLine(
                line=line,
                item=line.item,
                quantity=left,
                was_minor=worth(line, left),
                is_minor=worth(line, left),
            )
            for line, left in held
        ]
    rows = GroupBuyItem.objects.filter(group_buy=group.group_buy_id).select_related("stockrecord")
    items = {
        item.product_id: item for item in rows.filter(product__in=[x.product_id for x, _n in held])
    }
    if missing := [line.title for line, _left in held if line.product_id not in items]:
        text = _("Not offered there: %(titles)s.") % {"titles": "、".join(missing)}
        raise NotMovableError(text, missing=missing)
    return [
        MovedLine(
            line=line,
            item=items[line.product_id],
            quantity=left,
            was_minor=worth(line, left),
            is_minor=items[line.product_id].price_minor * left,
        )
        for line, left in held
    ]


def _dearer(lines: Sequence[MovedLine]) -> DearerThereError:
    parts = [
        _("%(title)s: %(was)s here, %(is)s there.")
        % {"title": each.line.title, "was": yuan(each.was_minor), "is": yuan(each.is_minor)}
        for each in lines
    ]
    return DearerThereError(
        " ".join([_("Some of it costs more there, so it was not moved."), *parts]),
        was_minor=sum(each.was_minor for each in lines),
        is_minor=sum(each.is_minor for each in lines),
        lines=[
            {
                "line_id": each.line.pk,
                "title": each.line.title,
                "was_minor": each.was_minor,
                "is_minor": each.is_minor,
            }
            for each in lines
        ],
    )


def _take_limits(order: OrderFulfilment, quote: MoveQuote) -> None:
    """Count her pieces against that sale's limits and no longer against this one's."""
    allowances.give_back(order_pk=order.pk, resident_id=order.resident_id)
    relocating.write_items(quote.lines)
    pieces: Mapping[GroupBuyItem, int] = {each.item: each.quantity for each in quote.lines}
    allowances.take(resident_id=order.resident_id, items=pieces, at=order.placed_at)


def _give_back(order: OrderFulfilment, quote: MoveQuote) -> GivenBack | None:
    gone = [
        Gone(line_id=each.line.pk, off_minor=each.was_minor - each.is_minor, cost_minor=0)
        for each in quote.lines
        if each.was_minor > each.is_minor
    ]
    if not gone:
        return None
    turn = order.moves.count() + 1
    return give_back(order, gone, key=f"move:{order.order_no}:{turn}", why=LineBack.Why.MOVED)


def _wanted(lines: Sequence[MovedLine]) -> dict[int, stock.Wanted]:
    return {
        each.line.pk: stock.Wanted(
            item_id=each.item.pk,
            stockrecord_id=each.item.stockrecord_id,
            quantity=each.quantity,
        )
        for each in lines
    }


def _may_move(by: User) -> bool:
    return bool(by.is_staff and by.has_perm("ordering.change_orderfulfilment"))
