"""The last mile in the admin: batches acquirers paid out, and our bank's bookings beside them."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display

from payments.admin.paper import GREEN, ORANGE, RED, PaperAdmin
from payments.admin.recon_bank_files import bring_page
from payments.admin.recon_bank_filters import ArrivedFilter, KnownFilter
from payments.admin.recon_links import on_one_line
from payments.admin.related import journal_table
from payments.admin.showing import NOTHING, Table, clock, link_to, table, yuan
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.reconciliation.banking import find_batches
from payments.reconciliation.models import (
    BankLine,
    BankStatement,
    ReconciliationCase,
    SettlementBatch,
)

_BATCH_COLOURS: Final = {"arrived": GREEN, "on_its_way": ORANGE, "differs": RED, "nothing": GREEN}
_BATCH_WORDS: Final = {
    "arrived": _("arrived"),
    "on_its_way": _("not seen at the bank yet"),
    "differs": _("differs from its day's lines"),
    "nothing": _("nothing to pay"),
}


class BankDeskAdmin(PaperAdmin):
    """What the three lists of the last mile share: bring a statement in, look for batches."""

    actions_list = ("bring_in", "look_again")

    class Media:
        """Amounts and instants stay on one line."""

        css: ClassVar = {"all": ("payments/recon.css",)}

    @action(description=_("Bring a bank statement in"), permissions=["bring"], icon="upload")
    def bring_in(self, _request: HttpRequest) -> HttpResponse:
        """Go to the form."""
        return redirect("admin:reconciliation_bankstatement_bring")

    @action(
        description=_("Look for batches again"),
        permissions=["bring"],
        icon="search",
        url_path="look-again",
    )
    def look_again(self, request: HttpRequest) -> HttpResponse:
        """Look for batches among the bookings there are, once the button is pressed."""
        if request.method == "POST":
            text = gettext("Found: %(found)d. Other amount: %(differ)d. Not there: %(missing)d.")
            messages.success(request, text % find_batches(MAIN_ACCOUNT))
            return redirect("admin:reconciliation_settlementbatch_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Look for batches again"),
            "text": gettext(
                "Each batch that is not found yet is looked for among the bank's bookings, by its "
                "number and then by its amount."
            ),
            "form": forms.Form(),
            "button": gettext("Look for batches again"),
        }
        return TemplateResponse(request, "admin/payments/recon_upload.html", context)

    def has_bring_permission(self, request: HttpRequest) -> bool:
        """Let those bring statements in who may add them."""
        return request.user.has_perm("reconciliation.add_bankstatement")


@admin.register(SettlementBatch)
class SettlementBatchAdmin(BankDeskAdmin):
    """What acquirers say they paid out to us."""

    list_display = (
        "batch_no",
        "day_shown",
        "net_shown",
        "state_label",
        "expected_shown",
        "bank_shown",
        "booked_shown",
        "account_code",
    )
    list_filter = (ArrivedFilter, ("day", RangeDateFilter), "account_code")
    search_fields = ("batch_no", "bank_line__bank_ref")
    search_help_text = _("Batch number, or the bank's number")
    date_hierarchy = "day"
    beside = ("bill", "bank_line", "line")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("batch_no", "account_code"),
                    ("day", "state_label"),
                    ("net_shown", "expected_shown"),
                    ("paid_at", "booked_at"),
                    ("bill", "bank_shown"),
                )
            },
        ),
    )
    readonly_fields = ("state_label", "net_shown", "expected_shown", "bank_shown")

    @display(description=_("acquirer's day"), ordering="day")
    def day_shown(self, batch: SettlementBatch) -> str:
        """Show the day as a spreadsheet does."""
        return batch.day.isoformat()

    @display(description=_("paid to us"), ordering="net_minor")
    def net_shown(self, batch: SettlementBatch) -> str:
        """Show what the acquirer says it paid."""
        return yuan(batch.net_minor, batch.currency)

    @display(description=_("by the lines of the day"), ordering="expected_minor")
    def expected_shown(self, batch: SettlementBatch) -> str:
        """Show what the day's lines come to."""
        return yuan(batch.expected_minor, batch.currency)

    @display(description=_("state"), label=_BATCH_COLOURS)
    def state_label(self, batch: SettlementBatch) -> tuple[str, Any]:
        """Show in one word where it stands."""
        state = _batch_state(batch)
        return state, _BATCH_WORDS[state]

    @display(description=_("in the books since"), ordering="booked_at")
    def booked_shown(self, batch: SettlementBatch) -> SafeString:
        """Show when it was booked."""
        return on_one_line(clock(batch.booked_at))

    @display(description=_("bank booking"))
    def bank_shown(self, batch: SettlementBatch) -> str | SafeString:
        """Link to the booking that proves it."""
        return link_to(batch.bank_line)

    def papers(self, batch: SettlementBatch) -> list[Table]:
        """Return its journal and its cases."""
        cases = ReconciliationCase.objects.filter(
            merchant=batch.merchant, acquirer_no=batch.batch_no, record_kind="settlement"
        )
        return [
            journal_table([f"batch:{batch.account_code}:{batch.batch_no}"]),
            table(
                _("Cases"),
                (_("case"), _("state"), _("in the bill"), _("in our books")),
                [
                    [
                        link_to(case),
                        case.get_state_display(),
                        yuan(case.bill_amount_minor, case.currency),
                        yuan(case.ours_amount_minor, case.currency),
                    ]
                    for case in cases
                ],
            ),
        ]


