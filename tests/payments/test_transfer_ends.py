"""How transfers end at the bank: confirmed by the payee, taken back, or sent back afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from payments import jobs
from payments.acquiring.contract import TransferRef
from payments.api import (
    IllegalTransitionError,
    InTransit,
    Money,
    Payee,
    cancel_transfer,
    create_transfer,
    send_transfer,
    transfer_view,
)
from payments.ledger.balances import balance
from payments.models import Incident, Transfer
from payments.services.accounts import adapter_of
from payments.services.facts import apply_channel_fact
from tests.funds import put_in_own_funds
from tests.payments.desk import told
from tests.payments.errand_desk import steps
from tests.waiting import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(acquirer) -> str:
    """A transfer of 30.00 that is not sent yet, and the money for it."""
    put_in_own_funds(100_000)
    with transaction.atomic():
        return create_transfer(
            transfer_key="statement-1",
            payee=Payee(name="王芳", account="6217000010001234567", bank="中国建设银行"),
            amount=Money(3000),
            reference="ST-1",
            purpose="commission",
            ledger=InTransit.of_leader("L1", "ST-1"),
        ).transfer_no


def run() -> None:
    past = {"next_action_at": timezone.now(), "updated_at": timezone.now() - timedelta(minutes=1)}
    Transfer.objects.filter(next_action_at__isnull=False).update(**past)
    jobs.run_transfers()


def becomes(number: str, status: str) -> None:
    def is_there() -> bool:
        run()
        return transfer_view(number).status == status

    until(is_there)


def test_a_payee_who_must_confirm_is_paid_when_she_does(acquirer, number):
    with acquirer.fault("transfer_user_never_confirms", number=number):
        send_transfer(number)
    waiting = transfer_view(number).status

    acquirer.told(f"/_sim/confirm-transfer/{number}")
    becomes(number, "succeeded")

    assert waiting == "wait_user_confirm"
    assert balance("1001", party="main") == 100_000 - 3000
    assert "T6" in steps(Transfer.objects.get())
    assert told() == ["transfer.succeeded"]


def test_edge_t14_what_she_has_not_confirmed_is_taken_back_at_the_bank(acquirer, number):
    with acquirer.fault("transfer_user_never_confirms", number=number):
        send_transfer(number)

    view = cancel_transfer(number, by="anna")

    assert view.status == "cancelled"
    assert steps(Transfer.objects.get())[-1] == "T14"
    assert balance("1001", party="main") == 100_000
    assert told() == ["transfer.failed"]


def test_edge_t13_what_was_not_sent_never_leaves(number):
    assert cancel_transfer(number, by="anna").status == "cancelled"

    assert send_transfer(number).status == "cancelled"
    with pytest.raises(IllegalTransitionError):
        cancel_transfer(number, by="anna")


def test_edge_t15_money_the_payees_bank_sends_back_is_ours_again(acquirer, number):
    with acquirer.fault("transfer_returned", number=number):
        send_transfer(number)
        becomes(number, "succeeded")

        def is_back() -> bool:
            Transfer.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
            return _asked(number) == "returned"

        until(is_back)

    assert balance("1001", party="main") == 100_000
    assert Incident.objects.get().kind == Incident.Kind.TRANSFER_CAME_BACK
    assert told() == ["transfer.succeeded", "transfer.failed"]


def _asked(number: str) -> str:
    """Hear what the bank says of a transfer that is done: its own message would tell us so."""
    account = Transfer.objects.get().account
    said = adapter_of(account).query_transfer(TransferRef(number))
    apply_channel_fact(source="query", account=account, result=said)
    return transfer_view(number).status
