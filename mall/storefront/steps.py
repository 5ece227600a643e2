"""From a placed order to the acquirer: what the browser does next."""

from __future__ import annotations

from django.urls import reverse

from mall.ordering.models import OrderFulfilment
from mall.ordering.paying import pay_order
from payments.api import PaymentStep


def pay_step(order: OrderFulfilment) -> str:
    """Ask the acquirer to charge the order and return the address to go on to.

    Not inside a transaction. Raises what pay_order() raises.
    """
    return step_url(pay_order(order_no=order.order_no, resident_id=order.resident_id))


def step_url(step: PaymentStep) -> str:
    """Return the acquirer's page where it wants the resident there, else the result page.

    The result page asks the acquirer again: an answer we did not get is not a failure.
    """
    if step.kind == "redirect":
        return step.url
    return reverse("cashier:result", args=[step.view.payment_no])
