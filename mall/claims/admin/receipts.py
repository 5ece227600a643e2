"""Receipts in the admin: entered by one person, confirmed by another, or proven by the bank."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminTextInputWidget,
)

from mall.banks.scope import sees_every_unit
from mall.claims.admin.reading import COLOURS, ScopedAdmin, may, yuan
from mall.claims.models import ReceiptPart, SubsidyReceipt
from mall.claims.services.receiving import confirm_receipt, propose_receipt, refuse_receipt
from payments.api import LinliError, Money


class ReceiptForm(forms.ModelForm):
    """What the first person enters, as the bank's paper says it."""

    amount = forms.DecimalField(
        label=_("amount"),
        max_digits=14,
        decimal_places=2,
        help_text=_("In yuan; negative where we paid the bank."),
        widget=UnfoldAdminDecimalFieldWidget,
    )

    class Meta:
        """The rest is written by the service."""

        model = SubsidyReceipt
        fields = ("giver", "campaign", "receipt_no", "day", "reason")
        widgets: ClassVar = {
            "giver": UnfoldAdminTextInputWidget,
            "campaign": UnfoldAdminTextInputWidget,
            "receipt_no": UnfoldAdminTextInputWidget,
            "day": UnfoldAdminDateWidget,
            "reason": UnfoldAdminTextInputWidget,
        }

    def clean_amount(self) -> Decimal:
        """Refuse nothing as an amount."""
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("An amount is not nothing."))
        return amount


class PartInline(TabularInline):
    """Which claims it paid."""

    model = ReceiptPart
    extra = 0
    can_delete = False
    fields = readonly_fields = ("claim", "amount", "is_advance", "at")

    @display(description=_("amount"))
    def amount(self, part: ReceiptPart) -> str:
        """Show yuan."""
        return yuan(part.minor)

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_view_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Show it with its receipt."""
        return True


@admin.register(SubsidyReceipt)
class ReceiptAdmin(ScopedAdmin):
    """Money from banks and authorities. What no claim takes is paid in advance."""

    list_display = (
        "receipt_no",
        "giver",
        "campaign",
        "day",
        "amount",
        "over",
        "left",
        "status_label",
        "proposed_by",
        "decided_by",
    )
    list_filter = ("status", "giver")
    search_fields = ("receipt_no", "giver", "campaign", "reason")
    date_hierarchy = "day"
    inlines = (PartInline,)
    actions = ("confirm", "refuse")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("giver", "campaign"),
                    ("receipt_no", "day"),
                    ("amount", "status"),
                    ("over", "left"),
                    "reason",
                    ("proposed_by", "proposed_at"),
                    ("decided_by", "decided_at"),
                )
            },
        ),
    )
    add_fieldsets = (
        (None, {"fields": ("giver", "campaign", "receipt_no", "day", "amount", "reason")}),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let only the mall's people in: a bank's people see receipts on their claims."""
        return sees_every_unit(request.user) and super().has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show all to the mall's people."""
        rows = SubsidyReceipt.objects.all()
        return rows if sees_every_unit(request.user) else rows.none()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let who may add enter a receipt: it waits for a second person."""
        return may(request, "claims.add_subsidyreceipt")

    def has_confirm_permission(self, request: HttpRequest, *_object: Any) -> bool:
        """Tell whether she may be the second person."""
        return may(request, "claims.confirm_subsidyreceipt")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Ask for what the bank's paper says; everything else is read."""
        if obj is None:
            kwargs["form"] = ReceiptForm
            kwargs["fields"] = ReceiptForm.Meta.fields
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the fields of the paper to who enters it."""
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, _request: HttpRequest, obj: Model | None = None) -> Any:
        """Let who enters type; afterwards nothing is typed."""
        names = [name for row in self.fieldsets[0][1]["fields"] for name in _flat(row)]
        return () if obj is None else tuple(names)

    def get_inlines(self, _request: HttpRequest, obj: Any) -> Any:
        """Show which claims it paid, once it is there."""
        return self.inlines if obj else ()

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: SubsidyReceipt,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Let the service enter it."""
        del change
        said = form.cleaned_data
        receipt = propose_receipt(
            giver=said["giver"],
            campaign=said["campaign"],
            receipt_no=said["receipt_no"],
            day=said["day"],
            minor=Money.from_major(said["amount"]).minor,
            by=request.user.get_username(),
            reason=said["reason"],
        )
        obj.__dict__.update(receipt.__dict__)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Say in words what the service refuses."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
            return redirect("admin:claims_subsidyreceipt_changelist")

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, receipt: SubsidyReceipt) -> str:
        """Show the amount."""
        return yuan(receipt.amount_minor)

    @display(description=_("paid in advance"))
    def over(self, receipt: SubsidyReceipt) -> str:
        """Show what no claim took at once."""
        return yuan(receipt.over_minor) if receipt.over_minor else "–"

    @display(description=_("of it not used yet"))
    def left(self, receipt: SubsidyReceipt) -> str:
        """Show what is left of it."""
        return yuan(receipt.left_minor) if receipt.over_minor else "–"

    @display(description=_("status"), ordering="status", label=COLOURS)
    def status_label(self, receipt: SubsidyReceipt) -> tuple[str, str]:
        """Show the state in colour."""
        return receipt.status, receipt.get_status_display()

    @admin.action(description=_("Confirm and book"), permissions=["confirm"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[SubsidyReceipt]) -> None:
        """Book what another person entered."""
        self._decide(request, queryset, confirm_receipt, gettext("%(receipt)s is booked."))

    @admin.action(description=_("Refuse"), permissions=["confirm"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[SubsidyReceipt]) -> None:
        """Refuse what another person entered."""
        self._decide(request, queryset, refuse_receipt, gettext("%(receipt)s is refused."))

    def _decide(  # noqa: PLR0917 - who, what, how, and what to say then
        self,
        request: HttpRequest,
        queryset: QuerySet[SubsidyReceipt],
        decide: Callable[..., SubsidyReceipt],
        done: str,
    ) -> HttpResponseRedirect | None:
        for receipt in queryset:
            try:
                decide(receipt, by=request.user.get_username())
            except LinliError as refusal:
                messages.error(request, f"{receipt}: {refusal.user_message}")
            else:
                messages.success(request, done % {"receipt": receipt.receipt_no})
        return None


def _flat(row: Any) -> tuple[str, ...]:
    return (row,) if isinstance(row, str) else tuple(row)
