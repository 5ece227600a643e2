"""A bank of the tests' own, speaking CCB's dialect, and our account there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from payments.acquiring.registry import forget_adapters
from tests.acquirer import SandboxAcquirer, own_sandbox
from tests.contract.benches.ccb import CcbBench, set_portal
from tests.contract.letterbox import Letterbox


@pytest.fixture(scope="session")
def running(tmp_path_factory) -> Iterator[SandboxAcquirer]:
    """The program, once for all tests here."""
    with own_sandbox(tmp_path_factory.mktemp("ccb"), "--dialect", "ccb") as bank:
        yield bank


@pytest.fixture(scope="session")
def box() -> Iterator[Letterbox]:
    """Where its messages go."""
    with Letterbox.open() as opened:
        yield opened


@pytest.fixture
def bench(running, box) -> Iterator[CcbBench]:
    """The bank with an empty letterbox."""
    box.kept.clear()
    set_portal(running, box.url)
    yield CcbBench(running, box)
    forget_adapters()


@pytest.fixture
def ccb(bench):
    """Our adapter."""
    return bench.adapter()
