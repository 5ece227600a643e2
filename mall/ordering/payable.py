"""What the small bank asks us about an order before it takes or returns money for it."""

from __future__ import annotations

from mall.groupbuy.models import State
from mall.ordering.models import OrderFulfilment, Status
from payments.api import payment_view


class OrderPayable:
    """Named in settings.LINLI_PAYABLE; references are order numbers."""

    def lock(self, reference: str) -> None:
        """Lock the order: the first lock of every path that moves its money."""
        list(OrderFulfilment.objects.select_for_update(no_key=True).filter(order_no=reference))

    def accepts(self, reference: str, payment_no: str) -> bool:
        """Tell whether money for the order is still wanted.

        Not once it is cancelled or the resident asked for that; nor once its group was decided,
        because what is ordered from the suppliers stands; nor once the order was quoted anew for
        another way: a late attempt of the old one would be paid with an offer given back since. An
        order whose time is up but whose goods are still held takes it.
        """
        order = (
            OrderFulfilment.objects.filter(
                order_no=reference,
                status=Status.PENDING_PAYMENT,
                group__state__in=[State.OPEN, State.CLOSED],
            )
            .exclude(ended_because=OrderFulfilment.Ended.RESIDENT)
            .first()
        )
        if order is None or order.payment_no == payment_no:
            return order is not None
        attempt = payment_view(payment_no)
        is_same_card = attempt.agreement_no == order.agreement_no
        return is_same_card and attempt.amount.minor == order.payable_minor
