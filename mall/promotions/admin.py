"""Bank offers in the admin: written as drafts, launched for good, then only paused or ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from mall.promotions import lifecycle
from mall.promotions.models import BankOffer, OfferReservation
from mall.promotions.wording import yuan
from payments.api import LinliError

Action = Callable[["BankOfferAdmin", HttpRequest, QuerySet[BankOffer]], None]


def _action(name: str, description: Promise) -> Action:
    """Make an admin action of a step in an offer's life."""

    @admin.action(description=description, permissions=["change"])
    def act(self: BankOfferAdmin, request: HttpRequest, queryset: QuerySet[BankOffer]) -> None:
        for offer in queryset:
            try:
                lifecycle.ACTIONS[name](offer)
            except LinliError as refusal:
                self.message_user(request, f"{offer}: {refusal.user_message}", messages.ERROR)
            else:
                self.message_user(request, str(offer), messages.SUCCESS)

    act.__name__ = name
    return act


class LookUpOnly(ModelAdmin):
    """Rows near money: found and read here, made and changed by the services only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


@admin.register(BankOffer)
class BankOfferAdmin(ModelAdmin):
    """The rule can be edited while it is a draft; afterwards a new version replaces it."""

    list_display = ("name", "version", "state", "funder_ref", "benefit", "uses", "money", "ends_at")
    list_filter = ("state", "funder_ref")
    search_fields = ("name", "code")
    actions = (
        _action("launch", _("Launch (the rule can then no longer be changed)")),
        _action("pause", _("Pause")),
        _action("resume", _("Resume")),
        _action("end", _("End for good")),
        _action("new_version", _("Prepare a new version")),
    )
    readonly_fields = ("state", "uses", "money")
    fieldsets = (
        (None, {"fields": ("name", "code", "version", "state", "terms")}),
        (_("Cards"), {"fields": ("issuers", "kinds", "marks", "bins")}),
        (_("Goods"), {"fields": ("included", "excluded", "physical_only")}),
        (_("Benefit"), {"fields": ("benefit_kind", "threshold_minor", "discount_minor")}),
        (
            _("Calendar"),
            {
                "fields": (
                    "starts_at",
                    "ends_at",
                    "weekdays",
                    "month_days",
                    "hours",
                )
            },
        ),
        (
            _("Limits"),
            {
                "fields": (
                    ("resident_day_limit", "resident_month_limit", "resident_total_limit"),
                    ("card_day_limit", "card_month_limit", "card_total_limit"),
                    ("day_limit", "total_limit", "budget_minor"),
                )
            },
        ),
        (_("Money"), {"fields": ("funder_ref", "funding", "refund_policy", "uses", "money")}),
    )

    @admin.display(description=_("benefit"))
    def benefit(self, offer: BankOffer) -> str:
        """Show "¥200 − ¥16"."""
        return f"{yuan(offer.threshold_minor)} − {yuan(offer.discount_minor)}"

    @admin.display(description=_("used + reserved of"))
    def uses(self, offer: BankOffer) -> str:
        """Show how many uses are gone, of how many."""
        return f"{offer.used_count} + {offer.reserved_count} / {offer.total_limit or '∞'}"

    @admin.display(description=_("spent + reserved of"))
    def money(self, offer: BankOffer) -> str:
        """Show how much of the budget is gone."""
        budget = yuan(offer.budget_minor) if offer.budget_minor is not None else "∞"
        return f"{yuan(offer.used_minor)} + {yuan(offer.reserved_minor)} / {budget}"

    def get_readonly_fields(self, request: HttpRequest, obj: BankOffer | None = None) -> Any:
        """Leave nothing of a launched rule open to change."""
        if obj is None or obj.state == BankOffer.State.DRAFT:
            return self.readonly_fields
        return tuple(field for _name, options in self.fieldsets for field in _flat(options))

    def has_delete_permission(self, request: HttpRequest, obj: BankOffer | None = None) -> bool:
        """Let only drafts be thrown away."""
        is_draft = obj is not None and obj.state == BankOffer.State.DRAFT
        return is_draft and super().has_delete_permission(request, obj)


@admin.register(OfferReservation)
class OfferReservationAdmin(LookUpOnly):
    """Uses of offers, to look up: nothing here is changed by hand."""

    list_display = ("order_no", "offer", "state", "business_date", "saved", "given_back")
    list_filter = ("state", "offer")
    search_fields = ("order_no",)
    list_select_related = ("offer",)

    @admin.display(description=_("discount"))
    def saved(self, use: OfferReservation) -> str:
        """Show the discount."""
        return yuan(use.discount_minor)

    @admin.display(description=_("given back"))
    def given_back(self, use: OfferReservation) -> str:
        """Show what went back to the bank."""
        return yuan(use.clawed_back_minor)


def _flat(options: Any) -> list[str]:
    fields: list[str] = []
    for field in options["fields"]:
        fields.extend([field] if isinstance(field, str) else field)
    return fields
