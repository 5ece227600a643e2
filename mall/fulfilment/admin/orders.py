"""Orders in the admin: looked up, and moved by the services only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import TabularInline
from unfold.decorators import action

from mall.accounts.masking import mask_name, mask_phone
from mall.fulfilment.closing import close_window_now
from mall.fulfilment.dispatching import mark_dispatched
from mall.ordering.discounts import FunderShown, shown
from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount, OrderFulfilment
from mall.ordering.order_admin import OrderDesk
from mall.promotions.admin import LookUpOnly
from mall.promotions.wording import yuan
from payments.api import LinliError


class LineInline(TabularInline):
    """What was ordered, what it came to, what went back."""

    model = LineFulfilment
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "title",
        "supplier",
        "quantity",
        "value",
        "offer_share",
        "cost",
        "refunded_quantity",
        "refunded",
    )

    @admin.display(description=_("value"))
    def value(self, line: LineFulfilment) -> str:
        """Show the value."""
        return yuan(line.value_minor)

    @admin.display(description=_("part of the discounts"))
    def offer_share(self, line: LineFulfilment) -> str:
        """Show the line's part of the discount."""
        return yuan(line.offer_share_minor)

    @admin.display(description=_("owed to the supplier"))
    def cost(self, line: LineFulfilment) -> str:
        """Show the cost."""
        return yuan(line.cost_minor)

    @admin.display(description=_("refunded"))
    def refunded(self, line: LineFulfilment) -> str:
        """Show the value refunded."""
        return yuan(line.refunded_minor)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


class DiscountInline(TabularInline):
    """What is taken off an order: quoted, given, gone back, and who pays for it."""

    model = OrderDiscount
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "source",
        "name",
        "source_no",
        "decided_by",
        "quoted",
        "given",
        "paid_for_by",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderDiscount]:
        """Read the funders' parts with them."""
        return super().get_queryset(request).prefetch_related("lines")

    @admin.display(description=_("quoted"))
    def quoted(self, discount: OrderDiscount) -> str:
        """Show what was quoted."""
        return yuan(discount.estimated_minor)

    @admin.display(description=_("given"))
    def given(self, discount: OrderDiscount) -> str:
        """Show what came, once it is known."""
        return "" if discount.actual_minor is None else yuan(discount.actual_minor)

    @admin.display(description=_("paid for by"))
    def paid_for_by(self, discount: OrderDiscount) -> str:
        """Show each funder's part, and what of it went back."""
        return "; ".join(map(_funder_text, shown(discount, discount.lines.all()).funding))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


def _funder_text(part: FunderShown) -> str:
    word = dict(LineDiscount._meta.get_field("funder").flatchoices)[part.funder]  # noqa: SLF001
    text = f"{word} {yuan(part.minor)} ({part.ref})"
    if part.returned_minor:
        text += " · " + _("%(amount)s given back") % {"amount": yuan(part.returned_minor)}
    return text


