"""Paying by the acquirer's split: what a statement comes to, asked out of the orders it lists.

In split mode nobody is paid from the operator's own account. An approved statement is shared out
over the payments of its own orders, each within what the acquirer lets go of it; what has no room,
or is refused, stays owed and is asked for again. What a refund takes back after a share was paid
is owed to the party again: the refund itself is a negative line of the next statement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from django.conf import settings
from django.db.models import F, Q, Sum

from groupleader.models import (
    CommissionAccrual,
    Leader,
    Payout,
    PayoutShare,
    SettlementStatement,
    SupplierDue,
)
from groupleader.payout_errors import (
    NoRoomToSplitError,
    NotSplitModeError,
    PayeeFrozenError,
    ReceiverMissingError,
)
from groupleader.services.history import record
from groupleader.services.payouts import claim, in_transit_of, tell_payout
from payments.api import (
    LinliError,
    Money,
    ShareWish,
    advance,
    applied_payments,
    new_number,
    now,
    request_finish,
    request_split,
    split_rooms,
    splits_of,
    spread,
    transact,
)

log = structlog.get_logger(__name__)
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


def to_share_minor(statement: SettlementStatement) -> int:
    """Return what is still to be asked for (fen); what was advanced waits until it is repaid."""
    held = PayoutShare.objects.filter(payout__statement=statement, reason=ADVANCED)
    advanced = held.aggregate(sum=Sum("back_minor"))["sum"] or 0
    return (statement.net_minor or 0) - shared_minor(statement) - advanced


@transact()
def open_split_payout(*, statement: SettlementStatement, by: Any = None) -> Payout:
    """Plan what each order of an approved statement gives; the job asks the acquirer.

    NotSplitModeError where the own account pays, ReceiverMissingError, PayeeFrozenError,
    NoRoomToSplitError where no order has anything left to share, IllegalTransitionError.
    """
    party = statement.party
    if settings.LINLI_FUNDS_MODE != "SPLIT":
        raise NotSplitModeError
    if not party.split_receiver:
        raise ReceiverMissingError
    if party.payee_frozen_at is not None:
        raise PayeeFrozenError
    attempt = claim(statement)
    plan = _plan(statement)
    if not plan:
        raise NoRoomToSplitError
    payout = Payout.objects.create(
        statement=statement,
        attempt=attempt,
        method=Payout.Method.SPLIT,
        transfer_no=new_number("P"),
        amount_minor=sum(minor for _payment, _order, minor in plan),
        payee_masked=f"····{party.split_receiver[-4:]}",
        started_by=by,
        created_at=now(),
    )
    PayoutShare.objects.bulk_create(
        PayoutShare(payout=payout, payment_no=payment_no, order_no=order_no, amount_minor=minor)
        for payment_no, order_no, minor in plan
    )
    record(statement, "paying", by=by, note=payout.payee_masked)
    return payout


def _plan(statement: SettlementStatement) -> list[tuple[str, str, int]]:
    """Spread what is to be paid over the orders, as far as each payment has room."""
    weights = _weights(statement)
    payments = applied_payments(sorted(weights))
    rooms = split_rooms(sorted(set(payments.values())))
    orders = [order for order in sorted(weights) if rooms.get(payments.get(order, ""), 0) > 0]
    left = to_share_minor(statement)
    parts: Counter[str] = Counter()
    while left > 0 and orders:
        asked = spread(left, [weights[order] for order in orders])
        for order, minor in zip(list(orders), asked, strict=True):
            room = rooms[payments[order]] - parts[order]
            parts[order] += min(minor, room)
            left -= min(minor, room)
            if minor >= room:
                orders.remove(order)
        if not any(asked):
            break
    return [(payments[order], order, parts[order]) for order in sorted(parts) if parts[order]]


def _weights(statement: SettlementStatement) -> Mapping[str, int]:
    """Return what each order brought to a statement (fen); what only took is left out."""
    rows: Sequence[tuple[str, int]]
    if isinstance(statement.party, Leader):
        lines = CommissionAccrual.objects.filter(statement=statement).order_by()
        rows = list(lines.values_list("terms__order_no").annotate(Sum("amount_minor")))
    else:
        dues = SupplierDue.objects.filter(statement=statement).exclude(order_no="").order_by()
        rows = list(dues.values_list("order_no").annotate(Sum("amount_minor")))
    return {order: minor for order, minor in rows if minor > 0}


def ask_planned(limit: int) -> dict[str, int]:
    """Ask the acquirer for planned shares; one it would refuse says why and calls finance."""
    planned = PayoutShare.objects.filter(status=Share.PLANNED).order_by("pk")
    counts = {"asked": 0, "refused": 0}
    for share in planned.select_related("payout")[:limit]:
        try:
            counts["asked"] += _ask(share)
        except LinliError as refusal:
            _refuse(share, refusal)
            counts["refused"] += 1
    return counts


@transact()
def _ask(share: PayoutShare) -> int:
    statement = share.payout.statement
    drawer = in_transit_of(statement)
    key = f"{share.payout.transfer_no}:{share.pk}:{share.tries}"
    wish = ShareWish(
        share_key=key,
        receiver=statement.party.split_receiver,
        amount=Money(share.amount_minor),
        account=drawer.account,
        party=drawer.party,
        statement_ref=drawer.reference,
    )
    view = request_split(payment_no=share.payment_no, split_key=key, shares=[wish])
    moved = advance(
        share,
        PayoutShare.EDGES,
        Share.ASKED,
        split_key=key,
        share_no=view.shares[0].share_no,
        tries=F("tries") + 1,
    )
    Payout.objects.filter(pk=share.payout_id, status=Payout.Status.NEW).update(
        status=Payout.Status.SENT
    )
    return int(moved)


@transact()
def _refuse(share: PayoutShare, refusal: LinliError) -> None:
    reason = str(refusal.data.get("reason", refusal.code))
    log.warning("split.refused", payment_no=share.payment_no, reason=reason)
    advance(share, PayoutShare.EDGES, Share.FAILED, reason=reason[:60], finished_at=now())
    _conclude(share.payout_id)


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
        _conclude(share.payout_id)


def _conclude(payout_id: int) -> None:
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


def share_due(limit: int) -> dict[str, int]:
    """Begin the split of approved statements, and again of what a refund took back."""
    counts = {"started": 0, "kept": 0}
    if settings.LINLI_FUNDS_MODE != "SPLIT":
        return counts
    again = Payout.objects.filter(
        method=Payout.Method.SPLIT, status=Payout.Status.RETURNED, failure_code=TAKEN_BACK
    )
    due = SettlementStatement.objects.filter(
        Q(status=Statement.APPROVED) | Q(status=Statement.FAILED, pk__in=again.values("statement"))
    ).filter(net_minor__gt=0)
    for statement in due.select_related("leader", "supplier").order_by("approved_at", "pk")[:limit]:
        try:
            open_split_payout(statement=statement)
            counts["started"] += 1
        except LinliError as refusal:
            log.info("split.not_started", statement_no=statement.statement_no, code=refusal.code)
            counts["kept"] += 1
    return counts


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
