"""Paying by the acquirer's split: what a statement comes to, asked out of the orders it lists.

In split mode nobody is paid from the operator's own account. An approved statement is shared out
over the payments of its own orders, each within what the acquirer lets go of it; what has no room,
or is refused, stays owed and is asked for again. What a refund takes back after a share was paid
is owed to the party again: the refund itself is a negative line of the next statement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

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
from groupleader.services.payouts import claim, in_transit_of
from groupleader.services.split_hearing import ADVANCED, TAKEN_BACK, conclude, shared_minor
from payments.api import (
    LinliError,
    Money,
    ShareWish,
    advance,
    applied_payments,
    each,
    new_number,
    now,
    request_split,
    split_rooms,
    spread,
    transact,
)

log = structlog.get_logger(__name__)
Statement = SettlementStatement.Status
Share = PayoutShare.Status


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


def ask_planned(limit: int) -> Counter[str]:
    """Ask the acquirer for planned shares; one it would refuse says why and calls finance."""
    planned = PayoutShare.objects.filter(status=Share.PLANNED).order_by("pk")
    return each(planned.values_list("pk", flat=True), _ask_or_refuse, limit=limit, done="asked")


def _ask_or_refuse(key: int) -> str:
    share = PayoutShare.objects.select_related("payout").get(pk=key)
    try:
        return "asked" if _ask(share) else ""
    except LinliError as refusal:
        _refuse(share, refusal)
        return "refused"


@transact()
def _ask(share: PayoutShare) -> int:
    statement = share.payout.statement
    if statement.party.payee_frozen_at is not None:
        raise PayeeFrozenError
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
    conclude(share.payout_id)


def share_due(limit: int) -> Counter[str]:
    """Begin the split of approved statements, and again of what a refund took back."""
    if settings.LINLI_FUNDS_MODE != "SPLIT":
        return Counter()
    again = Payout.objects.filter(
        method=Payout.Method.SPLIT, status=Payout.Status.RETURNED, failure_code=TAKEN_BACK
    )
    due = SettlementStatement.objects.filter(
        Q(status=Statement.APPROVED) | Q(status=Statement.FAILED, pk__in=again.values("statement"))
    ).filter(net_minor__gt=0)
    keys = due.order_by("approved_at", "pk").values_list("pk", flat=True)
    return each(keys, _begin, limit=limit, done="started")


def _begin(key: int) -> str:
    statement = SettlementStatement.objects.select_related("leader", "supplier").get(pk=key)
    try:
        open_split_payout(statement=statement)
    except LinliError as refusal:
        log.info("split.not_started", statement_no=statement.statement_no, code=refusal.code)
        return "kept"
    return "started"
