"""Selling below cost: asked for here with a reason, agreed to here by somebody else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from mall.groupbuy.below_cost import agree_below_cost, ask_below_cost
from mall.groupbuy.models import BelowCostConsent
from mall.groupbuy.readiness import needs_consent
from payments.api import LinliError, Money


class AskForm(forms.ModelForm):
    """Which item, and why."""

    class Meta:
        """Price and cost are the item's."""

        model = BelowCostConsent
        fields = ("item", "reason")

    def clean(self) -> dict[str, Any]:
        """Refuse where there is nothing to ask for."""
        cleaned = super().clean() or self.cleaned_data
        item = cleaned.get("item")
        if item is not None and not needs_consent(item):
            raise ValidationError({"item": _("This item is not sold below cost.")})
        return cleaned


@admin.register(BelowCostConsent)
class BelowCostConsentAdmin(ModelAdmin):
    """Requests and who agreed; nothing is changed afterwards."""

    form = AskForm
    list_display = ("item", "sale", "price", "cost", "reason", "asked_by", "agreed_by", "agreed_at")
    list_filter = (("agreed_at", admin.EmptyFieldListFilter), "asked_at")
    list_select_related = ("item__product", "item__group_buy", "asked_by", "agreed_by")
    search_fields = ("item__product__title", "item__group_buy__title", "reason")
    autocomplete_fields = ("item",)
    actions = ("agree_to_them",)

    @admin.display(description=_("group buy"))
    def sale(self, consent: BelowCostConsent) -> str:
        """Name the sale."""
        return str(consent.item.group_buy)

    @admin.display(description=_("lowest price"), ordering="price_minor")
    def price(self, consent: BelowCostConsent) -> str:
        """Show yuan."""
        return f"¥{Money(consent.price_minor).to_major_str()}"

    @admin.display(description=_("cost"), ordering="cost_minor")
    def cost(self, consent: BelowCostConsent) -> str:
        """Show yuan."""
        return f"¥{Money(consent.cost_minor).to_major_str()}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The list is looked at and acted on; a request itself is not changed."""
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who agreed to what stays."""
        del request, obj
        return False

    def save_model(  # noqa: PLR0917 - Django's signature
        self,
        request: HttpRequest,
        obj: BelowCostConsent,
        form: forms.ModelForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Ask in the name of who is signed in."""
        del change
        asked = ask_below_cost(
            item_id=form.cleaned_data["item"].pk,
            by=request.user,
            reason=form.cleaned_data["reason"],
        )
        obj.pk = asked.pk
        obj.refresh_from_db()

    @admin.action(description=_("Agree as the second person"), permissions=["change"])
    def agree_to_them(self, request: HttpRequest, chosen: QuerySet[BelowCostConsent]) -> None:
        """Agree to what somebody else asked for."""
        for consent in chosen:
            try:
                agree_below_cost(consent_id=consent.pk, by=request.user)
            except LinliError as error:
                messages.error(request, f"{consent}: {error.user_message}")
            else:
                messages.success(request, _("%(title)s: done.") % {"title": consent})
