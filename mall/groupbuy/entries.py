"""The sign-up chain (接龙): a number per paid order without gaps, and the group's progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection
from django.db.models import F, QuerySet

from mall.accounts.models import User
from mall.accounts.profiles import chain_name
from mall.groupbuy.models import Entry, LeaderGroup
from payments.api import NotInTransactionError, now, transact

_SUMMARY_MAX: Final = 300
REMARK_MAX: Final = 100


def add_entry(  # noqa: PLR0913 - what a paid order says of itself
    *,
    group_id: int,
    order_no: str,
    resident: User,
    lines: Sequence[tuple[str, int]],
    amount_minor: int,
    items: Mapping[int, int] | None = None,
    remark: str = "",
    is_anonymous: bool = False,
) -> Entry:
    """Add a paid order to the chain and to its group's progress; in the caller's transaction.

    ``lines`` are titles and quantities, ``items`` the same by item, ``amount_minor`` the goods in
    fen. Repeated for the same order it returns the first entry and counts nothing.
    NotInTransactionError outside a transaction: a number taken by an order that is then rolled
    back would leave a gap.
    """
    _require_transaction()
    group = _locked(group_id)
    known = Entry.objects.filter(order_no=order_no).order_by("pk").last()
    if known is not None:
        return known
    return _enter(
        group,
        order_no=order_no,
        resident=resident,
        masked_name="" if is_anonymous else chain_name(resident),
        summary=_summary(lines),
        items=_counted(items or {}),
        remark=_one_line(remark),
        quantity=sum(count for _title, count in lines),
        amount_minor=amount_minor,
    )


def withdraw_entry(*, order_no: str) -> bool:
    """Take a fully refunded order out of the chain and of the progress; say whether this call did.

    Its number stays its own, so nobody else's changes. An order without an entry is no error: it
    may have been refunded without ever having been accepted.
    """
    _require_transaction()
    entry = _living(order_no)
    return entry is not None and _withdraw(entry)


def change_entry(
    *,
    order_no: str,
    lines: Sequence[tuple[str, int]],
    amount_minor: int,
    items: Mapping[int, int] | None = None,
) -> bool:
    """Show what an order holds since it was changed; say whether there was something to change.

    In the caller's transaction; the progress of its group follows. The figures are the new ones,
    not the difference, so repeating it changes nothing. Nothing left is withdraw_entry().
    """
    _require_transaction()
    entry = _living(order_no)
    if entry is None:
        return False
    _locked(entry.group_id)
    entry.refresh_from_db()
    quantity = sum(count for _title, count in lines)
    changes = {
        "summary": _summary(lines),
        "items": _counted(items or {}),
        "quantity": quantity,
        "amount_minor": amount_minor,
    }
    if all(getattr(entry, name) == value for name, value in changes.items()):
        return False
    if not Entry.objects.filter(pk=entry.pk, withdrawn_at=None).update(**changes):
        return False
    LeaderGroup.objects.filter(pk=entry.group_id).update(
        quantity=F("quantity") + quantity - entry.quantity,
        amount_minor=F("amount_minor") + amount_minor - entry.amount_minor,
        version=F("version") + 1,
    )
    return True


def move_entry(
    *,
    order_no: str,
    to_group_id: int,
    lines: Sequence[tuple[str, int]] | None = None,
    amount_minor: int | None = None,
    items: Mapping[int, int] | None = None,
) -> Entry | None:
    """Withdraw an order's entry from its group and add it to another, where it is the newest.

    In the transaction that moves the order; what it holds there may differ (another sale's items
    and prices). None for an order without a living entry; one that is there already stays.
    """
    _require_transaction()
    entry = _living(order_no)
    if entry is None or entry.group_id == to_group_id:
        return entry
    for group_id in sorted((entry.group_id, to_group_id)):
        _locked(group_id)
    if not _withdraw(entry):
        return None
    told = {name: getattr(entry, name) for name in _COMES_ALONG}
    if lines is not None:
        told |= {"summary": _summary(lines), "quantity": sum(count for _title, count in lines)}
    if items is not None:
        told["items"] = _counted(items)
    if amount_minor is not None:
        told["amount_minor"] = amount_minor
    return _enter(_locked(to_group_id), **told)


@transact()
def set_remark(*, order_no: str, resident_id: int, remark: str) -> bool:
    """Let a resident write her own remark in the chain; False where the entry is not hers."""
    return _show(order_no, resident_id, remark=_one_line(remark))


@transact()
def set_named(*, order_no: str, resident: User, is_named: bool) -> bool:
    """Show her masked name at this entry, or only that a neighbour joined; False: not hers."""
    return _show(order_no, resident.pk, masked_name=chain_name(resident) if is_named else "")


_COMES_ALONG: Final = (
    "order_no",
    "resident",
    "masked_name",
    "summary",
    "items",
    "remark",
    "quantity",
    "amount_minor",
)


def _enter(group: LeaderGroup, **told: Any) -> Entry:
    """Write an entry with the next number of its group, whose row is locked."""
    is_new_here = not _living_of(group.pk, told["resident"].pk).exists()
    number = group.last_number + 1
    taken = LeaderGroup.objects.filter(pk=group.pk, last_number=group.last_number).update(
        last_number=number,
        joined_count=F("joined_count") + int(is_new_here),
        order_count=F("order_count") + 1,
        quantity=F("quantity") + told["quantity"],
        amount_minor=F("amount_minor") + told["amount_minor"],
        version=F("version") + 1,
    )
    if not taken:
        raise RuntimeError(f"number {number} of group {group.pk} was taken in spite of its lock")
    return Entry.objects.create(group=group, number=number, at=now(), **told)


def _withdraw(entry: Entry) -> bool:
    _locked(entry.group_id)
    entry.refresh_from_db()
    if not Entry.objects.filter(pk=entry.pk, withdrawn_at=None).update(withdrawn_at=now()):
        return False
    has_others = _living_of(entry.group_id, entry.resident_id).exists()
    LeaderGroup.objects.filter(pk=entry.group_id, order_count__gt=0).update(
        joined_count=F("joined_count") - int(not has_others),
        order_count=F("order_count") - 1,
        quantity=F("quantity") - entry.quantity,
        amount_minor=F("amount_minor") - entry.amount_minor,
        version=F("version") + 1,
    )
    return True


def _show(order_no: str, resident_id: int, **shown: str) -> bool:
    entry = _living(order_no)
    if entry is None or entry.resident_id != resident_id:
        return False
    Entry.objects.filter(pk=entry.pk).update(**shown)
    LeaderGroup.objects.filter(pk=entry.group_id).update(version=F("version") + 1)
    return True


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise NotInTransactionError("the chain moves in the transaction that moves the order")


def _locked(group_id: int) -> LeaderGroup:
    return LeaderGroup.objects.select_for_update(no_key=True).get(pk=group_id)


def _living(order_no: str) -> Entry | None:
    return Entry.objects.filter(order_no=order_no, withdrawn_at=None).first()


def _living_of(group_id: int, resident_id: int) -> QuerySet[Entry]:
    return Entry.objects.filter(group_id=group_id, resident_id=resident_id, withdrawn_at=None)


def _counted(items: Mapping[int, int]) -> dict[str, int]:
    """Write pieces by item as JSON keeps them."""
    return {str(item_id): pieces for item_id, pieces in sorted(items.items()) if pieces}


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:REMARK_MAX]


def _summary(lines: Sequence[tuple[str, int]]) -> str:
    """Write "糯玉米 ×2、鸡蛋 ×1", shortened to what the chain can show."""
    text = "、".join(f"{title} ×{count}" for title, count in lines)
    return text if len(text) <= _SUMMARY_MAX else f"{text[: _SUMMARY_MAX - 1]}…"
