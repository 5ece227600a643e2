"""New keys while payments are under way: nothing old is lost, nothing forged passes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.test import Client

from payments import jobs
from payments.acquiring.contract import ConfigError, OutcomeUnknownError, PayRef
from payments.acquiring.registry import forget_adapters
from payments.api import (
    PaymentUnavailableError,
    ensure_sandbox_account,
    refresh_payment,
    send_payment,
    send_refund,
)
from payments.models import AcquirerAccount, Notification, Payment, Refund
from payments.services import rotation
from payments.services.accounts import adapter_of_version
from payments.services.rotation import AccountRefusedError
from tests.acquirer import own_sandbox
from tests.payments.banking import another_account
from tests.payments.desk import Shop, open_payment
from tests.payments.post import letter, order

pytestmark = pytest.mark.usefixtures("english")


def new_keys(folder: Path) -> dict[str, str]:
    """Copies of the merchant's key files, as a bank would send new ones."""
    folder.mkdir()
    current = AcquirerAccount.objects.get(status="active").keys
    return {name: str(shutil.copy(path, folder / name)) for name, path in current.items()}


def pending_payment() -> Payment:
    number = open_payment().payment_no
    send_payment(number)
    return Payment.objects.get(payment_no=number)


def versions(code: str = "sandbox") -> list[tuple[int, str]]:
    rows = AcquirerAccount.objects.filter(code=code).order_by("version")
    return list(rows.values_list("version", "status"))


def test_new_keys_are_a_new_version_and_the_old_one_finishes(acquirer, tmp_path):
    before = pending_payment()

    account = rotation.new_version("sandbox", keys=new_keys(tmp_path / "keys"), by="mei")

    assert versions() == [(1, "verify_only"), (2, "active")]
    assert (account.set_up_by, account.merchant_id) == ("mei", before.account.merchant_id)
    assert open_payment("M2").account_code == "sandbox"
    assert Payment.objects.get(reference="M2").account.version == 2


def test_what_the_old_keys_signed_is_still_believed(acquirer, tmp_path, client: Client):
    before = pending_payment()
    rotation.new_version("sandbox", settings={"sandbox_serial": "F" * 20}, by="mei")

    answer = letter(order(before)).post(client)

    before.refresh_from_db()
    assert (answer.status_code, before.status) == (200, "succeeded")
    assert Notification.objects.get().account_version == 1


def test_what_nobodys_keys_signed_is_refused_by_every_version(acquirer, client: Client):
    before = pending_payment()
    rotation.new_version("sandbox", settings={"sandbox_serial": "F" * 20}, by="mei")

    answer = letter(order(before)).with_header("Sandbox-Signature", "AAAA").post(client)

    before.refresh_from_db()
    assert (answer.status_code, before.status) == (400, "pending")


def test_old_payments_are_asked_about_and_refunded_with_the_new_keys(acquirer, tmp_path):
    before = pending_payment()
    rotation.new_version("sandbox", keys=new_keys(tmp_path / "keys"), by="mei")
    # The bank does not know the old key any more: version 1 could not speak.
    AcquirerAccount.objects.filter(version=1).update(settings={}, keys={})
    forget_adapters()
    acquirer.sim_pay(before.payment_no)

    view = refresh_payment(before.payment_no)

    assert (view.status, view.account_code) == ("succeeded", "sandbox")
    before.refresh_from_db()
    assert before.account.version == 1


def test_money_that_came_too_late_goes_back_after_a_rotation(acquirer, tmp_path):
    before = pending_payment()
    rotation.new_version("sandbox", keys=new_keys(tmp_path / "keys"), by="mei")
    acquirer.sim_pay(before.payment_no)
    Payment.objects.update(status="closed", next_action_at=None)
    Shop.closed.add(before.reference)

    refresh_payment(before.payment_no)
    refund = Refund.objects.get()
    send_refund(refund.refund_no)

    refund.refresh_from_db()
    assert refund.status in {"processing", "succeeded"}


def test_only_what_is_named_changes(acquirer):
    first = AcquirerAccount.objects.get()

    second = rotation.new_version("sandbox", settings={"read_seconds": "5"}, by="mei")
    third = rotation.new_version("sandbox", settings={"read_seconds": None}, by="mei")

    assert second.settings == {**first.settings, "read_seconds": "5"}
    assert (third.settings, third.keys) == (first.settings, first.keys)


