"""Statements an acquirer brings: kept in quarantine, looked at, and told to people if they differ.

They are evidence, not statements of ours: nothing in them is matched, for none of it is signed.
"""

from __future__ import annotations

import logging
from pathlib import Path

from payments.acquiring.contract import BadBillError, NotificationRejectedError
from payments.acquiring.pushing import ExaminesPushedBills
from payments.incidents import report_incident
from payments.kernel.clock import business_date
from payments.kernel.transact import transact
from payments.models import AcquirerAccount, Incident
from payments.reconciliation.delivering import UnknownAccountError
from payments.reconciliation.storing import Stored, copy_in, keep, scratch
from payments.services.accounts import adapter_of_version

logger = logging.getLogger(__name__)

QUARANTINE = "quarantine"


def take_pushed_bill(*, account_code: str, paper: Path, summary: str, signature: str) -> bool:
    """Keep a brought statement and look into it; return whether its sender may rest.

    What nobody signed is not kept at all. What cannot be read, or does not agree with itself, is
    kept and reported once. UnknownAccountError for an account whose acquirer brings none.
    """
    rows = AcquirerAccount.objects.filter(code=account_code)
    account = rows.filter(status=AcquirerAccount.Status.ACTIVE).order_by("-version").first()
    adapter: object = None if account is None else adapter_of_version(account)
    if not isinstance(adapter, ExaminesPushedBills):
        raise UnknownAccountError(account=account_code)
    try:
        found = adapter.examine_pushed_bill(paper, summary=summary, signature=signature)
        problems: tuple[str, ...] = found.problems
    except NotificationRejectedError:
        logger.warning("bill.pushed_refused account=%s", account_code)
        return False
    except BadBillError as error:
        problems = (error.reason,)
    stored = _kept(account_code, paper)
    logger.info("bill.pushed account=%s paper=%s problems=%s", account_code, stored.path, problems)
    if problems:
        _report(account_code, stored, problems)
    return True


def _kept(account_code: str, paper: Path) -> Stored:
    with scratch() as copy:
        copy_in(paper, copy)
        return keep(copy, account_code=account_code, day=business_date(), kind=QUARANTINE)


@transact()
def _report(account_code: str, stored: Stored, problems: tuple[str, ...]) -> None:
    report_incident(
        Incident.Kind.BAD_BILL,
        key=f"{account_code}:{QUARANTINE}:{stored.sha256[:24]}",
        account=account_code,
        paper=stored.path,
        reason=",".join(problems),
    )
