"""Each test of the contract runs on every bench whose flags promise what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from payments.acquiring.contract import AcquirerAdapter
from tests.contract.bench import Bench, benches

Start = Callable[[type[Bench]], Bench]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the benches by the marker `needs`: a question to an adapter's flags."""
    if "bench" not in metafunc.fixturenames:
        return
    needs = [mark.args[0] for mark in metafunc.definition.iter_markers("needs")]
    able = [kind for kind in benches() if all(need(kind.caps) for need in needs)]
    metafunc.parametrize("bench", able, indirect=True, ids=[kind.name for kind in able])


@pytest.fixture(scope="session")
def _start(tmp_path_factory: Any) -> Iterator[Start]:
    """Start a bench at its first test; all of them end with the run."""
    started: dict[type[Bench], Bench] = {}
    with ExitStack() as stack:

        def start(kind: type[Bench]) -> Bench:
            if kind not in started:
                folder = tmp_path_factory.mktemp(kind.name)
                started[kind] = stack.enter_context(kind.running(folder))
            return started[kind]

        yield start


@pytest.fixture
def bench(request: pytest.FixtureRequest, _start: Start) -> Bench:
    """The acquirer under test."""
    return _start(request.param)


@pytest.fixture
def adapter(bench: Bench) -> AcquirerAdapter:
    """Our adapter of it."""
    return bench.adapter()
