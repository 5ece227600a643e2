"""The conversation before going live: a line per call, and nothing in our books."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from payments.api import is_number
from payments.models import (
    AcquirerAccount,
    ChannelFact,
    Incident,
    JournalTransaction,
    Notification,
    OutboxEvent,
    Payment,
    Refund,
)
from tests.payments.banking import dead_account
from tests.payments.post import letter

pytestmark = pytest.mark.usefixtures("english")
BOOKS = (Payment, Refund, ChannelFact, JournalTransaction, Incident, OutboxEvent, Notification)


def check(*arguments: str) -> str:
    out = StringIO()
    call_command("acquirer_check", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def lines(*arguments: str) -> list[dict]:
    return json.loads(check(*arguments, "--json"))["lines"]


def test_everything_is_asked_once_and_judged(acquirer):
    told = lines("sandbox")

    said = [(line["asked"], line["answer"], line["is_right"]) for line in told]
    assert said[:5] == [
        ("create", "requires_action (h5)", True),
        ("query", "requires_action", True),
        ("close", "closed", True),
        ("query", "closed", True),
        ("query", "not_found", True),
    ]
    assert ("forged message", "refused (serial)", True) in said
    assert said[-1] == ("own message", "only the acquirer can sign one", None)
    assert all(line["is_right"] is not False for line in told)


def test_nothing_of_it_is_in_our_books(acquirer):
    told = lines("sandbox")

    numbers = {line["number"] for line in told if line["asked"] in {"create", "query", "close"}}
    assert all(number.startswith("C") and is_number(number) for number in numbers)
    assert [model.objects.count() for model in BOOKS] == [0] * len(BOOKS)


def test_a_person_reads_a_line_per_call(acquirer):
    said = check("sandbox")

    first = said.splitlines()[0].split()
    assert (first[0], first[2], first[3]) == ("ok", "ms", "create")
    assert f"{acquirer.base_url}/" in said
    assert said.splitlines()[-1] == "sandbox v1: all is well"


def test_what_was_left_open_and_paid_is_given_back(acquirer):
    number = lines("sandbox", "--leave-open")[0]["number"]
    acquirer.sim_pay(number)

    told = lines("sandbox", "--paid", number)

    assert [line["asked"] for line in told] == ["query", "refund", "query refund"]
    assert all(line["is_right"] for line in told)


def test_a_real_payment_is_never_given_back_like_this(acquirer):
    with pytest.raises(CommandError, match="no check number"):
        check("sandbox", "--paid", "P261122K3M8QZ7TX2NDW")


def test_where_money_is_money_nothing_is_given_back(acquirer, monkeypatch):
    number = lines("sandbox", "--leave-open")[0]["number"]
    monkeypatch.setattr("payments.adapters.sandbox.adapter.SandboxAdapter.is_test", False)

    with pytest.raises(CommandError, match="money is money"):
        check("sandbox", "--paid", number)


def test_an_acquirer_that_does_not_answer_fails_the_check(acquirer):
    dead_account()

    with pytest.raises(CommandError, match="answers are wrong") as failed:
        check("dead")

    assert failed.value.returncode == 1


def test_an_account_set_up_wrongly_says_what_is_missing(account):
    with pytest.raises(CommandError, match="lacks a key or a setting"):
        check("sandbox")


def test_an_unknown_account_names_the_known_ones(acquirer):
    with pytest.raises(CommandError, match="there are: sandbox"):
        check("sandbocks")


def test_the_banks_message_about_a_check_calls_nobody(acquirer, client):
    number = lines("sandbox", "--leave-open")[0]["number"]
    account = AcquirerAccount.objects.get()
    resource = {
        "our_no": number,
        "acquirer_no": "SB1",
        "merchant_id": account.merchant_id,
        "trade_state": "SUCCESS",
        "amount": {"minor": 1, "currency": "CNY"},
        "paid_at": "2026-11-22T04:00:00Z",
        "expires_at": "2026-11-22T05:00:00Z",
        "action_url": "",
        "qr_url": "",
        "cashier_url": "",
        "agreement_no": "",
        "failure_code": "",
    }

    answer = letter(resource).post(client)

    assert answer.status_code == 200
    assert ChannelFact.objects.get().verdict == "orphaned"
    assert not Incident.objects.exists()
