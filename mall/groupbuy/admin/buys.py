"""Group buys: dates, items, pickup points, and the steps staff may take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet, Sum
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from mall.groupbuy.admin.exports import sales_file
from mall.groupbuy.admin.items import ItemInline
from mall.groupbuy.admin.yuan import YuanField
from mall.groupbuy.copying import clone
from mall.groupbuy.lifecycle import cut_off_now, mark_ordered, open_now, schedule, unschedule
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.groupbuy.pickup_times import why_too_late
from mall.groupbuy.prolonging import extend
from mall.groupbuy.redating import move_pickup_day
from payments.api import LinliError, Money, business_date


class GroupForm(forms.ModelForm):
    """A pickup point that takes part; the leader is the point's."""

    class Meta:
        """The point is chosen, and what its group must reach."""

        model = LeaderGroup
        fields = ("pickup_point", "minimum_kind", "minimum_value")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let the minimum be empty: most groups have none."""
        super().__init__(*args, **kwargs)
        for name in ("minimum_kind", "minimum_value"):
            if name in self.fields:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Read an empty minimum as none."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["minimum_kind"] = cleaned.get("minimum_kind") or LeaderGroup.Minimum.NONE
        cleaned["minimum_value"] = cleaned.get("minimum_value") or 0
        if "pickup_point" in self.changed_data and self._has_orders():
            self.add_error("pickup_point", _("Residents have ordered for this point: it stays."))
        return cleaned

    def _has_orders(self) -> bool:
        """Tell whether somebody ordered in the group."""
        return self.instance.pk is not None and self.instance.orders.exists()

    def save(self, commit: bool = True) -> LeaderGroup:  # noqa: FBT001, FBT002 - Django's signature
        """Give the group the leader of its point and the state of its sale."""
        self.instance.leader_id = self.instance.pickup_point.leader_id
        if self.instance.pk is None:
            self.instance.state = self.instance.group_buy.state
        if not commit or self.instance.pk is None:
            return super().save(commit)
        # Nothing else: orders join, are numbered and are paid meanwhile.
        self.instance.save(update_fields=[*self.changed_data, "leader"])
        return self.instance


class GroupInline(TabularInline):
    """The pickup points that take part."""

    model = LeaderGroup
    form = GroupForm
    extra = 0
    fields = (
        "pickup_point",
        "minimum_kind",
        "minimum_value",
        "leader",
        "share_code",
        "state",
        "joined_count",
        "order_count",
    )
    readonly_fields = ("leader", "share_code", "state", "joined_count", "order_count")
    autocomplete_fields = ("pickup_point",)


class GroupBuyForm(forms.ModelForm):
    """Money in yuan; explains a pickup day that cannot be."""

    min_order_minor = YuanField(label=_("least amount of an order"), required=False)
    max_amount_minor = YuanField(label=_("most goods amount"), required=False)

    class Meta:
        """All that staff decide."""

        model = GroupBuy
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose

    def clean(self) -> dict[str, Any]:
        """Goods are collected after the cut-off, not before it."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["min_order_minor"] = cleaned.get("min_order_minor") or 0
        # New dates are judged; a sale from before the rule may be saved as it stands.
        names = ("closes_at", "pickup_on", "pickup_from")
        dates = {name: cleaned[name] for name in names if cleaned.get(name)}
        is_new = len(dates) == len(names) and not dates.keys().isdisjoint(self.changed_data)
        if is_new and (why := why_too_late(**dates)):
            self.add_error("pickup_on", why)
        return cleaned


