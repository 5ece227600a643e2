"""What every page of the small bank shares: read only, exportable, its papers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from payments.admin.csv_export import csv_response
from payments.admin.showing import Table

GREEN, BLUE, ORANGE, RED = "success", "info", "warning", "danger"


class PaperAdmin(ModelAdmin):
    """Rows that services write: looked at by whoever may view them, changed by nobody."""

    actions: tuple[str, ...] = ("export_csv",)
    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    compressed_fields = False
    change_form_outer_after_template = "admin/payments/papers.html"
    # What the rows behind one page need, so that a page asks a constant number of questions.
    beside: ClassVar[Sequence[str]] = ()

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: rows come from services."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: what happened is not rewritten."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: nothing near money is deleted."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Bring along what lists and pages show of other rows."""
        rows = super().get_queryset(request)
        return rows.select_related(*self.beside) if self.beside else rows

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
        """Give the chosen rows as a file for a spreadsheet."""
        return csv_response(self, request, queryset)

    def papers(self, _row: Any) -> list[Table]:
        """Return the tables shown below a row's own fields."""
        return []

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a row and its papers."""
        row = self.get_object(request, object_id)
        papers = self.papers(row) if row is not None else []
        context = {"papers": papers, "show_save": False, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)
