"""Fetching a statement: asked for, kept as it came, read, compared; wrong ones kept as evidence."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db.models import F, Q

from payments.acquiring.contract import (
    AcquirerError,
    BadBillError,
    BillFile,
    BillKind,
    BillReadiness,
    NotSupportedError,
)
from payments.acquiring.transport import refuse_inside_transaction
from payments.incidents import report_incident, settle_incident
from payments.kernel.clock import now
from payments.kernel.transact import transact
from payments.models import Incident
from payments.reconciliation.expecting import new_bill
from payments.reconciliation.models import Bill
from payments.reconciliation.rules import LEASE, LOOK_AGAIN_AFTER, next_fetch_at
from payments.reconciliation.storing import Stored, keep, scratch
from payments.services.accounts import adapter_of

logger = logging.getLogger(__name__)

State = Bill.State


@dataclass(frozen=True, slots=True)
class Delivery:
    """A paper that arrived: where it is kept, what was declared about it, what is wrong with it."""

    stored: Stored | None
    source: str
    declared_digest: str = ""
    digest_name: str = ""
    problem: BadBillError | None = None


def fetch_bill(bill_id: int) -> Bill:
    """Try once to fetch a statement, or to look whether one we have was issued again. Network.

    Not inside a transaction. One worker at a time; a second one finds the row leased and returns
    it as it is. No answer, or "not yet", plans the next attempt.
    """
    refuse_inside_transaction()
    bill = Bill.objects.select_related("account").get(pk=bill_id)
    if not _claim(bill):
        return bill
    try:
        return _fetch(bill)
    except AcquirerError as error:
        logger.warning("bill.not_fetched bill=%s reason=%s", bill, type(error).__name__)
        _try_later(bill, why=type(error).__name__, detail=error.message)
    finally:
        release(bill)
    bill.refresh_from_db()
    return bill


def _fetch(bill: Bill) -> Bill:
    adapter = adapter_of(bill.account)
    kind = BillKind(bill.kind)
    if bill.kind not in adapter.caps.bill_kinds:
        raise NotSupportedError(f"{bill.account_code} has no bill of {bill.kind}")
    availability = adapter.bill_available(bill.day, kind)
    if availability.readiness == BillReadiness.NOT_YET:
        _try_later(bill, why="not_yet", at=availability.retry_at, state=State.NOT_YET)
        bill.refresh_from_db()
        return bill
    if availability.readiness == BillReadiness.EMPTY:
        return receive(bill, Delivery(None, bill.account_code))
    with scratch() as paper:
        return receive(bill, _download(bill, paper))


def _download(bill: Bill, paper: Path) -> Delivery:
    try:
        file = adapter_of(bill.account).download_bill(bill.day, BillKind(bill.kind), into=paper)
    except BadBillError as error:
        if not paper.exists():
            raise
        return Delivery(_keep(bill, paper), bill.account_code, problem=error)
    return _delivered(bill, file)


def _delivered(bill: Bill, file: BillFile) -> Delivery:
    return Delivery(_keep(bill, file.path), file.source, file.declared_digest, file.digest_name)


def _keep(bill: Bill, paper: Path) -> Stored:
    return keep(paper, account_code=bill.account_code, day=bill.day, kind=bill.kind)


@transact()
def receive(bill: Bill, delivery: Delivery) -> Bill:
    """Take a paper in: the same bytes change nothing, others are the next version.

    Returns the row that carries the paper: FETCHED to be read, EMPTY, or BAD.
    """
    sha256 = delivery.stored.sha256 if delivery.stored else ""
    before = _newest_with_paper(bill)
    if before is not None and before.sha256 == sha256 and _says_the_same(before, delivery):
        return _nothing_new(bill, before)
    if bill.state not in Bill.WANTED:
        bill = _next_version(bill)
    if before is not None and before.state in Bill.READ:
        _report_reissue(before, bill)
    return _take(bill, delivery)


def _says_the_same(before: Bill, delivery: Delivery) -> bool:
    """Bytes that were bad stay bad, unless now their digest is declared rightly."""
    return before.state != State.BAD or delivery.problem is not None or before.problem != "digest"


def _newest_with_paper(bill: Bill) -> Bill | None:
    rows = Bill.objects.filter(
        account_code=bill.account_code, merchant=bill.merchant, day=bill.day, kind=bill.kind
    ).exclude(state__in=Bill.WANTED)
    return rows.order_by("-version").first()


def _nothing_new(bill: Bill, before: Bill) -> Bill:
    if bill.state in Bill.WANTED:
        _plan(bill, at=next_fetch_at(bill.attempts), problem=before.problem)
        bill.refresh_from_db()
        return bill
    Bill.objects.filter(pk=before.pk).update(next_try_at=None)
    before.refresh_from_db()
    return before


def _next_version(bill: Bill, *, at: datetime | None = None) -> Bill:
    rows = Bill.objects.filter(
        account_code=bill.account_code, merchant=bill.merchant, day=bill.day, kind=bill.kind
    )
    last = rows.order_by("-version").values_list("version", flat=True)[0]
    Bill.objects.filter(pk=bill.pk).update(next_try_at=None)
    made = new_bill(bill.account, bill.day, bill.kind, version=last + 1, next_try_at=at)
    Bill.objects.bulk_create([made])
    Bill.objects.filter(pk=made.pk).update(attempts=bill.attempts)
    return made


def _take(bill: Bill, delivery: Delivery) -> Bill:
    stored, at = delivery.stored, now()
    rows = Bill.objects.filter(pk=bill.pk, state__in=Bill.WANTED)
    rows.update(
        state=State.EMPTY if stored is None else State.FETCHED,
        source=delivery.source[:200],
        path=stored.path if stored else "",
        size=stored.size if stored else 0,
        sha256=stored.sha256 if stored else "",
        declared_digest=delivery.declared_digest[:128],
        digest_name=delivery.digest_name[:20],
        problem="",
        problem_detail="",
        fetched_at=at,
        next_try_at=at + LOOK_AGAIN_AFTER,
    )
    missed = f"{Incident.Kind.NO_BILL}:{bill.account_code}:{bill.day}:{bill.kind}"
    settle_incident(missed, by="reconciliation", note=bill.source)
    if delivery.problem is not None:
        return mark_bad(bill, delivery.problem)
    if stored is None:
        make_current(bill, at=at)
    bill.refresh_from_db()
    logger.info("bill.received bill=%s state=%s bytes=%d", bill, bill.state, bill.size)
    return bill


def make_current(bill: Bill, *, at: datetime) -> None:
    """Let this version count, and no longer the one before. In a transaction."""
    others = Bill.objects.filter(
        account_code=bill.account_code,
        merchant=bill.merchant,
        day=bill.day,
        kind=bill.kind,
        is_current=True,
    )
    others.exclude(pk=bill.pk).update(is_current=False, state=State.REPLACED, next_try_at=None)
    Bill.objects.filter(pk=bill.pk).update(is_current=True, imported_at=at)


@transact()
def mark_bad(bill: Bill, error: BadBillError) -> Bill:
    """Keep a paper that is not what it says it is, call a person, and plan to fetch it again."""
    Bill.objects.filter(pk=bill.pk, state__in=[*Bill.WANTED, State.FETCHED]).update(
        state=State.BAD,
        problem=error.reason,
        problem_detail=error.message[:500],
        next_try_at=None,
    )
    bill.refresh_from_db()
    report_incident(
        Incident.Kind.BAD_BILL,
        key=f"{bill.account_code}:{bill.day}:{bill.kind}:{bill.version}",
        subject_no=bill.account_code,
        day=str(bill.day),
        kind_of_bill=bill.kind,
        version=bill.version,
        reason=error.reason,
        detail=error.message[:200],
    )
    _next_version(bill, at=next_fetch_at(max(bill.attempts, 1)))
    return bill


def _report_reissue(before: Bill, after: Bill) -> None:
    report_incident(
        Incident.Kind.BILL_REISSUED,
        key=f"{after.account_code}:{after.day}:{after.kind}:{after.version}",
        subject_no=after.account_code,
        day=str(after.day),
        kind_of_bill=after.kind,
        version=after.version,
        before=before.version,
        before_was=before.state,
    )


@transact()
def _claim(bill: Bill) -> bool:
    rows = Bill.objects.filter(pk=bill.pk).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=now())
    )
    claimed = rows.update(lease_until=now() + LEASE, attempts=F("attempts") + 1) == 1
    bill.refresh_from_db()
    return claimed


def lease(bill: Bill) -> bool:
    """Let one of many work on a statement; False where another does."""
    rows = Bill.objects.filter(pk=bill.pk).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=now())
    )
    return rows.update(lease_until=now() + LEASE) == 1


def release(bill: Bill) -> None:
    """Let others work on a statement again."""
    Bill.objects.filter(pk=bill.pk).update(lease_until=None)


def _try_later(
    bill: Bill, *, why: str, detail: str = "", at: datetime | None = None, state: str = ""
) -> None:
    if bill.state in Bill.WANTED:
        _plan(bill, at=at or next_fetch_at(bill.attempts), problem=why, detail=detail, state=state)
    else:
        _plan(bill, at=at or next_fetch_at(bill.attempts))


@transact()
def _plan(
    bill: Bill, *, at: datetime, problem: str = "", detail: str = "", state: str = ""
) -> None:
    changes = {"state": state} if state else {}
    Bill.objects.filter(pk=bill.pk).update(
        next_try_at=at,
        **({"problem": problem[:40], "problem_detail": detail[:500]} if problem else {}),
        **changes,
    )


def wanted_row(account_code: str, day: date, kind: str) -> Bill | None:
    """Return the newest row of a statement, however it stands; None where none is expected."""
    rows = Bill.objects.select_related("account").filter(
        account_code=account_code, day=day, kind=kind
    )
    return rows.order_by("-version").first()