@admin.register(GroupBuy)
class GroupBuyAdmin(ModelAdmin):
    """Plans a sale; its state moves only by the actions and by the clock."""

    form = GroupBuyForm
    list_display = (
        "title",
        "code",
        "state",
        "opens_at",
        "closes_at",
        "pickup_on",
        "group_count",
        "order_count",
        "amount",
    )
    list_filter = ("state", "owner_kind", "schedule", "pickup_on")
    search_fields = ("title", "code", "items__product__title", "groups__pickup_point__name")
    date_hierarchy = "opens_at"
    autocomplete_fields = ("owner",)
    readonly_fields = (
        "code",
        "state",
        "schedule",
        "opened_at",
        "closed_at",
        "filled_at",
        "prolonged_at",
        "formed_at",
        "cut_at",
        "ordered_at",
    )
    inlines = (ItemInline, GroupInline)
    actions = (
        "schedule_them",
        "unschedule_them",
        "open_them",
        "cut_them_off",
        "prolong_by_an_hour",
        "prolong_by_a_day",
        "collect_a_day_later",
        "mark_them_ordered",
        "copy_them",
        "download",
    )
    fieldsets = (
        (None, {"fields": ("title", "text", "cover", ("code", "state"))}),
        (_("Dates"), {"fields": (("opens_at", "closes_at"), "grace_minutes")}),
        (
            _("Collection"),
            {"fields": (("pickup_on", "arrival_text"), ("pickup_from", "pickup_until"))},
        ),
        (
            _("Limits"),
            {"fields": (("min_order_minor", "sharing"), ("max_orders", "max_amount_minor"))},
        ),
        (_("English"), {"fields": ("title_en", "text_en"), "classes": ("collapse",)}),
        (_("Run by"), {"fields": ("owner_kind", "owner"), "classes": ("collapse",)}),
        (
            _("What happened"),
            {
                "fields": (
                    ("opened_at", "closed_at", "filled_at", "prolonged_at"),
                    ("formed_at", "cut_at", "ordered_at"),
                    "schedule",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupBuy]:
        """Count pickup points, orders and money in the same query."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                points=Count("groups"),
                paid_orders=Sum("groups__order_count"),
                paid_minor=Sum("groups__amount_minor"),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: GroupBuy | None = None) -> Any:
        """The dates of a sale that runs are moved by the actions, not by typing."""
        fields = super().get_readonly_fields(request, obj)
        if obj is None or obj.state in {State.DRAFT, State.SCHEDULED}:
            return fields
        return (*fields, "opens_at", "closes_at", "grace_minutes", "pickup_on")

    def has_delete_permission(self, request: HttpRequest, obj: GroupBuy | None = None) -> bool:
        """Only a draft can be thrown away."""
        is_draft = obj is None or obj.state == State.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: GroupBuy, form: Any, change: bool) -> None:  # noqa: FBT001, PLR0917 - Django's signature
        """Write what was typed and nothing else: the clock moves the state meanwhile."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        if form.changed_data:
            obj.save(update_fields=form.changed_data)

    @admin.display(description=_("pickup points"))
    def group_count(self, group_buy: Any) -> int:
        """Show how many points take part."""
        return group_buy.points

    @admin.display(description=_("paid orders"), ordering="paid_orders")
    def order_count(self, group_buy: Any) -> int:
        """Show how many orders were paid."""
        return group_buy.paid_orders or 0

    @admin.display(description=_("goods amount"), ordering="paid_minor")
    def amount(self, group_buy: Any) -> str:
        """Show yuan."""
        return f"¥{Money(group_buy.paid_minor or 0).to_major_str()}"

    @admin.action(description=_("Schedule"), permissions=["change"])
    def schedule_them(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Drafts wait for their opening."""
        self._each(request, chosen, lambda pk: schedule(group_buy_id=pk))

    @admin.action(description=_("Back to draft"), permissions=["change"])
    def unschedule_them(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Scheduled ones can be worked on again."""
        self._each(request, chosen, lambda pk: unschedule(group_buy_id=pk))

    @admin.action(description=_("Open now"), permissions=["change"])
    def open_them(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Scheduled ones open before their time."""
        self._each(request, chosen, lambda pk: open_now(group_buy_id=pk))

    @admin.action(description=_("Cut off now"), permissions=["change"])
    def cut_them_off(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Open ones take no more orders from this moment."""
        self._each(request, chosen, lambda pk: cut_off_now(group_buy_id=pk))

    @admin.action(description=_("Prolong by an hour"), permissions=["change"])
    def prolong_by_an_hour(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """The cut-off comes an hour later; closed ones open again."""
        self._prolong(request, chosen, by=timedelta(hours=1))

    @admin.action(description=_("Prolong by a day"), permissions=["change"])
    def prolong_by_a_day(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """The cut-off comes a day later; closed ones open again."""
        self._prolong(request, chosen, by=timedelta(days=1))

    @admin.action(description=_("Collect a day later"), permissions=["change"])
    def collect_a_day_later(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """The pickup day moves, with the room its orders take; the cut-off stays."""
        days = dict(chosen.values_list("pk", "pickup_on"))
        day = timedelta(days=1)
        self._each(request, chosen, lambda pk: move_pickup_day(group_buy_id=pk, day=days[pk] + day))

    @admin.action(description=_("Mark as ordered from suppliers"), permissions=["change"])
    def mark_them_ordered(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Formed ones went out to the suppliers."""
        self._each(request, chosen, lambda pk: mark_ordered(group_buy_id=pk))

    @admin.action(description=_("Copy as drafts for a week later"), permissions=["add"])
    def copy_them(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> None:
        """Items and pickup points come along."""
        self._each(request, chosen, lambda pk: clone(group_buy_id=pk))

    @admin.action(description=_("Download as a spreadsheet"), permissions=["view"])
    def download(self, request: HttpRequest, chosen: QuerySet[GroupBuy]) -> FileResponse:
        """Items and groups of the chosen sales."""
        del request
        name = f"group-buys-{business_date():%Y%m%d}.xlsx"
        return FileResponse(sales_file(chosen), as_attachment=True, filename=name)

    def _prolong(self, request: HttpRequest, chosen: QuerySet[GroupBuy], *, by: timedelta) -> None:
        ends = dict(chosen.values_list("pk", "closes_at"))
        self._each(request, chosen, lambda pk: extend(group_buy_id=pk, closes_at=ends[pk] + by))

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
