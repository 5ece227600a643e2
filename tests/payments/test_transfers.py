"""Paying out: one wish one transfer, its payee frozen, a silence is never a reason to pay again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from payments import jobs
from payments.acquiring.contract import Outcome, TransferRef, TransferResult
from payments.acquiring.registry import forget_adapters
from payments.api import (
    IdempotencyConflictError,
    InTransit,
    Money,
    Payee,
    TransferView,
    create_transfer,
    post_commission_earned,
    post_statement_closed,
    send_transfer,
    take_unsent_transfer_back,
    transfer_view,
)
from payments.ledger.balances import balance
from payments.models import AcquirerAccount, Incident, Transfer
from payments.services.accounts import adapter_of
from payments.services.facts import apply_channel_fact
from tests.funds import OPENING_MINOR, put_in_own_funds
from tests.payments.desk import told
from tests.waiting import until

HER = Payee(name="王芳", account="6217000010001234567", bank="中国建设银行")
DUE = Money(893400)


def _wish(key: str = "statement-1", payee: Payee = HER, amount: Money = DUE) -> TransferView:
    with transaction.atomic():
        return create_transfer(
            transfer_key=key,
            payee=payee,
            amount=amount,
            reference="ST-1",
            purpose="commission",
            ledger=InTransit.of_leader("L1", "ST-1"),
            created_by="anna",
            approved_by="bo",
        )


def _close_statement() -> None:
    with transaction.atomic():
        post_commission_earned(key="line-1", leader_ref="L1", amount=Money(900000))
        post_statement_closed(
            key="ST-1",
            leader_ref="L1",
            statement_ref="ST-1",
            gross=Money(900000),
            net=DUE,
            tax=Money(6600),
        )


def _hear(view: TransferView, outcome: Outcome) -> Transfer:
    result = TransferResult(outcome, view.transfer_no, "B1", amount=view.amount, merchant_id="M001")
    account = AcquirerAccount.objects.get()
    apply_channel_fact(source="notify", account=account, result=result)
    return Transfer.objects.get()


def test_the_same_wish_is_one_transfer(account):
    assert _wish().transfer_no == _wish().transfer_no
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize(
    "changes", [{"amount": Money(1)}, {"payee": Payee(name="王芳", account="1", bank="")}]
)
def test_the_same_wish_for_another_payee_or_amount_is_refused(account, changes):
    _wish()

    with pytest.raises(IdempotencyConflictError):
        _wish(**changes)


def test_a_view_shows_the_account_only_in_part(account):
    assert _wish().payee_mask == "****4567"


def test_the_bank_pays_and_says_so(acquirer):
    put_in_own_funds()
    _close_statement()
    number = _wish().transfer_no

    send_transfer(number)

    def paid() -> bool:
        Transfer.objects.update(
            next_action_at=timezone.now(), updated_at=timezone.now() - timedelta(minutes=1)
        )
        jobs.run_transfers()
        return transfer_view(number).status == "succeeded"

    until(paid)
    assert told() == ["transfer.succeeded"]
    assert balance("2302", party="L1") == 0
    assert balance("1001") == OPENING_MINOR - 893400


def test_a_refused_transfer_leaves_the_books_and_is_told(account):
    _close_statement()
    view = _wish()

    transfer = _hear(view, Outcome.FAILED)

    assert transfer.status == "failed"
    assert balance("2302", party="L1") == -893400
    assert Incident.objects.get().kind == Incident.Kind.TRANSFER_FAILED
    assert told() == ["transfer.failed"]


def test_a_transfer_that_comes_back_is_in_transit_again(account):
    _close_statement()
    view = _wish()
    for _ in range(2):
        _hear(view, Outcome.SUCCEEDED)

    transfer = _hear(view, Outcome.FAILED)

    assert transfer.status == "returned"
    assert balance("2302", party="L1") == -893400
    assert balance("1001") == 0
    assert told() == ["transfer.succeeded", "transfer.failed"]


def test_a_silence_blocks_and_is_asked_about_under_the_same_number(acquirer):
    account = AcquirerAccount.objects.get()
    good = account.settings
    number = _wish().transfer_no
    Transfer.objects.update(
        status="unknown",
        sent_at=timezone.now() - timedelta(seconds=61),
        next_action_at=timezone.now(),
    )
    account.settings = {**good, "base_url": "http://127.0.0.1:9"}
    account.save(update_fields=["settings"])
    forget_adapters()

    assert jobs.run_transfers() == {"unknown": 1}
    assert _wish().transfer_no == number
    AcquirerAccount.objects.update(settings=good)
    forget_adapters()
    Transfer.objects.update(
        next_action_at=timezone.now(), updated_at=timezone.now() - timedelta(minutes=1)
    )

    assert jobs.run_transfers() == {"approved": 1}
    assert told() == []


def test_what_was_stopped_while_nobody_knew_is_taken_back_and_not_sent_again(acquirer):
    number = _wish().transfer_no
    Transfer.objects.update(
        status="unknown",
        sent_at=timezone.now() - timedelta(seconds=61),
        next_action_at=timezone.now(),
        updated_at=timezone.now() - timedelta(minutes=1),
    )

    with transaction.atomic():
        is_back = take_unsent_transfer_back(number, by="payee_changed")
    asked = jobs.run_transfers()
    Transfer.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
    sent = jobs.run_transfers()

    assert not is_back
    assert (asked, sent) == ({"approved": 1}, {"cancelled": 1})
    assert told() == ["transfer.failed"]
    adapter = adapter_of(AcquirerAccount.objects.get())
    assert adapter.query_transfer(TransferRef(number)).outcome == Outcome.NOT_FOUND
