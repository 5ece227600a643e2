"""What leaders may sell on their own, and their sales that wait for a word of the mall."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from mall.groupbuy.admin.yuan import YuanField
from mall.groupbuy.models import Assortment, AssortmentItem, OwnSale
from mall.groupbuy.own_sales import approve, refuse
from payments.api import LinliError


class AssortmentItemForm(forms.ModelForm):
    """Prices in yuan; the stock record is the product's."""

    cost_minor = YuanField(label=_("cost"))
    floor_minor = YuanField(label=_("lowest price"))
    ceiling_minor = YuanField(label=_("highest price"))

    class Meta:
        """What the mall decides about a product."""

        model = AssortmentItem
        fields = (
            "product",
            "stockrecord",
            "cost_minor",
            "floor_minor",
            "ceiling_minor",
            "commission_rate",
            "most_pieces",
            "active",
        )

    def clean(self) -> dict[str, Any]:
        """Refuse another product's stock, and a floor that leaves nothing for the leader."""
        cleaned = super().clean() or self.cleaned_data
        product, stock = cleaned.get("product"), cleaned.get("stockrecord")
        if product and stock and stock.product_id != product.pk:
            self.add_error("stockrecord", _("This stock record belongs to another product."))
        cost, floor = cleaned.get("cost_minor"), cleaned.get("floor_minor")
        rate = cleaned.get("commission_rate")
        if None not in {cost, floor, rate} and floor * (1 - rate) < cost:
            self.add_error("floor_minor", _("It does not cover the cost and the leader's margin."))
        return cleaned


class AssortmentItemInline(TabularInline):
    """The approved goods."""

    model = AssortmentItem
    form = AssortmentItemForm
    extra = 0
    autocomplete_fields = ("product", "stockrecord")


@admin.register(Assortment)
class AssortmentAdmin(ModelAdmin):
    """A shelf for leaders."""

    list_display = ("name", "goods", "approves_itself", "active")
    list_filter = ("active", "approves_itself")
    search_fields = ("name", "items__product__title", "leaders__display_name")
    autocomplete_fields = ("leaders",)
    inlines = (AssortmentItemInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assortment]:
        """Count the goods in the same query."""
        return super().get_queryset(request).annotate(goods_count=Count("items", distinct=True))

    @admin.display(description=_("goods"))
    def goods(self, assortment: Any) -> int:
        """Show how many products it holds."""
        return assortment.goods_count

    def has_delete_permission(self, request: HttpRequest, obj: Assortment | None = None) -> bool:
        """One that leaders have sold from is put out of use instead."""
        is_free = obj is None or not obj.own_sales.exists()
        return is_free and super().has_delete_permission(request, obj)


class DecisionForm(forms.ModelForm):
    """Yes, or no with a reason the leader reads."""

    decision = forms.ChoiceField(
        label=_("decision"),
        required=False,
        choices=[("", "–"), ("approve", _("Approve")), ("refuse", _("Refuse"))],
        widget=UnfoldAdminSelectWidget,
    )
    because = forms.CharField(
        label=_("reason for the leader"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        """Nothing else is typed."""

        model = OwnSale
        fields = ()

    def clean(self) -> dict[str, Any]:
        """A refusal says why."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decision") == "refuse" and not (cleaned.get("because") or "").strip():
            raise ValidationError({"because": _("Please tell the leader why.")})
        return cleaned


@admin.register(OwnSale)
class OwnSaleAdmin(ModelAdmin):
    """Leaders' own sales: approved or refused here, moved by nobody else."""

    form = DecisionForm
    list_display = ("group_buy", "leader", "assortment", "state", "submitted_at", "decided_by")
    list_filter = ("state", "assortment", "submitted_at")
    list_select_related = ("group_buy__owner", "assortment", "decided_by")
    search_fields = ("group_buy__title", "group_buy__code", "group_buy__owner__display_name")
    actions = ("approve_them",)
    readonly_fields = (
        "group_buy",
        "leader",
        "assortment",
        "state",
        "submitted_at",
        "decided_at",
        "decided_by",
        "refused_because",
    )
    fieldsets = (
        (None, {"fields": ("group_buy", "leader", "assortment", "state")}),
        (_("Decision"), {"fields": ("decision", "because")}),
        (
            _("What happened"),
            {"fields": ("submitted_at", "decided_at", "decided_by", "refused_because")},
        ),
    )

    @admin.display(description=_("group leader"))
    def leader(self, sale: OwnSale) -> str:
        """Show whose sale it is."""
        return str(sale.group_buy.owner)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leaders write them."""
        del request
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was handed in stays."""
        del request, obj
        return False

    def save_model(  # noqa: PLR0917 - Django's signature
        self,
        request: HttpRequest,
        obj: OwnSale,
        form: forms.ModelForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Decide; somebody else's decision stands."""
        del change
        decision = form.cleaned_data.get("decision")
        if decision == "approve":
            self._tell(request, is_done=approve(own_sale_id=obj.pk, by=request.user))
        elif decision == "refuse":
            because = form.cleaned_data["because"]
            self._tell(
                request, is_done=refuse(own_sale_id=obj.pk, by=request.user, because=because)
            )

    @admin.action(description=_("Approve"), permissions=["change"])
    def approve_them(self, request: HttpRequest, chosen: QuerySet[OwnSale]) -> None:
        """Let the chosen ones be published by their leaders."""
        for sale in chosen:
            try:
                self._tell(request, is_done=approve(own_sale_id=sale.pk, by=request.user))
            except LinliError as error:
                messages.error(request, f"{sale}: {error.user_message}")

    def _tell(self, request: HttpRequest, *, is_done: bool) -> None:
        if is_done:
            messages.success(request, _("The leader can go on."))
        else:
            messages.warning(request, _("It has not been handed in, or is decided already."))
