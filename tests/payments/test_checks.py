"""Real orders are never collected by the sandbox."""

from __future__ import annotations

import pytest

from payments.checks import acquirer_is_real


@pytest.mark.parametrize(
    ("is_demo", "account", "found"),
    [(True, "sandbox", []), (False, "sandbox", ["payments.E001"]), (False, "ccb", [])],
)
def test_the_sandbox_is_for_demos(settings, is_demo, account, found):
    settings.LINLI_DEMO = is_demo
    settings.LINLI_ACQUIRER_ACCOUNT = account

    assert [message.id for message in acquirer_is_real()] == found
