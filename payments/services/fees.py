"""The acquirer's fee by contract: a rate of what remains paid, rounded half up, cumulative."""

from __future__ import annotations

from decimal import Decimal

from payments.kernel.money import Money
from payments.ledger import recipes
from payments.models import AcquirerAccount, Payment, Refund


def fee_on(rate: str, paid_minor: int, refunded_minor: int = 0) -> int:
    """Return the fee, in minor units, while so much of a payment remains paid; pure.

    `rate` is a fraction ("0.0038"), "" where there is no contract rate and so no fee of ours to
    book. ValueError where more went back than came. 192.00 at 0.38 % is 0.73, and after a refund
    of 27.69 it is 0.62, so 0.11 comes back.
    """
    if not 0 <= refunded_minor <= paid_minor:
        raise ValueError(f"cannot have given back {refunded_minor} of {paid_minor}")
    if not rate:
        return 0
    return Money(paid_minor - refunded_minor).at_rate(Decimal(rate)).minor


def contract_rate(account: AcquirerAccount) -> str:
    """Return the account's fee rate by contract, "" where it has none."""
    return str(account.settings.get("fee_rate", ""))


def book_fee(payment: Payment) -> None:
    """Book the fee of money that came, applied or surplus. In the capture's transaction."""
    minor = fee_on(contract_rate(payment.account), payment.captured_minor)
    if minor:
        recipes.fee_charged(
            payment_no=payment.payment_no,
            account_code=payment.account.code,
            fee=Money(minor, payment.currency),
        )


def book_fee_back(refund: Refund) -> None:
    """Book what comes back of the fee for a refund that has just succeeded. In its transaction."""
    minor = _fee_of_refund(refund)
    if minor:
        recipes.fee_returned(
            refund_no=refund.refund_no,
            account_code=refund.payment.account.code,
            fee=Money(minor, refund.currency),
        )


def book_fee_again(refund: Refund) -> None:
    """Book the fee anew for a refund that came back after it was done. In its transaction."""
    minor = _fee_of_refund(refund)
    if minor:
        recipes.fee_charged_again(
            refund_no=refund.refund_no,
            account_code=refund.payment.account.code,
            fee=Money(minor, refund.currency),
        )


def _fee_of_refund(refund: Refund) -> int:
    """Return by how much this refund lowers the fee, beside the others that are done."""
    rate = contract_rate(refund.payment.account)
    if refund.stage == Refund.Stage.HELD:
        return fee_on(rate, refund.resident_minor)
    others = Refund.objects.filter(payment=refund.payment, status=Refund.Status.SUCCEEDED)
    others = others.exclude(pk=refund.pk).exclude(stage=Refund.Stage.HELD)
    before = sum(others.values_list("resident_minor", flat=True))
    paid = refund.payment.captured_minor
    return fee_on(rate, paid, before) - fee_on(rate, paid, before + refund.resident_minor)
