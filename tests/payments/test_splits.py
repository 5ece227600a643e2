"""Sharing out through the real sandbox acquirer, and refunds that take the shares back first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from payments import jobs
from payments.api import (
    Funder,
    IdempotencyConflictError,
    InTransit,
    Money,
    OwnFundsPayoutError,
    Payee,
    RefundStage,
    RefundView,
    ShareReturnError,
    ShareWish,
    SplitRefusedError,
    SplitsNotConfiguredError,
    SplitView,
    TenderPart,
    create_transfer,
    payment_view,
    refresh_payment,
    refund_view,
    register_receiver,
    request_finish,
    request_refund,
    request_split,
    send_payment,
    send_split,
    split_rooms,
    split_view,
)
from payments.invariants import check
from payments.ledger.balances import balance
from payments.models import (
    AcquirerAccount,
    Incident,
    Payment,
    Refund,
    Split,
    SplitReceiver,
    SplitReturn,
)
from payments.services.decisions import carry_out
from payments.services.proposals import propose_repaid
from tests.payments.desk import open_payment, told
from tests.waiting import until

FARM, COOP = "ACC-FARM", "ACC-COOP"
PERCENT_MAX = 30


@pytest.fixture
def paid(acquirer, settings) -> Payment:
    """192.00 paid at the sandbox, in a mall that sells for others; two receivers are known."""
    settings.LINLI_FUNDS_MODE = "SPLIT"
    for account, name in ((FARM, "农场"), (COOP, "合作社")):
        register_receiver(account_code="sandbox", receiver=account, name=name)
    number = open_payment().payment_no
    send_payment(number)
    acquirer.sim_pay(number)
    refresh_payment(number)
    return Payment.objects.get(payment_no=number)


def share(key: str, receiver: str, minor: int, account: str = "2201") -> ShareWish:
    return ShareWish(
        share_key=key,
        receiver=receiver,
        amount=Money(minor),
        account=account,
        party=f"SUP-{receiver[-4:]}",
    )


def wish(payment: Payment, *shares: ShareWish, key: str = "goods") -> SplitView:
    with transaction.atomic():
        return request_split(payment_no=payment.payment_no, split_key=key, shares=shares)


def give_back(payment: Payment, key: str, minor: int, **how: object) -> RefundView:
    with transaction.atomic():
        return request_refund(
            payment_no=payment.payment_no,
            refund_key=key,
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(minor))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
            **how,
        )


def run() -> None:
    """Let all jobs of errands run once, whatever their plan."""
    past = {"next_action_at": timezone.now(), "updated_at": timezone.now() - timedelta(minutes=1)}
    for model in (Split, SplitReturn, Refund):
        model.objects.filter(next_action_at__isnull=False).update(**past)
    jobs.run_splits()
    jobs.run_split_returns()
    jobs.run_refunds()


def shared_out(payment: Payment) -> SplitView:
    """Two shares, 40.00 and 10.00, that arrived."""
    view = wish(payment, share("1", FARM, 4000), share("2", COOP, 1000))

    def done() -> bool:
        run()
        return split_view(view.split_no).status == "succeeded"

    until(done)
    return split_view(view.split_no)


def refunded(view: RefundView) -> bool:
    run()
    return refund_view(view.refund_no).status == "succeeded"


def violations() -> list[str]:
    return [str(found) for result in check() for found in result.violations]


def test_shares_arrive_are_booked_and_told_once(paid):
    view = shared_out(paid)

    run()
    assert [part.status for part in view.shares] == ["succeeded", "succeeded"]
    assert balance("2201", party="SUP-FARM") == 4000
    assert balance("2201", party="SUP-COOP") == 1000
    assert balance("1101", party="sandbox") == 19200 - 73 - 5000
    assert told("split.succeeded") == ["split.succeeded"]
    assert wish(paid, share("1", FARM, 4000), share("2", COOP, 1000)).split_no == view.split_no
    with pytest.raises(IdempotencyConflictError):
        wish(paid, share("1", FARM, 4001), share("2", COOP, 1000))
    assert violations() == []


def test_the_rest_is_released_when_all_is_shared_out(paid):
    view = shared_out(paid)
    with transaction.atomic():
        request_finish(view.split_no)

    send_split(view.split_no)

    assert split_view(view.split_no).finish == "done"


def test_a_receiver_the_acquirer_refuses_leaves_the_rest_paid_and_calls_a_person(acquirer, paid):
    view = wish(paid, share("1", FARM, 4000), share("2", COOP, 1000))

    def ended() -> bool:
        run()
        return split_view(view.split_no).done_at is not None

    with acquirer.fault("split_partial", number=view.split_no):
        until(ended)
    after = split_view(view.split_no)
    paid.refresh_from_db()
    assert [part.status for part in after.shares] == ["succeeded", "failed"]
    assert (after.status, paid.split_committed_minor) == ("partial", 4000)
    assert Incident.objects.get().kind == Incident.Kind.SPLIT_FAILED
    assert told("split.failed") == ["split.failed"]
    assert violations() == []


@pytest.mark.parametrize("fault", ["drop_after_execute", "http_500_after_execute", "garbage_body"])
def test_a_split_whose_answer_is_lost_is_asked_about_and_not_sent_twice(acquirer, paid, fault):
    view = wish(paid, share("1", FARM, 4000))
    with acquirer.fault(fault, number=view.split_no, count=1):
        run()
    assert split_view(view.split_no).status == "unknown"

    def done() -> bool:
        run()
        return split_view(view.split_no).status == "succeeded"

    until(done)
    assert balance("2201", party="SUP-FARM") == 4000
    assert Split.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "percent"), [(20, 20), ("20", 20), ("", 30), ("30 %", 0), (101, 0), (-1, 0)]
)
def test_how_much_may_be_shared_out_is_a_setting_of_the_account(paid, said, percent):
    account = AcquirerAccount.objects.get(pk=paid.account_id)
    settings = account.settings | {"split_max_percent": said}
    AcquirerAccount.objects.filter(pk=account.pk).update(settings=settings)
    most = 19200 * percent // 100

    assert split_rooms([paid.payment_no]) == {paid.payment_no: most}
    with pytest.raises(SplitRefusedError) as refused:
        wish(paid, share("1", FARM, most + 1))
    assert refused.value.data["reason"] == "percent"
    assert refused.value.data["percent_max"] == percent
    assert str(percent) in str(refused.value.user_message)


def test_what_the_acquirer_would_refuse_is_refused_beforehand(paid):
    def reason(*shares: ShareWish) -> str:
        with pytest.raises(SplitRefusedError) as refused:
            wish(paid, *shares)
        return str(refused.value.data["reason"])

    most = 19200 * PERCENT_MAX // 100
    assert reason(share("1", FARM, most + 1)) == "percent"
    assert reason(share("1", "ACC-NOBODY", 100)) == "receiver"
    assert reason(share("1", FARM, 100), share("2", FARM, 100)) == "receivers"
    assert reason(share("1", FARM, 19201)) == "rest"
    SplitReceiver.objects.filter(receiver=FARM).update(status="removed")
    assert reason(share("1", FARM, 100)) == "receiver"
    assert Split.objects.exists() is False


def test_who_sells_her_own_goods_splits_nothing_unless_configured(paid, settings):
    settings.LINLI_FUNDS_MODE = "SELF_OPERATED"
    with pytest.raises(SplitsNotConfiguredError):
        wish(paid, share("1", FARM, 100))

    settings.LINLI_SPLITS_WHEN_SELF_OPERATED = True

    assert wish(paid, share("1", FARM, 100)).status == "created"


def test_sellers_whose_money_is_split_are_not_paid_from_our_own_account(account, settings):
    def pay_supplier() -> None:
        with transaction.atomic():
            create_transfer(
                transfer_key="ST-1",
                payee=Payee(name="农场", account="6217000010001234567"),
                amount=Money(100),
                reference="ST-1",
                purpose="goods",
                ledger=InTransit.of_supplier("SUP-1", "ST-1"),
            )

    settings.LINLI_FUNDS_MODE = "SPLIT"
    with pytest.raises(OwnFundsPayoutError) as refused:
        pay_supplier()
    assert refused.value.code == "own_funds_payout_refused"

    settings.LINLI_FUNDS_MODE = "SELF_OPERATED"
    pay_supplier()


def test_a_refund_takes_the_shares_back_first_in_proportion_and_to_the_fen(paid):
    shared_out(paid)

    first = give_back(paid, "third", 6400)
    sent_too_early = refund_view(first.refund_no).status
    until(lambda: refunded(first))
    second = give_back(paid, "rest", 12800)
    until(lambda: refunded(second))

    backs = list(SplitReturn.objects.order_by("pk").values_list("amount_minor", flat=True))
    paid.refresh_from_db()
    assert sent_too_early == "taking_back"
    assert backs == [1334, 334, 2666, 666]
    assert (paid.split_committed_minor, paid.refund_committed_minor) == (0, 19200)
    assert balance("2201", party="SUP-FARM") == balance("2201", party="SUP-COOP") == 0
    assert balance("1101", party="sandbox") == 0
    assert balance("6401", party="sandbox") == 0
    assert violations() == []


def test_the_caller_may_name_whose_share_comes_back(paid):
    farm, coop = shared_out(paid).shares

    view = give_back(paid, "farms", 3000, share_returns=[(farm.share_no, Money(3000))])
    until(lambda: refunded(view))

    assert SplitReturn.objects.get().share.share_no == farm.share_no
    assert balance("2201", party="SUP-FARM") == 1000
    with pytest.raises(ShareReturnError):
        give_back(paid, "too-much", 1001, share_returns=[(coop.share_no, Money(1001))])
    with pytest.raises(ShareReturnError):
        give_back(paid, "all-of-it", 16200, share_returns=[])
    assert violations() == []


@pytest.mark.parametrize("fault", ["drop_before_execute", "drop_after_execute"])
def test_a_return_whose_answer_is_lost_is_taken_back_once(acquirer, paid, fault):
    shared_out(paid)
    view = give_back(paid, "half", 9600)
    first = SplitReturn.objects.order_by("pk")[0].return_no
    with acquirer.fault(fault, number=first, count=1):
        run()
    seen = SplitReturn.objects.get(return_no=first).status

    until(lambda: refunded(view))

    assert seen == "unknown"
    assert balance("2201", party="SUP-FARM") == 2000
    assert balance("1101", party="sandbox") == 9600 - 36 - 2500
    assert violations() == []


def test_a_share_that_does_not_come_back_is_advanced_and_the_payer_does_not_wait(acquirer, paid):
    shared_out(paid)
    view = give_back(paid, "half", 9600)
    found = SplitReturn.objects.get(share__receiver=FARM)
    with acquirer.fault("split_return_fails", number=found.return_no):
        run()

    until(lambda: refunded(view))

    found.refresh_from_db()
    owes = balance("1141", party=FARM, reference=found.share.split.split_no)
    assert (found.status, owes) == ("failed", 2000)
    assert balance("2201", party="SUP-FARM") == 2000
    assert Incident.objects.get().kind == Incident.Kind.SPLIT_RETURN_FAILED
    assert violations() == []

    decision = propose_repaid(found.return_no, reason="receipt 7", by="anna")
    carry_out(decision.decision_no, by="bo")
    assert balance("1141", party=FARM, reference=found.share.split.split_no) == 0
    assert violations() == []


def test_a_refund_while_the_split_is_under_way_waits_for_what_becomes_of_it(acquirer, paid):
    split = wish(paid, share("1", FARM, 4000))
    view = give_back(paid, "half", 9600)
    waiting = SplitReturn.objects.get()
    seen = (waiting.status, refund_view(view.refund_no).status)

    until(lambda: refunded(view))

    assert seen == ("waiting", "taking_back")
    assert split_view(split.split_no).status == "succeeded"
    assert balance("2201", party="SUP-FARM") == 2000
    assert payment_view(paid.payment_no).refund_committed == Money(9600)
    assert violations() == []


@pytest.mark.parametrize("died_at", ["split", "return", "refund"])
def test_whoever_dies_between_claim_and_answer_is_replaced_by_a_question(paid, died_at):
    models = {"split": Split, "return": SplitReturn, "refund": Refund}
    shared = shared_out(paid) if died_at != "split" else wish(paid, share("1", FARM, 4000))
    view = give_back(paid, "half", 9600)
    if died_at == "refund":
        until(lambda: _returned(view))
    dead = models[died_at].objects.filter(status="created").order_by("pk")[0]
    sent = timezone.now() - timedelta(minutes=2)
    models[died_at].objects.filter(pk=dead.pk).update(
        status="sent", sent_at=sent, next_action_at=sent, tries=1
    )

    until(lambda: refunded(view))

    total = sum(part.amount.minor for part in split_view(shared.split_no).shares)
    assert balance("1101", party="sandbox") == 9600 - 36 - total // 2
    assert told("refund.succeeded") == ["refund.succeeded"]
    assert violations_but_steps() == []


def _returned(view: RefundView) -> bool:
    past = {"next_action_at": timezone.now(), "updated_at": timezone.now() - timedelta(minutes=1)}
    SplitReturn.objects.filter(next_action_at__isnull=False).update(**past)
    jobs.run_split_returns()
    return refund_view(view.refund_no).status == "created"


def violations_but_steps() -> list[str]:
    """What is wrong, apart from the steps that the dead one did not write."""
    return [found for found in violations() if "P7" not in found]
