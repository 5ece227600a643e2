"""Bags nobody collects in the admin: the rules, what waits, who stayed away how often."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from mall.accounts.masking import mask_name
from mall.fulfilment.models import OverdueBag, OverduePolicy
from mall.fulfilment.overdue import DISPOSED
from mall.promotions.admin import LookUpOnly
from payments.api import now


@admin.register(OverduePolicy)
class OverduePolicyAdmin(ModelAdmin):
    """Rules are added, never changed: an order keeps the rule its resident read."""

    list_display = (
        "storage_class",
        "valid_from",
        "keep_days",
        "keep_until",
        "outcome",
        "back_percent",
        "fee_minor",
        "made_by",
    )
    list_filter = ("storage_class",)
    fields = (
        "storage_class",
        ("keep_days", "keep_until"),
        "remind_hours",
        ("outcome", "back_percent", "fee_minor"),
        "extension_hours",
        "text",
        "text_en",
    )

    def save_model(  # noqa: PLR0917 - Django calls it so
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Let it hold from now on."""
        obj.valid_from, obj.made_by = now(), request.user
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: a new rule is a new row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: orders were placed under it."""
        return False


@admin.register(OverdueBag)
class OverdueBagAdmin(LookUpOnly):
    """Bags that wait or were not collected; how often their residents stayed away."""

    list_display = (
        "order",
        "resident",
        "storage_class",
        "until",
        "reminded",
        "extended_hours",
        "ended",
        "pieces",
        "times_away",
    )
    list_filter = ("ended", "storage_class", "order__pickup_point")
    list_select_related = ("order",)
    search_fields = ("order__order_no", "order__receiver_phone__endswith", "refund_no")
    date_hierarchy = "until"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OverdueBag]:
        """Count with each bag how many orders its resident did not collect."""
        away = OverdueBag.objects.filter(
            order__resident=OuterRef("order__resident"), ended__in=DISPOSED
        )
        counted = (
            away.order_by().values("order__resident").annotate(n=Count("order", distinct=True))
        )
        times = Coalesce(Subquery(counted.values("n")), 0)
        return super().get_queryset(request).annotate(times=times)

    @admin.display(description=_("resident"))
    def resident(self, bag: OverdueBag) -> str:
        """Show the masked name."""
        return mask_name(bag.order.receiver_name)

    @admin.display(description=_("orders not collected"), ordering="times")
    def times_away(self, bag: Any) -> int:
        """Show how many orders she did not collect; nothing follows from it by itself."""
        return int(bag.times)
