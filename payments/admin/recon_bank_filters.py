"""Questions of the last mile: has it arrived, and does a batch explain it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ArrivedFilter(admin.SimpleListFilter):
    """Batches by whether the bank has them."""

    title = _("at the bank")
    parameter_name = "arrived"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what a cashier asks."""
        return [("no", _("not seen yet")), ("yes", _("arrived")), ("differs", _("differs"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what was asked."""
        if self.value() == "no":
            return queryset.filter(bank_line=None).exclude(net_minor=0)
        if self.value() == "yes":
            return queryset.exclude(bank_line=None)
        if self.value() == "differs":
            return queryset.filter(~Q(expected_minor=F("net_minor")), expected_minor__isnull=False)
        return queryset


class KnownFilter(admin.SimpleListFilter):
    """Bookings by whether a batch of an acquirer explains them."""

    title = _("belongs to a batch")
    parameter_name = "known"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Offer yes and no."""
        return [("yes", _("yes")), ("no", _("no"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what was asked."""
        if self.value() in {"yes", "no"}:
            return queryset.filter(batch__isnull=self.value() == "no")
        return queryset
