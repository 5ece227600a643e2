"""A recall carried out order by order: money back, a message to each; resumable at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from mall.aftersales.models import Recall, RecallLine
from mall.fulfilment.at_point import pieces_left
from mall.fulfilment.collecting import after_refund
from mall.ordering.backs import Gone
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.returning import give_back
from mall.supply.batches import lines_of_batch
from payments.api import RefundStage, advance, now, publish, transact

log = structlog.get_logger(__name__)
State = RecallLine.State
_TAKEN_HOME: Final = (Status.COLLECTED, Status.CLOSED)
_OVER: Final = (Status.REFUNDED, Status.CANCELLED)
_LISTED_AT_ONCE: Final = 5_000


def carry_on(limit: int = 200) -> dict[str, int]:
    """Carry recalls on by up to ``limit`` orders; a job. Killed and run again it loses nothing."""
    counts = {"listed": 0, "done": 0, "failed": 0}
    for recall in Recall.objects.filter(status=Recall.Status.RUNNING).order_by("pk"):
        counts["listed"] += _list_lines(recall)
        if not recall.is_listed:
            continue
        for order_no in _orders_to_do(recall, limit - counts["done"] - counts["failed"]):
            counts["done" if _do_or_note(recall, order_no) else "failed"] += 1
        _finish(recall)
    return counts


@transact()
def _list_lines(recall: Recall) -> int:
    """Write down the next lines that got goods of the batch; return how many were new."""
    if recall.is_listed:
        return 0
    known = RecallLine.objects.filter(recall=recall).values("line")
    found = lines_of_batch(recall.batch_id).exclude(pk__in=known).order_by("pk")
    rows = list(found.values_list("pk", "order_id")[:_LISTED_AT_ONCE])
    RecallLine.objects.bulk_create(
        [RecallLine(recall=recall, line_id=line, order_id=order) for line, order in rows],
        ignore_conflicts=True,
        batch_size=1000,
    )
    if len(rows) < _LISTED_AT_ONCE:
        Recall.objects.filter(pk=recall.pk).update(is_listed=True)
        recall.is_listed = True
    return len(rows)


def _orders_to_do(recall: Recall, limit: int) -> Sequence[str]:
    waiting = RecallLine.objects.filter(recall=recall, state=State.WAITING).order_by("pk")
    numbers = waiting.values_list("order__order_no", flat=True)[: max(0, limit)]
    return list(dict.fromkeys(numbers))


def _do_or_note(recall: Recall, order_no: str) -> bool:
    """Do one order's part; where it is refused note why and go on with the others."""
    try:
        _do(recall, order_no)
    except Exception as error:
        waiting = RecallLine.objects.filter(recall=recall, state=State.WAITING)
        waiting.filter(order__order_no=order_no).update(
            state=State.FAILED, error=str(error)[:200], at=now()
        )
        log.exception("recall.failed", recall=recall.pk, order_no=order_no)
        return False
    return True


@transact()
def _do(recall: Recall, order_no: str) -> None:
    order = locked_order(order_no)
    waiting = recall.lines.filter(order=order, state=State.WAITING)
    rows = list(waiting.select_related("line__at_point").order_by("pk"))
    if not rows:
        return
    gone = {row.line_id: _pieces(recall, order, row.line) for row in rows}
    wanted = [Gone(line_id=line, quantity=n) for line, n in gone.items() if n]
    refund_no, minors = "", {}
    if wanted:
        refund_no, minors = _refund(recall, order, wanted)
        after_refund(order, key=f"recall:{recall.pk}:{rows[0].pk}")
    is_taken = order.status in _TAKEN_HOME
    for row in rows:
        _mark(row, quantity=gone[row.line_id], refund_no=refund_no, minor=minors.get(row.line_id))
    waiting_was = RecallLine.objects.filter(pk__in=[row.pk for row in rows])
    waiting_was.update(was_collected=is_taken, at=now())
    _tell(recall, order, payer_minor=sum(minors.values()), was_collected=is_taken)


def _pieces(recall: Recall, order: OrderFulfilment, line: LineFulfilment) -> int:
    """Return how many pieces of a line go back: what is at the point, and what she took home."""
    left = line.quantity - line.refunded_quantity
    if order.status in _OVER or order.cancel_requested_at is not None:
        return 0
    if recall.collected == Recall.Collected.REFUND:
        return left
    if order.status in _TAKEN_HOME:
        return 0
    return pieces_left(line)


def _refund(
    recall: Recall, order: OrderFulfilment, gone: Sequence[Gone]
) -> tuple[str, dict[int, int]]:
    """Promise the money back, the supplier bearing it; return the refund and each line's part."""
    is_taken = order.status in _TAKEN_HOME
    key = f"recall:{recall.pk}:{order.order_no}:{'.'.join(str(each.line_id) for each in gone)}"
    given = give_back(
        order,
        gone,
        key=key[:100],
        why=LineBack.Why.RECALL,
        stage=RefundStage.AFTER_PICKUP if is_taken else RefundStage.BEFORE_PICKUP,
    )
    backs = LineBack.objects.filter(refund_no=given.refund_no, why=LineBack.Why.RECALL)
    return given.refund_no, dict(backs.values_list("line_id", "payer_minor"))


def _mark(row: RecallLine, *, quantity: int, refund_no: str, minor: int | None) -> None:
    left = row.line.quantity - row.line.refunded_quantity
    state = State.REFUNDED if quantity else State.TOLD if left else State.NOTHING
    RecallLine.objects.filter(pk=row.pk, state=State.WAITING).update(
        state=state,
        quantity=quantity,
        refund_no=refund_no if quantity else "",
        minor=minor or 0,
    )


def _tell(recall: Recall, order: OrderFulfilment, *, payer_minor: int, was_collected: bool) -> None:
    """Publish recall.told: one per order, whoever it is."""
    batch = recall.batch
    publish(
        "recall.told",
        key=f"recall.told:{recall.pk}:{order.order_no}:{recall.lines.filter(order=order).count()}",
        aggregate=order.order_no,
        payload={
            "recall_id": recall.pk,
            "order_no": order.order_no,
            "resident_id": order.resident_id,
            "leader_id": order.leader_id,
            "product": batch.product.get_title(),
            "batch_no": batch.batch_no,
            "reason": recall.reason,
            "payer_minor": payer_minor,
            "was_collected": was_collected,
            "at": now().isoformat(),
        },
    )


@transact()
def _finish(recall: Recall) -> None:
    if not recall.lines.filter(state=State.WAITING).exists():
        advance(recall, Recall.EDGES, Recall.Status.DONE, ended_at=now())
