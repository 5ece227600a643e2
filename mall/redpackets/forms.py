"""Forms for rains: amounts are typed in yuan and kept in fen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from mall.banks.models import BankUnit
from mall.banks.scope import owned_by, sees_every_unit
from mall.redpackets.models import RainPrize, RainSession
from mall.vouchers.models import VoucherBatch


class YuanField(forms.DecimalField):
    """An amount in yuan with two places, kept in fen."""

    def __init__(self, **options: Any) -> None:
        """Take from one fen on."""
        super().__init__(min_value=Decimal("0.01"), max_digits=12, decimal_places=2, **options)
        self.widget.attrs.update({"step": "0.01", "inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        """Show fen as yuan; what was typed stays."""
        return Decimal(value).scaleb(-2) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Keep yuan as fen."""
        yuan = super().clean(value)
        return None if yuan is None else int(yuan * 100)


class RainSessionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A draft of a rain, as the person at the desk may write it."""

    # set by the admin for each request
    person: Any = None

    budget_minor = YuanField(label=_("budget (yuan)"))
    batch_code = forms.ChoiceField(
        label=_("vouchers of batch"),
        help_text=_("A won packet becomes a voucher of this batch, worth what was won."),
    )

    class Meta:
        """What staff write; the rest follows."""

        model = RainSession
        fields: ClassVar = (
            "code",
            "title",
            "terms",
            "owner",
            "starts_at",
            "seconds",
            "draws_each",
            "needs_card",
            "batch_code",
            "budget_minor",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the batches of red packets."""
        super().__init__(*args, **kwargs)
        field = self.fields.get("batch_code")
        if isinstance(field, forms.ChoiceField):
            packets = VoucherBatch.objects.filter(kind=VoucherBatch.Kind.RED_PACKET)
            batches = owned_by(packets, self.person)
            field.choices = [
                (batch.code, f"{batch.name} ({batch.get_state_display()})") for batch in batches
            ]

    def clean_owner(self) -> BankUnit | None:
        """Let only the mall's people write rains of the mall."""
        owner: BankUnit | None = self.cleaned_data["owner"]
        if owner is None and not sees_every_unit(self.person):
            raise forms.ValidationError(_("Choose the unit this rain belongs to."))
        return owner


class RainPrizeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A prize of a draft."""

    amount_minor = YuanField(label=_("worth (yuan)"))

    class Meta:
        """Place, worth, chances."""

        model = RainPrize
        fields: ClassVar = ("position", "amount_minor", "chances")
