"""The core and APIv3 together: shared out, taken back before the refund, the rest released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from payments import jobs
from payments.acquiring.registry import forget_adapters
from payments.api import (
    Funder,
    Money,
    RefundStage,
    ShareWish,
    TenderPart,
    refresh_payment,
    refund_view,
    register_receiver,
    request_finish,
    request_refund,
    request_split,
    send_payment,
    send_split,
    split_view,
)
from payments.invariants import check
from payments.ledger.balances import balance
from payments.models import AcquirerAccount, Payment, Refund, Split, SplitReturn
from tests.payments.desk import open_payment
from tests.payments.wechatpay.theirs import MERCHANT
from tests.waiting import until

pytestmark = pytest.mark.django_db
FARM, CLOSED = "1900000109", "1900000404"


@pytest.fixture
def paid(bank, settings) -> Iterator[Payment]:
    """192.00 paid at WeChat Pay, in a mall that sells for others; two suppliers are known."""
    settings.LINLI_FUNDS_MODE = "SPLIT"
    spec = bank.dialect("wechatpay")
    AcquirerAccount.objects.create(
        code="wechatpay",
        adapter=spec.adapter,
        merchant_id=MERCHANT,
        priority=1,
        settings=dict(spec.settings),
        keys=dict(spec.keys),
    )
    forget_adapters()
    for account in (FARM, CLOSED):
        register_receiver(account_code="wechatpay", receiver=account, name=f"商户{account}")
    number = open_payment().payment_no
    send_payment(number)
    bank.told(f"/_sim/pay/{number}?merchant={MERCHANT}")
    refresh_payment(number)
    yield Payment.objects.get(payment_no=number, status="succeeded")
    forget_adapters()


def share(key: str, receiver: str, minor: int) -> ShareWish:
    return ShareWish(
        share_key=key, receiver=receiver, amount=Money(minor), account="2201", party="SUP-1"
    )


def run() -> None:
    """Let all jobs of errands run once, whatever their plan."""
    past = {"next_action_at": timezone.now(), "updated_at": timezone.now() - timedelta(minutes=1)}
    for model in (Split, SplitReturn, Refund):
        model.objects.filter(next_action_at__isnull=False).update(**past)
    jobs.run_splits()
    jobs.run_split_returns()
    jobs.run_refunds()


def ended(split_no: str) -> bool:
    run()
    return split_view(split_no).done_at is not None


def test_shares_arrive_come_back_for_a_refund_and_the_rest_is_released(paid):
    with transaction.atomic():
        view = request_split(
            payment_no=paid.payment_no, split_key="goods", shares=[share("1", FARM, 4000)]
        )
    until(lambda: ended(view.split_no))
    assert split_view(view.split_no).status == "succeeded"
    assert balance("2201", party="SUP-1") == 4000

    with transaction.atomic():
        back = request_refund(
            payment_no=paid.payment_no,
            refund_key="all",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(19200))],
            reason="cancelled",
            stage=RefundStage.BEFORE_PICKUP,
        )
        request_finish(view.split_no)
    send_split(view.split_no)

    def refunded() -> bool:
        run()
        return refund_view(back.refund_no).status == "succeeded"

    until(refunded)
    assert SplitReturn.objects.get().status == "succeeded"
    assert split_view(view.split_no).finish == "done"
    assert [str(found) for result in check() for found in result.violations] == []


def test_a_supplier_who_takes_no_money_leaves_the_other_share_paid(paid):
    shares = [share("1", FARM, 4000), share("2", CLOSED, 1000)]
    with transaction.atomic():
        view = request_split(payment_no=paid.payment_no, split_key="goods", shares=shares)

    until(lambda: ended(view.split_no))

    after = split_view(view.split_no)
    assert [part.status for part in after.shares] == ["succeeded", "failed"]
    assert after.status == "partial"
