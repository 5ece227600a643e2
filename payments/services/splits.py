"""Sharing a payment out: promised inside the caller's transaction, asked of the acquirer after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from payments.acquiring.contract import (
    AcquirerError,
    DeclinedError,
    Outcome,
    SplitRef,
    SplitRequest,
    SplitResult,
)
from payments.acquiring.contract import SplitShare as SharePaper
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.kernel.transact import transact
from payments.ledger.accounts import (
    LEADER_IN_TRANSIT,
    LEADER_PAYABLE,
    SUPPLIER_IN_TRANSIT,
    SUPPLIER_PAYABLE,
)
from payments.models import Payment, Split, SplitShare
from payments.selectors import UnknownNumberError, split_view
from payments.services.accounts import adapter_of
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import begin_errand
from payments.services.errands import ask_about_errand, is_due_to_ask, send_errand
from payments.services.payments import IdempotencyConflictError
from payments.services.refunds import NotRefundableError
from payments.services.schedule import next_try_at
from payments.services.sending import failure_of
from payments.services.split_limits import refuse_unless_allowed
from payments.services.steps import locked_payment
from payments.services.transactions import require_transaction
from payments.split_papers import SplitView, view_of_split

_DRAWERS = (SUPPLIER_PAYABLE.code, LEADER_PAYABLE.code)
_STATEMENT_DRAWERS = (SUPPLIER_IN_TRANSIT.code, LEADER_IN_TRANSIT.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareWish:
    """One receiver's part: its account at the acquirer, and the debt of ours the part settles.

    `account` is 2201 (a supplier's) or 2301 (a leader's), `party` whose; or, where a statement was
    closed, what it has in transit: 2202 or 2302, with the statement as `statement_ref`.
    """

    share_key: str
    receiver: str
    amount: Money
    account: str
    party: str
    statement_ref: str = ""

    def __post_init__(self) -> None:
        """Refuse a part of nothing, and a drawer that is no debt to a receiver."""
        drawers = _STATEMENT_DRAWERS if self.statement_ref else _DRAWERS
        if self.amount.minor <= 0 or self.account not in drawers or not self.party:
            raise ValueError(f"{self.share_key} is no share of somebody's")

    def drawer(self) -> dict[str, str]:
        """Return whose drawer of the books the part settles, as a share's row keeps it."""
        reference = {"reference": self.statement_ref} if self.statement_ref else {}
        return {"account": self.account, "party": self.party, **reference}


def request_split(
    *, payment_no: str, split_key: str, shares: Sequence[ShareWish], is_last: bool = False
) -> SplitView:
    """Promise shares of an applied payment to receivers. In a transaction; the runner asks.

    The same `split_key` is the same split and returns it; with other shares
    IdempotencyConflictError. `is_last` releases what is left once the split is done.
    SplitRefusedError where the acquirer would refuse it (percent, receivers, rest, ...),
    SplitsNotConfiguredError where we sell our own goods, NotRefundableError for money that was
    never applied, UnknownNumberError.
    """
    require_transaction()
    payment = locked_payment(payment_no)
    before = Split.objects.filter(split_key=split_key).first()
    if before is not None:
        return view_of_split(_same(before, payment, shares))
    if payment.application != Payment.Application.APPLIED:
        raise NotRefundableError(payment_no=payment_no)
    minor = sum(share.amount.minor for share in shares)
    currencies = {share.amount.currency for share in shares} or {payment.currency}
    refuse_unless_allowed(
        payment,
        receivers=[share.receiver for share in shares],
        minor=minor,
        currency=currencies.pop() if len(currencies) == 1 else "",
    )
    try:
        with transaction.atomic():
            return view_of_split(_insert(payment, split_key, shares, is_last=is_last))
    except IntegrityError:
        before = Split.objects.filter(split_key=split_key).first()
        if before is None:
            raise
        return view_of_split(_same(before, payment, shares))


def _same(split: Split, payment: Payment, shares: Sequence[ShareWish]) -> Split:
    before = {(row.share_key, row.receiver): row.amount_minor for row in split.shares.all()}
    now_ = {(share.share_key, share.receiver): share.amount.minor for share in shares}
    if split.payment.pk != payment.pk or before != now_:
        raise IdempotencyConflictError(split_key=split.split_key)
    return split


