"""The goods of a sale in the admin: prices in yuan, tiers as they are spoken, limits and cases."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from oscar.apps.partner.models import StockRecord
from unfold.admin import ModelAdmin, TabularInline

from mall.groupbuy.admin.tiers import TiersField
from mall.groupbuy.admin.yuan import YuanField
from mall.groupbuy.errors import NotReadyError
from mall.groupbuy.models import GroupBuyItem, State
from mall.groupbuy.readiness import require_honest
from payments.api import Money

# What an empty field means.
_USUAL: Final = {"case_size": 1, "minimum_quantity": 0}
# What an order of an item relies on until its goods are there.
_ORDERED_BY: Final = (
    "product",
    "stockrecord",
    "tiers",
    "case_size",
    "allows_tolerance",
    "minimum_quantity",
)


class ItemForm(forms.ModelForm):
    """An item with its prices in yuan; the stock record may be left to the product's only one."""

    price_minor = YuanField(label=_("group price"))
    strike_minor = YuanField(label=_("struck-through price"), required=False)
    cost_minor = YuanField(label=_("cost"))
    tiers = TiersField(label=_("prices by quantity"), required=False)

    class Meta:
        """What staff decide about an item."""

        model = GroupBuyItem
        fields = (
            "position",
            "product",
            "stockrecord",
            "price_minor",
            "strike_minor",
            "cost_minor",
            "quota",
            "limit_per_resident",
            "limit_per_order",
            "limit_per_day",
            "tiers",
            "case_size",
            "allows_tolerance",
            "minimum_quantity",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let be empty what has a usual answer: one supplier, single pieces, any quantity."""
        super().__init__(*args, **kwargs)
        for name in ("stockrecord", *_USUAL):
            if name in self.fields:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Take the product's only stock record, and refuse one of another product."""
        cleaned = super().clean() or self.cleaned_data
        for name, usual in _USUAL.items():
            if name in cleaned and cleaned[name] is None:
                cleaned[name] = usual
        product, stock = cleaned.get("product"), cleaned.get("stockrecord")
        if product is None:
            return cleaned
        if stock is None:
            cleaned["stockrecord"] = self._only_stock(product.pk)
        elif stock.product_id != product.pk:
            raise ValidationError(_("This stock record belongs to another product."))
        self._require_unsold(cleaned)
        self._require_honest(cleaned)
        return cleaned

    def save(self, commit: bool = True) -> GroupBuyItem:  # noqa: FBT001, FBT002 - Django's signature
        """Write what was typed and nothing else: pieces are being held and sold meanwhile."""
        if not commit or self.instance.pk is None:
            return super().save(commit)
        self.instance.save(update_fields=[*self.changed_data, "stockrecord"])
        return self.instance

    def _require_unsold(self, cleaned: dict[str, Any]) -> None:
        """Refuse what orders were placed by: another product, another case, another price list."""
        if self.instance.pk is None:
            return
        was = GroupBuyItem.objects.get(pk=self.instance.pk)
        if not (was.held or was.sold):
            return
        for name in _ORDERED_BY:
            if name in cleaned and cleaned[name] != getattr(was, name):
                self.add_error(name, _("Residents have ordered it: this cannot be changed."))

    def _require_honest(self, cleaned: dict[str, Any]) -> None:
        """Ask of a sale that residents see already what scheduling would ask."""
        sale = self.instance.group_buy if self.instance.group_buy_id else None
        if sale is None or sale.state == State.DRAFT or self.errors:
            return
        wish = GroupBuyItem(pk=self.instance.pk, group_buy=sale, **cleaned_item(cleaned))
        try:
            require_honest([wish], pickup_on=sale.pickup_on)
        except NotReadyError as refusal:
            raise ValidationError(str(refusal.user_message)) from refusal

    def _only_stock(self, product_id: int) -> StockRecord:
        found = list(StockRecord.objects.filter(product_id=product_id)[:2])
        if len(found) != 1:
            raise ValidationError(
                _("Choose a stock record: this product has none or several suppliers.")
            )
        return found[0]


def cleaned_item(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Return what a form says about an item, without what belongs to the formset."""
    return {name: cleaned[name] for name in ItemForm.Meta.fields if cleaned.get(name) is not None}


class ItemInline(TabularInline):
    """The goods of the sale."""

    model = GroupBuyItem
    form = ItemForm
    extra = 0
    fields = (*ItemForm.Meta.fields, "held", "sold")
    readonly_fields = ("held", "sold")
    autocomplete_fields = ("product", "stockrecord")
    ordering_field = "position"

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupBuyItem]:
        """Bring the titles along."""
        items = super().get_queryset(request)
        return items.select_related("product", "stockrecord__product", "stockrecord__partner")


@admin.register(GroupBuyItem)
class GroupBuyItemAdmin(ModelAdmin):
    """Looked up by other forms; changed in its sale."""

    list_display = ("product", "group_buy", "price", "sold", "quota")
    list_filter = ("group_buy__state", "group_buy__pickup_on")
    list_select_related = ("product", "group_buy")
    search_fields = ("product__title", "group_buy__title", "group_buy__code")

    @admin.display(description=_("group price"), ordering="price_minor")
    def price(self, item: GroupBuyItem) -> str:
        """Show yuan."""
        return f"¥{Money(item.price_minor).to_major_str()}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Items are added in their sale."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Items are changed in their sale."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Items are taken out in their sale."""
        del request, obj
        return False
