"""Opening and closing payments: what is written before anybody outside is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import Scene
from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.kernel.tenders import Funder, TenderPart
from payments.models import AcquirerAccount, CardAgreement, Payment, Tender
from payments.papers import PaymentView, view_of_payment
from payments.services.accounts import NoAcquirerError, merchant_of
from payments.services.closing import want_close
from payments.services.hooks import payable
from payments.services.machine import Event, named_edge
from payments.services.routing import choose_account
from payments.services.steps import locked_payment, log_step
from payments.services.transactions import require_transaction

Status = Payment.Status


class IdempotencyConflictError(LinliError):
    """The same wish was expressed before with other figures."""

    code = "idempotency_conflict"
    message = _("This was already requested with another amount. Please reload the page.")


class AlreadyAppliedError(LinliError):
    """What is owed has been paid already."""

    code = "already_paid"
    message = _("This has already been paid.")


class CardNotUsableError(LinliError):
    """The tied card is not there, not the payer's, or cannot be charged any more."""

    code = "card_not_usable"
    message = _("This card can no longer be used. Please choose another one.")


def create_payment(  # noqa: PLR0913 - the door takes what the paper needs, each by its name
    *,
    reference: str,
    payer_ref: str,
    tenders: Sequence[TenderPart],
    scene: Scene,
    expires_at: datetime,
    subject: str,
    continue_url: str,
    agreement_no: str | None = None,
    purse: str = "",
    payer_ip: str = "",
    seller_ref: str = "",
    expected: Sequence[TenderPart] = (),
) -> PaymentView:
    """Open one attempt to collect what `reference` owes. In a transaction; nothing is sent (#1).

    The payer's tender is what is asked of her; the others say who funds the rest. `expected` names
    what the acquirer will take off the asked amount by itself, on behalf of a bank: a forecast,
    what it really gave is booked when the money comes. `purse` is what she chose to pay out of; ""
    leaves it to the account. An open attempt in the same way and with the
    same amounts is returned instead of a second one.
    AlreadyAppliedError when something has paid it, IdempotencyConflictError when an open attempt in
    the same way has other amounts, CardNotUsableError for a card that is not hers, not tied or tied
    where we bank no more, NoAcquirerError where no account can collect it at all. Accounts that are
    out of order refuse nothing here: send_payment asks again who may take it.
    """
    require_transaction()
    payable().lock(reference)
    if Payment.objects.filter(reference=reference, application="applied").exists():
        raise AlreadyAppliedError(reference=reference)
    agreement = _card(agreement_no, payer_ref)
    way = {"scene": str(scene), "purse": purse, "agreement": agreement}
    before = _open_attempt(reference, way)
    if before is not None:
        if _figures(before) != _wanted(tenders, expected):
            raise IdempotencyConflictError(payment_no=before.payment_no)
        return view_of_payment(before)
    amount = _payers_part(tenders)
    account = _account(scene, agreement, amount, seller_ref=seller_ref, purse=purse)
    payment = Payment.objects.create(
        payment_no=new_number("P"),
        reference=reference,
        payer_ref=payer_ref,
        account=account,
        merchant=merchant_of(account),
        **way,
        payer_ip=_address(payer_ip),
        seller_ref=seller_ref[:64],
        subject=subject[:120],
        continue_url=continue_url,
        lang=get_language() or "",
        amount_minor=amount.minor,
        currency=amount.currency,
        created_at=now(),
        expires_at=expires_at,
    )
    _write_tenders(payment, tenders, expected)
    log_step(payment, edge=named_edge(Event.BEGIN).no, came_from="")
    return view_of_payment(payment)


def _address(text: str) -> str | None:
    """Return an address as it may be kept; None for what is none: a proxy may write anything."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _write_tenders(
    payment: Payment, tenders: Sequence[TenderPart], expected: Sequence[TenderPart]
) -> None:
    taken_off = {(part.funder, part.ref) for part in expected}
    Tender.objects.bulk_create(
        Tender(
            payment=payment,
            funder=funder,
            ref=ref,
            estimated_minor=minor,
            is_expected=(funder, ref) in taken_off,
        )
        for (funder, ref), minor in _wanted(tenders, expected).items()
    )


def _account(
    scene: Scene,
    agreement: CardAgreement | None,
    amount: Money,
    *,
    seller_ref: str,
    purse: str,
) -> AcquirerAccount:
    try:
        return choose_account(
            scene=scene,
            agreement=agreement,
            issuer_code="",
            amount=amount,
            seller_ref=seller_ref,
            purse=purse,
        )
    except NoAcquirerError as error:
        if agreement is None:
            raise
        raise CardNotUsableError(agreement_no=agreement.agreement_no) from error


def _card(agreement_no: str | None, payer_ref: str) -> CardAgreement | None:
    if not agreement_no:
        return None
    card = (
        CardAgreement.objects.chargeable()
        .select_related("account")
        .filter(agreement_no=agreement_no, owner_ref=payer_ref)
        .first()
    )
    if card is None:
        raise CardNotUsableError(agreement_no=agreement_no)
    return card


def _open_attempt(reference: str, way: Mapping[str, Any]) -> Payment | None:
    open_states = [Status.CREATED, Status.SENT, Status.PENDING, Status.UNKNOWN]
    rows = Payment.objects.filter(reference=reference, status__in=open_states, **way)
    return rows.order_by("-pk").first()


def _figures(payment: Payment) -> dict[tuple[str, str], int]:
    return {(row.funder, row.ref): row.estimated_minor for row in payment.tenders.all()}


def _wanted(
    tenders: Sequence[TenderPart], expected: Sequence[TenderPart]
) -> dict[tuple[str, str], int]:
    """Name every funder's part as forecast; ValueError when it leaves the payer nothing to pay."""
    parts = {(str(part.funder), part.ref): part.amount.minor for part in tenders if part.amount}
    for part in expected:
        key = (str(part.funder), part.ref)
        if part.funder == Funder.PAYER or key in parts or part.amount.minor <= 0:
            raise ValueError("what an acquirer takes off is another's, positive and named once")
        parts[key] = part.amount.minor
        parts[str(Funder.PAYER), ""] -= part.amount.minor
    if parts[str(Funder.PAYER), ""] <= 0:
        raise ValueError("what the acquirer takes off leaves the payer nothing to pay")
    return parts


def _payers_part(tenders: Sequence[TenderPart]) -> Money:
    """Return what the payer is charged; ValueError unless it is one positive part without a ref."""
    parts = [part for part in tenders if part.funder == Funder.PAYER]
    if len(parts) != 1 or parts[0].ref or parts[0].amount.minor <= 0:
        raise ValueError("a payment has one part of the payer's, positive and without a ref")
    return parts[0].amount


def request_close(payment_no: str, *, reason: str) -> PaymentView:
    """Say that nobody shall pay this attempt any more. In a transaction; nothing is sent (#13).

    One that was never sent is closed at once. Any other is closed by the acquirer only, which the
    runner (or drive_close) asks; until payment.closed is told, money may still come and whatever
    is reserved for it must stay reserved. One that is over stays as it is.
    """
    require_transaction()
    payment = locked_payment(payment_no)
    want_close(payment, reason=reason)
    payment.refresh_from_db()
    return view_of_payment(payment)
