"""Links between reconciliation's pages: a record's own list, the cases of a day, a day."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from payments.admin.showing import NOTHING, anchor
from payments.models import Payment, Refund, Split, SplitReturn, Transfer
from payments.reconciliation.models import RecordKind

# Which of our rows a kind of record is, and by which column its number is found.
OUR_ROWS: Final[dict[str, tuple[type[Model], str]]] = {
    RecordKind.PAY: (Payment, "payment_no"),
    RecordKind.REFUND: (Refund, "refund_no"),
    RecordKind.TRANSFER: (Transfer, "transfer_no"),
    RecordKind.SPLIT: (Split, "shares__share_no"),
    RecordKind.SPLIT_RETURN: (SplitReturn, "return_no"),
}


def on_one_line(text: str) -> SafeString:
    """Keep a cell's words on one line; recon.css says how."""
    return format_html('<span class="recon-one-line">{}</span>', text)


def day_url(day: date) -> str:
    """Return the address of a day's page."""
    return f"{reverse('admin:reconciliation_day')}?{urlencode({'day': day.isoformat()})}"


def cases_url(**filters: str) -> str:
    """Return the address of the list of cases, narrowed."""
    url = reverse("admin:reconciliation_reconciliationcase_changelist")
    return f"{url}?{urlencode(filters)}"


def number_link(kind: str, own_no: str) -> str | SafeString:
    """Link one of our numbers to where it is found; a number of another kind stays a text."""
    known = OUR_ROWS.get(kind)
    if known is None or not own_no:
        return own_no or NOTHING
    meta = known[0]._meta  # noqa: SLF001 - Django documents it
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return anchor(f"{url}?{urlencode({'q': own_no})}", own_no)
