"""First-tie gifts in the admin: the rules, paused and ended by hand, and what was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from mall.accounts.masking import mask_name
from mall.banks.scope import owned_by
from mall.vouchers import gifts
from mall.vouchers.admin.showing import LookUpOnly, Scoped, do_each
from mall.vouchers.models import Gift, GiftRule, VoucherBatch

Action = Callable[["GiftRuleAdmin", HttpRequest, QuerySet[GiftRule]], None]


def _action(name: str, description: Promise) -> Action:
    @admin.action(description=description, permissions=["launch"])
    def act(_self: GiftRuleAdmin, request: HttpRequest, queryset: QuerySet[GiftRule]) -> None:
        do_each(request, queryset, getattr(gifts, name))

    act.__name__ = name
    return act


@admin.register(GiftRule)
class GiftRuleAdmin(Scoped):
    """What may be spent is the batch's: two people launched it; a rule only gives from it."""

    through = "batch__owner"
    list_display = (
        "name",
        "state_label",
        "issuer_code",
        "card_kind",
        "batch",
        "given",
        "starts_at",
        "ends_at",
    )
    list_filter = ("state", "issuer_code", "card_kind")
    list_select_related = ("batch",)
    search_fields = ("name", "batch__name", "batch__code")
    fields = (
        "name",
        ("issuer_code", "card_kind"),
        "batch",
        "starts_at",
        "ends_at",
        "total_limit",
        "given",
    )
    readonly_fields = ("given",)
    actions = (
        _action("launch", _("Launch")),
        _action("pause", _("Pause")),
        _action("resume", _("Resume")),
        _action("end", _("End for good")),
    )

    def has_launch_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to launch batches."""
        return request.user.has_perm("vouchers.launch_voucherbatch")

    def get_readonly_fields(self, request: HttpRequest, obj: GiftRule | None = None) -> Any:
        """Leave nothing of a launched rule open to change."""
        if obj is None or obj.state == GiftRule.State.DRAFT:
            return self.readonly_fields
        return [name for row in self.fields for name in ([row] if isinstance(row, str) else row)]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let only drafts be thrown away."""
        is_draft = obj is not None and obj.state == GiftRule.State.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the batches she may see that still give."""
        if db_field.name == "batch":
            kwargs["queryset"] = owned_by(
                VoucherBatch.objects.exclude(state=VoucherBatch.State.ENDED), request.user
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(
        description=_("state"),
        label={"draft": "info", "active": "success", "paused": "warning", "ended": ""},
    )
    def state_label(self, rule: GiftRule) -> tuple[str, str]:
        """Colour the state."""
        return rule.state, rule.get_state_display()

    @admin.display(description=_("given"), ordering="given_count")
    def given(self, rule: GiftRule) -> str:
        """Show how many of how many."""
        return f"{rule.given_count} / {rule.total_limit or '∞'}"


@admin.register(Gift)
class GiftAdmin(LookUpOnly):
    """What was given for which card: once per person, bank and kind."""

    through = "rule__batch__owner"
    list_display = ("agreement_no", "rule", "holder", "issuer_code", "card_kind", "voucher", "at")
    list_filter = ("issuer_code", "card_kind")
    list_select_related = ("rule", "resident", "voucher")
    search_fields = ("agreement_no", "voucher__voucher_no", "resident__phone__exact")
    fields = ("agreement_no", "rule", "holder", ("issuer_code", "card_kind"), "voucher", "at")
    date_hierarchy = "at"

    @admin.display(description=_("resident"))
    def holder(self, gift: Gift) -> str:
        """Mask the name."""
        return mask_name(str(gift.resident))
