"""Real orders are never collected by the sandbox."""

from __future__ import annotations

import pytest

from payments.checks import accounts_are_usable, acquirer_is_real
from tests.payments.banking import another_account, lead

pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize(
    ("is_demo", "account", "found"),
    [(True, "sandbox", []), (False, "sandbox", ["payments.E001"]), (False, "ccb", [])],
)
def test_the_sandbox_is_for_demos(settings, is_demo, account, found):
    settings.LINLI_DEMO = is_demo
    settings.LINLI_ACQUIRER_ACCOUNT = account

    assert [message.id for message in acquirer_is_real()] == found


def found() -> list[str]:
    return [message.id for message in accounts_are_usable(databases=["default"])]


def test_an_account_in_order_is_not_mentioned(acquirer):
    assert found() == []
    assert accounts_are_usable() == []


def test_an_account_without_its_keys_is_mentioned(acquirer):
    another_account("broken", keys={"merchant_private_key": "/nowhere.pem"})
    another_account("gone", keys={}, status="disabled")

    assert found() == ["payments.W001"]
    told = accounts_are_usable(databases=["default"])[0]
    assert "broken v1 cannot be used" in told.msg


def test_a_rule_that_leads_nowhere_is_mentioned(acquirer):
    lead("nobody")
    lead("nobody", is_active=False)

    assert found() == ["payments.W003"]


def test_real_money_goes_encrypted_to_an_account_in_use(acquirer, settings):
    settings.LINLI_DEMO = False
    settings.LINLI_ACQUIRER_ACCOUNT = "ccb"

    assert found() == ["payments.E002", "payments.W002"]
