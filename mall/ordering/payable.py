"""What the small bank asks us about an order before it takes or returns money for it."""

from __future__ import annotations

from mall.groupbuy.models import State
from mall.ordering.models import OrderFulfilment, Status
from payments.api import payment_view

_BY_PEOPLE = (OrderFulfilment.Ended.RESIDENT, OrderFulfilment.Ended.STAFF)


class OrderPayable:
    """Named in settings.LINLI_PAYABLE; references are order numbers."""

    def lock(self, reference: str) -> None:
        """Lock the order: the first lock of every path that moves its money."""
        list(OrderFulfilment.objects.select_for_update(no_key=True).filter(order_no=reference))

    def accepts(self, reference: str, payment_no: str) -> bool:
        """Tell whether money for the order is still wanted.

        Not once it is cancelled or the resident or staff asked for that; nor once its group was
        decided, because what is ordered from the suppliers stands; nor for an attempt older than
        the order's present price: it would be paid with an offer, a voucher or points given back
        since. An order whose time is up but whose goods are still held takes it.
        """
        order = (
            OrderFulfilment.objects.filter(
                order_no=reference,
                status=Status.PENDING_PAYMENT,
                group__state__in=[State.OPEN, State.CLOSED],
            )
            .exclude(ended_because__in=_BY_PEOPLE)
            .first()
        )
        if order is None or order.payment_no == payment_no:
            return order is not None
        return payment_view(payment_no).created_at >= (order.priced_at or order.placed_at)
