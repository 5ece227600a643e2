"""The sign-up chain (接龙): a number per paid order without gaps, and the group's progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection
from django.db.models import F, QuerySet

from mall.accounts.models import User
from mall.accounts.profiles import chain_name
from mall.groupbuy.models import Entry, LeaderGroup
from payments.api import NotInTransactionError, now

_SUMMARY_MAX: Final = 300


def add_entry(
    *,
    group_id: int,
    order_no: str,
    resident: User,
    lines: Sequence[tuple[str, int]],
    amount_minor: int,
) -> Entry:
    """Add a paid order to the chain and to its group's progress; in the caller's transaction.

    ``lines`` are titles and quantities, ``amount_minor`` the goods in fen. Repeated for the same
    order it returns the first entry and counts nothing. NotInTransactionError outside a
    transaction: a number taken by an order that is then rolled back would leave a gap.
    """
    if not connection.in_atomic_block:
        raise NotInTransactionError("an entry belongs to the transaction that pays its order")
    group = LeaderGroup.objects.select_for_update(no_key=True).get(pk=group_id)
    known = Entry.objects.filter(order_no=order_no).first()
    if known is not None:
        return known
    quantity = sum(count for _title, count in lines)
    is_new_here = not _live(group_id, resident.pk).exists()
    number = group.last_number + 1
    taken = LeaderGroup.objects.filter(pk=group_id, last_number=group.last_number).update(
        last_number=number,
        joined_count=F("joined_count") + int(is_new_here),
        order_count=F("order_count") + 1,
        quantity=F("quantity") + quantity,
        amount_minor=F("amount_minor") + amount_minor,
    )
    if not taken:
        raise RuntimeError(f"number {number} of group {group_id} was taken in spite of its lock")
    return Entry.objects.create(
        group_id=group_id,
        number=number,
        order_no=order_no,
        resident=resident,
        masked_name=chain_name(resident),
        summary=_summary(lines),
        quantity=quantity,
        amount_minor=amount_minor,
        at=now(),
    )


def withdraw_entry(*, order_no: str) -> bool:
    """Take a fully refunded order out of the chain and of the progress; say whether this call did.

    Its number stays its own, so nobody else's changes. An order without an entry is no error: it
    may have been refunded without ever having been accepted.
    """
    if not connection.in_atomic_block:
        raise NotInTransactionError(
            "an entry is withdrawn by the transaction that refunds its order"
        )
    entry = Entry.objects.filter(order_no=order_no).first()
    if entry is None:
        return False
    LeaderGroup.objects.select_for_update(no_key=True).get(pk=entry.group_id)
    if not Entry.objects.filter(pk=entry.pk, withdrawn_at=None).update(withdrawn_at=now()):
        return False
    has_others = _live(entry.group_id, entry.resident_id).exists()
    LeaderGroup.objects.filter(pk=entry.group_id, order_count__gt=0).update(
        joined_count=F("joined_count") - int(not has_others),
        order_count=F("order_count") - 1,
        quantity=F("quantity") - entry.quantity,
        amount_minor=F("amount_minor") - entry.amount_minor,
    )
    return True


def _live(group_id: int, resident_id: int) -> QuerySet[Entry]:
    return Entry.objects.filter(group_id=group_id, resident_id=resident_id, withdrawn_at=None)


def _summary(lines: Sequence[tuple[str, int]]) -> str:
    """Write "糯玉米 ×2、鸡蛋 ×1", shortened to what the chain can show."""
    text = "、".join(f"{title} ×{count}" for title, count in lines)
    return text if len(text) <= _SUMMARY_MAX else f"{text[: _SUMMARY_MAX - 1]}…"
