"""The acquirer's fee: half up of what remains paid, so that it comes back to the fen."""

from __future__ import annotations

import pytest
from django.db import transaction

from payments.acquiring.contract import AcquirerTender, Outcome
from payments.api import Funder, Money, RefundStage, TenderPart, request_refund
from payments.ledger.balances import balance
from payments.models import AcquirerAccount, Incident, JournalTransaction, Refund
from payments.services.fees import fee_on
from tests.payments.desk import ORDER, Shop, hear, payment_in, success
from tests.payments.errand_desk import paid, say_of_refund

pytestmark = pytest.mark.django_db
RATE = "0.0038"


@pytest.fixture
def contract(account) -> AcquirerAccount:
    AcquirerAccount.objects.update(settings={"fee_rate": RATE})
    account.refresh_from_db()
    return account


def give_back(payment, key: str, minor: int) -> Refund:
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=key,
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(minor))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )
    return Refund.objects.get(refund_no=view.refund_no)


@pytest.mark.parametrize(
    ("paid_minor", "refunded", "fee"),
    [(19200, 0, 73), (19200, 2769, 62), (19200, 3046, 61), (19200, 7569, 44), (19200, 19200, 0)],
)
def test_the_worked_examples_fees(paid_minor, refunded, fee):
    assert fee_on(RATE, paid_minor, refunded) == fee


def test_half_a_fen_is_a_fen_and_no_rate_is_no_fee():
    assert [fee_on("0.005", minor) for minor in (99, 100, 101)] == [0, 1, 1]
    assert fee_on("", 19200) == 0
    with pytest.raises(ValueError, match="cannot have given back"):
        fee_on(RATE, 100, 101)


def test_the_fee_is_booked_with_the_money_and_comes_back_with_the_refunds(contract):
    payment = paid()
    seen = [balance("6401", party="sandbox")]
    for key, minor in (("a", 2769), ("b", 277), ("c", 4523), ("d", 11631)):
        say_of_refund(give_back(payment, key, minor), Outcome.SUCCEEDED)
        seen.append(balance("6401", party="sandbox"))

    assert seen == [73, 62, 61, 44, 0]
    assert balance("1101", party="sandbox") == 0


def test_a_refund_that_comes_back_makes_the_fee_due_again(contract):
    refund = give_back(paid(), "a", 2769)
    say_of_refund(refund, Outcome.SUCCEEDED)

    say_of_refund(refund, Outcome.FAILED)

    assert balance("6401", party="sandbox") == 73
    assert JournalTransaction.objects.filter(ref=f"fee_again:{refund.refund_no}").count() == 1


def test_money_nobody_waits_for_has_a_fee_too_that_comes_back(contract):
    Shop.closed.add(ORDER)
    payment = paid()
    charged = balance("6401", party="sandbox")

    say_of_refund(Refund.objects.get(payment=payment), Outcome.SUCCEEDED)

    assert (charged, balance("6401", party="sandbox")) == (73, 0)


def test_an_account_without_a_rate_books_nothing_at_capture(account):
    paid()

    assert JournalTransaction.objects.filter(kind="fee").exists() is False


def test_captured_is_what_the_acquirer_charged_the_payer(contract):
    payment = payment_in("created")
    gave = AcquirerTender("bank", "CCB:minus5", Money(500))

    hear(payment, "query", success(payment, tenders=(gave,)))

    assert (payment.amount_minor, payment.captured_minor) == (19200, 18700)
    assert balance("1101", party="sandbox") == 18700 - fee_on(RATE, 18700)
    assert balance("1131", party="CCB", reference="minus5") == 500
    assert balance("2101", reference=ORDER) == -20800
    assert Incident.objects.get().kind == Incident.Kind.TENDER_MISMATCH


@pytest.mark.parametrize("minor", [19200, 19201])
def test_parts_that_make_the_whole_amount_are_a_mismatch(account, minor):
    payment = payment_in("pending")
    gave = AcquirerTender("bank", "CCB:all", Money(minor))

    fact = hear(payment, "query", success(payment, tenders=(gave,)))

    assert (payment.application, fact.edge) == ("held", "22")
    assert Incident.objects.get().data["reason"] == "tenders"
