"""What must be true when all is quiet: our rules, every order's money, and the bank's own books."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Sum

from mall.config.simulation.bank import PlayedBank
from mall.ordering.models import OrderFulfilment, Status
from payments.management.commands.verify_books import check_everything
from payments.models import OutboxDelivery, Payment, Refund, Transfer

_OVER = {"succeeded", "failed", "closed", "failed_after_success"}
_KEPT = {Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT, Status.ARRIVED}
_KEPT |= {Status.COLLECTED, Status.CLOSED}


def judge(bank: PlayedBank, *, came_to_rest: bool) -> list[str]:
    """Return everything that is wrong, a line each; nothing where all is well."""
    found = [] if came_to_rest else ["does not come to rest within 48 hours"]
    for result in check_everything():
        found += [f"{result.name}: {each.subject} {each.detail}" for each in result.violations]
    found += _unfinished()
    found += _orders()
    found += _payments(bank)
    found += _refunds(bank)
    found += _transfers(bank)
    return found


def _unfinished() -> Iterator[str]:
    """P11: everything that was begun is over."""
    for model in (Payment, Refund, Transfer):
        for row in model.objects.exclude(status__in=_OVER):
            yield f"P11 {model.__name__} {row} is still {row.status}"
    for order in OrderFulfilment.objects.filter(status=Status.PENDING_PAYMENT):
        yield f"P11 order {order.order_no} still waits for its payment"
    for delivery in OutboxDelivery.objects.exclude(status="done").select_related("event"):
        yield f"I1 {delivery.event.key} did not reach {delivery.consumer}: {delivery.error}"


def _orders() -> Iterator[str]:
    """No order paid twice and not given back; none unpaid with money kept; none paid by nothing."""
    for order in OrderFulfilment.objects.order_by("pk"):
        paid = Payment.objects.filter(reference=order.order_no, status="succeeded")
        came = paid.aggregate(sum=Sum("captured_minor"))["sum"] or 0
        refunds = Refund.objects.filter(payment__in=paid, status="succeeded")
        back = refunds.aggregate(sum=Sum("resident_minor"))["sum"] or 0
        owed = order.payable_minor - order.refunded_minor if order.status in _KEPT else 0
        if came - back != owed:
            yield f"order {order.order_no} is {order.status}: {came} came, {back} went, not {owed}"


def _payments(bank: PlayedBank) -> Iterator[str]:
    """P3: each payment is at the bank what it is with us, and the bank knows no other."""
    theirs = _by_number(bank, "SELECT * FROM orders", "our_no")
    for payment in Payment.objects.order_by("pk"):
        row = theirs.pop(payment.payment_no, None)
        captured = row["amount_minor"] if row and row["status"] == "SUCCESS" else 0
        if captured != payment.captured_minor:
            state = row["status"] if row else "unknown there"
            yield (
                f"{payment} is {payment.status} with {payment.captured_minor}, at the bank {state}"
            )
        back = _sum(Refund.objects.filter(payment=payment, status="succeeded"), "resident_minor")
        returned = _sum_at(
            bank,
            "SELECT sum(amount_minor) FROM refunds WHERE status = 'SUCCESS' AND order_id = ?",
            row["id"] if row else 0,
        )
        if back != returned:
            yield f"{payment}: {back} went back by our books, {returned} by the bank's"
    yield from (f"the bank has a payment {number} we do not know" for number in theirs)


def _refunds(bank: PlayedBank) -> Iterator[str]:
    """R2: each refund is done once, here as there."""
    theirs = _by_number(bank, "SELECT * FROM refunds", "refund_no")
    for refund in Refund.objects.filter(resident_minor__gt=0).order_by("pk"):
        row = theirs.pop(refund.refund_no, None)
        state = row["status"] if row else "unknown there"
        if (state == "SUCCESS") != (refund.status == "succeeded"):
            yield f"refund {refund} is {refund.status}, at the bank {state}"
    yield from (f"the bank has a refund {number} we do not know" for number in theirs)


def _transfers(bank: PlayedBank) -> Iterator[str]:
    """C6: each transfer is paid once, here as there."""
    theirs = _by_number(bank, "SELECT * FROM transfers", "transfer_no")
    for transfer in Transfer.objects.order_by("pk"):
        row = theirs.pop(transfer.transfer_no, None)
        state = row["status"] if row else "unknown there"
        if (state == "SUCCESS") != (transfer.status == "succeeded"):
            yield f"transfer {transfer} is {transfer.status}, at the bank {state}"
    yield from (f"the bank has a transfer {number} we do not know" for number in theirs)


def _by_number(bank: PlayedBank, query: str, column: str) -> dict[str, Any]:
    return {row[column]: row for row in bank.connection.execute(query)}


def _sum_at(bank: PlayedBank, query: str, *values: object) -> int:
    return bank.connection.execute(query, values).fetchone()[0] or 0


def _sum(rows: Any, column: str) -> int:
    return rows.aggregate(sum=Sum(column))["sum"] or 0
