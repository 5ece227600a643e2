"""An account in the middle of a switch, and a sandbox that speaks APIv3."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from payments.acquiring.registry import make_adapter
from payments.adapters.wechatpay.adapter import WeChatPayAdapter
from tests.acquirer import SandboxAcquirer, own_sandbox
from tests.payments.wechatpay.theirs import account


@pytest.fixture
def wechat(tmp_path) -> WeChatPayAdapter:
    """An adapter that knows a platform certificate and a public key, at an address of nobody's."""
    return make_adapter(account(tmp_path, profit_sharing=True, transfer_scene_id="1005"))


@pytest.fixture(scope="session")
def bank(tmp_path_factory) -> Iterator[SandboxAcquirer]:
    """A sandbox bank with WeChat Pay's dialect."""
    with own_sandbox(tmp_path_factory.mktemp("wechatpay"), "--dialect", "wechatpay") as running:
        yield running


@pytest.fixture
def adapter(bank) -> WeChatPayAdapter:
    """Our adapter there."""
    return make_adapter(bank.dialect("wechatpay", read_seconds=3.0))
