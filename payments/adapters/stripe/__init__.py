"""The adapter of Stripe, over the house's own HTTP client: docs/adapters/stripe.md."""

from __future__ import annotations
