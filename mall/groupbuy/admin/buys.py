"""Group buys: dates, items, pickup points, and the steps staff may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from oscar.apps.partner.models import StockRecord
from unfold.admin import ModelAdmin, TabularInline

from mall.groupbuy.admin.yuan import YuanField
from mall.groupbuy.copying import clone
from mall.groupbuy.lifecycle import cut_off_now, mark_ordered, open_now, schedule, unschedule
from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup, State
from payments.api import LinliError, business_date


class ItemForm(forms.ModelForm):
    """An item with its prices in yuan; the stock record may be left to the product's only one."""

    price_minor = YuanField(label=_("group price"))
    strike_minor = YuanField(label=_("struck-through price"), required=False)
    cost_minor = YuanField(label=_("cost"))

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
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let the stock record be empty: most products have one supplier."""
        super().__init__(*args, **kwargs)
        if "stockrecord" in self.fields:
            self.fields["stockrecord"].required = False

    def clean(self) -> dict[str, Any]:
        """Take the product's only stock record, and refuse one of another product."""
        cleaned = super().clean() or self.cleaned_data
        product, stock = cleaned.get("product"), cleaned.get("stockrecord")
        if product is None:
            return cleaned
        if stock is None:
            cleaned["stockrecord"] = self._only_stock(product.pk)
        elif stock.product_id != product.pk:
            raise ValidationError(_("This stock record belongs to another product."))
        return cleaned

    def _only_stock(self, product_id: int) -> StockRecord:
        found = list(StockRecord.objects.filter(product_id=product_id)[:2])
        if len(found) != 1:
            raise ValidationError(
                _("Choose a stock record: this product has none or several suppliers.")
            )
        return found[0]


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


class GroupForm(forms.ModelForm):
    """A pickup point that takes part; the leader is the point's."""

    class Meta:
        """Only the point is chosen."""

        model = LeaderGroup
        fields = ("pickup_point",)

    def save(self, commit: bool = True) -> LeaderGroup:  # noqa: FBT001, FBT002 - Django's signature
        """Give the group the leader of its point and the state of its sale."""
        self.instance.leader_id = self.instance.pickup_point.leader_id
        if self.instance.pk is None:
            self.instance.state = self.instance.group_buy.state
        return super().save(commit)


class GroupInline(TabularInline):
    """The pickup points that take part."""

    model = LeaderGroup
    form = GroupForm
    extra = 0
    fields = ("pickup_point", "leader", "share_code", "state", "joined_count", "order_count")
    readonly_fields = ("leader", "share_code", "state", "joined_count", "order_count")
    autocomplete_fields = ("pickup_point",)


class GroupBuyForm(forms.ModelForm):
    """Explains a pickup day that cannot be."""

    class Meta:
        """All that staff decide."""

        model = GroupBuy
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose

    def clean(self) -> dict[str, Any]:
        """Goods are collected after the cut-off, not before it."""
        cleaned = super().clean() or self.cleaned_data
        closes_at, pickup_on = cleaned.get("closes_at"), cleaned.get("pickup_on")
        if closes_at and pickup_on and pickup_on < business_date(closes_at):
            self.add_error("pickup_on", _("The pickup day is before the cut-off."))
        return cleaned


@admin.register(GroupBuy)
class GroupBuyAdmin(ModelAdmin):
    """Plans a sale; its state moves only by the actions and by the clock."""

    form = GroupBuyForm
    list_display = ("title", "code", "state", "opens_at", "closes_at", "pickup_on", "group_count")
    list_filter = ("state", "owner_kind", "pickup_on")
    search_fields = ("title", "code", "items__product__title", "groups__pickup_point__name")
    date_hierarchy = "opens_at"
    autocomplete_fields = ("owner",)
    readonly_fields = ("code", "state", "opened_at", "closed_at", "formed_at", "ordered_at")
    inlines = (ItemInline, GroupInline)
    actions = (
        "schedule_them",
        "unschedule_them",
        "open_them",
        "cut_them_off",
        "mark_them_ordered",
        "copy_them",
    )
    fieldsets = (
        (None, {"fields": ("title", "text", "cover", ("code", "state"))}),
        (_("Dates"), {"fields": (("opens_at", "closes_at"), "grace_minutes")}),
        (_("Collection"), {"fields": ("pickup_on", ("pickup_from", "pickup_until"))}),
        (_("English"), {"fields": ("title_en", "text_en"), "classes": ("collapse",)}),
        (_("Run by"), {"fields": ("owner_kind", "owner"), "classes": ("collapse",)}),
        (
            _("What happened"),
            {"fields": (("opened_at", "closed_at"), ("formed_at", "ordered_at"))},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupBuy]:
        """Count the pickup points in the same query."""
        return super().get_queryset(request).annotate(points=Count("groups", distinct=True))

    def get_readonly_fields(self, request: HttpRequest, obj: GroupBuy | None = None) -> Any:
        """The dates of a sale that runs are moved by the actions, not by typing."""
        fields = super().get_readonly_fields(request, obj)
        if obj is None or obj.state in {State.DRAFT, State.SCHEDULED}:
            return fields
        return (*fields, "opens_at", "closes_at", "grace_minutes")

    def has_delete_permission(self, request: HttpRequest, obj: GroupBuy | None = None) -> bool:
        """Only a draft can be thrown away."""
        is_draft = obj is None or obj.state == State.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    @admin.display(description=_("pickup points"))
    def group_count(self, group_buy: Any) -> int:
        """Show how many points take part."""
        return group_buy.points

    @admin.action(description=_("Schedule"))
    def schedule_them(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Drafts wait for their opening."""
        self._each(request, chosen, lambda pk: schedule(group_buy_id=pk))

    @admin.action(description=_("Back to draft"))
    def unschedule_them(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Scheduled ones can be worked on again."""
        self._each(request, chosen, lambda pk: unschedule(group_buy_id=pk))

    @admin.action(description=_("Open now"))
    def open_them(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Scheduled ones open before their time."""
        self._each(request, chosen, lambda pk: open_now(group_buy_id=pk))

    @admin.action(description=_("Cut off now"))
    def cut_them_off(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Open ones take no more orders from this moment."""
        self._each(request, chosen, lambda pk: cut_off_now(group_buy_id=pk))

    @admin.action(description=_("Mark as ordered from suppliers"))
    def mark_them_ordered(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Formed ones went out to the suppliers."""
        self._each(request, chosen, lambda pk: mark_ordered(group_buy_id=pk))

    @admin.action(description=_("Copy as drafts for a week later"))
    def copy_them(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Items and pickup points come along."""
        self._each(request, chosen, lambda pk: clone(group_buy_id=pk))

    def _each(
        self, request: HttpRequest, chosen: QuerySet[GroupBuy], step: Callable[[int], object]
    ) -> None:
        """Take a step with each; say which could not and why."""
        for group_buy in chosen:
            try:
                step(group_buy.pk)
            except LinliError as error:
                messages.error(request, f"{group_buy}: {error.user_message}")
            else:
                messages.success(request, _("%(title)s: done.") % {"title": group_buy})
