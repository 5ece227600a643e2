"""Statements that are brought to us, by a machine or by hand: taken in like fetched ones."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import BadBillError
from payments.kernel.errors import LinliError
from payments.models import AcquirerAccount
from payments.reconciliation.expecting import accounts_with_bills, new_bill
from payments.reconciliation.fetching import Delivery, receive, wanted_row
from payments.reconciliation.importing import import_bill
from payments.reconciliation.matching import match_bill
from payments.reconciliation.models import Bill
from payments.reconciliation.storing import copy_in, keep, scratch


class UnknownAccountError(LinliError):
    """There is no acquirer account of this code in use."""

    code = "unknown_account"
    http_status = 404
    message = _("There is no acquirer account of this code in use.")


def deliver_bill(
    *,
    account_code: str,
    day: date,
    kind: str,
    paper: Path,
    source: str,
    declared_digest: str = "",
) -> Bill:
    """Take a statement in that somebody brought, read it, and compare it; return its row.

    `declared_digest` is a SHA-256 in hex where the sender told one; another digest makes the bill
    BAD, kept as evidence. The same bytes again change nothing. UnknownAccountError.
    """
    bill = take_bill_in(
        account_code=account_code,
        day=day,
        kind=kind,
        paper=paper,
        source=source,
        declared_digest=declared_digest,
    )
    import_bill(bill.pk)
    return match_bill(bill.pk)


def take_bill_in(
    *,
    account_code: str,
    day: date,
    kind: str,
    paper: Path,
    source: str,
    declared_digest: str = "",
) -> Bill:
    """Only keep a statement that somebody brought, as `deliver_bill` does: the runner reads it."""
    row = wanted_row(account_code, day, kind) or _new_row(account_code, day, kind)
    with scratch() as copy:
        copy_in(paper, copy)
        problem = _problem(copy, declared_digest)
        stored = keep(copy, account_code=account_code, day=day, kind=kind)
        delivery = Delivery(stored, source, declared_digest, "sha256", problem)
        return receive(row, delivery)


def _problem(paper: Path, declared: str) -> BadBillError | None:
    if not declared:
        return None
    with paper.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found == declared.lower():
        return None
    return BadBillError(f"declared {declared[:64]}, found {found}", reason="digest")


def _new_row(account_code: str, day: date, kind: str) -> Bill:
    accounts: list[AcquirerAccount] = accounts_with_bills()
    account = next((row for row in accounts if row.code == account_code), None)
    if account is None:
        raise UnknownAccountError(account=account_code)
    return Bill.objects.bulk_create([new_bill(account, day, kind)])[0]
