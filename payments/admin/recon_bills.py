"""Acquirers' bills in the admin: versions, lines, the paper itself, and the cashier's day."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import action, display

from payments.admin.paper import PaperAdmin
from payments.admin.recon_days import BILL_COLOURS, day_page
from payments.admin.recon_deliver import deliver_page
from payments.admin.recon_lines import lines_page
from payments.admin.recon_links import day_url
from payments.admin.showing import NOTHING, Table, clock, link_to, table, yuan
from payments.kernel.errors import LinliError
from payments.reconciliation.closing import close_bill
from payments.reconciliation.models import Bill, RecordKind
from payments.reconciliation.selectors import bill_versions
from payments.reconciliation.storing import full_path
from payments.reconciliation.wishing import compare_bill_again, look_for_bill_again
from payments.reconciliation.workload import late_bills, unreadable_bills

logger = logging.getLogger(__name__)


class ToDoFilter(admin.SimpleListFilter):
    """Statements that are a person's business."""

    title = _("a person's business")
    parameter_name = "todo"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what can be wrong with a statement before it is compared."""
        return [("bad", _("not what it says it is")), ("late", pgettext_lazy("bill", "overdue"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what was asked."""
        chosen = {"bad": unreadable_bills, "late": late_bills}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(pk__in=chosen().values("pk"))


