"""A strict Stripe beside these tests, empty for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from payments.acquiring.registry import make_adapter
from payments.adapters.stripe.adapter import StripeAdapter
from tests.localstripe import stripe_account
from tests.machines import free_port
from tests.payments.stripe.strict import StrictStripe
from tests.payments.stripe.strict_door import open_stripe


@pytest.fixture
def strict() -> Iterator[StrictStripe]:
    stripe = StrictStripe()
    server = open_stripe(stripe, free_port())
    yield stripe
    server.shutdown()
    server.server_close()


@pytest.fixture
def stripe(strict) -> StripeAdapter:
    """An adapter of an account with everything switched on."""
    return make_adapter(stripe_account(base_url=strict.url, hosted_pages=True, connect=True))
