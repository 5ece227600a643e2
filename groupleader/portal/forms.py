"""What a leader types in the portal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from groupleader.models import Leader


class PayeeForm(forms.Form):
    """Bank, holder and number of the account payouts go to; the number is never shown again."""

    bank = forms.CharField(label=_("Bank"), max_length=60)
    holder = forms.CharField(
        label=_("Account holder"),
        max_length=60,
        help_text=_("As written on the card; the bank compares it."),
    )
    account = forms.RegexField(
        label=_("Account number"),
        regex=r"^[0-9][0-9 ]{6,38}[0-9]$",
        error_messages={"invalid": _("An account number has 8 to 32 digits.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    reason = forms.CharField(
        label=_("Why it is in another name"),
        max_length=200,
        required=False,
        help_text=_("Only where the account is not in your own name."),
    )

    def __init__(self, *args: Any, leader: Leader, **kwargs: Any) -> None:
        """Start from the bank and holder of the present account."""
        kwargs.setdefault("initial", {"bank": leader.payee_bank, "holder": leader.payee_name})
        super().__init__(*args, **kwargs)

    def clean_account(self) -> str:
        """Return the digits."""
        digits = str(self.cleaned_data["account"]).replace(" ", "")
        if not 8 <= len(digits) <= 32:
            raise forms.ValidationError(_("An account number has 8 to 32 digits."))
        return digits
