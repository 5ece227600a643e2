"""Fees in the books are the contract's: a rate of what remains paid, payment by payment."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import BigIntegerField, ExpressionWrapper, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce

from payments.invariants.equations import booked_minor
from payments.kernel.checking import CheckResult, result_of
from payments.models import AcquirerAccount, Payment, Refund
from payments.services.fees import contract_rate, fee_on

_KINDS = ("fee", "fee_back", "fee_again")


def fees_by_contract() -> CheckResult:
    """L7: the fees booked are each payment's rate of what remains paid, rounded half up.

    Payments of an account version without a rate have no fee of ours: the daily statement's is
    booked by reconciliation, under another name. Held money's fee came back with it, or stays.
    """
    ours = sum(_contract_fees(account) for account in AcquirerAccount.objects.all())
    ours += _held_fees()
    books = booked_minor(transaction__kind__in=_KINDS, account="6401")
    wrong = [("books", f"our rows say {ours}, the books say {books}")] if ours != books else []
    rows = Payment.objects.filter(status=Payment.Status.SUCCEEDED).count()
    return result_of("L7 fees by contract = fees booked", rows=rows, wrong=wrong)


def _contract_fees(account: AcquirerAccount) -> int:
    """Sum up floor((2 x remaining x rate + 1) / 2) in whole numbers, where the rows are."""
    rate = str(account.settings.get("fee_rate", ""))
    if not rate:
        return 0
    numerator, denominator = Decimal(rate).as_integer_ratio()
    back = (
        Refund.objects.filter(payment=OuterRef("pk"), status=Refund.Status.SUCCEEDED)
        .exclude(stage=Refund.Stage.HELD)
        .order_by()
        .values("payment")
        .annotate(total=Sum("resident_minor"))
    )
    whole = BigIntegerField()
    paid = Payment.objects.filter(account=account, status=Payment.Status.SUCCEEDED).annotate(
        rest=F("captured_minor") - Coalesce(Subquery(back.values("total")), 0)
    )
    twice = F("rest") * Value(2 * numerator) + Value(denominator)
    fee = ExpressionWrapper(
        Cast(twice, whole) / Cast(Value(2 * denominator), whole), output_field=whole
    )
    return int(paid.annotate(fee=fee).aggregate(total=Coalesce(Sum("fee"), 0))["total"])


def _held_fees() -> int:
    """Return the fees of held money that was hung up and did not go back yet."""
    held = Refund.objects.filter(stage=Refund.Stage.HELD).exclude(status=Refund.Status.SUCCEEDED)
    return sum(
        fee_on(contract_rate(refund.payment.account), refund.resident_minor)
        for refund in held.select_related("payment__account")
    )


FEE_RULES = (fees_by_contract,)
