"""What orders hold, and where banks gave another discount than quoted, to look up in the admin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from mall.ordering.differences import NoWordError, note_all, note_difference
from mall.ordering.models import DiscountDifference, OrderDiscount, StockReservation
from mall.promotions.admin import LookUpOnly
from mall.promotions.wording import yuan
from payments.admin.spreadsheets import spreadsheet
from payments.api import local

Table = HttpResponse | StreamingHttpResponse | FileResponse


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


class HowFilter(admin.SimpleListFilter):
    """More than quoted, less, nothing at all, or what nobody had quoted."""

    title = _("what differs")
    parameter_name = "how"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """Name the four kinds."""
        return [
            ("more", gettext("More than quoted")),
            ("less", gettext("Less than quoted")),
            ("nothing", gettext("Nothing given")),
            ("unquoted", gettext("Nobody had quoted it")),
        ]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep one kind."""
        kinds = {
            "more": {"estimated_minor__gt": 0, "actual_minor__gt": F("estimated_minor")},
            "less": {"actual_minor__gt": 0, "actual_minor__lt": F("estimated_minor")},
            "nothing": {"actual_minor": 0},
            "unquoted": {"estimated_minor": 0},
        }
        return queryset.filter(**kinds.get(self.value() or "", {}))


@admin.register(DiscountDifference)
class DiscountDifferenceAdmin(LookUpOnly):
    """Bank discounts that came otherwise than quoted; staff say what they found out."""

    list_display = (
        "order_link",
        "name",
        "quoted",
        "given",
        "difference",
        "paid_at",
        "is_noted",
        "noted_by",
        "note",
    )
    list_display_links = ("name",)
    list_filter = (
        HowFilter,
        ("noted_at", admin.EmptyFieldListFilter),
        ("decided_by", ChoicesDropdownFilter),
        ("order__paid_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("order", "noted_by")
    search_fields = ("order__order_no", "order__payment_no", "source_no", "name")
    search_help_text = _("Order, payment, or the name of the discount")
    actions = ("mark_noted", "as_csv", "as_workbook")
    fields = (
        "order_link",
        "name",
        "source_no",
        "decided_by",
        "quoted",
        "given",
        "difference",
        "paid_at",
        "noted_at",
        "noted_by",
        "note",
    )
    readonly_fields = fields[:-1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DiscountDifference]:
        """Show what differs, the newest first."""
        rows = super().get_queryset(request).exclude(actual_minor=None)
        return rows.exclude(actual_minor=F("estimated_minor"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those say a word who may handle orders."""
        return self.has_note_permission(request)

    def has_note_permission(self, request: HttpRequest) -> bool:
        """Let those note differences who may change them."""
        return bool(request.user.has_perm("ordering.change_discountdifference"))

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Write the word down with who said it and when."""
        del form, change
        try:
            note_difference(discount_id=obj.pk, by=request.user, note=obj.note)
        except NoWordError as error:
            messages.error(request, str(error.user_message))

    @display(description=_("order"), ordering="order__order_no")
    def order_link(self, row: OrderDiscount) -> str:
        """Lead to the order."""
        page = reverse("admin:ordering_orderfulfilment_change", args=[row.order_id])
        return format_html('<a href="{}">{}</a>', page, row.order.order_no)

    @display(description=_("quoted"), ordering="estimated_minor")
    def quoted(self, row: OrderDiscount) -> str:
        """Show what was quoted."""
        return yuan(row.estimated_minor)

    @display(description=_("given"), ordering="actual_minor")
    def given(self, row: OrderDiscount) -> str:
        """Show what came."""
        return yuan(row.minor)

    @display(description=pgettext_lazy("what a bank gave", "difference"))
    def difference(self, row: OrderDiscount) -> str:
        """Show more with a plus, less with a minus."""
        more = row.minor - row.estimated_minor
        return f"{'+' if more > 0 else '−'}{yuan(abs(more))}"

    @display(description=_("paid at"), ordering="order__paid_at")
    def paid_at(self, row: OrderDiscount) -> str:
        """Show when the money came."""
        at = row.order.paid_at
        return f"{local(at):%Y-%m-%d %H:%M}" if at else ""

    @display(description=_("noted"), boolean=True, ordering="noted_at")
    def is_noted(self, row: OrderDiscount) -> bool:
        """Show whether somebody looked at it."""
        return row.noted_at is not None

    @admin.action(description=_("Mark as looked at"), permissions=["note"])
    def mark_noted(self, request: HttpRequest, queryset: QuerySet[OrderDiscount]) -> None:
        """Say who looked at them."""
        ids = list(queryset.values_list("pk", flat=True))
        count = note_all(discount_ids=ids, by=request.user)
        text = ngettext("%(count)d difference noted.", "%(count)d differences noted.", count)
        messages.success(request, text % {"count": count})

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def as_csv(self, _request: HttpRequest, queryset: QuerySet[OrderDiscount]) -> Table:
        """Give the chosen differences as a file."""
        return _table("csv", queryset)

    @admin.action(description=_("Export as Excel"), permissions=["view"])
    def as_workbook(self, _request: HttpRequest, queryset: QuerySet[OrderDiscount]) -> Table:
        """Give the chosen differences as a workbook."""
        return _table("xlsx", queryset)


def _table(form: str, rows: QuerySet[OrderDiscount]) -> Table:
    headers = [
        gettext("order number"),
        gettext("payment"),
        gettext("paid at"),
        gettext("code"),
        gettext("name"),
        gettext("quoted (yuan)"),
        gettext("given (yuan)"),
        gettext("difference (yuan)"),
        gettext("noted by"),
        gettext("note"),
    ]
    return spreadsheet(form, name="discount-differences", headers=headers, rows=_cells(rows))


def _cells(rows: QuerySet[OrderDiscount]) -> Iterator[list[Any]]:
    rows = rows.select_related("order", "noted_by").order_by("pk")
    for row in rows.iterator(chunk_size=2000):
        paid_at = row.order.paid_at
        yield [
            row.order.order_no,
            row.order.payment_no,
            f"{local(paid_at):%Y-%m-%d %H:%M:%S}" if paid_at else "",
            row.source_no,
            row.name,
            f"{row.estimated_minor / 100:.2f}",
            f"{row.minor / 100:.2f}",
            f"{(row.minor - row.estimated_minor) / 100:.2f}",
            str(row.noted_by or ""),
            row.note,
        ]
