"""Overrides Oscar's order numbers (ours reveal nothing) and shuts its way of placing orders."""

from __future__ import annotations

from typing import Any, NoReturn

from oscar.apps.order.utils import OrderCreator as CoreOrderCreator
from oscar.apps.order.utils import OrderNumberGenerator as CoreOrderNumberGenerator

from payments.api import new_number


class OrderNumberGenerator(CoreOrderNumberGenerator):
    """Numbers that fit every acquirer's field; Oscar's are 100000 plus the basket's id."""

    def order_number(self, basket: Any) -> str:
        """Return a new random number, whatever the basket."""
        del basket
        return new_number("M")


class OrderCreator(CoreOrderCreator):
    """Oscar places orders without guarding stock, limits or offers; mall.ordering.placing does."""

    def place_order(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise RuntimeError("orders are placed by mall.ordering.placing.place_order")
