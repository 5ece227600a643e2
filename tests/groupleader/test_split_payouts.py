"""Split mode against the running acquirer: shared out of the orders, taken back by a refund, again.

In this mode no door pays a leader or a supplier from the operator's own account.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from groupleader import payout_jobs
from groupleader.errors import SellersPaidBySplitError
from groupleader.models import Leader, Payout, PayoutShare, SettlementStatement
from groupleader.payout_errors import BatchRefusedError, NoRoomToSplitError, ReceiverMissingError
from groupleader.payout_words import payouts_of
from groupleader.services.batches import download_batch
from groupleader.services.issuing import cut_statement
from groupleader.services.payouts import open_payout, pay_statement
from groupleader.services.periods import period_now
from groupleader.services.split_payouts import open_split_payout
from groupleader.services.statements import approve_statement, confirm_statement
from payments import jobs as payment_jobs
from payments.api import (
    FileWish,
    Funder,
    InTransit,
    Money,
    OwnFundsPayoutError,
    Payee,
    RefundStage,
    TenderPart,
    balance,
    create_file_transfers,
    create_transfer,
    deliver_pending,
    now,
    refresh_payment,
    register_receiver,
    request_refund,
    send_payment,
    send_transfer,
)
from payments.invariants.splits import SPLIT_RULES
from payments.models import Refund, Split, SplitReturn, Transfer
from tests.groupleader.making import line, make_leader, make_user, settled_order
from tests.groupleader.paying import approved, broken_rules, let_go, made
from tests.payments.desk import open_payment
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

HERS = "ACC-WANG"
ORDER = "M261122SPLITORDER"


def run() -> None:
    """Let every job of splits and refunds run once, whatever its plan."""
    past = {"next_action_at": timezone.now(), "updated_at": timezone.now() - timedelta(minutes=1)}
    for model in (Split, SplitReturn, Refund):
        model.objects.filter(next_action_at__isnull=False).update(**past)
    payment_jobs.run_splits()
    payment_jobs.run_split_returns()
    payment_jobs.run_refunds()
    deliver_pending()


def becomes(statement: SettlementStatement, status: str) -> None:
    def is_so() -> bool:
        run()
        statement.refresh_from_db()
        return statement.status == status

    until(is_so, what=f"the statement being {status}")


def violations() -> list[str]:
    return broken_rules() + [str(v) for rule in SPLIT_RULES for v in rule().violations]


@pytest.fixture
def leader(acquirer, settings) -> Leader:
    """A leader the acquirer knows, in a mall that sells for others."""
    settings.LINLI_FUNDS_MODE = "SPLIT"
    settings.LINLI_PAYABLE = "tests.payments.desk.Shop"
    register_receiver(account_code="sandbox", receiver=HERS, name="王姐")
    leader = make_leader()
    Leader.objects.filter(pk=leader.pk).update(split_receiver=HERS)
    leader.refresh_from_db()
    return leader


@pytest.fixture
def statement(acquirer, leader) -> SettlementStatement:
    """An approved statement of one order of 208.00 that was paid at the acquirer."""
    number = open_payment(ORDER).payment_no
    send_payment(number)
    acquirer.sim_pay(number)
    refresh_payment(number)
    settled_order(leader, [line("1001", 20_800)], order_no=ORDER)
    return ready(leader)


def ready(leader: Leader) -> SettlementStatement:
    found = cut_statement(party=leader, period=period_now(now() + timedelta(seconds=1)))
    confirm_statement(statement=found, by=leader.user)
    assert approve_statement(statement=found, by=make_user("财务", is_staff=True))
    return found


def payment_no() -> str:
    return PayoutShare.objects.order_by("pk")[0].payment_no


def test_a_statement_is_paid_out_of_its_orders_and_again_after_a_refund(statement, leader):
    assert payout_jobs.share_out(10)["started"] == 1
    becomes(statement, "paid")
    assert balance("2302", party=leader.ref) == 0
    assert violations() == []
    assert payouts_of(statement)[0].payout.method == "split"

    with transaction.atomic():
        request_refund(
            payment_no=payment_no(),
            refund_key="bad goods",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(9_600))],
            reason="quality",
            stage=RefundStage.BEFORE_PICKUP,
        )
    becomes(statement, "failed")
    until(lambda: run() or Refund.objects.get().status == "succeeded", what="the refund")
    assert violations() == []
    back = PayoutShare.objects.get().back_minor
    assert balance("2302", party=leader.ref) == -back

    assert payout_jobs.share_out(10)["started"] == 1
    becomes(statement, "paid")
    assert balance("2302", party=leader.ref) == 0
    assert statement.payouts.count() == 2
    assert violations() == []


def test_what_has_no_order_with_room_stays_owed_and_says_why(leader):
    settled_order(leader, [line("1002", 20_800)])
    found = ready(leader)

    with pytest.raises(NoRoomToSplitError):
        open_split_payout(statement=found)

    found.refresh_from_db()
    assert found.status == "approved"
    assert payout_jobs.share_out(10)["kept"] == 1
    assert not Payout.objects.exists()
    assert violations() == []


def test_without_a_receiver_nothing_is_asked(statement, leader):
    Leader.objects.update(split_receiver="")

    with pytest.raises(ReceiverMissingError):
        open_split_payout(statement=SettlementStatement.objects.get(pk=statement.pk))


def test_a_receiver_the_acquirer_does_not_know_is_refused_in_words_and_asked_again(statement):
    Leader.objects.update(split_receiver="ACC-NOBODY")

    assert payout_jobs.share_out(10)["refused"] == 1
    statement.refresh_from_db()
    assert statement.status == "failed"
    assert PayoutShare.objects.get().reason == "receiver"
    assert violations() == []

    Leader.objects.update(split_receiver=HERS)
    open_split_payout(statement=SettlementStatement.objects.get(pk=statement.pk))
    payout_jobs.share_out(10)
    becomes(statement, "paid")
    assert violations() == []


def test_no_door_pays_a_seller_from_the_own_account(acquirer, settings):
    """Transfers and files, leaders and suppliers, begun before the mode or in it."""
    first, second, third = (approved(make_leader(name)) for name in ("甲姐", "乙姐", "丙姐"))
    begun = open_payout(statement=first)
    batch = let_go(made(second))
    settings.LINLI_FUNDS_MODE = "SPLIT"

    send_transfer(begun.transfer_no)
    payment_jobs.run_transfers()
    assert Transfer.objects.get(transfer_no=begun.transfer_no).sent_at is None
    with pytest.raises((OwnFundsPayoutError, BatchRefusedError)):
        download_batch(batch=batch, by=make_user("出纳", is_staff=True))
    for door in (open_payout, pay_statement):
        with pytest.raises(SellersPaidBySplitError):
            door(statement=third)
    with pytest.raises(BatchRefusedError):
        made(third)
    assert payout_jobs.pay_approved(10) == {"started": 0, "refused": 0}
    for refused in _doors_of_payments():
        with pytest.raises(OwnFundsPayoutError), transaction.atomic():
            refused()
    third.refresh_from_db()
    assert third.status == "approved"


def _doors_of_payments() -> list[Callable[[], object]]:
    doors: list[Callable[[], object]] = []
    payee = Payee(name="农场", account="6217000010001234567", bank="")
    for ledger in (InTransit.of_leader("1", "S"), InTransit.of_supplier("5", "S")):
        said = {
            "payee": payee,
            "amount": Money(1),
            "reference": "S",
            "purpose": "x",
            "ledger": ledger,
            "transfer_key": f"k{ledger.account}",
        }
        doors.append(lambda said=said: create_transfer(**said))
        doors.append(lambda said=said: create_file_transfers([FileWish(**said)], created_by="a"))
    return doors
