"""The heart on a card: a form that turns it on or off."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True, slots=True, kw_only=True)
class Heart:
    """A heart, and where to send the wish to turn it."""

    product_id: int
    url: str
    is_on: bool


def heart_of(product_id: int, *, is_on: bool) -> Heart:
    """Return the heart of a product."""
    url = reverse("storefront:like", args=[product_id])
    return Heart(product_id=product_id, url=url, is_on=is_on)
