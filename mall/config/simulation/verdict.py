"""What must be true when all is quiet: our rules, every order's money, and the bank's own books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Sum

from mall.config.simulation.bank import PlayedBank
from mall.ordering.models import OrderFulfilment, Status
from payments.api import balance
from payments.management.commands.verify_books import check_everything
from payments.models import OutboxDelivery, Payment, Refund, Split, SplitReturn, Transfer

_OPEN = {"created", "approved", "sent", "pending", "processing", "unknown", "closing"}
_OPEN |= {"taking_back", "waiting", "wait_user_confirm"}
_KEPT = {Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT, Status.ARRIVED}
_KEPT |= {Status.COLLECTED, Status.CLOSED}
_BY_HAND = Refund.Status.PAID_BY_HAND


def judge(bank: PlayedBank, *, came_to_rest: bool) -> list[str]:
    """Return everything that is wrong, a line each; nothing where all is well."""
    found = [] if came_to_rest else ["does not come to rest within 48 hours"]
    for result in check_everything():
        found += [f"{result.name}: {each.subject} {each.detail}" for each in result.violations]
    for rule in (_unfinished, _orders):
        found += rule()
    return [*found, *_closings(bank), *differences(bank)]


def differences(bank: PlayedBank) -> list[str]:
    """Return where the bank's own books and ours say different things."""
    compared = (_payments, _refunds, _transfers, _balances)
    return [difference for compare in compared for difference in compare(bank)]


def _unfinished() -> Iterator[str]:
    """P11: everything that was begun is over."""
    for model in (Payment, Refund, Transfer, Split, SplitReturn):
        for row in model.objects.filter(status__in=_OPEN):
            yield f"P11 {model.__name__} {row} is still {row.status}"
    for order in OrderFulfilment.objects.filter(status=Status.PENDING_PAYMENT):
        yield f"P11 order {order.order_no} still waits for its payment"
    for delivery in OutboxDelivery.objects.exclude(status="done").select_related("event"):
        yield f"I1 {delivery.event.key} did not reach {delivery.consumer}: {delivery.error}"


def _orders() -> Iterator[str]:
    """No order paid twice and not given back; none unpaid with money kept; none paid by nothing."""
    payments = _per(Payment.objects.order_by("pk"), "reference")
    refunds = _per(Refund.objects.exclude(stage=Refund.Stage.HELD), "payment_id")
    for order in OrderFulfilment.objects.order_by("pk"):
        came, back, promised = 0, 0, 0
        for payment in payments[order.order_no]:
            came += payment.captured_minor
            for refund in refunds[payment.pk]:
                # What was paid by hand reached her too, by another way.
                is_done = refund.status in {"succeeded", _BY_HAND}
                back += refund.resident_minor if is_done else 0
                is_of_goods = payment.payment_no == order.payment_no
                promised += refund.resident_minor if is_of_goods else 0
        kept = order.payable_minor - promised if order.status in _KEPT else 0
        if came - back != kept:
            yield f"order {order.order_no} is {order.status}: {came} came, {back} went, not {kept}"


def _payments(bank: PlayedBank) -> Iterator[str]:
    """P3: each payment is at the bank what it is with us, and the bank knows no other.

    Money the bank took twice under one number is with us where somebody decided to return it.
    """
    theirs = _by_number(bank, "SELECT * FROM orders", "our_no")
    held = _per(Refund.objects.filter(stage=Refund.Stage.HELD), "payment_id")
    for payment in Payment.objects.order_by("pk"):
        row = theirs.pop(payment.payment_no, None)
        received = row["received_minor"] if row else 0
        known = payment.captured_minor + sum(each.resident_minor for each in held[payment.pk])
        if received != known:
            state = row["status"] if row else "unknown there"
            yield f"{payment} is {payment.status} with {known}, at the bank {state} with {received}"
    yield from (f"the bank has a payment {number} we do not know" for number in theirs)


def _closings(bank: PlayedBank) -> Iterator[str]:
    """P12: goods of a cancelled order were released only when the bank could take no more money.

    A bank that pays what it had closed, or hears of a payment only then, is not our doing.
    """
    theirs = _by_number(bank, "SELECT * FROM orders WHERE paid_ms IS NOT NULL", "our_no")
    payments = _per(Payment.objects.order_by("pk"), "reference")
    for order in OrderFulfilment.objects.filter(status=Status.CANCELLED):
        released_ms = order.cancelled_at.timestamp() * 1000
        for payment in payments[order.order_no]:
            row = theirs.get(payment.payment_no)
            if row is None or row["paid_ms"] <= released_ms:
                continue
            was_open = row["closed_ms"] is None or row["closed_ms"] > released_ms
            if was_open and row["created_ms"] <= released_ms:
                yield f"P12 order {order.order_no} was released while {payment} could be paid"


def _refunds(bank: PlayedBank) -> Iterator[str]:
    """R2: each refund is done once, here as there."""
    theirs = _by_number(bank, "SELECT * FROM refunds", "refund_no")
    for refund in Refund.objects.filter(resident_minor__gt=0).order_by("pk"):
        row = theirs.pop(refund.refund_no, None)
        state = row["status"] if row else "unknown there"
        if (state == "SUCCESS") != (refund.status == "succeeded"):
            yield f"refund {refund} is {refund.status}, at the bank {state}"
        elif row and row["amount_minor"] != refund.resident_minor:
            yield f"refund {refund} of {refund.resident_minor} is {row['amount_minor']} there"
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


def _balances(bank: PlayedBank) -> Iterator[str]:
    """L6: what the bank holds for us, settled or not, is what our books say it holds."""
    row = bank.connection.execute(
        "SELECT sum(balance_minor + pending_minor) AS held FROM merchants"
    ).fetchone()
    ours = balance("1001") + balance("1101")
    stuck = bank.connection.execute(
        "SELECT coalesce(sum(amount_minor), 0) FROM refunds WHERE status = 'ABNORMAL'"
    ).fetchone()[0]
    # Finance paid these from an account the sandbox knows nothing of.
    by_hand = _sum(Refund.objects.filter(status=_BY_HAND), "resident_minor")
    if ours + by_hand != row["held"] + stuck:
        yield f"the bank holds {row['held']} and {stuck} stuck, our books say {ours + by_hand}"


def _by_number(bank: PlayedBank, query: str, column: str) -> dict[str, Any]:
    return {row[column]: row for row in bank.connection.execute(query)}


def _per(rows: Any, column: str) -> defaultdict[Any, list[Any]]:
    """Read rows by what they belong to."""
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found


def _sum(rows: Any, column: str) -> int:
    return rows.aggregate(sum=Sum(column))["sum"] or 0
