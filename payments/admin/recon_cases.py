"""Differences in the admin: what waits for whom, both sides side by side, two people decide."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from payments.admin.paper import BLUE, GREEN, ORANGE, RED, PaperAdmin
from payments.admin.recon_case_acts import Wish, act
from payments.admin.recon_case_page import case_context
from payments.admin.recon_links import cases_url, day_url, on_one_line
from payments.admin.showing import NOTHING, clock, yuan
from payments.admin.spreadsheets import spreadsheet
from payments.kernel.clock import business_date
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.reconciliation.deciding import take_case
from payments.reconciliation.models import ReconciliationCase
from payments.reconciliation.selectors import case_paper, shown_class

State = ReconciliationCase.State
_WITH_PEOPLE: Final = Q(state__in=[State.OPEN, State.PROPOSED])
STATE_COLOURS: Final = {
    "found": BLUE,
    "pooled": BLUE,
    "open": RED,
    "proposed": ORANGE,
    "hung": ORANGE,
    "closed": GREEN,
}
_EXPORTED: Final = (
    "case_no",
    "day",
    "account_code",
    "record_kind",
    "discrepancy",
    "state",
    "own_no",
    "acquirer_no",
    "related_no",
    "party",
    "currency",
    "bill_amount_minor",
    "bill_fee_minor",
    "bill_outcome",
    "ours_amount_minor",
    "ours_fee_minor",
    "ours_status",
    "hung_minor",
    "owner",
    "action",
    "reason",
    "proposed_by",
    "decided_by",
    "decided_at",
    "resolution",
)


class WaitingFilter(admin.SimpleListFilter):
    """Cases that want a person: anybody's, or mine."""

    title = _("waits for")
    parameter_name = "waiting"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the two questions a cashier has."""
        return [
            ("1", _("somebody")),
            ("mine", _("me")),
            ("nobody", _("somebody to take it")),
            ("second", _("a second person")),
            ("acquirer", _("the acquirer's answer")),
            ("bills", _("the next bills")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what was asked."""
        by = request.user.get_username()
        chosen: dict[str, Q] = {
            "1": _WITH_PEOPLE,
            "mine": _WITH_PEOPLE & Q(owner=by),
            "nobody": _WITH_PEOPLE & Q(owner=""),
            "second": Q(state=State.PROPOSED) & ~Q(proposed_by=by),
            "acquirer": Q(state=State.FOUND),
            "bills": Q(state=State.POOLED),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(ReconciliationCase)
class ReconciliationCaseAdmin(PaperAdmin):
    """Every difference there ever was."""

    list_display = (
        "case_no",
        "day_shown",
        "class_label",
        "in_bill",
        "in_books",
        "state_label",
        "owner",
        "number",
        "account_code",
    )
    list_filter = (
        WaitingFilter,
        ("state", ChoicesDropdownFilter),
        ("discrepancy", ChoicesDropdownFilter),
        ("record_kind", ChoicesDropdownFilter),
        ("bill__kind", ChoicesDropdownFilter),
        ("day", RangeDateFilter),
        "account_code",
    )
    search_fields = ("case_no", "own_no", "acquirer_no", "related_no")
    search_help_text = _("Case, or any number of ours or the acquirer's")
    date_hierarchy = "day"
    list_select_related = ("bill",)
    actions = ("take", "export_csv", "export_xlsx")

    class Media:
        """The sums above the list."""

        css: ClassVar = {"all": ("payments/recon.css",)}

    list_before_template = "admin/payments/recon_case_sums.html"

    @display(description=_("acquirer's day"), ordering="day")
    def day_shown(self, case: ReconciliationCase) -> str:
        """Show the day as a spreadsheet does."""
        return case.day.isoformat()

    @display(description=_("difference"), ordering="discrepancy")
    def class_label(self, case: ReconciliationCase) -> SafeString:
        """Show what differs and of what; what waits for the next bill is a matter of days."""
        is_pooled = shown_class(case) == "cross_day"
        word = gettext("another day's?") if is_pooled else case.get_discrepancy_display()
        return on_one_line(f"{case.get_record_kind_display()} · {word}")

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_label(self, case: ReconciliationCase) -> tuple[str, str]:
        """Show the state in colour."""
        return case.state, case.get_state_display()

    @display(description=_("number"), ordering="own_no")
    def number(self, case: ReconciliationCase) -> str:
        """Show our number, or the acquirer's where we never gave one out."""
        return case.own_no or case.acquirer_no or NOTHING

    @display(description=_("in the bill"), ordering="bill_amount_minor")
    def in_bill(self, case: ReconciliationCase) -> str:
        """Show the bill's amount."""
        return yuan(case.bill_amount_minor, case.currency)

    @display(description=_("in our books"), ordering="ours_amount_minor")
    def in_books(self, case: ReconciliationCase) -> str:
        """Show our amount."""
        return yuan(case.ours_amount_minor, case.currency)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, and what is open in money above it."""
        context = {"recon_sums": _open_sums(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_urls(self) -> list[URLPattern]:
        """Add what may be done about one case."""
        act = self.admin_site.admin_view(self.act_view)
        return [
            path("<int:pk>/act/", act, name="reconciliation_case_act"),
            *super().get_urls(),
        ]

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one case with everything beside it."""
        del form_url, extra_context
        return self._page(request, self._found(request, object_id))

    def _found(self, request: HttpRequest, object_id: str) -> ReconciliationCase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        case = self.get_object(request, object_id)
        if case is None:
            raise Http404
        return case

    def _page(self, request: HttpRequest, case: ReconciliationCase, **said: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **case_context(case_paper(case.case_no), request.user),
            "title": case.case_no,
            "day_url": day_url(case.day),
            "siblings_url": cases_url(day_from=str(case.day), day_to=str(case.day)),
            "said": said,
        }
        return TemplateResponse(request, "admin/payments/recon_case.html", context)

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button of the case's page says; on a refusal show it with what was typed."""
        case = self._found(request, str(pk))
        back = redirect(reverse("admin:reconciliation_reconciliationcase_change", args=[pk]))
        if request.method != "POST":
            return back
        what = request.POST.get("what", "")
        reason = request.POST.get("reason", "").replace("\x00", "").strip()[:500]
        action = request.POST.get("action", "")
        try:
            done = act(request, case, Wish(what=what, action=action, reason=reason))
        except LinliError as error:
            messages.error(request, str(error.user_message))
            return self._page(request, case, what=what, action=action, reason=reason)
        messages.success(request, done)
        return back

    def has_take_permission(self, request: HttpRequest) -> bool:
        """Let those take cases who may propose."""
        return request.user.has_perm("reconciliation.change_reconciliationcase")

    @admin.action(description=_("I take care of these"), permissions=["take"])
    def take(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Say who takes care of them."""
        by = request.user.get_username()
        count = 0
        for case in queryset.exclude(state=ReconciliationCase.State.CLOSED):
            take_case(case.case_no, by=by)
            count += 1
        text = ngettext(
            "You take care of %(count)d case.", "You take care of %(count)d cases.", count
        )
        messages.success(request, text % {"count": count})

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, _request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Give the chosen cases as CSV."""
        return self._export("csv", queryset)

    @admin.action(description=_("Export as a workbook"), permissions=["view"])
    def export_xlsx(self, _request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Give the chosen cases as xlsx."""
        return self._export("xlsx", queryset)

    def _export(self, form: str, queryset: QuerySet[Any]) -> Any:
        fields = [ReconciliationCase._meta.get_field(name) for name in _EXPORTED]  # noqa: SLF001
        rows = queryset.iterator(chunk_size=1_000)
        return spreadsheet(
            form,
            name=f"reconciliation-{business_date():%Y%m%d}",
            headers=[str(field.verbose_name) for field in fields],
            rows=([_exported(case, name) for name in _EXPORTED] for case in rows),
        )


def _exported(case: ReconciliationCase, name: str) -> Any:
    """Return a cell: amounts in whole units of their currency, words as the list shows them."""
    value = getattr(case, name)
    if name.endswith("_minor"):
        return None if value is None else Money(value, case.currency).major
    if hasattr(value, "tzinfo"):
        return clock(value)
    display = getattr(case, f"get_{name}_display", None)
    return str(display()) if display else value


def _open_sums() -> list[dict[str, Any]]:
    """Return what waits for people in money, by what differs."""
    rows = (
        ReconciliationCase.objects.filter(_WITH_PEOPLE)
        .values("discrepancy")
        .annotate(count=Count("pk"), bill=Sum("bill_amount_minor"), ours=Sum("ours_amount_minor"))
    )
    words = dict(ReconciliationCase._meta.get_field("discrepancy").flatchoices)  # noqa: SLF001
    return [
        {
            "word": words[row["discrepancy"]],
            "count": row["count"],
            "bill": yuan(row["bill"] or 0),
            "ours": yuan(row["ours"] or 0),
            "url": cases_url(waiting="1", discrepancy__exact=row["discrepancy"]),
        }
        for row in rows.order_by("discrepancy")
    ]
