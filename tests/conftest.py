"""What every test has: a migrated database of its own, a closed network, Chinese weekdays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase

from mall.config.translations import compile_catalogues
from tests.databases import own_copy

pytest_plugins = ["tests.servers", "tests.browser.pages", "tests.localstripe"]
if find_spec("tests.acquirer"):
    pytest_plugins.append("tests.acquirer")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker) -> Iterator[None]:
    """Give this process its copy; after a test that commits, put the copy back."""
    with django_db_blocker.unblock():
        copy = own_copy(f"{os.getpid()}")
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda _case: copy.restore()
    yield
    TransactionTestCase._fixture_teardown = flush
    with django_db_blocker.unblock():
        copy.drop()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rate limits and cached pages of one test are not those of the next."""
    cache.clear()


def pytest_configure() -> None:
    for folder in settings.LOCALE_PATHS:
        compile_catalogues(folder)


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what long tests leave in their user_properties under the name "told": their counts."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, line in report.user_properties:
            if name == "told":
                terminalreporter.write_line(str(line))
