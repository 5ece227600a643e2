"""Stock held by orders, to look up in the admin."""

from __future__ import annotations

from django.contrib import admin

from mall.ordering.models import StockReservation
from mall.promotions.admin import LookUpOnly


@admin.register(StockReservation)
class StockReservationAdmin(LookUpOnly):
    """Who holds how many of what, and what became of it."""

    list_display = ("line", "order", "item", "quantity", "state", "dispatched_at")
    list_filter = ("state",)
    list_select_related = ("line__order", "item__product")
    search_fields = ("line__order__order_no", "item__product__title")

    @admin.display(ordering="line__order__order_no")
    def order(self, held: StockReservation) -> str:
        """Show the order's number."""
        return held.line.order.order_no
