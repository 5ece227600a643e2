"""A bank of the tests' own, speaking market pay's dialect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.benches.ccb_hsb import HsbBench


@pytest.fixture(scope="session")
def bench(tmp_path_factory) -> Iterator[HsbBench]:
    """The bank and its letterbox, once for all tests here."""
    with HsbBench.running(tmp_path_factory.mktemp("hsb")) as running:
        yield running


@pytest.fixture
def hsb(bench):
    """Our adapter."""
    return bench.adapter()
