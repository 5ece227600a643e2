"""Shortages in the admin: what was decided, and what suppliers announced to be shared out."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.admin import TabularInline

from mall.accounts.masking import mask_name
from mall.fulfilment.models import Shortage, ShortageShare
from mall.fulfilment.supplier_shortages import share_out, to_share
from mall.promotions.admin import LookUpOnly
from payments.api import LinliError


class ShareInline(TabularInline):
    """Who gets how many."""

    model = ShortageShare
    extra = 0
    can_delete = False
    per_page = 50
    fields = readonly_fields = ("order", "resident", "due", "got", "refund_no", "settled_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the orders with them."""
        return super().get_queryset(request).select_related("line__order")

    @admin.display(description=_("order"))
    def order(self, share: ShortageShare) -> str:
        """Show the order's number."""
        return share.line.order.order_no

    @admin.display(description=_("resident"))
    def resident(self, share: ShortageShare) -> str:
        """Show the masked name."""
        return mask_name(share.line.order.receiver_name)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


@admin.register(Shortage)
class ShortageAdmin(LookUpOnly):
    """Each with who went short, by which rule, and the refunds."""

    list_display = ("item", "group", "available", "due", "rule", "decided_at", "settled_at")
    list_filter = ("rule", ("settled_at", admin.EmptyFieldListFilter), "item__group_buy")
    list_select_related = (
        "item__product",
        "group__group_buy",
        "group__pickup_point",
    )
    search_fields = ("source", "item__product__title", "shares__line__order__order_no")
    date_hierarchy = "decided_at"
    inlines = (ShareInline,)

    class Media:
        """The look of the day's pages."""

        css: ClassVar = {"all": ("claims/claims.css", "fulfilment/day.css")}

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which announced shortages are shared out."""
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.share_view))
        return [path("share/", page, name="fulfilment_share"), *super().get_urls()]

    def share_view(self, request: HttpRequest) -> HttpResponse:
        """Show who would go short of what suppliers do not bring; posted, pay it back."""
        if not request.user.has_perm("fulfilment.share_shortage"):
            raise PermissionDenied
        if request.method == "POST":
            self._share(request)
            return redirect("admin:fulfilment_share")
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Shortages announced by suppliers"),
            "open": to_share(),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/fulfilment/share.html", context)

    def _share(self, request: HttpRequest) -> None:
        numbers = [request.POST.get("item", ""), request.POST.get("available", "")]
        if not all(n.isascii() and n.isdecimal() and len(n) <= 15 for n in numbers):
            messages.error(request, _now("Please look at the page again."))
            return
        item_id, available = map(int, numbers)
        try:
            settled = share_out(item_id=item_id, available=available, by=request.user)
        except LinliError as refusal:
            messages.error(request, refusal.user_message)
            return
        text = _now("Shared out: %(count)s residents get money back.") % {"count": settled.refunded}
        messages.success(request, text)
