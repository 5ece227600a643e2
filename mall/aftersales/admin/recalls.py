"""Recalls in the admin: from a batch to every order and back, started by two, watched, reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from mall.aftersales.admin.reading import COLOURS, ReadingAdmin, may, said, yuan
from mall.aftersales.admin.recall_sheets import (
    order_cells,
    order_headers,
    report_cells,
    report_headers,
)
from mall.aftersales.models import Recall, RecallLine
from mall.aftersales.recalling import (
    preview_recall,
    propose_recall,
    report_of,
    start_recall,
    try_again,
    withdraw_recall,
)
from mall.catalogue.models import Batch
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.supply.batches import batches_of_items, lines_of_batch
from payments.admin.spreadsheets import spreadsheet
from payments.api import LinliError

State = Recall.Status
_PROPOSE: Final = "aftersales.add_recall"
_START: Final = "aftersales.start_recall"
_SHOWN: Final = 50
_BATCHES: Final = 20


@admin.register(Recall)
class RecallAdmin(ReadingAdmin):
    """Every recall there was, and the door to start one."""

    list_display = ("batch_shown", "product", "supplier", "status_label", "progress", "started_at")
    list_display_links = ("batch_shown",)
    list_filter = ("status",)
    list_select_related = ("batch__product", "batch__supplier")
    search_fields = ("batch__batch_no", "batch__product__title", "batch__supplier__name")
    list_before_template = "admin/aftersales/recalls.html"

    class Media:
        """The look of the pages."""

        css: ClassVar = {"all": ("claims/claims.css",)}

    @display(description=_("batch"), ordering="batch__batch_no")
    def batch_shown(self, recall: Recall) -> str:
        """Show the batch's number."""
        return recall.batch.batch_no

    @display(description=_("product"), ordering="batch__product__title")
    def product(self, recall: Recall) -> str:
        """Name the goods."""
        return str(recall.batch.product.get_title())

    @display(description=_("supplier"), ordering="batch__supplier__name")
    def supplier(self, recall: Recall) -> str:
        """Name the supplier."""
        return str(recall.batch.supplier.name)

    @display(description=_("status"), ordering="status", label=COLOURS)
    def status_label(self, recall: Recall) -> tuple[str, str]:
        """Show the state in colour."""
        return recall.status, recall.get_status_display()

    @display(description=_("done"))
    def progress(self, recall: Recall) -> str:
        """Show how far it is."""
        return "–" if recall.status == State.PROPOSED else f"{report_of(recall).percent} %"

    def get_urls(self) -> list[URLPattern]:
        """Add looking a batch up, its preview, and a recall's buttons and report."""
        guard = self.admin_site.admin_view
        return [
            path("find/", guard(self.find_view), name="aftersales_recall_find"),
            path("batch/<int:pk>/", guard(self.batch_view), name="aftersales_recall_batch"),
            path("batch/<int:pk>/orders.<str:form>", guard(self.orders), name="aftersales_orders"),
            path("<int:pk>/act/", guard(require_POST(self.act_view)), name="aftersales_recall_act"),
            path("<int:pk>/report.<str:form>", guard(self.report), name="aftersales_report"),
            *super().get_urls(),
        ]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Look for a batch by its number, goods or supplier, or by an order that got it."""
        self._require_view(request)
        query = request.GET.get("q", "").strip()[:60]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Call a batch back"),
            "q": query,
            "batches": _batches(query),
            "order_batches": _batches_of_order(query),
        }
        return TemplateResponse(request, "admin/aftersales/recall_find.html", context)

    def batch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show every order that got a batch; posted, propose to call it back."""
        self._require_view(request)
        batch = get_object_or_404(Batch.objects.select_related("product", "supplier"), pk=pk)
        if request.method == "POST":
            return self._propose(request, batch)
        lines = lines_of_batch(pk).select_related("order__leader").order_by("-pk")
        page = Paginator(lines, _SHOWN).get_page(request.GET.get("page"))
        preview = preview_recall(pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Batch %(number)s") % {"number": batch.batch_no},
            "batch": batch,
            "recall": batch.recalls.exclude(status=State.WITHDRAWN).first(),
            "preview": preview,
            "waiting": yuan(preview.waiting_minor),
            "taken": yuan(preview.taken_minor),
            "page": page,
            "rows": [_line_row(line) for line in page],
            "collected": Recall.Collected.choices,
            "may_propose": may(request, _PROPOSE),
        }
        return TemplateResponse(request, "admin/aftersales/recall_batch.html", context)

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show how far a recall is, and what failed."""
        del form_url
        recall = self._found(request, object_id)
        report = report_of(recall)
        failed = recall.lines.filter(state=RecallLine.State.FAILED).select_related("order", "line")
        is_own = recall.proposed_by_id == request.user.pk
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Recall of batch %(number)s") % {"number": recall.batch.batch_no},
            "recall": recall,
            "batch": recall.batch,
            "colour": COLOURS[recall.status],
            "report": report,
            "minor": yuan(report.minor),
            "failed": failed[:_SHOWN],
            "preview": preview_recall(recall.batch_id) if recall.status == State.PROPOSED else None,
            "is_proposed": recall.status == State.PROPOSED,
            "is_running": recall.status == State.RUNNING,
            "is_over": recall.status == State.DONE,
            "is_own": is_own,
            "may_start": may(request, _START) and not is_own,
            "may_propose": may(request, _PROPOSE),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/aftersales/recall.html", context)

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button of a recall says."""
        recall = self._found(request, str(pk))
        permission, do = _ACTS.get(request.POST.get("what", ""), ("", None))
        if do is None or not may(request, permission):
            raise PermissionDenied
        try:
            messages.success(request, do(request, recall))
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
        return redirect(reverse("admin:aftersales_recall_change", args=[pk]))

    def orders(self, request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
        """Give every order that got a batch as a file."""
        self._require_view(request)
        batch = get_object_or_404(Batch, pk=pk)
        lines = lines_of_batch(pk).select_related("order__leader", "order__pickup_point")
        headers = order_headers()
        return spreadsheet(form, name=f"batch-{batch.pk}", headers=headers, rows=order_cells(lines))

    def report(self, request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
        """Give a recall's report as a file: told, refunded, failed."""
        recall = self._found(request, str(pk))
        lines = recall.lines.select_related("line", "order__leader", "order__pickup_point")
        headers = [*order_headers(), *report_headers()]
        rows = report_cells(lines.order_by("pk"))
        return spreadsheet(form, name=f"recall-{recall.pk}", headers=headers, rows=rows)

    def _propose(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        if not may(request, _PROPOSE):
            raise PermissionDenied
        try:
            recall = propose_recall(
                batch_id=batch.pk,
                by=request.user,
                reason=said(request, "reason"),
                collected=said(request, "collected"),
            )
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
            return redirect(reverse("admin:aftersales_recall_batch", args=[batch.pk]))
        messages.success(request, gettext("Its sale has stopped. A second person starts the rest."))
        return redirect(reverse("admin:aftersales_recall_change", args=[recall.pk]))

    def _found(self, request: HttpRequest, object_id: str) -> Recall:
        self._require_view(request)
        recall = self.get_object(request, object_id)
        if recall is None:
            raise Http404
        return recall

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _start(request: HttpRequest, recall: Recall) -> str:
    start_recall(recall, by=request.user)
    return gettext("Started. Everybody is told and refunded one after the other.")


def _withdraw(request: HttpRequest, recall: Recall) -> str:
    withdraw_recall(recall, by=request.user, reason=said(request, "reason"))
    return gettext("Not called back. It may be sold again.")


def _again(_request: HttpRequest, recall: Recall) -> str:
    failed = try_again(recall)
    return gettext("%(n)d are tried again, and newer orders are looked for.") % {"n": failed}


_ACTS: Final[dict[str, tuple[str, Callable[[HttpRequest, Recall], str]]]] = {
    "start": (_START, _start),
    "withdraw": (_PROPOSE, _withdraw),
    "again": (_START, _again),
}


def _batches(query: str) -> list[Batch]:
    """Return the batches a search finds; without one the newest."""
    rows = Batch.objects.select_related("product", "supplier").order_by("-pk")
    if query:
        named = Q(product__title__icontains=query) | Q(supplier__name__icontains=query)
        rows = rows.filter(Q(batch_no__icontains=query) | named)
    return list(rows[:_BATCHES])


def _batches_of_order(query: str) -> list[tuple[str, list[Batch]]]:
    """Return per line of an order the batches it may have got."""
    order = OrderFulfilment.objects.filter(order_no=query.upper()).first() if query else None
    if order is None:
        return []
    lines = list(order.lines.order_by("pk"))
    found = batches_of_items([line.item_id for line in lines])
    return [(line.title, found.get(line.item_id, [])) for line in lines]


def _line_row(line: LineFulfilment) -> dict[str, Any]:
    return {
        "order_no": line.order.order_no,
        "leader": str(line.order.leader),
        "status": line.order.get_status_display(),
        "left": line.quantity - line.refunded_quantity,
        "quantity": line.quantity,
        "placed_at": line.order.placed_at,
    }
