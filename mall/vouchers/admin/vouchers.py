"""Residents' vouchers in the admin: found by number or phone, never touched."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from mall.accounts.masking import mask_name, mask_phone
from mall.vouchers.admin.showing import VOUCHER_COLOURS, LookUpOnly, yuan
from mall.vouchers.models import HandGrant, Redemption, Voucher, VoucherUse


class _Told(TabularInline):
    """Rows that tell what happened; nobody writes them here."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


class UseInline(_Told):
    """The orders it was on."""

    model = VoucherUse
    fields = readonly_fields = (
        "order_no",
        "state",
        "discount",
        "returned",
        "locked_at",
        "used_at",
        "ended_at",
    )

    @admin.display(description=_("taken off"))
    def discount(self, use: VoucherUse) -> str:
        """Show yuan."""
        return yuan(use.discount_minor)

    @admin.display(description=_("returned to funders"))
    def returned(self, use: VoucherUse) -> str:
        """Show yuan."""
        return yuan(use.returned_minor)


class RedemptionInline(_Told):
    """The counters it was taken at."""

    model = Redemption
    fields = readonly_fields = ("redemption_no", "merchant", "taken_off", "at", "undone_at")

    @admin.display(description=_("taken off"))
    def taken_off(self, redemption: Redemption) -> str:
        """Show yuan."""
        return yuan(redemption.discount_minor)


@admin.register(Voucher)
class VoucherAdmin(LookUpOnly):
    """What residents hold: names and phones masked."""

    through = "batch__owner"
    list_display = ("voucher_no", "batch", "holder", "state_label", "worth", "source", "expires_at")
    list_filter = (("state", ChoicesDropdownFilter), ("source", ChoicesDropdownFilter))
    list_filter_submit = True
    list_select_related = ("batch", "resident")
    search_fields = ("voucher_no", "uses__order_no", "resident__phone__exact", "batch__code")
    date_hierarchy = "claimed_at"
    inlines = (UseInline, RedemptionInline)
    fields = (
        ("voucher_no", "state_label"),
        ("batch", "round"),
        ("holder", "phone"),
        ("worth", "source"),
        ("claimed_at", "valid_from", "expires_at"),
    )

    @display(description=_("state"), label=VOUCHER_COLOURS)
    def state_label(self, voucher: Voucher) -> tuple[str, str]:
        """Colour the state."""
        return voucher.state, voucher.get_state_display()

    @admin.display(description=_("resident"))
    def holder(self, voucher: Voucher) -> str:
        """Mask the name."""
        return mask_name(str(voucher.resident))

    @admin.display(description=_("phone number"))
    def phone(self, voucher: Voucher) -> str:
        """Mask the number."""
        return mask_phone(voucher.resident.phone)

    @admin.display(description=_("worth"), ordering="worth_minor")
    def worth(self, voucher: Voucher) -> str:
        """Show yuan."""
        return yuan(voucher.worth_minor)


@admin.register(HandGrant)
class HandGrantAdmin(LookUpOnly):
    """Who gave which voucher to whom, and why."""

    through = "voucher__batch__owner"
    list_display = ("voucher", "batch", "by", "reason", "at")
    list_select_related = ("voucher__batch", "by")
    search_fields = ("voucher__voucher_no", "by__username", "reason")
    date_hierarchy = "at"

    @admin.display(description=pgettext_lazy("vouchers", "batch"))
    def batch(self, grant: HandGrant) -> str:
        """Name the batch."""
        return str(grant.voucher.batch)
