"""Commission in the admin: what lines were placed under and what they earned, to read."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from groupleader.admin.dashboard import LeaderPages
from groupleader.admin.reading import MoneyAdmin, yuan
from groupleader.models import CommissionAccrual, CommissionTerms
from groupleader.templatetags.commission import how_much


@admin.register(CommissionTerms)
class CommissionTermsAdmin(MoneyAdmin):
    """What each order line was placed under."""

    list_display = (
        "order_no",
        "title",
        "leader",
        "quantity",
        "base",
        "agreed",
        "scope",
        "is_own_order",
        "placed_at",
    )
    list_filter = ("scope", "is_own_order")
    search_fields = ("order_no", "title", "leader__name")
    list_select_related = ("leader",)
    date_hierarchy = "placed_at"

    @admin.display(description=_("base"))
    def base(self, terms: CommissionTerms) -> str:
        """Show yuan."""
        return yuan(terms.base_minor)

    @admin.display(description=_("rate"))
    def agreed(self, terms: CommissionTerms) -> str:
        """Show the rate or the amount per piece."""
        return how_much(terms)


@admin.register(CommissionAccrual)
class CommissionAccrualAdmin(LeaderPages, MoneyAdmin):
    """What each line earned, and where that money is; and the pages about all leaders."""

    list_display = (
        "order_no",
        "goods",
        "leader",
        "amount",
        "taken_back",
        "status",
        "statement",
        "accrued_at",
    )
    list_filter = ("status", "leader")
    search_fields = ("terms__order_no", "terms__title", "leader__name", "statement__statement_no")
    list_select_related = ("leader", "terms", "statement__leader")
    date_hierarchy = "accrued_at"

    def get_urls(self) -> list[URLPattern]:
        """Add the pages about all leaders."""
        return [*self.page_urls(), *super().get_urls()]

    @admin.display(description=_("order number"), ordering="terms__order_no")
    def order_no(self, accrual: CommissionAccrual) -> str:
        """Show the order."""
        return accrual.terms.order_no

    @admin.display(description=_("goods"))
    def goods(self, accrual: CommissionAccrual) -> str:
        """Show the line's goods."""
        return accrual.terms.title

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount(self, accrual: CommissionAccrual) -> str:
        """Show yuan."""
        return yuan(accrual.amount_minor)

    @admin.display(description=_("taken back"))
    def taken_back(self, accrual: CommissionAccrual) -> str:
        """Show what refunds took of it."""
        return yuan(accrual.reduced_minor) if accrual.reduced_minor else "–"
