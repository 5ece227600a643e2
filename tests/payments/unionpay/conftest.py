"""The sandbox acquirer as UnionPay's gateway, one for all tests of this folder that want it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from payments.adapters.unionpay.adapter import UnionPayAdapter
from tests.contract.benches.unionpay import UnionPayBench


@pytest.fixture(scope="session")
def unionpay(tmp_path_factory) -> Iterator[UnionPayBench]:
    with UnionPayBench.running(tmp_path_factory.mktemp("unionpay")) as bench:
        yield bench


@pytest.fixture
def adapter(unionpay) -> UnionPayAdapter:
    return unionpay.adapter()
