"""What reconciliation tells on the page of an order's money: bill lines and cases about it."""

from __future__ import annotations

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from payments.models import Payment, Refund, SplitShare
from payments.reconciliation.models import BillLine, ReconciliationCase
from payments.trail import Chapter, Line

# Which journals a case can write.
_EVENTS = ("recon", "recon_back", "recon_off", "undo:recon", "undo:recon_back", "undo:recon_off")


def of_order(reference: str) -> Chapter | None:
    """Return what bills and cases say about an order; None where they say nothing."""
    payments = Payment.objects.filter(reference=reference)
    numbers = [
        *payments.values_list("payment_no", flat=True),
        *Refund.objects.filter(payment__in=payments).values_list("refund_no", flat=True),
        *SplitShare.objects.filter(split__payment__in=payments).values_list("share_no", flat=True),
    ]
    lines = BillLine.objects.filter(own_no__in=numbers).select_related("bill").order_by("pk")
    cases = list(ReconciliationCase.objects.filter(own_no__in=numbers).order_by("pk"))
    told = [*(_in_a_bill(line) for line in lines), *(_case(case) for case in cases)]
    if not told:
        return None
    return Chapter(
        title=gettext("Compared with the acquirer"),
        lines=told,
        events=[f"{kind}:{case.case_no}" for case in cases for kind in _EVENTS],
    )


def _in_a_bill(line: BillLine) -> Line:
    return Line(
        what=gettext("Bill of %(day)s, line %(line)s: %(number)s")
        % {"day": line.bill.day, "line": line.line_no, "number": line.own_no},
        detail=line.get_outcome_display(),
        minor=line.amount_minor,
        url=_page(line.bill),
    )


def _case(case: ReconciliationCase) -> Line:
    return Line(
        what=gettext("Case %(number)s: %(difference)s")
        % {"number": case.case_no, "difference": case.get_discrepancy_display()},
        detail=case.get_state_display(),
        minor=case.bill_amount_minor,
        url=_page(case),
    )


def _page(row: Model) -> str:
    """Return a row's page in the admin, where it has one."""
    meta = row._meta  # noqa: SLF001 - Django documents it
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""