@admin.register(Bill)
class BillAdmin(PaperAdmin):
    """Every version of every statement, as it came."""

    class Media:
        """Digests are long."""

        css: ClassVar = {"all": ("payments/recon.css",)}

    list_display = (
        "day_shown",
        "kind",
        "state_label",
        "line_count",
        "fetched_shown",
        "account_code",
        "version",
        "problem_shown",
    )
    list_filter = (
        ToDoFilter,
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("day", RangeDateFilter),
        "account_code",
    )
    search_fields = ("account_code", "sha256")
    date_hierarchy = "day"
    actions_list = ("show_day", "bring_in")
    actions_detail = ("show_its_day", "take_paper", "show_lines")
    fieldsets = (
        (
            _("Where it stands"),
            {
                "fields": (
                    ("state", "is_current"),
                    ("problem_shown", "problem_detail"),
                    ("attempts", "next_try_at"),
                    ("closed_at", "closed_by"),
                )
            },
        ),
        (
            _("The paper"),
            {
                "fields": (
                    ("account_code", "day"),
                    ("kind", "version"),
                    ("source", "size"),
                    "digest",
                    ("digest_name", "declared"),
                    ("fetched_at", "imported_at"),
                )
            },
        ),
    )

    @display(description=_("acquirer's day"), ordering="day")
    def day_shown(self, bill: Bill) -> str:
        """Show the day as a spreadsheet does."""
        return bill.day.isoformat()

    @display(description=_("fetched"), ordering="fetched_at")
    def fetched_shown(self, bill: Bill) -> str:
        """Show when it came."""
        return clock(bill.fetched_at)

    @display(description="SHA-256")
    def digest(self, bill: Bill) -> SafeString | str:
        """Show the digest of the bytes, which may break anywhere."""
        return _breakable(bill.sha256)

    @display(description=_("declared digest"))
    def declared(self, bill: Bill) -> SafeString | str:
        """Show the digest the acquirer declared."""
        return _breakable(bill.declared_digest)

    @display(description=_("what is wrong with it"), ordering="problem")
    def problem_shown(self, bill: Bill) -> str:
        """Show in words what is wrong."""
        return bill.problem_words or NOTHING

    @display(description=_("state"), ordering="state", label=BILL_COLOURS)
    def state_label(self, bill: Bill) -> tuple[str, str]:
        """Show the state in colour."""
        return bill.state, bill.get_state_display()

    def papers(self, bill: Bill) -> list[Table]:
        """Return the sums by kind of line, and the other versions."""
        sums = table(
            _("Sums of its lines"),
            (_("kind"), _("lines"), _("amount"), _("fee")),
            [_sums_row(kind, figures) for kind, figures in sorted(bill.totals.items())],
        )
        versions = table(
            _("Versions"),
            (_("version"), _("state"), _("fetched"), _("lines"), "SHA-256"),
            [
                [
                    link_to(one, str(one.version)),
                    one.get_state_display(),
                    clock(one.fetched_at),
                    one.line_count,
                    one.sha256[:16] or NOTHING,
                ]
                for one in bill_versions(bill)
            ],
        )
        return [sums, versions]

    def get_urls(self) -> list[URLPattern]:
        """Add the cashier's day and what hangs on one bill."""
        wrap = self.admin_site.admin_view
        name = "reconciliation_bill"
        return [
            path("day/", wrap(self.day_view), name="reconciliation_day"),
            path("deliver/", wrap(self.deliver_view), name=f"{name}_deliver"),
            path("<int:pk>/paper/", wrap(self.paper_view), name=f"{name}_paper"),
            path("<int:pk>/lines/", wrap(self.lines_view), name=f"{name}_lines"),
            path("<int:pk>/wish/", wrap(self.wish_view), name=f"{name}_wish"),
            *super().get_urls(),
        ]

    @action(description=_("The day"), permissions=["view"], icon="today")
    def show_day(self, _request: HttpRequest) -> HttpResponse:
        """Go to the cashier's day."""
        return redirect("admin:reconciliation_day")

    @action(description=_("Bring a bill in by hand"), permissions=["bring"], icon="upload")
    def bring_in(self, _request: HttpRequest) -> HttpResponse:
        """Go to the form."""
        return redirect("admin:reconciliation_bill_deliver")

    @action(description=_("Its day"), permissions=["view"])
    def show_its_day(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        """Go to the day of this bill."""
        return redirect(day_url(get_object_or_404(Bill, pk=object_id).day))

    @action(description=_("The paper as it came"), permissions=["view"])
    def take_paper(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        """Download the evidence."""
        return redirect("admin:reconciliation_bill_paper", object_id)

    @action(description=_("Its lines"), permissions=["view"])
    def show_lines(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        """Go to the lines."""
        return redirect("admin:reconciliation_bill_lines", object_id)

    def has_bring_permission(self, request: HttpRequest) -> bool:
        """Let those bring bills in who may change them."""
        return request.user.has_perm("reconciliation.change_bill")

    def _require(self, request: HttpRequest, *, change: bool = False) -> None:
        may = self.has_bring_permission(request) if change else self.has_view_permission(request)
        if not may:
            raise PermissionDenied

    def day_view(self, request: HttpRequest) -> HttpResponse:
        """Show the cashier's day."""
        self._require(request)
        return day_page(request, site=self.admin_site)

    def paper_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """Give the exact bytes that were received, and write down who took them."""
        self._require(request)
        bill = get_object_or_404(Bill, pk=pk)
        place = full_path(bill.path)
        if not bill.path or not place.is_file():
            raise Http404(gettext("This bill has no paper."))
        logger.info("bill.paper_taken bill=%s by=%s", bill, request.user.get_username())
        name = f"{bill.account_code}-{bill.day}-{bill.kind}-v{bill.version}.bill"
        return FileResponse(place.open("rb"), as_attachment=True, filename=name)

    def lines_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a page of a bill's lines, or those of one number."""
        self._require(request)
        return lines_page(request, get_object_or_404(Bill, pk=pk), site=self.admin_site)

    def wish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button on the day's page says."""
        self._require(request, change=True)
        wishes = {
            "fetch": (look_for_bill_again, _("The bill is being fetched again.")),
            "compare": (compare_bill_again, _("The bill is being compared again.")),
            "close": (close_bill, _("The bill is closed.")),
        }
        bill = get_object_or_404(Bill, pk=pk)
        chosen = wishes.get(request.POST.get("wish", "")) if request.method == "POST" else None
        if chosen is not None:
            try:
                chosen[0](bill.pk, by=request.user.get_username())
            except LinliError as error:
                messages.error(request, str(error.user_message))
            else:
                messages.success(request, chosen[1])
        return redirect(day_url(bill.day))

    def deliver_view(self, request: HttpRequest) -> HttpResponse:
        """Take a bill in that somebody has as a file."""
        self._require(request, change=True)
        return deliver_page(request, site=self.admin_site)


def _breakable(digest: str) -> SafeString | str:
    return format_html('<span class="recon-digest">{}</span>', digest) if digest else NOTHING


def _sums_row(kind: str, figures: dict[str, Any]) -> list[Any]:
    word = dict(RecordKind.choices).get(kind, kind)
    return [word, figures.get("count", 0), yuan(figures.get("amount")), yuan(figures.get("fee"))]
