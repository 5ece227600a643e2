"""Payouts leave only on money that is there; the operator's own is put in by two persons."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from payments import jobs
from payments.api import (
    IdempotencyConflictError,
    InTransit,
    Money,
    Payee,
    balance,
    confirm_own_funds,
    create_transfer,
    propose_own_funds,
    send_transfer,
)
from payments.models import Incident, JournalTransaction, OwnFunds, Transfer
from payments.services.funds import available_minor
from payments.services.own_funds import (
    AlreadyDecidedError,
    SecondPersonNeededError,
    refuse_own_funds,
)
from tests.funds import put_in_own_funds

pytestmark = pytest.mark.django_db(transaction=True)

HER = Payee(name="王芳", account="6217000010001234567", bank="中国建设银行")


def wish(key: str = "1", minor: int = 8_000) -> str:
    with transaction.atomic():
        return create_transfer(
            transfer_key=f"statement-{key}",
            payee=HER,
            amount=Money(minor),
            reference=f"ST-{key}",
            purpose="commission",
            ledger=InTransit.of_leader("L1", f"ST-{key}"),
        ).transfer_no


def test_a_payout_without_money_waits_says_why_and_goes_when_it_is_there(acquirer):
    put_in_own_funds(7_999)
    number = wish()

    assert send_transfer(number).status == "approved"
    assert jobs.run_transfers() == {}

    transfer = Transfer.objects.get()
    assert (transfer.status, transfer.failure_code, transfer.tries) == ("approved", "unfunded", 0)
    assert transfer.failure_message == "needs 8000, available 7999"
    incident = Incident.objects.get()
    assert (incident.kind, incident.subject_no) == ("transfer_unfunded", number)
    assert incident.data == {"needed_minor": 8000, "available_minor": 7999}
    assert balance("1001") == 7_999

    put_in_own_funds(1, key="one more fen")

    assert set(jobs.run_transfers()) <= {"sent", "processing", "succeeded"}
    transfer.refresh_from_db()
    assert transfer.status != "approved"
    assert (transfer.failure_code, transfer.failure_message) == ("", "")
    incident.refresh_from_db()
    assert (incident.resolved_by, incident.note) == ("payouts", "The money came.")
    assert available_minor() == 0


def test_money_on_its_way_is_not_paid_out_twice(acquirer):
    put_in_own_funds(8_000)
    first, second = wish("1"), wish("2")

    assert send_transfer(first).status != "approved"
    assert send_transfer(second).status == "approved"

    assert available_minor() == 0


def test_of_many_at_once_only_as_many_leave_as_there_is_money_for(acquirer):
    put_in_own_funds(3 * 8_000)
    numbers = [wish(str(n)) for n in range(8)]
    gate = Barrier(len(numbers))

    def send(number: str) -> str:
        try:
            gate.wait()
            return send_transfer(number).status
        finally:
            connection.close()

    with ThreadPoolExecutor(len(numbers)) as senders:
        statuses = list(senders.map(send, numbers))

    assert statuses.count("approved") == 5
    assert available_minor() == 0
    assert Incident.objects.filter(kind="transfer_unfunded").count() == 5


def test_an_operator_with_other_bank_books_switches_the_check_off(acquirer, settings):
    settings.LINLI_PAYOUTS_WITHIN_FUNDS = False

    assert send_transfer(wish()).status != "approved"
    assert Incident.objects.exists() is False


def test_own_funds_need_two_persons():
    funds = propose_own_funds(key="R1", amount=Money(500), reason="deposit", by="cashier")
    assert balance("1001") == 0

    with pytest.raises(SecondPersonNeededError):
        confirm_own_funds(funds, by="cashier")
    assert balance("1001") == 0
    confirm_own_funds(funds, by="finance")

    assert (balance("1001"), balance("3001")) == (500, -500)
    funds.refresh_from_db()
    assert (funds.status, funds.proposed_by, funds.decided_by) == (
        "confirmed",
        "cashier",
        "finance",
    )
    for decide in (confirm_own_funds, refuse_own_funds):
        with pytest.raises(AlreadyDecidedError):
            decide(OwnFunds.objects.get(), by="admin")
    assert JournalTransaction.objects.count() == 1


def test_refused_own_funds_stay_out_of_the_books():
    funds = propose_own_funds(key="R1", amount=Money(500), reason="typo", by="cashier")

    refuse_own_funds(funds, by="finance")

    assert JournalTransaction.objects.exists() is False
    assert OwnFunds.objects.get().status == "refused"


def test_the_same_deposit_is_entered_once():
    first = propose_own_funds(key="R1", amount=Money(500), reason="deposit", by="cashier")
    assert propose_own_funds(key="R1", amount=Money(500), reason="x", by="other") == first
    with pytest.raises(IdempotencyConflictError):
        propose_own_funds(key="R1", amount=Money(501), reason="deposit", by="cashier")
    for amount, by in ((Money(0), "cashier"), (Money(-1), "cashier"), (Money(1), "")):
        with pytest.raises(ValueError, match="positive amount"):
            propose_own_funds(key="R2", amount=amount, reason="deposit", by=by)


def test_the_database_wants_two_persons_too():
    propose_own_funds(key="R1", amount=Money(500), reason="deposit", by="cashier")

    with pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
        OwnFunds.objects.update(status="confirmed", decided_by="cashier")


@pytest.mark.usefixtures("english")
def test_the_command_enters_and_confirms(django_user_model, capsys):
    for name in ("cashier", "finance"):
        django_user_model.objects.create(username=name, is_staff=True)
    django_user_model.objects.create(username="resident")

    call_command("own_funds", "opening", "1000000.00", by="cashier")
    with pytest.raises(CommandError, match="second person"):
        call_command("own_funds", "opening", confirm=True, by="cashier")
    call_command("own_funds", "opening", confirm=True, by="finance")

    told = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in told] == ["opening: CNY 1000000.00"] * 2
    assert balance("1001") == 100_000_000
    for line in (
        {"args": ["x", "1.001"], "by": "cashier"},
        {"args": ["x"], "by": "cashier"},
        {"args": ["x", "5"], "by": "resident"},
        {"args": ["x"], "by": "cashier", "confirm": True},
    ):
        with pytest.raises(CommandError):
            call_command("own_funds", *line.pop("args"), **line)
