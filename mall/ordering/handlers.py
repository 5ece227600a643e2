"""What the mall's orders do when the small bank or a group tells a fact."""

from __future__ import annotations

from typing import Any, Final

from mall.groupbuy.models import LeaderGroup
from mall.ordering import cutoff
from mall.ordering.ending import end_if_unpaid
from mall.ordering.relocating import write_pickup_day
from mall.ordering.settling import confirm_batch, mark_paid, record_refund, refund_failed
from payments.api import Funder, Money, TenderPart, publish, subscribe

# The job confirms or refunds what a larger group has beyond this.
_AT_ONCE: Final = 200


def listen() -> None:
    """Subscribe to what concerns orders."""
    subscribe("payment.succeeded", "ordering.payment_succeeded", payment_succeeded)
    subscribe("payment.closed", "ordering.payment_over", payment_over)
    subscribe("payment.failed", "ordering.payment_failed", payment_over)
    subscribe("refund.succeeded", "ordering.refund_succeeded", refund_succeeded)
    subscribe("groupbuy.formed", "ordering.group_formed", group_formed)
    subscribe("groupbuy.failed", "ordering.group_failed", group_failed)
    subscribe("groupbuy.redated", "ordering.sale_redated", sale_redated)


def payment_succeeded(payload: dict[str, Any]) -> None:
    """Mark the order paid; money that was not accepted may have been the last thing waited for."""
    if not payload["applied"]:
        end_if_unpaid(payload["reference"])
        return
    tenders = [
        TenderPart(funder=Funder(part["funder"]), ref=part["ref"], amount=Money(part["minor"]))
        for part in payload["tenders"]
    ]
    mark_paid(order_no=payload["reference"], payment_no=payload["payment_no"], tenders=tenders)


def payment_over(payload: dict[str, Any]) -> None:
    """End an order that was asked to end and has no open payment any more.

    A failed or closed attempt alone ends nothing: the resident may pay another way in time.
    """
    end_if_unpaid(payload["reference"])


def refund_succeeded(payload: dict[str, Any]) -> None:
    """Count the money that went back."""
    record_refund(
        order_no=payload["reference"],
        payment_no=payload["payment_no"],
        refund_no=payload["refund_no"],
        amount=Money(payload["amount_minor"]),
    )


def group_formed(payload: dict[str, Any]) -> None:
    """Fix the result, and confirm at once where nobody has anything to get back."""
    cutoff.fix(group_buy_id=payload["group_buy_id"])
    confirm_batch(_AT_ONCE, group_ids=payload["group_ids"])


def sale_redated(payload: dict[str, Any]) -> None:
    """Let the orders of a sale say its new pickup day, and then tell of it group by group.

    Publishes group.redated for each group with orders: group_id, pickup_on, was and at.
    """
    groups = LeaderGroup.objects.filter(pk__in=payload["group_ids"])
    for group in groups.select_related("group_buy", "pickup_point").order_by("pk"):
        if write_pickup_day(group):
            publish(
                "group.redated",
                key=f"group.redated:{group.pk}:{payload['at']}",
                aggregate=f"group:{group.pk}",
                payload={
                    "group_id": group.pk,
                    "pickup_on": payload["pickup_on"],
                    "was": payload["was"],
                    "at": payload["at"],
                },
            )


def group_failed(payload: dict[str, Any]) -> None:
    """Return the money of groups that did not form."""
    refund_failed(_AT_ONCE, group_ids=payload["group_ids"])
