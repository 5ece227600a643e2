"""Goods out: what leaves the depot for a group, by item and batch; once per group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import LineFulfilment, Status
from mall.supply.batches import batches_of_items, note_batch
from mall.supply.documents import Counted, new_document, require_pieces
from mall.supply.errors import CountError
from mall.supply.models import StockDocument, StockDocumentLine
from payments.api import transact

Kind = StockDocument.Kind
_ON_THE_WAY: Final = (Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT)


@transact()
def goods_out(
    group_id: int,
    *,
    by: User | None = None,
    counts: Mapping[int, Counted] | None = None,
    photo: Any = None,
) -> StockDocument | None:
    """Write down what leaves for a group, by item (primary key): without counts all that is due.

    The dispatch calls it, without anybody's name, with the batch where only one came in for an
    item. Twice it is written down once; of nothing there is no paper (None). The stock itself goes
    down by the dispatch. CountError for an item the group does not expect, or a strange number.
    """
    group = LeaderGroup.objects.select_for_update(no_key=True).get(pk=group_id)
    known = StockDocument.objects.filter(kind=Kind.GOODS_OUT, group=group).first()
    if known is not None:
        return known
    due = _due_items(group_id)
    said = counts or {}
    if not set(said) <= set(due):
        raise CountError(_("These goods are not for this group."))
    require_pieces(said)
    if not due:
        return None
    only = {item: found[0].pk for item, found in batches_of_items(due).items() if len(found) == 1}
    key = f"out:{group_id}"
    document = new_document(Kind.GOODS_OUT, by=by, wish_key=key, group=group, photo=photo)
    lines = [
        StockDocumentLine(
            document=document,
            stockrecord_id=record,
            item_id=item,
            batch_id=said[item].batch_id if item in said else only.get(item),
            title=title[:255],
            expected=pieces,
            counted=said[item].pieces if item in said else pieces,
        )
        for item, (record, title, pieces) in due.items()
    ]
    StockDocumentLine.objects.bulk_create(lines)
    for line in lines:
        if line.batch_id is not None and line.item_id is not None:
            note_batch(
                batch_id=line.batch_id,
                item_id=line.item_id,
                group_id=group_id,
                quantity=line.counted,
                by=str(by or "dispatch"),
            )
    return document


def _due_items(group_id: int) -> dict[int, tuple[int, str, int]]:
    """Return by item its stock record, title and pieces still to go to the group."""
    rows = (
        LineFulfilment.objects.filter(
            order__group=group_id, order__status__in=_ON_THE_WAY, order__cancel_requested_at=None
        )
        .order_by("item")
        .values_list("item_id", "item__stockrecord_id", "item__product__title")
        .annotate(n=Sum(F("quantity") - F("refunded_quantity")))
    )
    return {item: (record, title or "", n) for item, record, title, n in rows if n}
