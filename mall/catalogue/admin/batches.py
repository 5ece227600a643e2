"""Batches in the admin: what came from where, with its papers, and what runs out soon."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from mall.catalogue.batches import add_batch, facts_of, why_held
from mall.catalogue.models import Batch
from mall.papers.uploads import UploadRefusedError, paper_of
from payments.admin.spreadsheets import spreadsheet
from payments.api import business_date

_SOON: Final = timedelta(days=7)
_PAPERS: Final = ("certificate", "report")
_COLOURS: Final = {"fine": "success", "soon": "warning", "held": "danger", "past": "info"}


class RunningOutFilter(admin.SimpleListFilter):
    """Current batches by how long they may still be sold."""

    title = _("running out")
    parameter_name = "running_out"

    def lookups(self, *_args: Any) -> list[tuple[str, Any]]:
        """Offer what a clerk looks for in the morning."""
        return [("soon", _("within 7 days")), ("over", _("run out")), ("recalled", _("recalled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Batch]) -> QuerySet[Batch]:
        """Look at report and best-before date."""
        today = business_date()
        current = queryset.filter(is_current=True)
        if self.value() == "soon":
            span = (today, today + _SOON)
            return current.filter(Q(best_before__range=span) | Q(report_valid_until__range=span))
        if self.value() == "over":
            return current.filter(Q(best_before__lt=today) | Q(report_valid_until__lt=today))
        return queryset.filter(is_recalled=True) if self.value() == "recalled" else queryset


class BatchForm(forms.ModelForm):  # type: ignore[type-arg]
    """A batch with papers that were looked through."""

    class Meta:
        """Everything a clerk knows of it."""

        model = Batch
        fields = (
            "product",
            "supplier",
            "batch_no",
            "origin",
            "harvested_on",
            "produced_on",
            "best_before",
            "certificate",
            "report",
            "report_no",
            "report_by",
            "reported_on",
            "report_valid_until",
        )

    def clean_certificate(self) -> Any:
        """Take PDFs and pictures only."""
        return self._paper("certificate")

    def clean_report(self) -> Any:
        """Take PDFs and pictures only."""
        return self._paper("report")

    def _paper(self, name: str) -> Any:
        file = self.cleaned_data[name]
        if name not in self.changed_data or not file:
            return file
        try:
            return paper_of(file)
        except UploadRefusedError as error:
            raise ValidationError(str(error.user_message)) from error


@admin.register(Batch)
class BatchAdmin(ModelAdmin):  # type: ignore[misc]
    """Goods of one harvest or run. They are kept: the law asks for them long after."""

    form = BatchForm
    list_display = (
        "batch_no",
        "product",
        "supplier",
        "best_before",
        "report_until",
        "state",
        "papers",
    )
    list_filter = (RunningOutFilter, "is_current", "is_recalled", "supplier")
    list_select_related = ("product__extra", "supplier")
    search_fields = ("batch_no", "product__title", "supplier__name", "report_no")
    date_hierarchy = "created_at"
    autocomplete_fields = ("product",)
    readonly_fields = (
        "state",
        "papers",
        "recalled_at",
        "recall_reason",
        "created_at",
        "created_by",
    )
    actions = ("export_xlsx",)

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: Batch,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        """Take a new batch in by the one door: it becomes the current one."""
        if change:
            names = [name for name in form.changed_data if name in form.fields]
            obj.save(update_fields=names)
            return
        details = {
            name: form.cleaned_data[name]
            for name in BatchForm.Meta.fields
            if name not in {"product", "supplier", "batch_no"}
        }
        made = add_batch(
            product_id=obj.product_id,
            supplier_id=obj.supplier_id,
            batch_no=obj.batch_no,
            details=details,
            by=request.user,  # type: ignore[arg-type]
        )
        obj.pk = made.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep them: six months after their shelf life, or two years."""
        del request, obj
        return False

    @admin.display(description=_("report until"), ordering="report_valid_until")
    def report_until(self, batch: Batch) -> Any:
        """Show until when its report counts."""
        return batch.report_valid_until or ""

    @display(description=_("state"), label=_COLOURS)
    def state(self, batch: Batch) -> tuple[str, str]:
        """Say whether it may be sold."""
        today = business_date()
        if not batch.is_current and not batch.is_recalled:
            return "past", _now("superseded")
        why = why_held(batch, today)
        if why:
            return "held", why
        ends = [day for day in (batch.best_before, batch.report_valid_until) if day]
        if ends and min(ends) <= today + _SOON:
            return "soon", _now("runs out soon")
        return "fine", _now("may be sold")

    @admin.display(description=_("papers"))
    def papers(self, batch: Batch) -> str:
        """Link to its papers as residents see them."""
        links = [
            (reverse("storefront:paper", args=[paper.name]), paper.label)
            for paper in facts_of(batch).papers
        ]
        return format_html_join(" · ", '<a href="{}" target="_blank" rel="noopener">{}</a>', links)

    @admin.action(description=_("Export as a workbook"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, batches: QuerySet[Batch]) -> HttpResponseBase:
        """Give the chosen batches as a sheet."""
        headers = [
            _now("Batch"),
            _now("Product"),
            _now("Supplier"),
            _now("Harvested on"),
            _now("Produced on"),
            _now("Best before"),
            _now("Report"),
            _now("Valid until"),
            _now("Recalled"),
        ]
        rows = (
            [
                row.batch_no,
                row.product.get_title(),
                row.supplier.name,
                row.harvested_on,
                row.produced_on,
                row.best_before,
                row.report_no or PurePosixPath(row.report.name or "").name,
                row.report_valid_until,
                row.recall_reason if row.is_recalled else "",
            ]
            for row in batches.select_related("product", "supplier").iterator()
        )
        return spreadsheet("xlsx", name="batches", headers=headers, rows=rows)
