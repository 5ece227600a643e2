"""One sandbox that speaks Alipay's dialect, for all tests beside this file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acquirer import SandboxAcquirer, own_sandbox


@pytest.fixture(scope="session")
def bank(tmp_path_factory) -> Iterator[SandboxAcquirer]:
    """The running program."""
    with own_sandbox(tmp_path_factory.mktemp("alipay"), "--dialect", "alipay") as running:
        yield running
