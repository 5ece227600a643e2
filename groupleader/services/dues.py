"""What suppliers and merchants are owed: one line for each movement the books make on 2201."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from groupleader.models import SupplierAccount, SupplierDue
from mall.api import supplier_names

Kind = SupplierDue.Kind


def supplier_of(ref: str, *, name: str = "") -> SupplierAccount:
    """Return the account of a party of 2201; one that is new is opened under its name."""
    found = SupplierAccount.objects.filter(supplier_ref=ref).first()
    if found is not None:
        return found
    account, _made = SupplierAccount.objects.get_or_create(
        supplier_ref=ref, defaults={"name": (name or _name(ref))[:120]}
    )
    return account


def _name(ref: str) -> str:
    kind, _colon, number = ref.partition(":")
    if kind == "supplier" and number.isdigit():
        return supplier_names([int(number)]).get(int(number), ref)
    return ref


def goods_due(
    *, kind: str, order_no: str, lines: Sequence[Mapping[str, Any]], key: str, at: datetime
) -> None:
    """Write per line what its supplier is owed, or for an undone hand-over not any more.

    `lines` as the order facts carry them (cost_minor in fen); `key` names the movement.
    """
    sign = 1 if kind == Kind.GOODS else -1
    hold = timedelta(days=settings.LINLI_SUPPLIER_HOLD_DAYS if kind == Kind.GOODS else 0)
    accounts: dict[int, SupplierAccount] = {}
    rows = []
    for line in lines:
        supplier_id = line["supplier_id"]
        if not line["cost_minor"]:
            continue
        if supplier_id not in accounts:
            accounts[supplier_id] = supplier_of(f"supplier:{supplier_id}")
        rows.append(
            SupplierDue(
                supplier=accounts[supplier_id],
                kind=kind,
                key=f"{kind}:{line['line_id']}:{key}",
                order_no=order_no,
                line_id=str(line["line_id"]),
                title=str(line.get("title", ""))[:255],
                quantity=sign * line["quantity"],
                amount_minor=sign * line["cost_minor"],
                at=at,
                due_at=at + hold,
            )
        )
    SupplierDue.objects.bulk_create(rows, ignore_conflicts=True)


def voucher_due(
    *, ref: str, name: str, title: str, redemption_no: str, minor: int, at: datetime
) -> None:
    """Write what a merchant is owed for a voucher, or below zero what was undone (fen)."""
    SupplierDue.objects.get_or_create(
        key=f"voucher:{redemption_no}:{'taken' if minor > 0 else 'undone'}",
        defaults={
            "supplier": supplier_of(ref, name=name),
            "kind": Kind.VOUCHER,
            "order_no": redemption_no,
            "title": title[:255],
            "quantity": 1 if minor > 0 else -1,
            "amount_minor": minor,
            "at": at,
            "due_at": at,
        },
    )