def _batch_state(batch: SettlementBatch) -> str:
    if batch.bank_line_id is not None:
        return "arrived"
    if batch.expected_minor is not None and batch.expected_minor != batch.net_minor:
        return "differs"
    return "on_its_way" if batch.net_minor else "nothing"


@admin.register(BankStatement)
class BankStatementAdmin(BankDeskAdmin):
    """Files of our bank's bookings."""

    list_display = (
        "file_name",
        "bank_account",
        "line_count",
        "known_count",
        "imported_by",
        "imported_shown",
        "bookings",
    )
    search_fields = ("file_name", "sha256", "imported_by")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("file_name", "bank_account"),
                    ("line_count", "known_count"),
                    ("imported_by", "imported_at"),
                    ("sha256", "size"),
                )
            },
        ),
    )

    @display(description=_("brought in at"), ordering="imported_at")
    def imported_shown(self, statement: BankStatement) -> str:
        """Show when it was brought in."""
        return clock(statement.imported_at)

    @display(description=_("bookings"))
    def bookings(self, statement: BankStatement) -> SafeString:
        """Link to what stands in it."""
        url = reverse("admin:reconciliation_bankline_changelist")
        return format_html('<a href="{}?statement={}">{}</a>', url, statement.pk, gettext("show"))

    def get_urls(self) -> list[URLPattern]:
        """Add the form to bring one in."""
        bring = self.admin_site.admin_view(self.bring_view)
        return [
            path("bring/", bring, name="reconciliation_bankstatement_bring"),
            *super().get_urls(),
        ]

    def bring_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file of bookings in, or say why not; nothing is ever taken in by half."""
        if not self.has_bring_permission(request):
            raise PermissionDenied
        return bring_page(request, site=self.admin_site)


@admin.register(BankLine)
class BankLineAdmin(BankDeskAdmin):
    """Bookings on our bank account."""

    list_display = ("bank_ref", "day_shown", "amount_shown", "counterparty", "memo", "batch_shown")
    list_filter = (KnownFilter, ("day", RangeDateFilter), "bank_account")
    search_fields = ("bank_ref", "counterparty", "memo")
    search_help_text = _("Bank's number, counterparty or memo")
    date_hierarchy = "day"
    beside = ("statement", "batch")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("bank_ref", "bank_account"),
                    ("day", "amount_shown"),
                    ("counterparty", "memo"),
                    ("statement", "batch_shown"),
                )
            },
        ),
    )
    readonly_fields = ("amount_shown", "batch_shown")

    @display(description=_("booked on"), ordering="day")
    def day_shown(self, line: BankLine) -> str:
        """Show the day as a spreadsheet does."""
        return line.day.isoformat()

    @display(description=_("amount"), ordering="amount_minor")
    def amount_shown(self, line: BankLine) -> SafeString:
        """Show the amount, negative where money left."""
        return on_one_line(yuan(line.amount_minor, line.currency))

    @display(description=_("batch"))
    def batch_shown(self, line: BankLine) -> str | SafeString:
        """Link to the batch it proves."""
        return link_to(getattr(line, "batch", None)) if line.amount_minor else NOTHING
