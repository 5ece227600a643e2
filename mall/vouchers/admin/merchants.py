"""Merchants who take vouchers, and every redemption, in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from mall.accounts.masking import mask_phone
from mall.banks.filters import OwnerFilter
from mall.banks.scope import units_for
from mall.vouchers.admin.showing import LookUpOnly, Scoped, as_file, yuan
from mall.vouchers.models import Redemption, RedemptionMerchant
from mall.vouchers.statements import owed_minor
from payments.api import Money, local


@admin.register(RedemptionMerchant)
class RedemptionMerchantAdmin(Scoped):
    """Shops outside the mall: who stands at the counter, and what they are owed."""

    list_display = ("name", "owner", "phone_shown", "is_active", "owed")
    list_filter = ("is_active", OwnerFilter)
    search_fields = ("name", "code", "phone")
    autocomplete_fields = ("users",)
    fields = ("name", "code", "phone", "address", "users", "owner", "is_active", "label", "owed")
    readonly_fields = ("label", "owed")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the code: the books know the merchant by it."""
        return self.readonly_fields if obj is None else (*self.readonly_fields, "code")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: a merchant stops taking vouchers instead."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the units she may see."""
        if db_field.name == "owner":
            kwargs["queryset"] = units_for(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("phone number"))
    def phone_shown(self, merchant: RedemptionMerchant) -> str:
        """Mask the number in lists."""
        return mask_phone(merchant.phone)

    @admin.display(description=_("account in the books"))
    def label(self, merchant: RedemptionMerchant) -> str:
        """Show under which name the books keep what it is owed."""
        return merchant.payout_label if merchant.code else "–"

    @admin.display(description=_("taken and not undone"))
    def owed(self, merchant: RedemptionMerchant) -> str:
        """Show what all its redemptions come to."""
        return yuan(owed_minor(merchant)) if merchant.pk else "–"


@admin.register(Redemption)
class RedemptionAdmin(LookUpOnly):
    """Vouchers taken at counters; undone ones stay."""

    through = "voucher__batch__owner"
    list_display = ("redemption_no", "merchant", "batch", "bill", "taken_off", "at", "state")
    list_filter = (
        ("merchant", admin.RelatedOnlyFieldListFilter),
        ("business_date", RangeDateFilter),
    )
    list_filter_submit = True
    list_select_related = ("merchant", "voucher__batch")
    search_fields = ("redemption_no", "voucher__voucher_no")
    date_hierarchy = "at"
    actions = ("export_csv", "export_xlsx")
    fields = (
        ("redemption_no", "state"),
        ("merchant", "voucher"),
        ("bill", "taken_off"),
        ("taken_by", "at"),
        ("undone_by", "undone_at"),
    )

    @admin.display(description=pgettext_lazy("vouchers", "batch"))
    def batch(self, redemption: Redemption) -> str:
        """Name the batch."""
        return str(redemption.voucher.batch)

    @admin.display(description=pgettext_lazy("at a counter", "bill"), ordering="bill_minor")
    def bill(self, redemption: Redemption) -> str:
        """Show yuan."""
        return yuan(redemption.bill_minor)

    @admin.display(description=_("taken off"), ordering="discount_minor")
    def taken_off(self, redemption: Redemption) -> str:
        """Show yuan."""
        return yuan(redemption.discount_minor)

    @display(description=_("state"), label={"taken": "success", "undone": "warning"})
    def state(self, redemption: Redemption) -> tuple[str, Any]:
        """Say whether it stands."""
        is_undone = redemption.undone_at is not None
        return ("undone", _("Undone")) if is_undone else ("taken", _("Taken"))

    @admin.action(description=_("The chosen ones as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        """Give them as CSV."""
        return _export("csv", queryset, request)

    @admin.action(description=_("The chosen ones as xlsx"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        """Give them as xlsx."""
        return _export("xlsx", queryset, request)


def _export(form: str, rows: QuerySet[Redemption], request: HttpRequest) -> HttpResponseBase:
    headers = [
        _("Redemption number"),
        _("Merchant"),
        _("Voucher number"),
        pgettext_lazy("vouchers", "Batch"),
        _("Bill (yuan)"),
        _("Taken off (yuan)"),
        _("Time"),
        _("Undone"),
    ]
    found = rows.select_related("merchant", "voucher__batch").order_by("pk")
    cells = (
        [
            row.redemption_no,
            row.merchant.name,
            row.voucher.voucher_no,
            row.voucher.batch.name,
            Money(row.bill_minor).major,
            Money(row.discount_minor).major,
            f"{local(row.at):%Y-%m-%d %H:%M:%S}",
            f"{local(row.undone_at):%Y-%m-%d %H:%M:%S}" if row.undone_at else "",
        ]
        for row in found.iterator(chunk_size=1000)
    )
    return as_file(
        form, name="redemptions", by=request.user.get_username(), headers=headers, rows=cells
    )
