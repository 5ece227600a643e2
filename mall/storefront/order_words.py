"""An order in words: where it stands, what happens next, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from mall.accounts.masking import mask_phone
from mall.groupbuy.models import State as GroupState
from mall.ordering.models import OrderFulfilment, Status
from mall.storefront.groups import pickup_text
from payments.api import now

_TONES = {
    Status.PENDING_PAYMENT: "sun",
    Status.ARRIVED: "solid",
    Status.CANCELLED: "",
    Status.REFUNDED: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShown:
    """An order as its page and the list show it; fen."""

    order_no: str
    status: str
    status_text: str
    tone: str
    state_line: str
    note: str
    summary: str
    point_name: str
    point_address: str
    point_hours: str
    point_phone: str
    leader_name: str
    receiver_name: str
    receiver_phone_masked: str
    remark: str
    placed_at: datetime
    expires_at: datetime
    goods_minor: int
    discount_minor: int
    payable_minor: int
    can_pay: bool
    can_cancel: bool
    is_changing: bool
    cancel_text: str
    can_change: bool
    change_url: str
    move_url: str
    otherwise_url: str
    by_leader: bool
    url: str
    pay_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the order's way; state is done, now, next or bad."""

    title: str
    text: str
    at: datetime | None
    state: str


def order_shown(order: OrderFulfilment, *, summary: str) -> OrderShown:
    """Describe an order that came with its group, sale and leader; no query."""
    snapshot = order.pickup_snapshot
    number = order.order_no
    is_ending = order.cancel_requested_at is not None
    return OrderShown(
        order_no=number,
        status=order.status,
        status_text=_status_text(order),
        tone=_TONES.get(Status(order.status), "leaf"),
        state_line=_state_line(order),
        note=_note(order),
        summary=summary,
        point_name=snapshot.get("name", ""),
        point_address=snapshot.get("address", ""),
        point_hours=snapshot.get("opening_hours", ""),
        point_phone=snapshot.get("phone", ""),
        leader_name=order.leader.display_name,
        receiver_name=order.receiver_name,
        receiver_phone_masked=mask_phone(order.receiver_phone),
        remark=order.remark,
        placed_at=order.placed_at,
        expires_at=order.expires_at,
        goods_minor=order.goods_minor,
        discount_minor=order.discount_minor,
        payable_minor=order.payable_minor,
        can_pay=_waits(order) and now() < order.expires_at,
        can_cancel=_waits(order) or may_cancel_paid(order),
        is_changing=is_ending and order.status in {Status.PENDING_PAYMENT, Status.PAID},
        cancel_text=_cancel_text(order),
        can_change=may_cancel_paid(order),
        change_url=reverse("storefront:change-order", args=[number]),
        move_url=reverse("storefront:move-order", args=[number]),
        otherwise_url=reverse("storefront:otherwise", args=[number]),
        by_leader=order.placed_by_id is not None,
        url=reverse("storefront:order", args=[number]),
        pay_url=reverse("storefront:pay", args=[number]),
        cancel_url=reverse("storefront:cancel", args=[number]),
    )


def may_cancel_paid(order: OrderFulfilment) -> bool:
    """Tell whether a paid order may still be given back: before the cut-off of its group."""
    return (
        order.status == Status.PAID
        and order.cancel_requested_at is None
        and order.group.state == GroupState.OPEN
        and now() < order.group_buy.closes_at
    )


def pickup_line(order: OrderFulfilment) -> str:
    """Say when the goods are collected, as it was ordered."""
    kept = order.pickup_snapshot
    try:
        day = date.fromisoformat(kept["pickup_on"])
        start, end = (time.fromisoformat(kept[key]) for key in ("pickup_from", "pickup_until"))
    except (KeyError, ValueError):
        sale = order.group_buy
        day, start, end = sale.pickup_on, sale.pickup_from, sale.pickup_until
    return pickup_text(day, start, end)


