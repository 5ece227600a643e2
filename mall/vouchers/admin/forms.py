"""What a person of the mall or of a bank types about vouchers, checked field by field in words."""

from __future__ import annotations

import secrets
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from mall.accounts.errors import InvalidPhoneError
from mall.accounts.models import User
from mall.accounts.phones import normalise_phone
from mall.banks.spending import may_spend
from mall.groupbuy.admin.yuan import YuanField
from mall.vouchers.models import VoucherBatch
from payments.api import Funder, issuers

FUNDERS: Final = 4
_FUNDER_NAMES: Final = (
    ("", "—"),
    (Funder.PLATFORM.value, _("the mall")),
    (Funder.BANK.value, _("a bank")),
    (Funder.GOVERNMENT.value, _("an authority")),
    (Funder.SUPPLIER.value, _("a supplier")),
    (Funder.LEADER.value, _("a leader")),
)


class BatchForm(forms.ModelForm):
    """A batch in yuan and percent; what makes no sense is said beside its field."""

    threshold_minor = YuanField(
        label=_("From an amount of"), help_text=_("In yuan. Zero means that any amount will do.")
    )
    discount_minor = YuanField(
        label=_("Worth"), help_text=_("In yuan. Of red packets the most one may be worth.")
    )
    budget_minor = YuanField(
        label=_("Budget"),
        required=False,
        help_text=_("In yuan. Empty: as much as all of them are worth."),
    )

    # who types; the admin says it
    person: User | None = None

    class Meta:
        """What a person decides about a batch."""

        model = VoucherBatch
        exclude = ("state", "issued_count", "issued_minor", "funding", "issuers")  # noqa: DJ006

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the banks to tick and a row per funder."""
        super().__init__(*args, **kwargs)
        if not self.fields:
            return  # shown only, nothing to type
        self.fields["issuers"] = forms.MultipleChoiceField(
            label=_("Cards of"),
            required=False,
            choices=[(bank.code, bank.name_zh) for bank in issuers()],
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            initial=self.instance.issuers,
            help_text=_("None means any bank. Only for residents who have tied a card."),
        )
        for number in range(FUNDERS):
            self._add_funder(number)

    def _add_funder(self, number: int) -> None:
        told = self.instance.funding if isinstance(self.instance.funding, list) else []
        part = told[number] if number < len(told) else {}
        self.fields[f"funder_{number}"] = forms.ChoiceField(
            label=_("Paid by"),
            required=False,
            choices=_FUNDER_NAMES,
            initial=part.get("funder", ""),
            widget=UnfoldAdminSelectWidget,
        )
        self.fields[f"ref_{number}"] = forms.CharField(
            label=_("Name in the books"),
            required=False,
            max_length=80,
            initial=part.get("ref", ""),
            widget=UnfoldAdminTextInputWidget,
            help_text=_("A bank's code, or code and campaign: CCB:autumn. Of the mall: empty."),
        )
        self.fields[f"percent_{number}"] = forms.IntegerField(
            label=_("Percent"),
            required=False,
            min_value=1,
            max_value=100,
            initial=part.get("percent"),
            widget=UnfoldAdminIntegerFieldWidget,
        )

    def clean(self) -> dict[str, Any]:
        """Put the rows of funders together; the model then says what makes no sense."""
        cleaned = super().clean() or self.cleaned_data
        self.instance.issuers = cleaned.get("issuers") or []
        self.instance.funding = [
            {
                "funder": cleaned[f"funder_{number}"],
                "ref": (cleaned.get(f"ref_{number}") or "").strip(),
                "percent": cleaned.get(f"percent_{number}"),
            }
            for number in range(FUNDERS)
            if cleaned.get(f"funder_{number}")
        ]

        if self.person is not None and not may_spend(self.person, self.instance.funding):
            text = _("Your people may spend your own bank's money only; ask the mall for the rest.")
            self.add_error("funder_0", text)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """Show what is wrong with the funding beside its first row."""
        told = getattr(error, "error_dict", None)
        if told and "funding" in told:
            told["funder_0"] = told.pop("funding")
        super().add_error("funder_0" if field == "funding" else field, error)


class ReasonForm(forms.Form):
    """Why something is to happen."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class BudgetForm(ReasonForm):
    """Another budget and why."""

    budget = YuanField(label=_("Budget"), help_text=_("In yuan, for the whole batch."))

    field_order = ("budget", "reason")


class GrantForm(ReasonForm):
    """To whom a voucher is given, and why; sent twice it is one."""

    phone = forms.CharField(
        label=_("Phone number of the resident"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    form_key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    field_order = ("phone", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give each form that is opened a name of its own."""
        super().__init__(*args, initial={"form_key": secrets.token_urlsafe(16)}, **kwargs)

    def clean_phone(self) -> User:
        """Find the resident."""
        try:
            phone = normalise_phone(self.cleaned_data["phone"])
        except InvalidPhoneError as error:
            raise ValidationError(error.user_message) from error
        resident = User.objects.filter(phone=phone, is_active=True).first()
        if resident is None:
            raise ValidationError(_("Nobody has signed in with this number yet."))
        return resident
