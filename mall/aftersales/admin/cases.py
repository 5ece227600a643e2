"""The mall's queue of cases: searched, filtered, decided one by one or many at once, exported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from mall.aftersales import deciding
from mall.aftersales.admin.acts import act
from mall.aftersales.admin.case_page import case_context, shown_bearer
from mall.aftersales.admin.figures import figures_view
from mall.aftersales.admin.reading import COLOURS, ReadingAdmin, may, yuan
from mall.aftersales.models import AfterSalesCase, Role
from mall.aftersales.people import DECIDE
from payments.admin.spreadsheets import spreadsheet
from payments.api import LinliError, Money, local, now

Status = AfterSalesCase.Status
Turn = AfterSalesCase.Turn
_AT_ONCE: Final = 100


class ToDoFilter(admin.SimpleListFilter):
    """What waits for whom."""

    title = _("to do")
    parameter_name = "todo"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        """Name the queues."""
        return [
            ("mall", _("The mall decides")),
            ("second", _("A second person confirms")),
            ("late", pgettext_lazy("after-sales", "Overdue")),
            ("leader", _("Leaders decide")),
            ("resident", _("Residents answer")),
            ("failed", _("Refund refused by the bank")),
        ]

    def queryset(
        self, _request: HttpRequest, rows: QuerySet[AfterSalesCase]
    ) -> QuerySet[AfterSalesCase]:
        """Narrow to one queue."""
        is_open = rows.filter(status=Status.REQUESTED)
        queues = {
            "mall": is_open.filter(turn=Turn.MALL).order_by("due_at"),
            "leader": is_open.filter(turn=Turn.LEADER).order_by("due_at"),
            "resident": is_open.filter(turn=Turn.RESIDENT),
            "second": rows.filter(status=Status.APPROVED),
            "late": is_open.filter(due_at__lte=now()).order_by("due_at"),
            "failed": rows.filter(status=Status.REFUNDING, refund_failed_at__isnull=False),
        }
        return queues.get(self.value() or "", rows)


@admin.register(AfterSalesCase)
class CaseAdmin(ReadingAdmin):
    """Every case there ever was."""

    list_display = (
        "number_shown",
        "status_label",
        "waits",
        "goods",
        "asked",
        "given",
        "supplier",
        "leader",
        "opened_at",
    )
    list_display_links = ("number_shown",)
    list_filter = (ToDoFilter, "status", "kind", "bearer", "reason", "opened_at")
    list_select_related = ("reason", "supplier", "leader", "line", "order")
    search_fields = (
        "case_no",
        "order__order_no",
        "line__title",
        "supplier__name",
        "leader__display_name",
        "refund_no",
    )
    search_help_text = _("Case, order or refund number, goods, supplier, leader")
    date_hierarchy = "opened_at"
    actions = ("approve_as_asked", "export_xlsx", "export_csv")
    list_before_template = "admin/aftersales/queue.html"

    class Media:
        """The look of the pages."""

        css: ClassVar = {"all": ("claims/claims.css",)}

    @display(description=_("case number"), ordering="case_no")
    def number_shown(self, case: AfterSalesCase) -> str:
        """Show the number."""
        return case.case_no

    @display(description=_("status"), ordering="status", label=COLOURS)
    def status_label(self, case: AfterSalesCase) -> tuple[str, str]:
        """Show the state in colour."""
        return case.status, case.get_status_display()

    @display(description=_("whose turn"), ordering="due_at")
    def waits(self, case: AfterSalesCase) -> str:
        """Say who has to do something, and until when."""
        if not case.turn:
            return "–"
        if case.due_at is None:
            return str(case.get_turn_display())
        return f"{case.get_turn_display()} · {local(case.due_at):%m-%d %H:%M}"

    @display(description=_("goods"), ordering="line__title", header=True)
    def goods(self, case: AfterSalesCase) -> list[str]:
        """Name the goods and what is wrong with them."""
        return [case.line.title, f"{case.reason} · {shown_bearer(case)}"]

    @display(description=_("asked"), ordering="asked_minor")
    def asked(self, case: AfterSalesCase) -> str:
        """Show what was asked."""
        return yuan(case.asked_minor)

    @display(description=_("decided"), ordering="given_minor")
    def given(self, case: AfterSalesCase) -> str:
        """Show what was decided."""
        return yuan(case.given_minor) if case.value_minor else "–"

    @admin.action(description=_("Approve as asked"))
    def approve_as_asked(self, request: HttpRequest, rows: QuerySet[AfterSalesCase]) -> None:
        """Approve each as it was asked; what is refused stays, and is named."""
        if not may(request, DECIDE):
            raise PermissionDenied
        done, refused = 0, []
        for case_no in list(rows.order_by("due_at").values_list("case_no", flat=True)[:_AT_ONCE]):
            try:
                deciding.approve(case_no=case_no, by=request.user, role=Role.MALL)
            except LinliError as error:
                refused.append(f"{case_no}: {error.user_message}")
            else:
                done += 1
        if done:
            text = ngettext("%(n)d case approved.", "%(n)d cases approved.", done) % {"n": done}
            messages.success(request, text)
        for text in refused[:5]:
            messages.error(request, text)

    @admin.action(description=_("Export as Excel"))
    def export_xlsx(
        self, _request: HttpRequest, rows: QuerySet[AfterSalesCase]
    ) -> HttpResponseBase:
        """Give the chosen cases as a workbook."""
        return spreadsheet("xlsx", name="cases", headers=_headers(), rows=_rows(rows))

    @admin.action(description=_("Export as CSV"))
    def export_csv(self, _request: HttpRequest, rows: QuerySet[AfterSalesCase]) -> HttpResponseBase:
        """Give the chosen cases as CSV."""
        return spreadsheet("csv", name="cases", headers=_headers(), rows=_rows(rows))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list below what waits."""
        rows = AfterSalesCase.objects.all()
        queue = ToDoFilter(request, {}, AfterSalesCase, self)
        counts = []
        for value, label in queue.lookups(request, self):
            queue.used_parameters = {"todo": value}
            counts.append((value, label, queue.queryset(request, rows).order_by().count()))
        return super().changelist_view(request, {"queues": counts, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """Add a case's buttons and the figures."""
        guard = self.admin_site.admin_view
        return [
            path("figures/", guard(self.figures), name="aftersales_figures"),
            path("<int:pk>/act/", guard(require_POST(self.act_view)), name="aftersales_act"),
            *super().get_urls(),
        ]

    def figures(self, request: HttpRequest) -> HttpResponseBase:
        """Show how often something is wrong, by supplier, goods, reason and leader."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return figures_view(request, self.admin_site.each_context(request))

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one case with everything beside it."""
        del form_url
        case = self._found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **case_context(request, case),
            "title": str(case),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/aftersales/case.html", context)

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button of the page says."""
        case = self._found(request, str(pk))
        try:
            messages.success(request, act(request, case, request.POST.get("what", "")))
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
        return redirect(reverse("admin:aftersales_aftersalescase_change", args=[pk]))

    def _found(self, request: HttpRequest, object_id: str) -> AfterSalesCase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        case = self.get_object(request, object_id)
        if case is None:
            raise Http404
        return case


def _headers() -> list[str]:
    return [
        gettext("Case number"),
        gettext("Order number"),
        gettext("Opened"),
        gettext("Status"),
        gettext("Goods"),
        gettext("Reason"),
        gettext("Supplier"),
        gettext("Group leader"),
        gettext("Pieces"),
        gettext("Asked (yuan)"),
        gettext("To the resident (yuan)"),
        gettext("In all (yuan)"),
        gettext("Of it the supplier (yuan)"),
        gettext("Borne by"),
        gettext("Decided"),
        gettext("Decided by"),
        gettext("Refund"),
    ]


def _rows(rows: QuerySet[AfterSalesCase]) -> Iterator[list[Any]]:
    joined = rows.select_related("order", "line", "reason", "supplier", "leader", "decided_by")
    for case in joined.iterator(chunk_size=1000):
        yield [
            case.case_no,
            case.order.order_no,
            f"{local(case.opened_at):%Y-%m-%d %H:%M}",
            str(case.get_status_display()),
            case.line.title,
            str(case.reason),
            case.supplier.name,
            str(case.leader),
            case.given_quantity or case.asked_quantity,
            Money(case.asked_minor).major,
            Money(case.given_minor).major,
            Money(case.value_minor).major,
            Money(case.cost_minor).major,
            str(case.get_bearer_display()),
            f"{local(case.decided_at):%Y-%m-%d %H:%M}" if case.decided_at else "",
            str(case.decided_by) if case.decided_by else "",
            case.refund_no,
        ]
