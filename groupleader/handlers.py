"""What this floor does when a fact comes up: each handler reads the payload and calls one service.

A delivery runs in one transaction with its own record, so an effect happens once per fact. All
facts about an order share one consumer name: the outbox keeps their order within it.
"""

from __future__ import annotations

from typing import Any, Final

from groupleader.facts import OrderFact, instant
from groupleader.models import Leader
from groupleader.services import accruals, agreeing, deducting, dues, payouts, split_hearing
from payments.api import now, subscribe

Payload = dict[str, Any]
COMMISSION: Final = "groupleader.commission"
PAYOUT: Final = "groupleader.payout"
SETTLEMENT: Final = "groupleader.settlement"
_GOODWILL: Final = "goodwill"


def order_placed(payload: Payload) -> None:
    """Rate and base are copied to the lines."""
    agreeing.agree_terms(OrderFact.read(payload))


def order_paid(payload: Payload) -> None:
    """The leader sees what she will earn."""
    order = OrderFact.read(payload)
    agreeing.agree_terms(order)
    accruals.follow_performer(order)
    agreeing.notice_own_order(order)
    accruals.accrue_estimates(order)


def order_moved(payload: Payload) -> None:
    """Another leader will hand it out: the commission is hers."""
    accruals.follow_move(OrderFact.read(payload))


def order_collected(payload: Payload) -> None:
    """The commission is earned and held until the after-sales window is over."""
    order = OrderFact.read(payload)
    accruals.follow_performer(order)
    accruals.freeze_collected(order)


def order_uncollected(payload: Payload) -> None:
    """A hand-over was undone: what it earned is an estimate again."""
    accruals.unfreeze_uncollected(OrderFact.read(payload))


def order_closed(payload: Payload) -> None:
    """The window is over: the commission may be settled."""
    accruals.release_closed(OrderFact.read(payload))


def order_refunded(payload: Payload) -> None:
    """All money went back: nothing is earned."""
    accruals.take_back_order(OrderFact.read(payload), refund_key=f"order:{payload['order_no']}")


def line_refunded(payload: Payload) -> None:
    """A part of a line went back: so does its part of the commission, unless the mall gave it."""
    if payload.get("stage") == "goodwill":
        return
    accruals.take_back_line(
        line_id=str(payload["line_id"]),
        value_minor=payload["value_minor"],
        refund_key=payload["refund_no"],
        at=instant(payload["at"]),
    )


def point_handed_over(payload: Payload) -> None:
    """Another leader keeps a point: what its open orders will earn is hers."""
    accruals.follow_leader(
        order_nos=[str(order_no) for order_no in payload.get("order_nos", ())],
        to_user_id=int(payload["to_leader_id"]),
        point_ref=str(payload["point_id"]),
    )


def transfer_succeeded(payload: Payload) -> None:
    """The bank paid a payout; transfers of others are not ours."""
    payouts.record_paid(transfer_no=payload["transfer_no"], at=now())


def transfer_failed(payload: Payload) -> None:
    """The bank refused a payout or sent it back."""
    payouts.record_failed(
        transfer_no=payload["transfer_no"],
        code=payload["code"],
        message=payload["message"],
        at=now(),
    )


def goods_collected(payload: Payload) -> None:
    """The suppliers are owed theirs."""
    _goods(payload, dues.Kind.GOODS)


def goods_uncollected(payload: Payload) -> None:
    """A hand-over was undone: the suppliers are not owed it any more."""
    _goods(payload, dues.Kind.UNDONE)


def _goods(payload: Payload, kind: str) -> None:
    dues.goods_due(
        kind=kind,
        order_no=payload["order_no"],
        lines=payload["lines"],
        key=payload["at"],
        at=instant(payload["at"]),
    )


def supplier_returned(payload: Payload) -> None:
    """Goods were refunded after they were collected: their cost comes back from the supplier."""
    dues.goods_due(
        kind=dues.Kind.RETURNED,
        order_no=payload["order_no"],
        lines=payload["lines"],
        key=payload["refund_no"],
        at=instant(payload["at"]),
    )


def voucher_redeemed(payload: Payload) -> None:
    """A merchant took a voucher: it is owed what was taken off its bill."""
    _voucher(payload, payload["amount_minor"])


def voucher_unredeemed(payload: Payload) -> None:
    """A redemption was undone."""
    _voucher(payload, -payload["amount_minor"])


def _voucher(payload: Payload, minor: int) -> None:
    dues.voucher_due(
        ref=payload["merchant_ref"],
        name=payload["merchant_name"],
        title=payload["voucher_name"],
        redemption_no=payload["redemption_no"],
        minor=minor,
        at=instant(payload["at"]),
    )


def case_decided(payload: Payload) -> None:
    """What a leader answers for is taken off her next statement."""
    if payload.get("outcome") != "approved" or payload.get("bearer") != "leader":
        return
    leader = Leader.objects.filter(user_id=payload["leader_id"]).first()
    if leader is None or payload["value_minor"] <= 0:
        return
    deducting.charge_case(
        leader=leader,
        case_no=payload["case_no"],
        order_no=payload["order_no"],
        amount_minor=payload["value_minor"],
    )


def split_ended(payload: Payload) -> None:
    """The acquirer paid shares of a statement, or refused some; splits of others are not ours."""
    split_hearing.hear_of_split(payload)


def share_came_back(payload: Payload) -> None:
    """A refund took a share back, or its receiver repaid what was advanced for it."""
    split_hearing.hear_of_return(payload, what="succeeded")


def share_was_advanced(payload: Payload) -> None:
    """A receiver kept what a refund needed: the mall advanced it."""
    split_hearing.hear_of_return(payload, what="failed")


def listen() -> None:
    """Subscribe to every fact this floor acts on."""
    for fact, handler in (
        ("order.placed", order_placed),
        ("order.paid", order_paid),
        ("order.moved", order_moved),
        ("order.collected", order_collected),
        ("order.uncollected", order_uncollected),
        ("order.closed", order_closed),
        ("order.cancelled", order_refunded),
        ("order.refunded", order_refunded),
        ("line.refunded", line_refunded),
        ("point.handed_over", point_handed_over),
    ):
        subscribe(fact, COMMISSION, handler)
    for fact, handler in (
        ("order.collected", goods_collected),
        ("order.given_back", goods_collected),
        ("order.uncollected", goods_uncollected),
        ("supplier.returned", supplier_returned),
        ("voucher.redeemed", voucher_redeemed),
        ("voucher.unredeemed", voucher_unredeemed),
        ("case.decided", case_decided),
    ):
        subscribe(fact, SETTLEMENT, handler)
    subscribe("transfer.succeeded", PAYOUT, transfer_succeeded)
    subscribe("transfer.failed", PAYOUT, transfer_failed)
    subscribe("split.succeeded", PAYOUT, split_ended)
    subscribe("split.failed", PAYOUT, split_ended)
    subscribe("split_return.succeeded", PAYOUT, share_came_back)
    subscribe("split_return.repaid", PAYOUT, share_came_back)
    subscribe("split_return.failed", PAYOUT, share_was_advanced)
