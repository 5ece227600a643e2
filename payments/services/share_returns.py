"""Taking shares back: planned and reserved with the refund that needs them, then asked for.

A refund of a payment whose shares went out waits (TAKING_BACK) until each return has ended: given
back by its receiver, advanced by us where the receiver cannot, or not needed after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.models import Payment, Refund, SplitReturn, SplitShare
from payments.outbox import publish
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import begin_errand, move_errand

Status = SplitReturn.Status
_OPEN = (Status.WAITING, Status.CREATED, Status.SENT, Status.PROCESSING, Status.UNKNOWN)


class ShareReturnError(LinliError):
    """More would come back of a share than went out, or less than the refund needs."""

    code = "share_return_not_possible"
    message = _("The receivers' shares cannot be taken back like this.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedReturn:
    """So much of this share is to come back."""

    share: SplitShare
    minor: int


def live_shares(payment: Payment) -> list[SplitShare]:
    """Return the shares of a payment that went out or may go out and did not come back whole."""
    rows = SplitShare.objects.filter(
        split__payment=payment, amount_minor__gt=F("back_committed_minor")
    ).exclude(status=SplitShare.Status.FAILED)
    return list(rows.select_related("split").order_by("pk"))


def plan_returns(
    payment: Payment, payer_minor: int, named: Sequence[tuple[str, Money]] | None
) -> list[PlannedReturn]:
    """Say what comes back of each share when so much of a locked payment does.

    Named by the caller, or in proportion to what remains: each receiver keeps, rounded down, the
    part of its share that the rest is of the whole before. ShareReturnError for a share that is not
    this payment's, or more of it than is out.
    """
    if payment.split_committed_minor == 0 or payer_minor == 0:
        if named:
            raise ShareReturnError(payment_no=payment.payment_no)
        return []
    shares = live_shares(payment)
    if named is not None:
        return _named(shares, named)
    before = payment.captured_minor - payment.refund_committed_minor
    after = max(before - payer_minor, 0)
    plan = []
    for share in shares:
        out = share.amount_minor - share.back_committed_minor
        minor = out - out * after // before if before > 0 else out
        if minor:
            plan.append(PlannedReturn(share=share, minor=minor))
    return plan


def _named(shares: Sequence[SplitShare], named: Sequence[tuple[str, Money]]) -> list[PlannedReturn]:
    known = {share.share_no: share for share in shares}
    plan = []
    for share_no, amount in named:
        share = known.pop(share_no, None)
        out = 0 if share is None else share.amount_minor - share.back_committed_minor
        if share is None or not 0 <= amount.minor <= out:
            raise ShareReturnError(share_no=share_no, minor=amount.minor)
        if amount.minor:
            plan.append(PlannedReturn(share=share, minor=amount.minor))
    return plan


def promise_returns(refund: Refund, plan: Sequence[PlannedReturn]) -> None:
    """Write down the returns a refund waits for. In a transaction, the payment locked."""
    for planned in plan:
        open_return(
            planned, return_key=f"{refund.refund_no}:{planned.share.share_no}", refund=refund
        )


def open_return(
    planned: PlannedReturn, *, return_key: str, refund: Refund | None = None
) -> SplitReturn:
    """Reserve and write down one return. In a transaction, the payment locked."""
    share = planned.share
    out = F("amount_minor") - F("back_committed_minor")
    reserved = (
        SplitShare.objects.filter(pk=share.pk)
        .alias(out=out)
        .filter(out__gte=planned.minor)
        .update(back_committed_minor=F("back_committed_minor") + planned.minor)
    )
    if not reserved:
        raise ShareReturnError(share_no=share.share_no, minor=planned.minor)
    at = now()
    is_paid = share.status == SplitShare.Status.SUCCEEDED
    made = SplitReturn.objects.create(
        return_no=new_number("B"),
        return_key=return_key,
        share=share,
        refund=refund,
        merchant=share.split.merchant,
        status=Status.CREATED if is_paid else Status.WAITING,
        amount_minor=planned.minor,
        currency=share.split.currency,
        created_at=at,
        next_action_at=at if is_paid else None,
    )
    begin_errand(made, ErrandEvent.BEGIN if is_paid else ErrandEvent.BEGIN_BEHIND)
    return made


def free_share(payment: Payment, minor: int) -> None:
    """Count so much of a payment as no longer shared out. In a transaction, the payment locked."""
    rows = Payment.objects.filter(pk=payment.pk)
    rows.update(split_committed_minor=F("split_committed_minor") - minor)


def settle_waiting_returns(share: SplitShare) -> None:
    """Let what waited for a share go on: it is out and can come back, or never went out."""
    is_paid = share.status == SplitShare.Status.SUCCEEDED
    for waiting in share.returns.filter(status=Status.WAITING).order_by("pk"):
        if is_paid:
            move_errand(waiting, ErrandEvent.FREED, next_action_at=now())
        else:
            move_errand(waiting, ErrandEvent.NOT_NEEDED, done_at=now())
            free_refund(waiting.refund)


def free_refund(refund: Refund | None) -> None:
    """Let a refund be sent once none of its returns is open. In a transaction."""
    if refund is None:
        return
    if not SplitReturn.objects.filter(refund=refund, status__in=_OPEN).exists():
        refund.refresh_from_db()
        move_errand(refund, ErrandEvent.FREED, next_action_at=now())


def tell_return(found: SplitReturn, what: str) -> None:
    """Tell the floors above how a return ended."""
    split = found.share.split
    publish(
        f"split_return.{what}",
        key=f"split_return.{what}:{found.return_no}",
        aggregate=split.reference,
        payload={
            "return_no": found.return_no,
            "return_key": found.return_key,
            "share_no": found.share.share_no,
            "split_no": split.split_no,
            "payment_no": split.payment.payment_no,
            "reference": split.reference,
            "receiver": found.share.receiver,
            "amount_minor": found.amount_minor,
            "refund_no": found.refund.refund_no if found.refund else "",
            "code": found.failure_code,
        },
    )