def steps_of(order: OrderFulfilment) -> list[Step]:
    """Return the order's way as a timeline: what is done, where it is, what comes."""
    way: Sequence[tuple[str, str, datetime | None]] = (
        (_("Placed"), "", order.placed_at),
        (_("Paid"), "", order.paid_at),
        (_("Cut off, being prepared"), "", order.confirmed_at),
        (_("On its way"), "", order.dispatched_at),
        (_("Arrived at the pickup point"), "", order.arrived_at),
        (_("Collected"), "", order.collected_at),
    )
    way = _with_changes(order, way)
    if order.status in {Status.CANCELLED, Status.REFUNDED}:
        done = [Step(title=t, text=x, at=at, state="done") for t, x, at in way if at]
        return [*done, _ending_step(order)]
    last = max((i for i, (_t, _x, at) in enumerate(way) if at), default=0)
    return [
        Step(title=title, text=text, at=at, state=_step_state(i, last, order))
        for i, (title, text, at) in enumerate(way)
    ]


def _with_changes(
    order: OrderFulfilment, way: Sequence[tuple[str, str, datetime | None]]
) -> Sequence[tuple[str, str, datetime | None]]:
    """Put what she changed herself where it happened: among the steps that are done."""
    changes = [(_("You took something off"), "", order.changed_at)]
    changes.append((_("Moved"), order.pickup_snapshot.get("name", ""), order.moved_at))
    done = [each for each in [*way, *changes] if each[2] is not None]
    done.sort(key=lambda each: each[2] or order.placed_at)
    return [*done, *(each for each in way if each[2] is None)]


def _step_state(i: int, last: int, order: OrderFulfilment) -> str:
    if i < last or order.status == Status.CLOSED:
        return "done"
    return "now" if i == last else "next"


def _ending_step(order: OrderFulfilment) -> Step:
    if order.status == Status.REFUNDED:
        return Step(title=_("Refunded"), text=_because(order), at=order.refunded_at, state="bad")
    return Step(title=_("Cancelled"), text=_because(order), at=order.cancelled_at, state="bad")


def _waits(order: OrderFulfilment) -> bool:
    return order.status == Status.PENDING_PAYMENT and order.cancel_requested_at is None


def _because(order: OrderFulfilment) -> str:
    return str(order.get_ended_because_display()) if order.ended_because else ""


def _status_text(order: OrderFulfilment) -> str:
    if order.cancel_requested_at is not None and order.status == Status.PENDING_PAYMENT:
        return _("Being cancelled")
    if order.cancel_requested_at is not None and order.status == Status.PAID:
        return _("Being refunded")
    return str(order.get_status_display())


def _state_line(order: OrderFulfilment) -> str:
    """Say in one sentence where the order stands and what comes next."""
    when = pickup_line(order)
    lines: dict[str, Any] = {
        Status.PENDING_PAYMENT: _("Your goods are kept for you until the time is up."),
        Status.PAID: _("Paid. After the cut-off we buy the goods. %(when)s."),
        Status.CONFIRMED: _("The goods are being prepared. %(when)s."),
        Status.IN_TRANSIT: _("The goods are on their way to the pickup point. %(when)s."),
        Status.ARRIVED: _("Your goods are waiting for you. Show this code when you collect."),
        Status.COLLECTED: _("Collected. Enjoy your meal!"),
        Status.CLOSED: _("Completed. See you next time!"),
        Status.CANCELLED: _("This order was cancelled. Nothing was charged."),
        Status.REFUNDED: _("All money went back the way it was paid."),
    }
    if order.cancel_requested_at is not None and order.status == Status.PENDING_PAYMENT:
        return _("We are making sure at the acquirer that nothing is charged.")
    if order.cancel_requested_at is not None and order.status == Status.PAID:
        return _("Your money is on its way back.")
    return str(lines[order.status]) % {"when": when}


def _note(order: OrderFulfilment) -> str:
    if order.status == Status.CANCELLED:
        return _because(order)
    if may_cancel_paid(order):
        return _("You can take goods off or cancel until the cut-off; the money comes back.")
    return ""


def _cancel_text(order: OrderFulfilment) -> str:
    if order.status == Status.PENDING_PAYMENT:
        return _("Your goods go back on the shelf. Nothing is charged.")
    return _("All your money goes back the way it was paid, and the goods go back on the shelf.")
