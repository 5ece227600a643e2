"""Keys change while money is under way: new ones at once, old ones until they are retired."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from payments.acquiring.contract import (
    ConfigError,
    NotificationRejectedError,
    Outcome,
    OutcomeUnknownError,
    PayRef,
)
from payments.acquiring.registry import adapter_for
from payments.api import ensure_sandbox_account
from tests.acquirer import SandboxAcquirer, own_sandbox
from tests.payments.sandbox.merchant import Merchant, mailbox, number
from tests.waiting import until


@pytest.fixture(scope="module")
def bank(tmp_path_factory) -> Iterator[SandboxAcquirer]:
    with own_sandbox(tmp_path_factory.mktemp("keys") / "bank", "--retry-seconds", "0.2,9") as bank:
        yield bank


@pytest.fixture
def fresh(bank) -> Iterator[SandboxAcquirer]:
    """The bank with only its newest keys in use."""
    bank.told("/_keys/retire")
    yield bank
    bank.told("/_keys/retire")


def merchant_of(bank: SandboxAcquirer) -> Merchant:
    return Merchant(bank.base_url, bank.keys_dir)


def paid_notice(bank: SandboxAcquirer, fault: str = ""):
    """Pay an order; return its number and the notice about it."""
    no = number()
    with mailbox((400, b"{}")) as box:
        merchant_of(bank).order(no, notify_url=box.url)
        if fault:
            bank.told("/_faults", {"fault": fault, "number": no})
        bank.sim_pay(no)
        until(lambda: box.received)
    return no, box.received[0]


def test_the_banks_new_key_is_laid_out_and_the_old_account_still_hears(fresh):
    before = fresh.adapter()
    no, _ = paid_notice(fresh)

    serial = fresh.told("/_keys/rotate-bank")["sandbox_serial"]
    after = fresh.adapter()
    _, notice = paid_notice(fresh)

    assert merchant_of(fresh).facts["sandbox_serial"] == serial
    assert [a.query(PayRef(no)).outcome for a in (before, after)] == [Outcome.SUCCEEDED] * 2
    assert after.verify_notification(notice).key_serial == serial
    with pytest.raises(NotificationRejectedError):
        before.verify_notification(notice)


def test_a_notice_by_the_old_key_is_genuine_during_the_overlap(fresh):
    refused = fresh.admin("/_faults", {"fault": "notify_old_key"})
    before = fresh.adapter()

    fresh.told("/_keys/rotate-bank")
    _, notice = paid_notice(fresh, "notify_old_key")

    assert refused.json()["code"] == "NO_OLDER_KEY"
    assert before.verify_notification(notice)
    with pytest.raises(NotificationRejectedError) as caught:
        fresh.adapter().verify_notification(notice)
    assert caught.value.reason == "serial"


def test_both_keys_of_the_merchant_open_the_gate_until_the_old_one_is_retired(fresh):
    before = fresh.adapter()
    no, _ = paid_notice(fresh)

    fresh.told("/_keys/rotate-merchant")
    after = fresh.adapter()
    both = [a.query(PayRef(no)).outcome for a in (before, after)]
    fresh.told("/_keys/retire")

    assert both == [Outcome.SUCCEEDED] * 2
    assert after.query(PayRef(no)).outcome is Outcome.SUCCEEDED
    with pytest.raises(ConfigError):
        before.query(PayRef(no))


def test_after_the_overlap_the_old_account_trusts_no_answer(fresh):
    before = fresh.adapter()
    no, _ = paid_notice(fresh)

    fresh.told("/_keys/rotate-bank")
    fresh.told("/_keys/retire")

    with pytest.raises(OutcomeUnknownError):
        before.query(PayRef(no))


@pytest.mark.django_db
def test_new_keys_make_a_new_version_of_our_account_and_the_old_one_finishes(fresh, settings):
    settings.LINLI_SANDBOX_KEYS, settings.LINLI_SANDBOX_URL = fresh.keys_dir, fresh.base_url
    first = ensure_sandbox_account()
    no, _ = paid_notice(fresh)

    fresh.told("/_keys/rotate-bank")
    fresh.told("/_keys/rotate-merchant")
    second = ensure_sandbox_account()
    first.refresh_from_db()

    assert (second.version, first.status, second.status) == (
        first.version + 1,
        "verify_only",
        "active",
    )
    assert not set(first.keys.values()) >= {second.keys["merchant_private_key"]}
    for account in (first, second):
        assert adapter_for(account).query(PayRef(no)).outcome is Outcome.SUCCEEDED


def test_a_restarted_bank_keeps_its_newest_keys(tmp_path):
    folder: Path = tmp_path / "bank"
    with own_sandbox(folder) as bank:
        serial = bank.told("/_keys/rotate-bank")["sandbox_serial"]
    with own_sandbox(folder) as again:
        assert merchant_of(again).facts["sandbox_serial"] == serial
        assert merchant_of(again).order(number())[0] == 200
