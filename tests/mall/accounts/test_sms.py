"""The code travels by signed text message to the sandbox's message page, not to a page of ours."""

from __future__ import annotations

import logging

import pytest
from django.db import transaction

from mall.accounts.errors import SmsNotSentError
from mall.accounts.models import SignInRequest
from mall.accounts.signing_in import request_code, verify_code
from mall.accounts.sms import ConsoleSms, sms_backend
from payments.models import AcquirerAccount


@pytest.mark.django_db(transaction=True)
def test_the_code_on_the_sandboxs_message_page_opens_the_account(acquirer):
    asked = request_code(phone="138 0013 8001")

    message = acquirer.messages("+8613800138001")[0]
    user = verify_code(request_id=asked.request_id, code=message["code"])

    assert user.phone == "+8613800138001"
    assert "5" in message["body"]


@pytest.mark.django_db(transaction=True)
def test_a_sandbox_that_does_not_answer_is_said_so(acquirer):
    account = AcquirerAccount.objects.get()
    settings_ = {**account.settings, "base_url": "http://127.0.0.1:9"}
    AcquirerAccount.objects.update(settings=settings_, version=account.version + 1)

    with pytest.raises(SmsNotSentError):
        request_code(phone="13800138001")


@pytest.mark.django_db(transaction=True)
def test_no_message_is_sent_while_a_transaction_is_open(acquirer):
    before = len(acquirer.messages("+8613800138002"))

    with pytest.raises(RuntimeError, match="transaction"), transaction.atomic():
        request_code(phone="13800138002")

    assert len(acquirer.messages("+8613800138002")) == before
    assert not SignInRequest.objects.exists()


def test_the_developers_console_shows_neither_number_nor_code(settings, caplog, capsys):
    settings.LINLI_SMS_BACKEND = "console"
    backend = sms_backend()
    assert isinstance(backend, ConsoleSms)

    with caplog.at_level(logging.INFO):
        backend.send(phone="+8613800138001", text="Your code is 482913.")

    shown = caplog.text + capsys.readouterr().out
    assert "482913" not in shown
    assert "13800138001" not in shown
