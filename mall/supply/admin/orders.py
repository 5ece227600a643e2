"""Purchase orders in the admin: list, actions, a page for each, the board of a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from mall.supply.admin.acts import SEND, act
from mall.supply.admin.board import board_context, draft_now, send_all
from mall.supply.admin.order_page import order_context
from mall.supply.admin.showing import COLOURS, ReadOnlyAdmin, require, yuan
from mall.supply.exporting import lines_of_orders
from mall.supply.models import PurchaseOrder
from mall.supply.papers.content import weight_text
from mall.supply.papers.pdf import purchase_pdf
from mall.supply.papers.workbook import purchase_workbook
from mall.supply.selectors import orders_of_day
from mall.supply.sending import resend, send
from payments.admin.spreadsheets import spreadsheet
from payments.api import LinliError, business_date, local

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PRINT_MAX: Final = 300


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(ReadOnlyAdmin):
    """What suppliers were asked for, how far it is, and what is to be done."""

    list_display = (
        "purchase_no",
        "supplier",
        "group_buy",
        "deliver_shown",
        "pieces",
        "weight",
        "cost",
        "status_label",
    )
    list_filter = ("status", "kind", "supplier", "deliver_until")
    list_select_related = ("supplier", "group_buy")
    search_fields = ("purchase_no", "supplier__name", "group_buy__title", "group_buy__code")
    search_help_text = gettext_lazy("Number, supplier, group buy or its code")
    date_hierarchy = "deliver_until"
    list_before_template = "admin/supply/to_board.html"
    actions = ("send_them", "resend_them", "print_them", "export_them")

    @display(description=gettext_lazy("to be delivered until"), ordering="deliver_until")
    def deliver_shown(self, purchase: PurchaseOrder) -> str:
        """Show day and time."""
        return f"{local(purchase.deliver_until):%m-%d %H:%M}"

    @display(description=gettext_lazy("weight"), ordering="grams")
    def weight(self, purchase: PurchaseOrder) -> str:
        """Show kilograms; an unknown weight is no zero."""
        return weight_text(purchase.grams)

    @display(description=gettext_lazy("cost"), ordering="cost_minor")
    def cost(self, purchase: PurchaseOrder) -> str:
        """Show yuan."""
        return yuan(purchase.cost_minor)

    @display(description=gettext_lazy("status"), ordering="status", label=COLOURS)
    def status_label(self, purchase: PurchaseOrder) -> tuple[str, str]:
        """Show the state in colour."""
        return purchase.status, purchase.get_status_display()

    def has_send_permission(self, request: HttpRequest, *_object: Any) -> bool:
        """Tell whether she may send."""
        return bool(request.user.has_perm(SEND))

    @admin.action(description=gettext_lazy("Send now"), permissions=["send"])
    def send_them(self, request: HttpRequest, chosen: QuerySet[PurchaseOrder]) -> None:
        """Send the chosen drafts by link; each that cannot go says why."""
        by = request.user.get_username()
        self._each(request, chosen, lambda number: send(number, by=by))

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def resend_them(self, request: HttpRequest, chosen: QuerySet[PurchaseOrder]) -> None:
        """Send the chosen ones once more, with new links."""
        by = request.user.get_username()
        self._each(request, chosen, lambda number: resend(number, by=by))

    @admin.action(description=gettext_lazy("Print as one PDF"), permissions=["view"])
    def print_them(
        self, _request: HttpRequest, chosen: QuerySet[PurchaseOrder]
    ) -> HttpResponseBase:
        """Put the chosen ones one after the other."""
        rows = chosen.select_related("group_buy", "supplier", "supplements").order_by(
            "supplier__name", "pk"
        )
        return _printed(list(rows[:_PRINT_MAX]), name="purchase-orders")

    @admin.action(description=gettext_lazy("Lines as a spreadsheet"), permissions=["view"])
    def export_them(
        self, _request: HttpRequest, chosen: QuerySet[PurchaseOrder]
    ) -> HttpResponseBase:
        """Give every line of the chosen ones."""
        headers, rows = lines_of_orders(chosen)
        return spreadsheet("xlsx", name="purchase-lines", headers=headers, rows=rows)

    def _each(
        self,
        request: HttpRequest,
        chosen: QuerySet[PurchaseOrder],
        step: Callable[[str], object],
    ) -> None:
        for purchase in chosen.order_by("pk"):
            try:
                step(purchase.purchase_no)
            except LinliError as refusal:
                messages.error(request, f"{purchase}: {refusal.user_message}")
            else:
                messages.success(request, _("%(number)s is sent.") % {"number": purchase})

    def get_urls(self) -> list[URLPattern]:
        """Add the board, an order's buttons and its papers."""
        guard = self.admin_site.admin_view
        return [
            path("board/", guard(self.board_view), name="supply_board"),
            path("board/do/", guard(require_POST(self.board_act)), name="supply_board_act"),
            path("board/print.pdf", guard(self.board_print), name="supply_board_print"),
            path("<int:pk>/act/", guard(require_POST(self.act_view)), name="supply_act"),
            path("<int:pk>/paper.<slug:form>", guard(self.paper_view), name="supply_paper"),
            *super().get_urls(),
        ]

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one order with everything beside it."""
        del form_url
        purchase = self.found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **order_context(request, purchase),
            "title": str(purchase),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/supply/order.html", context)

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button of the page says."""
        purchase = self.found(request, pk)
        try:
            messages.success(request, act(request, purchase, request.POST.get("what", "")))
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
        return redirect(reverse("admin:supply_purchaseorder_change", args=[pk]))

    def paper_view(self, request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
        """Give an order as a file."""
        purchase = self.found(request, pk)
        if form == "pdf":
            return _printed([purchase], name=purchase.purchase_no)
        if form != "xlsx":
            raise Http404
        name = f"{purchase.purchase_no}.xlsx"
        file = purchase_workbook(purchase)
        return FileResponse(file, as_attachment=True, filename=name, content_type=_XLSX)

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """Show how every supplier's orders of a day stand, and which group buys wait."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **board_context(request, _day(request.GET.get("day", ""))),
            "title": _("Purchase, day by day"),
        }
        return TemplateResponse(request, "admin/supply/board.html", context)

    def board_act(self, request: HttpRequest) -> HttpResponse:
        """Draft a group buy's orders now, or send all that are ready."""
        require(request, SEND)
        do = {"draft": draft_now, "send": send_all}.get(request.POST.get("what", ""))
        key = request.POST.get("group_buy", "")
        if do is None or not key.isdecimal() or len(key) > 18:
            raise PermissionDenied
        for is_good, text in do(int(key), by=request.user.get_username()):
            (messages.success if is_good else messages.error)(request, text)
        day = _day(request.POST.get("day", ""))
        return redirect(f"{reverse('admin:supply_board')}?day={day:%Y-%m-%d}")

    def board_print(self, request: HttpRequest) -> HttpResponseBase:
        """Give all orders of a day as one PDF."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        day = _day(request.GET.get("day", ""))
        rows = orders_of_day(day).select_related("group_buy", "supplier", "supplements")
        return _printed(list(rows), name=f"purchase-{day:%Y%m%d}")


def _printed(orders: list[PurchaseOrder], *, name: str) -> HttpResponseBase:
    if not orders:
        raise Http404
    file = purchase_pdf(orders)
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.pdf", content_type="application/pdf"
    )


def _day(text: str) -> date:
    try:
        return parse_date(text) or business_date()
    except ValueError:
        return business_date()