def test_the_same_again_is_no_new_version(acquirer):
    first = AcquirerAccount.objects.get()

    assert rotation.new_version("sandbox", keys=first.keys, by="mei").pk == first.pk
    assert versions() == [(1, "active")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"keys": {"merchant_private_key": "/nowhere.pem"}}, "cannot be read"),
        ({"keys": {"aead_key": "-----BEGIN PRIVATE KEY-----"}}, "name the file"),
        ({"settings": {"secret_key": "sk_live_123"}}, "name the file"),
        ({"settings": {"merchant_id": "M-other"}}, "another account"),
        ({"settings": {"base_url": "ftp://bank"}}, "not an acquirer's address"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(acquirer, change, reason):
    with pytest.raises(AccountRefusedError) as refused:
        rotation.new_version("sandbox", **change, by="mei")

    assert reason.lower() in str(refused.value.user_message).lower()
    assert versions() == [(1, "active")]


def test_a_new_account_is_in_use_but_nothing_leads_to_it(acquirer):
    like = AcquirerAccount.objects.get()

    made = rotation.add_account(
        "second", adapter="sandbox", settings=like.settings, keys=like.keys, by="mei"
    )

    assert (made.version, made.status, made.priority) == (1, "active", None)
    assert made.merchant_id == like.merchant_id
    assert open_payment().account_code == "sandbox"


@pytest.mark.parametrize("code", ["Second", "", "-x", "a" * 41, "sandbox"])
def test_a_code_is_small_letters_and_new(acquirer, code):
    like = AcquirerAccount.objects.get()

    with pytest.raises(AccountRefusedError):
        rotation.add_account(
            code, adapter="sandbox", settings=like.settings, keys=like.keys, by="mei"
        )


def test_out_of_use_begins_nothing_and_finishes_everything(acquirer):
    before = pending_payment()
    another_account("second", priority=1)

    rotation.take_out_of_use("sandbox", by="mei")
    acquirer.sim_pay(before.payment_no)

    assert open_payment("M2").account_code == "second"
    assert refresh_payment(before.payment_no).status == "succeeded"
    rotation.put_in_use("sandbox", by="mei")
    assert open_payment("M3").account_code == "sandbox"


def test_what_was_not_sent_goes_elsewhere_when_its_account_is_out_of_use(acquirer):
    view = open_payment()
    rotation.take_out_of_use("sandbox", by="mei")

    with pytest.raises(PaymentUnavailableError):
        send_payment(view.payment_no)
    another_account("second", priority=1, status="active")
    step = send_payment(view.payment_no)

    assert (step.kind, step.view.account_code) == ("redirect", "second")


def test_what_is_not_in_use_cannot_be_taken_out(acquirer):
    rotation.take_out_of_use("sandbox", by="mei")

    with pytest.raises(AccountRefusedError):
        rotation.take_out_of_use("sandbox", by="mei")


def test_stolen_keys_are_believed_no_more(acquirer, client: Client):
    before = pending_payment()
    rotation.new_version("sandbox", settings={"sandbox_serial": "F" * 20}, by="mei")

    rotation.disable_version("sandbox", 1, by="mei")

    assert letter(order(before)).post(client).status_code == 400
    assert versions() == [(1, "disabled"), (2, "active")]


def test_the_last_version_is_disabled_when_nothing_is_unfinished(acquirer):
    before = pending_payment()

    with pytest.raises(AccountRefusedError) as refused:
        rotation.disable_version("sandbox", 1, by="mei")
    assert before.payment_no in str(refused.value.user_message)
    acquirer.sim_pay(before.payment_no)
    refresh_payment(before.payment_no)
    rotation.disable_version("sandbox", 1, by="mei")

    assert versions() == [(1, "disabled")]
    with pytest.raises(AccountRefusedError):
        rotation.put_in_use("sandbox", by="mei")


def test_a_disabled_account_is_set_up_again_by_a_new_version(acquirer):
    rotation.disable_version("sandbox", 1, by="mei")

    assert ensure_sandbox_account().version == 2
    assert jobs.process_notifications() == {}


def test_the_bank_changes_both_keys_and_forgets_the_old_ones(db, settings, tmp_path):
    with own_sandbox(tmp_path / "bank") as bank:
        settings.LINLI_SANDBOX_URL, settings.LINLI_SANDBOX_KEYS = bank.base_url, bank.keys_dir
        first = ensure_sandbox_account()
        paid, waiting = pending_payment(), open_payment("M2")
        bank.told("/_keys/rotate-bank", {})
        bank.told("/_keys/rotate-merchant", {})
        overlap = send_payment(waiting.payment_no)

        second = ensure_sandbox_account()
        bank.told("/_keys/retire", {})
        bank.sim_pay(paid.payment_no)
        seen = refresh_payment(paid.payment_no)
        fresh = send_payment(open_payment("M3").payment_no)
        with pytest.raises((ConfigError, OutcomeUnknownError)):
            adapter_of_version(first).query(PayRef(paid.payment_no))

    assert (overlap.kind, fresh.kind, seen.status) == ("redirect", "redirect", "succeeded")
    assert first.keys["merchant_private_key"] != second.keys["merchant_private_key"]
    assert first.settings["sandbox_serial"] != second.settings["sandbox_serial"]
    assert versions() == [(1, "verify_only"), (2, "active")]
