"""Own funds in the admin: one person enters a deposit, another confirms or refuses it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from payments.admin.paper import GREEN, ORANGE, RED, PaperAdmin
from payments.admin.related import journal_table
from payments.admin.showing import NOTHING, Table, clock, yuan
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.models import OwnFunds
from payments.services.own_funds import confirm_own_funds, propose_own_funds, refuse_own_funds

_COLOURS = {"proposed": ORANGE, "confirmed": GREEN, "refused": RED}


class DepositForm(forms.ModelForm):
    """What the first person enters, in yuan."""

    amount = forms.DecimalField(
        label=_("amount"),
        min_value=Decimal("0.01"),
        max_digits=14,
        decimal_places=2,
        help_text=_("In yuan, as the bank's receipt says."),
        widget=UnfoldAdminDecimalFieldWidget,
    )

    class Meta:
        """The rest of a deposit is written by the service."""

        model = OwnFunds
        fields = ("key", "reason")
        widgets: ClassVar = {
            "key": UnfoldAdminTextInputWidget,
            "reason": UnfoldAdminTextInputWidget,
        }


@admin.register(OwnFunds)
class OwnFundsAdmin(PaperAdmin):
    """Deposits of the operator's own money into account 1001."""

    list_display = (
        "key",
        "shown_amount",
        "status_label",
        "reason",
        "proposed_by",
        "proposed_at",
        "decided_by",
    )
    list_filter = ("status",)
    search_fields = ("key", "reason", "proposed_by", "decided_by")
    actions = (*PaperAdmin.actions, "confirm", "refuse")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("key", "shown_amount"),
                    ("status", "reason"),
                    ("proposed_by", "proposed_at"),
                    ("decided_by", "decided"),
                )
            },
        ),
    )
    add_fieldsets = ((None, {"fields": ("key", "amount", "reason")}),)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let who may add enter a deposit: it waits for a second person."""
        return ModelAdmin.has_add_permission(self, request)

    def has_confirm_permission(self, request: HttpRequest, *_object: Any) -> bool:
        """Tell whether she may be the second person."""
        return request.user.has_perm("payments.confirm_ownfunds")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Ask for amount, key and reason; everything else is read."""
        if obj is None:
            kwargs["form"] = DepositForm
            kwargs["fields"] = ("key", "reason")
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show three fields to who enters a deposit."""
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let who enters a deposit type."""
        return () if obj is None else super().get_readonly_fields(request, obj)

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: OwnFunds,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Let the service enter the deposit."""
        del change
        funds = propose_own_funds(
            key=form.cleaned_data["key"],
            amount=Money.from_major(form.cleaned_data["amount"]),
            reason=form.cleaned_data["reason"],
            by=request.user.get_username(),
        )
        obj.__dict__.update(funds.__dict__)

    @display(description=_("amount"), ordering="amount_minor")
    def shown_amount(self, funds: OwnFunds) -> str:
        """Show the amount."""
        return yuan(funds.amount_minor, funds.currency)

    @display(description=_("status"), ordering="status", label=_COLOURS)
    def status_label(self, funds: OwnFunds) -> tuple[str, str]:
        """Show the state in colour."""
        return funds.status, funds.get_status_display()

    @display(description=_("decided at"))
    def decided(self, funds: OwnFunds) -> str:
        """Show when it was decided."""
        return clock(funds.decided_at) if funds.decided_at else NOTHING

    def papers(self, funds: OwnFunds) -> list[Table]:
        """Return its journal."""
        return [journal_table([f"funding:{funds.key}"])]

    @admin.action(description=_("Confirm and book"), permissions=["confirm"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[OwnFunds]) -> None:
        """Book what another person entered."""
        self._decide(request, queryset, confirm_own_funds, gettext("%(key)s is booked."))

    @admin.action(description=_("Refuse"), permissions=["confirm"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[OwnFunds]) -> None:
        """Refuse what another person entered."""
        self._decide(request, queryset, refuse_own_funds, gettext("%(key)s is refused."))

    def _decide(  # noqa: PLR0917 - who, what, how, and what to say then
        self,
        request: HttpRequest,
        queryset: QuerySet[OwnFunds],
        decide: Callable[..., OwnFunds],
        done: str,
    ) -> None:
        for funds in queryset:
            try:
                decide(funds, by=request.user.get_username())
            except LinliError as refusal:
                messages.error(request, f"{funds}: {refusal.user_message}")
            else:
                messages.success(request, done % {"key": funds.key})
