"""What a person may want of a statement: look for it again, compare it again. Jobs do the work."""

from __future__ import annotations

import logging

from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.transact import transact
from payments.reconciliation.models import Bill

logger = logging.getLogger(__name__)


class UnknownBillError(LinliError):
    """There is no bill of this number."""

    code = "unknown_bill"
    http_status = 404
    message = _("There is no such bill.")


class BillBusyError(LinliError):
    """The bill is not in a state for this."""

    code = "bill_busy"
    message = _("This bill cannot do that now. Please reload the page and look where it stands.")


@transact()
def look_for_bill_again(bill_id: int, *, by: str) -> Bill:
    """Let the runner fetch a statement at once; other bytes become its next version.

    UnknownBillError; BillBusyError for a version that was replaced.
    """
    bill = _found(bill_id)
    if bill.state == Bill.State.REPLACED:
        raise BillBusyError(bill=str(bill))
    Bill.objects.filter(pk=bill.pk).update(next_try_at=now())
    logger.info("bill.wanted_again bill=%s by=%s", bill, by)
    return bill


@transact()
def compare_bill_again(bill_id: int, *, by: str) -> Bill:
    """Let the runner compare a statement anew; one that was closed is open again until then.

    UnknownBillError; BillBusyError unless it was compared before.
    """
    bill = _found(bill_id)
    rows = Bill.objects.filter(
        pk=bill.pk, is_current=True, state__in=[Bill.State.MATCHED, Bill.State.CLOSED]
    )
    if not rows.update(
        state=Bill.State.IMPORTED, closed_at=None, closed_by="", closing={}, lease_until=None
    ):
        raise BillBusyError(bill=str(bill))
    logger.info("bill.compared_again bill=%s by=%s", bill, by)
    return bill


def _found(bill_id: int) -> Bill:
    bill = Bill.objects.filter(pk=bill_id).first()
    if bill is None:
        raise UnknownBillError(bill=bill_id)
    return bill
