"""A merchant of the sandbox that shares no code with the mall."""

from __future__ import annotations

import pytest

from tests.payments.sandbox.merchant import Merchant


@pytest.fixture(scope="session")
def merchant(sandbox_acquirer) -> Merchant:
    return Merchant(sandbox_acquirer.base_url, sandbox_acquirer.keys_dir)
