"""Acquirers' bills in the admin: versions, lines, the paper itself, and the cashier's day."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
)

from payments.admin.paper import PaperAdmin
from payments.admin.recon_days import BILL_COLOURS, day_page, day_url
from payments.admin.showing import NOTHING, Table, anchor, clock, link_to, table, yuan
from payments.kernel.errors import LinliError
from payments.models import AcquirerAccount
from payments.reconciliation.closing import close_bill
from payments.reconciliation.delivering import deliver_bill
from payments.reconciliation.models import Bill, BillLine, RecordKind
from payments.reconciliation.selectors import bill_versions, lines_of
from payments.reconciliation.storing import full_path, scratch
from payments.reconciliation.wishing import compare_bill_again, look_for_bill_again

logger = logging.getLogger(__name__)

LINES_PER_PAGE: Final = 100
UPLOAD_BYTES_MAX: Final = 200 * 1024 * 1024


class DeliverForm(forms.Form):
    """A bill somebody has as a file: whose, of which day, of which kind."""

    account_code = forms.ChoiceField(label=_("account"), widget=UnfoldAdminSelectWidget)
    day = forms.DateField(label=_("acquirer's day"), widget=UnfoldAdminDateWidget)
    kind = forms.ChoiceField(
        label=_("kind"), choices=Bill.Kind.choices, widget=UnfoldAdminSelectWidget
    )
    paper = forms.FileField(
        label=_("file"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("The bytes as the acquirer gave them, unopened: they are kept as evidence."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Offer the accounts in use."""
        super().__init__(*arguments, **options)
        active = AcquirerAccount.objects.filter(status=AcquirerAccount.Status.ACTIVE)
        codes = active.values_list("code", flat=True).order_by("code")
        self.fields["account_code"].choices = [(code, code) for code in codes]

    def clean_paper(self) -> Any:
        """Refuse what no acquirer's bill is as big as."""
        paper = self.cleaned_data["paper"]
        if paper.size > UPLOAD_BYTES_MAX:
            raise forms.ValidationError(_("This file is too big for a bill of one day."))
        return paper


class _Lines(Paginator):
    """Pages of a bill's lines: how many there are stands on the bill, so nobody counts them."""

    def __init__(self, bill: Bill, query: str) -> None:
        """Take all lines, or those of one number."""
        rows = lines_of(bill)
        super().__init__(rows.filter(own_no=query) if query else rows, LINES_PER_PAGE)
        self._known = None if query else bill.line_count

    @cached_property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.object_list[:LINES_PER_PAGE]) if self._known is None else self._known


@admin.register(Bill)
class BillAdmin(PaperAdmin):
    """Every version of every statement, as it came."""

    list_display = (
        "account_code",
        "day",
        "kind",
        "version",
        "state_label",
        "line_count",
        "fetched_at",
        "problem",
    )
    list_filter = (
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
                    ("problem", "problem_detail"),
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
                    "sha256",
                    ("digest_name", "declared_digest"),
                    ("fetched_at", "imported_at"),
                )
            },
        ),
    )

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
        place: Path = full_path(bill.path)
        if not bill.path or not place.is_file():
            raise Http404(gettext("This bill has no paper."))
        logger.info("bill.paper_taken bill=%s by=%s", bill, request.user.get_username())
        name = f"{bill.account_code}-{bill.day}-{bill.kind}-v{bill.version}.bill"
        return FileResponse(place.open("rb"), as_attachment=True, filename=name)

    def lines_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a page of a bill's lines, or those of one number."""
        self._require(request)
        bill = get_object_or_404(Bill, pk=pk)
        query = request.GET.get("q", "").strip()[:64]
        page = _Lines(bill, query).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Lines of %(bill)s") % {"bill": bill},
            "bill": bill,
            "query": query,
            "page": page,
            "papers": [_lines_table(page.object_list)],
        }
        return TemplateResponse(request, "admin/payments/recon_lines.html", context)

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
        form = DeliverForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            bill = self._deliver(request, form)
            if bill is not None:
                return redirect(day_url(bill.day))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Bring a bill in by hand"),
            "form": form,
            "button": gettext("Keep, read and compare"),
        }
        return TemplateResponse(request, "admin/payments/recon_upload.html", context)

    def _deliver(self, request: HttpRequest, form: DeliverForm) -> Bill | None:
        said = form.cleaned_data
        by = request.user.get_username()
        with scratch() as copy:
            with copy.open("wb") as file:
                file.writelines(said["paper"].chunks())
            try:
                bill = deliver_bill(
                    account_code=said["account_code"],
                    day=said["day"],
                    kind=said["kind"],
                    paper=copy,
                    source=f"by hand: {by}",
                )
            except LinliError as error:
                form.add_error("paper", str(error.user_message))
                return None
        if bill.state == Bill.State.BAD:
            text = gettext("The file is kept, but it is not what it says it is: %(why)s")
            messages.error(request, text % {"why": bill.problem_detail or bill.problem})
        else:
            messages.success(request, gettext("The bill is kept, read and compared."))
        return bill


def _sums_row(kind: str, figures: dict[str, Any]) -> list[Any]:
    word = dict(RecordKind.choices).get(kind, kind)
    return [word, figures.get("count", 0), yuan(figures.get("amount")), yuan(figures.get("fee"))]


def _lines_table(lines: Any) -> Table:
    headers = (
        _("line"),
        _("kind"),
        _("our number"),
        _("acquirer's number"),
        _("amount"),
        _("fee"),
        _("outcome"),
        _("at"),
    )
    return table(_("Lines"), headers, [_line_row(line) for line in lines])


def _line_row(line: BillLine) -> list[Any]:
    number = line.own_no or NOTHING
    if line.own_no:
        number = anchor(f"../../../../payments/payment/?q={line.own_no}", line.own_no)
    return [
        line.line_no,
        line.get_kind_display(),
        number,
        line.acquirer_no or NOTHING,
        yuan(line.amount_minor, line.currency),
        yuan(line.fee_minor, line.currency),
        line.get_outcome_display(),
        clock(line.at),
    ]