@admin.register(OrderFulfilment)
class OrderAdmin(OrderDesk, LookUpOnly):
    """Found by number, receiver, the phone's last digits or the payment; money is never edited."""

    list_display = (
        "order_no",
        "status",
        "receiver",
        "group",
        "goods",
        "discount",
        "payable",
        "placed_at",
    )
    list_filter = ("status", "ended_because", "group_buy", "pickup_point")
    list_select_related = ("group__group_buy", "group__pickup_point")
    search_fields = ("order_no", "receiver_name", "receiver_phone__endswith", "payment_no")
    date_hierarchy = "placed_at"
    inlines = (LineInline, DiscountInline)
    actions = ("close_window", "dispatch_groups", "call_off_orders")
    actions_detail = ("follow_money", "move")
    fieldsets = (
        (None, {"fields": ("order_no", "status", "placed_by", "went_back")}),
        (
            _("How it ended"),
            {
                "fields": (
                    "ended_because",
                    "cancel_requested_at",
                    "ended_by",
                    "end_note",
                    "is_quiet",
                )
            },
        ),
        (_("Receiver"), {"fields": ("receiver", "phone", "remark")}),
        (
            pgettext_lazy("group buying", "Group"),
            {"fields": ("group", "leader", "pickup_point", "moved")},
        ),
        (_("Money"), {"fields": ("goods", "discount", "payable", "paid_back", "offer_name")}),
        (_("Payment"), {"fields": ("payment_no", "agreement_no", "expires_at")}),
        (
            _("Times"),
            {
                "fields": (
                    "placed_at",
                    "paid_at",
                    "changed_at",
                    "moved_at",
                    "confirmed_at",
                    "dispatched_at",
                    "arrived_at",
                    "collected_at",
                    "window_ends_at",
                    "closed_at",
                    "cancelled_at",
                    "refunded_at",
                )
            },
        ),
    )

    @admin.display(description=pgettext_lazy("of goods", "receiver"), ordering="receiver_name")
    def receiver(self, order: OrderFulfilment) -> str:
        """Show the masked name."""
        return mask_name(order.receiver_name)

    @admin.display(description=_("phone"))
    def phone(self, order: OrderFulfilment) -> str:
        """Show the masked phone."""
        return mask_phone(order.receiver_phone)

    @admin.display(description=_("goods"), ordering="goods_minor")
    def goods(self, order: OrderFulfilment) -> str:
        """Show the value of the goods."""
        return yuan(order.goods_minor)

    @admin.display(description=_("discounts"), ordering="discount_minor")
    def discount(self, order: OrderFulfilment) -> str:
        """Show what others pay of it."""
        return yuan(-order.discount_minor) if order.discount_minor else ""

    @admin.display(description=_("paid by the resident"), ordering="payable_minor")
    def payable(self, order: OrderFulfilment) -> str:
        """Show what the resident pays."""
        return yuan(order.payable_minor)

    @admin.display(description=_("paid back"))
    def paid_back(self, order: OrderFulfilment) -> str:
        """Show what the resident got back."""
        return yuan(order.refunded_minor)

    @action(
        description=_("Follow the money"),
        url_path="money",
        permissions=["view"],
        icon="account_tree",
    )
    def follow_money(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the page that follows the order's money to every party."""
        order = self.get_object(request, object_id)
        return redirect("admin:payments_money", number=str(order))

    @admin.action(description=_("Close the after-sales window now"), permissions=["handle"])
    def close_window(self, request: HttpRequest, queryset: QuerySet[OrderFulfilment]) -> None:
        """Complete collected orders early; the note in the order says who did."""
        reason = _now("Closed early in the admin")
        for order_no in queryset.values_list("order_no", flat=True):
            try:
                close_window_now(order_no=order_no, by=request.user, reason=reason)
            except LinliError as refusal:
                self._refuse(request, order_no, refusal)
            else:
                self.message_user(request, order_no, messages.SUCCESS)

    @admin.action(description=_("Send the goods of these orders' groups"), permissions=["handle"])
    def dispatch_groups(self, request: HttpRequest, queryset: QuerySet[OrderFulfilment]) -> None:
        """Mark the goods of every group among the selected orders as sent."""
        for group_id in queryset.order_by("group").values_list("group", flat=True).distinct():
            try:
                sent = mark_dispatched(group_id=group_id)
            except LinliError as refusal:
                self._refuse(request, str(group_id), refusal)
            else:
                text = _now("%(count)s orders are on their way.") % {"count": sent}
                self.message_user(request, text, messages.SUCCESS)

    def has_handle_permission(self, request: HttpRequest, _object_id: str = "") -> bool:
        """Let those handle orders who may change them."""
        return request.user.has_perm("ordering.change_orderfulfilment")

    def _refuse(self, request: HttpRequest, subject: str, refusal: LinliError) -> None:
        self.message_user(request, f"{subject}: {refusal.user_message}", messages.ERROR)
