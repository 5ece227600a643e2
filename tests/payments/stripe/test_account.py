"""The Stripe account comes from the environment; its keys lie in files that only we read."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from payments.acquiring.contract import Scene
from payments.acquiring.registry import forget_adapters
from payments.api import ensure_stripe_account
from payments.models import AcquirerAccount
from payments.services.accounts import adapter_of
from payments.services.rotation import AccountRefusedError
from tests.payments.stripe.test_webhooks import INTENT, event, message, signature

ENVIRON = {
    "STRIPE_SECRET_KEY": "sk_test_first",
    "STRIPE_WEBHOOK_SECRET": "whsec_first",
    "STRIPE_ACCOUNT_ID": "acct_linli",
}


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path, db):
    settings.LINLI_KEYS = tmp_path / "keys"
    forget_adapters()
    yield
    forget_adapters()


def test_an_account_is_made_and_its_keys_are_only_ours(tmp_path):
    account = ensure_stripe_account(environ=ENVIRON)

    assert (account.code, account.version, account.adapter) == ("stripe", 1, "stripe")
    assert account.merchant_id == "acct_linli"
    assert "sk_test" not in str((account.settings, account.keys))
    files = [Path(name) for name in account.keys.values()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_unchanged_it_keeps_its_version_and_changed_it_gets_a_new_one():
    first, again = (ensure_stripe_account(environ=ENVIRON) for _ in range(2))
    changed = ensure_stripe_account(environ={**ENVIRON, "STRIPE_HOSTED_PAGES": "true"})
    scenes = adapter_of(changed).caps.scenes
    back = ensure_stripe_account(environ=ENVIRON)

    assert again == first
    assert (changed.version, changed.settings["hosted_pages"]) == (2, True)
    assert (back.version, "hosted_pages" in back.settings) == (3, False)
    assert AcquirerAccount.objects.filter(status="active").get() == back
    assert Scene.H5 in scenes
    assert Scene.H5 not in adapter_of(back).caps.scenes


def test_a_new_secret_is_a_new_version_and_the_old_one_still_verifies(client):
    ensure_stripe_account(environ=ENVIRON)
    newer = {**ENVIRON, "STRIPE_SECRET_KEY": "sk_test_second", "STRIPE_WEBHOOK_SECRET": "whsec_2"}
    account = ensure_stripe_account(environ=newer)
    body = event("payment_intent.succeeded", {**INTENT, "metadata": {}})
    raw = message(body)
    stamp = raw.headers["stripe-signature"].split(",")[0].removeprefix("t=")

    for secret, status in (("whsec_2", 200), ("whsec_first", 200), ("whsec_forged", 400)):
        header = f"t={stamp},v1={signature(body, int(stamp), secret)}"
        answer = client.generic(
            "POST",
            "/payments/notify/stripe/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": header},
        )
        assert answer.status_code == status, secret

    assert account.version == 2
    assert Path(account.keys["secret_key"]).read_text() == "sk_test_second\n"


def test_secrets_may_come_in_files_and_several_at_once(tmp_path):
    (tmp_path / "secret").write_text("rk_test_file\n")
    (tmp_path / "signing").write_text("whsec_new\nwhsec_old\n")
    found = {
        "STRIPE_SECRET_KEY_FILE": str(tmp_path / "secret"),
        "STRIPE_WEBHOOK_SECRETS_FILE": str(tmp_path / "signing"),
        "STRIPE_CURRENCY": "usd",
        "STRIPE_API_BASE": "http://127.0.0.1:12111",
    }

    account = ensure_stripe_account(code="stripe-usd", environ=found)

    assert Path(account.keys["webhook_secrets"]).read_text().split() == ["whsec_new", "whsec_old"]
    assert Path(account.keys["secret_key"]).read_text() == "rk_test_file\n"
    assert (account.code, account.merchant_id) == ("stripe-usd", "stripe-usd")
    assert adapter_of(account).caps.currencies == {"USD"}


@pytest.mark.parametrize(
    "changes",
    [
        {"STRIPE_SECRET_KEY": ""},
        {"STRIPE_SECRET_KEY": "pk_test_public"},
        {"STRIPE_CURRENCY": "xyz"},
        {"STRIPE_API_BASE": "file:///etc/passwd"},
    ],
)
def test_an_environment_that_cannot_work_is_refused(changes):
    with pytest.raises(AccountRefusedError):
        ensure_stripe_account(environ={**ENVIRON, **changes})

    assert AcquirerAccount.objects.exists() is False


def test_the_command_says_where_the_messages_go(capsys, monkeypatch, settings):
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)

    call_command("stripe_account")

    said = capsys.readouterr().out
    assert "stripe v1: acct_linli" in said
    assert f"{settings.SITE_URL}/payments/notify/stripe/" in said
    assert "sk_test" not in said


def test_the_check_before_going_live_talks_with_a_stripe(localstripe, capsys):
    ensure_stripe_account(environ=localstripe.environ)

    call_command("acquirer_check", "stripe")

    said = capsys.readouterr().out
    for line in ("pending (app)", "closed", "not_found", "refused (format)", "believed (evt_"):
        assert line in said


def test_the_command_says_what_is_missing(monkeypatch):
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)

    with pytest.raises(CommandError, match="STRIPE_SECRET_KEY"):
        call_command("stripe_account")