def _insert(
    payment: Payment, split_key: str, shares: Sequence[ShareWish], *, is_last: bool
) -> Split:
    at = now()
    minor = sum(share.amount.minor for share in shares)
    split = Split.objects.create(
        split_no=new_number("S"),
        split_key=split_key,
        payment=payment,
        merchant=payment.merchant,
        reference=payment.reference,
        amount_minor=minor,
        currency=payment.currency,
        finish=Split.Finish.WANTED if is_last else Split.Finish.NONE,
        created_at=at,
        next_action_at=at,
    )
    SplitShare.objects.bulk_create(
        SplitShare(
            share_no=new_number("H"),
            share_key=share.share_key,
            split=split,
            receiver=share.receiver,
            ledger=share.drawer(),
            amount_minor=share.amount.minor,
        )
        for share in shares
    )
    rows = Payment.objects.filter(pk=payment.pk)
    rows.update(split_committed_minor=F("split_committed_minor") + minor)
    begin_errand(split, ErrandEvent.BEGIN)
    return split


def request_finish(split_no: str) -> SplitView:
    """Want what is left of a split payment released to ourselves. In a transaction."""
    require_transaction()
    rows = Split.objects.filter(split_no=split_no, finish=Split.Finish.NONE)
    rows.update(finish=Split.Finish.WANTED, next_action_at=now(), tries=0)
    return split_view(split_no)


def send_split(split_no: str) -> SplitView:
    """Ask the acquirer to share out, ask what became of it, or release the rest; say how it stands.

    Network: not inside a transaction. Always under the same number; a silence changes nothing but
    the plan to ask. UnknownNumberError.
    """
    refuse_inside_transaction()
    split = Split.objects.select_related("payment__account").filter(split_no=split_no).first()
    if split is None:
        raise UnknownNumberError(split_no=split_no)
    if split.status == Split.Status.CREATED:
        _send(split)
    elif is_due_to_ask(split):
        _ask(split)
    split.refresh_from_db()
    if split.finish == Split.Finish.WANTED and split.done_at is not None:
        _finish(split)
    return split_view(split_no)


def _send(split: Split) -> None:
    payment = split.payment
    request = SplitRequest(
        split_no=split.split_no,
        payment_no=payment.payment_no,
        acquirer_no=payment.acquirer_no,
        shares=_shares_asked(split),
        is_last=split.finish != Split.Finish.NONE,
    )

    def refused(error: DeclinedError) -> SplitResult:
        return SplitResult(
            outcome=Outcome.FAILED,
            split_no=request.split_no,
            failure=failure_of(error),
            raw=error.raw,
        )

    send_errand(
        split,
        account=payment.account,
        request=lambda: adapter_of(payment.account).split(request),
        refused=refused,
    )


def _shares_asked(split: Split) -> tuple[SharePaper, ...]:
    return tuple(
        SharePaper(share.share_no, share.receiver, share.amount)
        for share in split.shares.select_related("split").order_by("pk")
    )


def ref_of(split: Split) -> SplitRef:
    """Name a split as acquirers want it: with what was asked for, and of which payment."""
    payment = split.payment
    return SplitRef(
        split.split_no,
        payment.payment_no,
        shares=_shares_asked(split),
        acquirer_no=payment.acquirer_no,
    )


def _ask(split: Split) -> None:
    payment = split.payment
    ref = ref_of(split)
    ask_about_errand(
        split,
        account=payment.account,
        question=lambda: adapter_of(payment.account).query_split(ref),
    )


def _finish(split: Split) -> None:
    """Release the rest, under the split's own number; no answer is tried again later."""
    payment = split.payment
    try:
        adapter_of(payment.account).unfreeze(ref_of(split))
    except AcquirerError:
        _note_finish(split, is_done=False)
    else:
        _note_finish(split, is_done=True)


@transact()
def _note_finish(split: Split, *, is_done: bool) -> None:
    rows = Split.objects.filter(pk=split.pk, finish=Split.Finish.WANTED)
    if is_done:
        rows.update(finish=Split.Finish.DONE, next_action_at=None)
    else:
        rows.update(next_action_at=next_try_at(split.tries), tries=F("tries") + 1)
