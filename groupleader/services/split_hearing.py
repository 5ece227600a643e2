"""How a split ended, and what a refund takes back after it: as it is heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import F, Q, Sum

from groupleader.models import (
    CommissionAccrual,
    Payout,
    PayoutShare,
    SettlementStatement,
    SupplierDue,
)
from groupleader.services.history import record
from groupleader.services.payouts import tell_payout
from payments.api import advance, now, request_finish, splits_of, transact

Statement = SettlementStatement.Status
Share = PayoutShare.Status
# A receiver did not give back what a refund needed, and the operator advanced it: she has the
# money, so it is not asked for again until it was repaid.
ADVANCED: Final = "advanced"
TAKEN_BACK: Final = "taken_back"
REFUSED: Final = "shares_refused"


def shared_minor(statement: SettlementStatement) -> int:
    """Return what the acquirer paid for a statement and was not taken back (fen)."""
    paid = PayoutShare.objects.filter(payout__statement=statement, status=Share.PAID)
    found = paid.aggregate(sum=Sum(F("amount_minor") - F("back_minor")))
    return found["sum"] or 0


@transact()
def hear_of_split(payload: Mapping[str, Any]) -> None:
    """Note how the acquirer answered: each share paid, or not and why."""
    for said in payload["shares"]:
        share = PayoutShare.objects.filter(share_no=said["share_no"]).first()
        if share is None:
            continue
        is_paid = said["status"] == "succeeded"
        advance(
            share,
            PayoutShare.EDGES,
            Share.PAID if is_paid else Share.FAILED,
            reason="" if is_paid else str(said["code"] or REFUSED)[:60],
            finished_at=now(),
        )
        conclude(share.payout_id)


def conclude(payout_id: int) -> None:
    """End a split payout once every share of it has ended; locked, because facts come together."""
    payout = Payout.objects.select_for_update(no_key=True).get(pk=payout_id)
    shares = payout.shares.all()
    if shares.filter(status__in=[Share.PLANNED, Share.ASKED]).exists():
        return
    is_whole = not shares.filter(status=Share.FAILED).exists()
    statement = payout.statement
    moved = advance(
        payout,
        Payout.EDGES,
        Payout.Status.SUCCEEDED if is_whole else Payout.Status.FAILED,
        came_from=Payout.OPEN,
        failure_code="" if is_whole else REFUSED,
        finished_at=now(),
    )
    if not moved:
        return
    if is_whole and shared_minor(statement) == statement.net_minor:
        advance(statement, SettlementStatement.EDGES, Statement.PAID, paid_at=now())
        statement.accruals.update(status=CommissionAccrual.Status.PAID)
        record(statement, "paid", note=payout.payee_masked)
        tell_payout(payout, "paid")
        finish_settled(payout)
        return
    if is_whole:
        # Paid as far as the orders had room: the rest is asked for again.
        advance(payout, Payout.EDGES, Payout.Status.RETURNED, failure_code=TAKEN_BACK)
    advance(statement, SettlementStatement.EDGES, Statement.FAILED, paid_at=None)
    record(statement, "failed", note=payout.failure_code)


@transact()
def hear_of_return(payload: Mapping[str, Any], *, what: str) -> None:
    """Note that a refund took a share back (or that we advanced it): so much is owed again."""
    rows = PayoutShare.objects.filter(share_no=payload["share_no"])
    share = rows.select_related("payout__statement").first()
    if share is None:
        return
    if share.reason == ADVANCED:
        rows.update(reason="")
    else:
        minor = payload["amount_minor"]
        rows.update(back_minor=F("back_minor") + minor, reason=ADVANCED if what == "failed" else "")
    payout = Payout.objects.select_for_update(no_key=True).get(pk=share.payout_id)
    statement = payout.statement
    advance(
        payout,
        Payout.EDGES,
        Payout.Status.RETURNED,
        came_from=[Payout.Status.SUCCEEDED],
        failure_code=TAKEN_BACK,
    )
    if advance(
        statement,
        SettlementStatement.EDGES,
        Statement.FAILED,
        came_from=[Statement.PAID],
        paid_at=None,
    ):
        statement.accruals.update(status=CommissionAccrual.Status.IN_STATEMENT)
        record(statement, "taken_back", note=str(payload["refund_no"]))


def finish_settled(payout: Payout) -> int:
    """Release what is left of payments all of whose lines are settled; return how many.

    In a transaction.
    """
    numbers = dict(payout.shares.values_list("order_no", "payment_no"))
    open_lines = CommissionAccrual.objects.filter(terms__order_no__in=numbers).exclude(
        Q(status=CommissionAccrual.Status.PAID) | Q(amount_minor=0)
    )
    open_dues = SupplierDue.objects.filter(order_no__in=numbers).exclude(
        statement__status=Statement.PAID
    )
    waiting = {*open_lines.values_list("terms__order_no", flat=True)}
    waiting |= {*open_dues.values_list("order_no", flat=True)}
    done = 0
    for order_no, payment_no in numbers.items():
        splits = [] if order_no in waiting else splits_of(payment_no)
        if splits and all(not split.finish for split in splits):
            request_finish(splits[-1].split_no)
            done += 1
    return done
