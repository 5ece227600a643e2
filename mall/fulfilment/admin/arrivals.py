"""What leaders counted in, in the admin: looked up; set right with a reason, never edited."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from mall.fulfilment.correcting import correct_count, present_count
from mall.fulfilment.models import Arrival, ArrivalLine, SortingReport
from mall.fulfilment.sorting import settle_report
from mall.promotions.admin import LookUpOnly
from payments.api import LinliError


@admin.register(Arrival)
class ArrivalAdmin(LookUpOnly):
    """What leaders counted in, with what staff set right afterwards."""

    list_display = ("group", "received_by", "received_at", "missing", "finished_at")
    list_select_related = ("group__group_buy", "group__pickup_point", "received_by")
    list_filter = (("finished_at", admin.EmptyFieldListFilter), "group__group_buy")
    search_fields = ("group__share_code", "group__group_buy__title", "group__pickup_point__name")

    class Media:
        """The look of the day's pages."""

        css: ClassVar = {"all": ("claims/claims.css", "fulfilment/day.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Arrival]:
        """Sum what was missing with them."""
        rows = super().get_queryset(request)
        return rows.annotate(wanted=Sum("lines__expected"), came=Sum("lines__received"))

    @admin.display(description=_("missing"))
    def missing(self, arrival: Arrival) -> int:
        """Show how many pieces were missing when it was counted."""
        return (getattr(arrival, "wanted", 0) or 0) - (getattr(arrival, "came", 0) or 0)

    def get_urls(self) -> list[URLPattern]:
        """Add setting a count right."""
        guard = self.admin_site.admin_view(require_POST(self.correct_view))
        return [
            path("<int:pk>/correct/", guard, name="fulfilment_correct"),
            *super().get_urls(),
        ]

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one arrival: counts, pictures, what was set right, and setting one right."""
        del form_url
        if not self.has_view_permission(request):
            raise PermissionDenied
        arrival = self.get_object(request, object_id)
        if arrival is None:
            raise Http404
        lines = arrival.lines.select_related("item__product").prefetch_related("corrections__by")
        reports = SortingReport.objects.filter(group=arrival.group_id, settled_at=None)
        context = {
            **self.admin_site.each_context(request),
            "title": str(arrival),
            "arrival": arrival,
            "lines": [{"line": line, "now": present_count(line)} for line in lines],
            "photos": arrival.photos.all(),
            "reports": reports.select_related("item__product", "by"),
            "may_correct": may_correct(request),
            "media": self.media,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/fulfilment/arrival.html", context)

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Set a count right; residents who now go short get their money at once."""
        if not may_correct(request):
            raise PermissionDenied
        line = ArrivalLine.objects.filter(
            arrival=pk, pk=_number(request.POST.get("line", ""))
        ).first()
        if line is None:
            raise Http404
        try:
            correct_count(
                line_id=line.pk,
                received=_number(request.POST.get("received", "")),
                reason=request.POST.get("reason", "").replace("\x00", ""),
                by=request.user,
            )
        except LinliError as refusal:
            messages.error(request, refusal.user_message)
        else:
            messages.success(request, _now("The count is set right; the first one stays beside."))
        return redirect("admin:fulfilment_arrival_change", pk)


@admin.register(SortingReport)
class SortingReportAdmin(ModelAdmin):
    """What leaders found missing or spoilt while sorting; answered here."""

    list_display = ("group", "item", "missing", "note", "by", "at", "settled_at")
    list_filter = (("settled_at", admin.EmptyFieldListFilter),)
    list_select_related = ("group__group_buy", "group__pickup_point", "item__product", "by")
    search_fields = ("group__group_buy__title", "group__pickup_point__name", "note")
    fields = ("group", "item", "missing", "note", "photo", "by", "at", "settled_at", "answer")
    readonly_fields = tuple(name for name in fields if name != "answer")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: leaders tell."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse: what was told stays."""
        return False

    def save_model(
        self, request: HttpRequest, obj: SortingReport, form: Any, *_change: bool
    ) -> None:
        """Answer it once; the leader reads the answer."""
        settle_report(report_id=obj.pk, answer=form.cleaned_data["answer"], by=request.user)


def may_correct(request: HttpRequest) -> bool:
    """Tell whether she may set counts right."""
    return request.user.has_perm("fulfilment.add_arrivalcorrection")


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= 9
    return int(text) if is_number else -1
