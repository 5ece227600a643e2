"""Leaders' own orders, for whoever watches risk: by what one sees it, how much, how often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groupleader.admin.reading import MoneyAdmin, yuan
from groupleader.models import CommissionTerms, Leader, OwnOrder
from groupleader.services.agreeing import whole_commission_of
from payments.api import now

DAYS: Final = 90
_SHOWN: Final = 20
SIGNS: Final = {
    "self": gettext_lazy("her own account"),
    "card": gettext_lazy("a card she has tied too"),
    "phone": gettext_lazy("her telephone as receiver"),
}


class SignFilter(admin.SimpleListFilter):
    """By what one sees it."""

    title = gettext_lazy("seen by")
    parameter_name = "sign"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Offer each sign."""
        return list(SIGNS.items())

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows with the chosen one."""
        sign = self.value()
        return queryset.filter(own_signs__contains=sign) if sign in SIGNS else queryset


@admin.register(OwnOrder)
class OwnOrderAdmin(MoneyAdmin):
    """Every line of a leader's own order, and above it which leaders have how many."""

    list_display = ("order_no", "leader", "seen_by", "title", "base", "earns", "placed_at")
    list_filter = (SignFilter, "withheld", "leader")
    search_fields = ("order_no", "leader__name", "title")
    list_select_related = ("leader",)
    date_hierarchy = "placed_at"
    change_list_template = "admin/groupleader/own_orders.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OwnOrder]:
        """Keep to leaders' own rows of own orders."""
        rows = super().get_queryset(request)
        return rows.filter(is_own_order=True, part=CommissionTerms.Part.LEADER)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the leaders with the largest share of own orders above the list."""
        context = {"leaders": shares_of_own(), "own_days": DAYS, **(extra_context or {})}
        return super().changelist_view(request, context)

    @admin.display(description=gettext_lazy("seen by"), ordering="own_signs")
    def seen_by(self, row: OwnOrder) -> str:
        """Show the signs in words."""
        return ", ".join(str(SIGNS[sign]) for sign in row.own_signs.split(",") if sign in SIGNS)

    @admin.display(description=gettext_lazy("base"), ordering="base_minor")
    def base(self, row: OwnOrder) -> str:
        """Show yuan."""
        return yuan(row.base_minor)

    @admin.display(description=gettext_lazy("commission"))
    def earns(self, row: OwnOrder) -> str:
        """Show what it earns, or that nothing is paid on it."""
        whole = yuan(whole_commission_of(row))
        return _("none (%(amount)s)") % {"amount": whole} if row.withheld else whole


def shares_of_own() -> list[dict[str, Any]]:
    """Return the leaders whose own orders make the largest share of theirs; two queries."""
    own = Q(is_own_order=True)
    rows = CommissionTerms.objects.filter(
        part=CommissionTerms.Part.LEADER, placed_at__gte=now() - timedelta(days=DAYS)
    )
    sums = (
        rows.order_by()
        .values("leader_id")
        .annotate(
            goods=Sum("base_minor"),
            own_goods=Sum("base_minor", filter=own),
            orders=Count("order_no", distinct=True, filter=own),
            cards=Count("order_no", distinct=True, filter=own & Q(own_signs__contains="card")),
        )
    )
    found = list(sums.filter(orders__gt=0))
    found.sort(key=lambda row: -row["own_goods"] / (row["goods"] or 1))
    names = Leader.objects.in_bulk([row["leader_id"] for row in found[:_SHOWN]])
    return [
        {
            "leader": names[row["leader_id"]],
            "orders": row["orders"],
            "cards": row["cards"],
            "goods": yuan(row["own_goods"]),
            "share": f"{100 * row['own_goods'] / (row['goods'] or 1):.1f} %",
        }
        for row in found[:_SHOWN]
    ]
