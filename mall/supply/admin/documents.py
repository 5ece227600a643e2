"""Papers of the depot in the admin: read, confirmed by a second person; stock is taken here."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.crypto import get_random_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.partner.models import Partner, StockRecord
from unfold.admin import TabularInline
from unfold.decorators import display

from mall.supply.admin.showing import (
    COLOURS,
    ReadOnlyAdmin,
    numbers_of,
    require,
    said,
    yuan,
)
from mall.supply.models import StockDocument, StockDocumentLine
from mall.supply.stocktaking import decide, take_stock
from payments.api import LinliError

ADD: Final = "supply.add_stockdocument"
BOOK: Final = "supply.book_stockdocument"
_RECORDS_MAX: Final = 500


class LineInline(TabularInline):
    """What was expected, counted, and changed."""

    model = StockDocumentLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ("title", "batch", "expected", "counted", "stock_change")

    def has_add_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: papers are kept."""
        return False


@admin.register(StockDocument)
class StockDocumentAdmin(ReadOnlyAdmin):
    """Goods in, goods out, stock-takings."""

    list_display = (
        "document_no",
        "kind",
        "purchase",
        "group",
        "state_label",
        "worth",
        "counted_by",
        "at",
    )
    list_filter = ("kind", "state", "at")
    list_select_related = ("purchase", "group__group_buy", "group__pickup_point", "counted_by")
    search_fields = ("document_no", "purchase__purchase_no", "reason", "lines__title")
    date_hierarchy = "at"
    inlines = (LineInline,)
    list_before_template = "admin/supply/to_stocktaking.html"
    actions = ("confirm_them", "refuse_them")
    fields = (
        "document_no",
        "kind",
        "state",
        "purchase",
        "group",
        "reason",
        "photo_link",
        "worth",
        ("counted_by", "at"),
        ("decided_by", "decided_at"),
    )
    readonly_fields = ("photo_link", "worth")

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def state_label(self, document: StockDocument) -> tuple[str, str]:
        """Show the state in colour."""
        return document.state, document.get_state_display()

    @display(description=gettext_lazy("worth of the differences"), ordering="worth_minor")
    def worth(self, document: StockDocument) -> str:
        """Show yuan."""
        return yuan(document.worth_minor) if document.worth_minor else "–"

    @display(description=gettext_lazy("photo"))
    def photo_link(self, document: StockDocument) -> str:
        """Link to the photo."""
        if not document.photo:
            return "–"
        url = reverse("admin:supply_photo", args=[document.pk])
        return format_html('<a href="{}">{}</a>', url, _("Open the photo"))

    def has_book_permission(self, request: HttpRequest, *_object: Any) -> bool:
        """Tell whether she may be the second person."""
        return bool(request.user.has_perm(BOOK))

    @admin.action(description=gettext_lazy("Confirm and book"), permissions=["book"])
    def confirm_them(self, request: HttpRequest, chosen: QuerySet[StockDocument]) -> None:
        """Book what another person counted."""
        self._decide(request, chosen, is_right=True)

    @admin.action(description=gettext_lazy("Refuse"), permissions=["book"])
    def refuse_them(self, request: HttpRequest, chosen: QuerySet[StockDocument]) -> None:
        """Refuse what another person counted."""
        self._decide(request, chosen, is_right=False)

    def _decide(
        self, request: HttpRequest, chosen: QuerySet[StockDocument], *, is_right: bool
    ) -> None:
        user: Any = request.user
        for document in chosen.order_by("pk"):
            try:
                decided = decide(document.document_no, is_right=is_right, by=user)
            except LinliError as refusal:
                messages.error(request, f"{document}: {refusal.user_message}")
            else:
                messages.success(request, f"{document}: {decided.get_state_display()}")

    def get_urls(self) -> list[URLPattern]:
        """Add the form of a stock-taking, and photos."""
        guard = self.admin_site.admin_view
        return [
            path("take/", guard(self.take_view), name="supply_take_stock"),
            path("<int:pk>/photo/", guard(self.photo_view), name="supply_photo"),
            *super().get_urls(),
        ]

    def take_view(self, request: HttpRequest) -> HttpResponse:
        """Let what was counted of a supplier's goods be typed beside what should be there."""
        require(request, ADD)
        supplier = _supplier(request.GET.get("supplier", ""))
        if request.method == "POST":
            user: Any = request.user
            try:
                document = take_stock(
                    numbers_of(request.POST, "n-"),
                    reason=said(request.POST, "reason"),
                    by=user,
                    wish_key=said(request.POST, "wish", most=64),
                )
            except LinliError as refusal:
                messages.error(request, str(refusal.user_message))
            else:
                text = _("Stock-taking %(number)s: %(state)s.")
                told = {"number": document, "state": document.get_state_display()}
                messages.success(request, text % told)
                return redirect("admin:supply_stockdocument_changelist")
        return TemplateResponse(request, "admin/supply/take.html", self._take(request, supplier))

    def _take(self, request: HttpRequest, supplier: Partner | None) -> dict[str, Any]:
        rows = StockRecord.objects.filter(partner=supplier) if supplier else []
        if supplier:
            rows = rows.select_related("product").order_by("product__title")[:_RECORDS_MAX]
        typed = request.POST if request.method == "POST" else {}
        return {
            **self.admin_site.each_context(request),
            "title": _("Take stock"),
            "suppliers": Partner.objects.order_by("name"),
            "supplier": supplier,
            "rows": [(row, typed.get(f"n-{row.pk}", "")) for row in rows],
            "reason": typed.get("reason", ""),
            "wish": said(typed, "wish", most=64) or get_random_string(32),
        }

    def photo_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show a photo; it lies outside the media folder."""
        document = self.found(request, pk)
        if not document.photo:
            raise Http404
        return FileResponse(document.photo.open("rb"), content_type="image/webp")


def _supplier(key: str) -> Partner | None:
    if not key.isdecimal() or len(key) > 18:
        return None
    return Partner.objects.filter(pk=int(key)).first()
