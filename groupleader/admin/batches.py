"""Batch files in the admin: sums for the second person, the file, the bank's result, evidence."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from groupleader.admin.payouts import decide, refused_words
from groupleader.admin.reading import MoneyAdmin, yuan
from groupleader.admin.result_words import FINDINGS
from groupleader.models import BatchAnswer, Payout, PayoutBatch
from groupleader.payout_errors import ResultRefusedError
from groupleader.services.batch_booking import book_beside, bookings_for
from groupleader.services.batch_files import BYTES_MAX
from groupleader.services.batch_layouts import layouts
from groupleader.services.batch_results import import_batch_result
from groupleader.services.batches import approve_batch, cancel_batch, download_batch
from payments.api import LinliError, available_minor

COLOURS: Final = {
    "proposed": "warning",
    "approved": "info",
    "handed_out": "info",
    "closed": "success",
    "cancelled": "",
}
ROWS_PER_PAGE: Final = 50
_KINDS: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@admin.register(PayoutBatch)
class PayoutBatchAdmin(MoneyAdmin):
    """Files for a bank without an interface: who made them, who let them go, what came of them."""

    list_display = (
        "batch_no",
        "status_label",
        "count",
        "total",
        "layout",
        "made_by",
        "approved_by",
        "handed_out_at",
        "closed_at",
    )
    list_filter = ("status", "layout")
    search_fields = ("batch_no", "purpose", "payouts__transfer_no")
    list_select_related = ("made_by", "approved_by")
    list_before_template = "admin/groupleader/payout_doors.html"

    @display(description=_("status"), ordering="status", label=COLOURS)
    def status_label(self, batch: PayoutBatch) -> tuple[str, str]:
        """Show the state in colour."""
        return batch.status, batch.get_status_display()

    @display(description=_("total"), ordering="total_minor")
    def total(self, batch: PayoutBatch) -> str:
        """Show yuan."""
        return yuan(batch.total_minor)

    def get_urls(self) -> list[URLPattern]:
        """Add a batch's buttons, its file, and the bank's result."""
        guard = self.admin_site.admin_view
        acts = (
            ("approve", self.approve_view),
            ("cancel", self.cancel_view),
            ("file", self.file_view),
            ("result", self.result_view),
            ("decide", self.decide_view),
            ("book", self.book_view),
        )
        return [
            *(
                path(
                    f"<int:pk>/{name}/", guard(require_POST(view)), name=f"groupleader_batch_{name}"
                )
                for name, view in acts
            ),
            *super().get_urls(),
        ]

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one batch with its sums, rows, and what is to be done."""
        del form_url
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.get_object(request, object_id)
        if batch is None:
            raise Http404
        return self._page(request, batch, **(extra_context or {}))

    def _page(self, request: HttpRequest, batch: PayoutBatch, **more: Any) -> HttpResponse:
        rows = Payout.objects.filter(batch=batch).order_by("row_no")
        rows = rows.select_related("statement__leader", "statement__supplier")
        open_count = rows.filter(status__in=Payout.OPEN).count()
        page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
        for payout in page:
            payout.shown_amount = yuan(payout.amount_minor)
        context = {
            **self.admin_site.each_context(request),
            "title": str(batch),
            "batch": batch,
            "colour": COLOURS[batch.status],
            "total": yuan(batch.total_minor),
            "there": yuan(available_minor()),
            "layout": getattr(layouts().get(batch.layout), "name", batch.layout),
            "page": page,
            "open_count": open_count,
            "downloads": batch.downloads.select_related("by"),
            "results": batch.results.select_related("imported_by"),
            "to_apply": BatchAnswer.objects.filter(result__batch=batch, applied_at=None).count(),
            "decisions": batch.decisions.select_related("proposed_by", "decided_by"),
            "bookings": bookings_for(batch),
            "may": _may(request),
            "is_maker": batch.made_by_id == request.user.pk,
            **more,
        }
        return TemplateResponse(request, "admin/groupleader/batch.html", context)

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The second person lets it go, with the sums she saw."""
        batch = self._found(request, pk, "approve_payoutbatch")
        try:
            approve_batch(
                batch=batch,
                by=request.user,
                total_minor=_number(request.POST.get("total_minor", "")),
                count=_number(request.POST.get("count", "")),
            )
            messages.success(request, gettext("Approved; the file can be downloaded."))
        except LinliError as refusal:
            messages.error(request, refused_words(refusal))
        return _back(batch)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Call it off while nobody has its file."""
        batch = self._found(request, pk, "approve_payoutbatch", "add_payoutbatch")
        try:
            reason = request.POST.get("reason", "").replace("\x00", "")
            cancel_batch(batch=batch, by=request.user, reason=reason)
            messages.success(request, gettext("Cancelled; its statements can be paid again."))
        except LinliError as refusal:
            messages.error(request, refusal.user_message)
        return _back(batch)

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand the file out; who had it is written down."""
        batch = self._found(request, pk, "download_payoutbatch")
        try:
            content = download_batch(batch=batch, by=request.user)
        except LinliError as refusal:
            messages.error(request, refused_words(refusal))
            return _back(batch)
        kind = _KINDS[batch.file_name.rpartition(".")[2]]
        answer = HttpResponse(content, content_type=kind)
        answer["Content-Disposition"] = f'attachment; filename="{batch.file_name}"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    def result_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take in what the bank answered, or show what does not fit."""
        batch = self._found(request, pk, "import_payoutbatch")
        paper = request.FILES.get("paper")
        if paper is None or paper.size > BYTES_MAX:
            messages.error(request, gettext("Please choose the bank's result file, 8 MB at most."))
            return _back(batch)
        try:
            result = import_batch_result(
                batch=batch, content=paper.read(), file_name=paper.name, by=request.user
            )
        except ResultRefusedError as refusal:
            findings = [
                {**found, "words": FINDINGS[found["what"]]} for found in refusal.data["findings"]
            ]
            messages.error(request, refusal.user_message)
            return self._page(request, batch, findings=findings)
        except LinliError as refusal:
            messages.error(request, refused_words(refusal))
            return _back(batch)
        text = gettext("%(paid)d paid, %(failed)d not paid, %(unknown)d still unknown.")
        figures = {
            "paid": result.paid_count,
            "failed": result.failed_count,
            "unknown": result.unknown_count,
        }
        messages.success(request, text % figures)
        return _back(batch)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose, agree to or reject what became of the rows that are still unknown."""
        batch = self._found(request, pk, "decide_payout")
        decide(request, batch=batch)
        return _back(batch)

    def book_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a booking of our bank beside the batch."""
        batch = self._found(request, pk, "import_payoutbatch")
        try:
            book_beside(batch=batch, key=_number(request.POST.get("line", "")))
            messages.success(request, gettext("The booking stands beside the batch."))
        except LinliError as refusal:
            messages.error(request, refused_words(refusal))
        return _back(batch)

    def _found(self, request: HttpRequest, pk: int, *permissions: str) -> PayoutBatch:
        if not any(request.user.has_perm(f"groupleader.{name}") for name in permissions):
            raise PermissionDenied
        batch = self.get_object(request, str(pk))
        if batch is None:
            raise Http404
        return batch


def _may(request: HttpRequest) -> dict[str, bool]:
    user: Any = request.user
    return {
        "approve": user.has_perm("groupleader.approve_payoutbatch"),
        "download": user.has_perm("groupleader.download_payoutbatch"),
        "bring": user.has_perm("groupleader.import_payoutbatch"),
        "decide": user.has_perm("groupleader.decide_payout"),
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else -1


def _back(batch: PayoutBatch) -> HttpResponse:
    return redirect("admin:groupleader_payoutbatch_change", batch.pk)
