"""Goods in: a supplier's delivery is counted at the depot, line by line, with batch and photo.

Sold goods leave Oscar's stock when they are dispatched. So a delivery changes the stock only by
what came beyond the order, and by what did not come as far as no order holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.catalogue.models import Batch
from mall.ordering import stock
from mall.supply.batches import note_batch
from mall.supply.documents import Counted, known_document, new_document, require_pieces
from mall.supply.errors import CountError, NotOutError
from mall.supply.events import note, tell
from mall.supply.models import PurchaseLine, PurchaseOrder, StockDocument, StockDocumentLine
from payments.api import advance, now, transact

Status = PurchaseOrder.Status


@transact()
def goods_in(
    purchase_no: str,
    counts: Mapping[int, Counted],
    *,
    by: User,
    wish_key: str,
    photo: Any = None,
    reason: str = "",
) -> StockDocument:
    """Take a supplier's delivery in, line by line (by primary key); the order is delivered.

    What comes later is taken in by another document. The same key again returns the first one.
    NotOutError before it was sent or after it was closed; CountError for strange lines or counts.
    """
    rows = PurchaseOrder.objects.select_for_update(no_key=True).filter(purchase_no=purchase_no)
    purchase = rows.get()
    known = known_document(wish_key, purchase_id=purchase.pk)
    if known is not None:
        return known
    is_first = purchase.is_out
    if not is_first and purchase.status != Status.DELIVERED:
        raise NotOutError(status=purchase.status)
    lines = {line.pk: line for line in purchase.lines.filter(pieces__gt=0).select_related("item")}
    _require_counts(counts, lines)
    kind = StockDocument.Kind.GOODS_IN
    document = new_document(
        kind, by=by, wish_key=wish_key, purchase=purchase, reason=reason, photo=photo
    )
    for pk, count in sorted(counts.items()):
        _take_in(document, lines[pk], count, by=by)
    if is_first:
        advance(purchase, PurchaseOrder.EDGES, Status.DELIVERED, delivered_at=now())
        tell("purchase.delivered", purchase, occurrence="once", document_no=document.document_no)
    note(purchase, "goods_in", by=str(by), words=document.document_no)
    _book(document)
    return document


@transact()
def close_purchase(purchase_no: str, *, by: str, why: str = "") -> PurchaseOrder:
    """Say that nothing more comes of a delivered order. Twice is once. NotOutError before that."""
    rows = PurchaseOrder.objects.select_for_update(no_key=True).filter(purchase_no=purchase_no)
    purchase = rows.get()
    if purchase.status == Status.CLOSED:
        return purchase
    if not advance(purchase, PurchaseOrder.EDGES, Status.CLOSED, closed_at=now()):
        raise NotOutError(status=purchase.status)
    note(purchase, "closed", by=by, words=why)
    return purchase


def _require_counts(counts: Mapping[int, Counted], lines: Mapping[int, PurchaseLine]) -> None:
    if not counts or not set(counts) <= set(lines):
        raise CountError(_("Count the lines of this order."))
    require_pieces(counts)
    for pk, count in counts.items():
        if count.batch_id is None:
            continue
        if not Batch.objects.filter(pk=count.batch_id, product=lines[pk].product_id).exists():
            raise CountError(_("This batch is of another product."))


def _take_in(document: StockDocument, line: PurchaseLine, count: Counted, *, by: User) -> None:
    before = line.delivered or 0
    StockDocumentLine.objects.create(
        document=document,
        stockrecord_id=line.item.stockrecord_id,
        item=line.item,
        purchase_line=line,
        batch_id=count.batch_id,
        title=line.title,
        expected=max(line.pieces - before, 0),
        counted=count.pieces,
    )
    PurchaseLine.objects.filter(pk=line.pk).update(delivered=before + count.pieces)
    if count.batch_id is not None:
        note_batch(batch_id=count.batch_id, item_id=line.item_id, by=str(by))


def _book(document: StockDocument) -> None:
    """Put what came beyond the order into stock, once.

    What did not come needs nothing: orders hold it, and it leaves the stock with their dispatch.
    """
    for row in document.lines.select_related("purchase_line").order_by("stockrecord", "pk"):
        line = row.purchase_line
        if line is None:
            continue
        booked = line.document_lines.aggregate(n=Sum("stock_change"))["n"] or 0
        change = max(0, (line.delivered or 0) - line.pieces - booked)
        if change:
            stock.correct({row.stockrecord_id: change})
        StockDocumentLine.objects.filter(pk=row.pk).update(stock_change=change)
