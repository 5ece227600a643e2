"""The operator's service fee on a supplier's goods, each line at the rate of its day."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q, Sum

from groupleader.models import SettlementStatement, SupplierDue, SupplierTerms

# Goods, not vouchers taken for others.
_SERVED = (SupplierDue.Kind.GOODS, SupplierDue.Kind.UNDONE, SupplierDue.Kind.RETURNED)


def service_fee_of(statement: SettlementStatement) -> int:
    """Return the service fee on a statement's lines (fen, half up, never below zero).

    The terms of the newest first day speak for a line, up to their last day. Nothing for a leader.
    """
    if statement.supplier is None:
        return 0
    lines = statement.dues.filter(kind__in=_SERVED)
    fee = Decimal(0)
    newer: SupplierTerms | None = None
    for terms in statement.supplier.terms.order_by("-valid_from"):
        within = Q(at__date__gte=terms.valid_from)
        if terms.valid_until is not None:
            within &= Q(at__date__lte=terms.valid_until)
        if newer is not None:
            within &= Q(at__date__lt=newer.valid_from)
        base = lines.filter(within).aggregate(sum=Sum("amount_minor"))["sum"] or 0
        fee += base * terms.fee_rate
        newer = terms
    return max(int(fee.quantize(Decimal(1), rounding=ROUND_HALF_UP)), 0)
