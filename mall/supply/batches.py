"""Which batch went out for which item: for the label's trace page, and for calling a batch back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import F, Q, QuerySet

from mall.catalogue.batches import add_batch
from mall.catalogue.models import Batch
from mall.ordering.models import LineFulfilment, Status
from mall.supply.errors import AnswerError
from mall.supply.models import BatchShare, PurchaseLine
from payments.api import now, transact

# Orders that never were bought have none of a batch's goods.
_NEVER = (Status.PENDING_PAYMENT, Status.CANCELLED)


@transact()
def note_batch(
    *,
    batch_id: int,
    item_id: int,
    by: str,
    group_id: int | None = None,
    quantity: int | None = None,
) -> BatchShare:
    """Note that goods of a batch went out for an item, to one group or (None) to all of them.

    Noted again it is the same row, with the newer quantity. Nothing is said of pieces with None.
    """
    row, is_new = BatchShare.objects.get_or_create(
        batch_id=batch_id,
        item_id=item_id,
        group_id=group_id,
        defaults={"quantity": quantity, "at": now(), "by": by[:150]},
    )
    if not is_new and quantity is not None and row.quantity != quantity:
        BatchShare.objects.filter(pk=row.pk).update(quantity=quantity)
        row.refresh_from_db()
    return row


@transact()
def enter_batch(line: PurchaseLine, *, batch_no: str, details: Mapping[str, Any], by: str) -> Batch:
    """Take a batch of a purchase order's line in and note that it goes out for its item.

    A number the supplier used for this product before is that batch; papers it lacks are added.
    ValidationError where the details contradict each other; AnswerError for a batch that is called
    back.
    """
    supplier = line.purchase.supplier_id
    known = Batch.objects.filter(
        product=line.product_id, supplier=supplier, batch_no=batch_no.strip()
    ).first()
    if known is None:
        known = add_batch(
            product_id=line.product_id, supplier_id=supplier, batch_no=batch_no, details=details
        )
    elif known.is_recalled:
        raise AnswerError(title=line.title)
    else:
        _complete(known, details)
    note_batch(batch_id=known.pk, item_id=line.item_id, by=by)
    return known


def batches_of(item_id: int, group_id: int | None = None) -> list[Batch]:
    """Return the batches that went out for an item to a group; without a group, to any."""
    shares = BatchShare.objects.filter(item=item_id)
    if group_id is not None:
        shares = shares.filter(Q(group=None) | Q(group=group_id))
    keys = shares.values("batch")
    return list(
        Batch.objects.filter(pk__in=keys)
        .select_related("supplier", "product__extra")
        .order_by("pk")
    )


def batches_of_items(item_ids: Collection[int]) -> dict[int, list[Batch]]:
    """Return the batches noted for each of many items, whatever the group, in one query."""
    rows = BatchShare.objects.filter(item__in=item_ids).select_related("batch").order_by("pk")
    found: dict[int, dict[int, Batch]] = {}
    for row in rows:
        found.setdefault(row.item_id, {})[row.batch_id] = row.batch
    return {item: list(batches.values()) for item, batches in found.items()}


def lines_of_batch(batch_id: int) -> QuerySet[LineFulfilment]:
    """Return every order line that may have got goods of a batch: for calling it back.

    Lines of which everything went back before anything was handed over got none. Where a batch went
    out for an item without naming pieces, all of the item's lines count: rather one too many.
    """
    shares = BatchShare.objects.filter(batch=batch_id).values_list("item_id", "group_id")
    everywhere = {item for item, group in shares if group is None}
    some: dict[int, set[int]] = {}
    for item, group in shares:
        if group is not None and item not in everywhere:
            some.setdefault(item, set()).add(group)
    which = Q(item__in=everywhere) if everywhere else Q(pk__in=())
    for item, groups in some.items():
        which |= Q(item=item, order__group__in=groups)
    got_some = Q(quantity__gt=F("refunded_quantity")) | Q(order__collected_at__isnull=False)
    lines = LineFulfilment.objects.filter(which).filter(got_some)
    return lines.exclude(order__status__in=_NEVER).order_by("pk")


def _complete(batch: Batch, details: Mapping[str, Any]) -> None:
    missing = {name: value for name, value in details.items() if value and not getattr(batch, name)}
    if not missing:
        return
    for name, value in missing.items():
        setattr(batch, name, value)
    batch.full_clean(validate_unique=False)
    batch.save(update_fields=list(missing))
