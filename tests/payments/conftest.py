"""Every payments test stands at the same desk: the test shop wants the money."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from payments.acquiring.registry import forget_adapters
from payments.models import AcquirerAccount
from tests.payments.desk import Shop, make_account


@pytest.fixture(autouse=True)
def _shop(settings) -> Iterator[None]:
    settings.LINLI_PAYABLE = "tests.payments.desk.Shop"
    Shop.closed.clear()
    forget_adapters()
    yield
    Shop.closed.clear()


@pytest.fixture
def english(settings) -> Iterator[None]:
    """Sentences in the language they were written in."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def account(db) -> AcquirerAccount:
    """An account at an acquirer that is not running."""
    return make_account()


@pytest.fixture
def says_it_again(settings) -> None:
    """An acquirer that is asked before held money leaves, and stays with what it said."""
    settings.LINLI_ADAPTERS = {"sandbox": "tests.payments.desk.SaysItAgain"}
    forget_adapters()
