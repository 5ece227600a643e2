"""Accounts from the shell: the day of going live, and the day the keys are renewed."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from payments.admin.account_forms import AccountForm
from payments.models import AcquirerAccount
from payments.services.health import take_out
from tests.payments.desk import open_payment

pytestmark = pytest.mark.usefixtures("english")


def account(*arguments: str) -> str:
    out = StringIO()
    call_command("acquirer_account", "--by", "mei", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def papers(acquirer, tmp_path) -> Path:
    """Settings and key files as one JSON file."""
    like = AcquirerAccount.objects.get()
    file = tmp_path / "account.json"
    file.write_text(json.dumps({"settings": like.settings, "keys": like.keys}))
    return file


def test_an_account_is_added_from_a_file(papers):
    said = account("add", "second", "--adapter", "sandbox", "--from", str(papers))

    made = AcquirerAccount.objects.get(code="second")
    assert (made.version, made.status, made.set_up_by) == (1, "active", "mei")
    assert "/payments/notify/second/" in said
    assert "acquirer_check second" in said


def test_an_adapter_of_another_package_can_be_chosen(papers, settings):
    dotted = "payments.adapters.sandbox.adapter.SandboxAdapter"
    settings.LINLI_ADAPTERS = {"village": dotted}

    account("add", "village", "--adapter", "village", "--from", str(papers))

    assert AcquirerAccount.objects.get(code="village").adapter == "village"
    assert ("village", "village") in AccountForm().fields["adapter"].choices


def test_a_key_comes_from_the_environment_and_is_kept_as_a_file(
    acquirer, settings, tmp_path, monkeypatch
):
    settings.LINLI_KEYS = tmp_path / "keys"
    pem = Path(AcquirerAccount.objects.get().keys["merchant_private_key"]).read_text()
    monkeypatch.setenv("NEW_KEY", pem)

    account("new-version", "sandbox", "--key-env", "merchant_private_key=NEW_KEY")

    kept = Path(AcquirerAccount.objects.get(version=2).keys["merchant_private_key"])
    assert (kept.parent, kept.read_text()) == (settings.LINLI_KEYS, pem)
    assert kept.stat().st_mode & 0o077 == 0
    assert pem not in str(AcquirerAccount.objects.values())


def test_one_setting_changes_alone(acquirer):
    account("new-version", "sandbox", "--setting", "read_seconds=5")

    first, second = AcquirerAccount.objects.order_by("version")
    assert second.settings == {**first.settings, "read_seconds": "5"}


def test_keys_the_bank_does_not_take_are_found_before_they_are_in_use(acquirer):
    with pytest.raises(CommandError, match="nothing was changed"):
        account("new-version", "sandbox", "--check", "--setting", "merchant_serial=NOBODYS")

    assert AcquirerAccount.objects.count() == 1
    assert "sandbox v2: active" in account(
        "new-version", "sandbox", "--check", "--setting", "read_seconds=5"
    )


def test_out_of_use_says_what_is_unfinished(acquirer):
    view = open_payment()

    assert view.payment_no in account("out-of-use", "sandbox")
    assert "sandbox v1: active" in account("in-use", "sandbox")


def test_the_list_tells_all(acquirer):
    account("priority", "sandbox", "7")
    take_out("sandbox", by="mei")

    said = account("list")

    assert said.split()[:3] == ["sandbox", "v1", "sandbox"]
    assert "active, the account of the settings, priority 7, circuit open" in said


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["add", "sandbox", "--adapter", "sandbox"], "new version"),
        (["new-version", "nobody"], "no such account"),
        (["new-version", "sandbox", "--key", "aead_key=/nowhere"], "cannot be read"),
        (["new-version", "sandbox", "--key-env", "aead_key=NOT_THERE"], "NOT_THERE is not set"),
        (["new-version", "sandbox", "--setting", "nonsense"], "NAME=VALUE"),
        (["new-version", "sandbox", "--from", "/nowhere.json"], "nowhere.json"),
        (["disable", "sandbox", "--account-version", "9"], "no such version"),
        (["priority", "sandbox", "first"], "first"),
    ],
)
def test_what_does_not_fit_is_said_and_changes_nothing(acquirer, arguments, reason):
    before = list(AcquirerAccount.objects.values())

    with pytest.raises(CommandError, match=reason):
        account(*arguments)

    assert list(AcquirerAccount.objects.values()) == before
