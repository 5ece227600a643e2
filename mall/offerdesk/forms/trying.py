"""The form of the tester: a card by its first digits or its facts, a basket, a moment, a past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import Product

from mall.offerdesk.forms.fields import Column, RowsField, YuanField, fen_of
from mall.offerdesk.forms.offers import InstantInput
from mall.offerdesk.trying import Trial
from mall.offerdesk.words import KINDS, issuer_choices
from mall.promotions.goods import line_facts
from mall.promotions.rules import CardFacts
from payments.api import find_bin, now

_MARKS = (
    ("unionpay_single", _("UnionPay mark only")),
    ("unionpay_dual", _("two marks")),
    ("other", _("another mark")),
)


class GoodsField(RowsField):
    """Goods by name or number, each with what is paid for it."""

    columns = (
        Column("goods", _("goods (name or number)"), kind="goods"),
        Column("value", _("together"), kind="money", after=_("yuan")),
    )
    add = _("More goods")

    def read(self, row: Mapping[str, str]) -> Any:
        """Find the goods; return (product, fen)."""
        if not row["goods"].strip() or not row["value"].strip():
            raise ValidationError(_("Say which goods, and how much is paid for them."))
        return _found(row["goods"].strip()), fen_of(row["value"])

    def shown(self, kept: Any) -> dict[str, str]:
        """Show what was typed."""
        return {"goods": str(kept[0]), "value": str(kept[1])}


class TryForm(forms.Form):
    """A card, a basket, a moment and what was had before."""

    card_bin = forms.CharField(
        label=_("first digits of the card"),
        required=False,
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Six to eight digits; or choose bank, kind and mark. Never a whole number."),
    )
    issuer = forms.ChoiceField(label=_("bank"), required=False)
    kind = forms.ChoiceField(label=_("kind of card"), choices=tuple(KINDS.items()))
    scheme = forms.ChoiceField(label=_("marks"), choices=_MARKS)
    tied_days_ago = forms.IntegerField(
        label=_("first tied so many days ago"), min_value=0, max_value=3650, initial=0
    )
    amount = YuanField(
        label=_("goods that count, together"), required=False, help_text=_("In yuan.")
    )
    goods = GoodsField(label=_("or goods by name"), required=False)
    at = forms.DateTimeField(label=_("at"), widget=InstantInput)
    had_today = forms.IntegerField(label=_("had it today"), min_value=0, initial=0)
    had_this_month = forms.IntegerField(label=_("had it this month"), min_value=0, initial=0)
    had_in_all = forms.IntegerField(label=_("had it in all"), min_value=0, initial=0)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the banks there are."""
        super().__init__(*args, **options)
        self.fields["issuer"].choices = issuer_choices()  # type: ignore[attr-defined]

    def clean_card_bin(self) -> str:
        """Take digits only, and never a whole card number."""
        digits: str = self.cleaned_data["card_bin"].strip()
        if digits and (not digits.isascii() or not digits.isdigit() or len(digits) < 6):
            raise ValidationError(_("The first six to eight digits are meant."))
        return digits

    def clean(self) -> dict[str, Any]:
        """Want a basket."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("amount") and not data.get("goods") and not self.errors:
            self.add_error("amount", _("Say what is in the basket."))
        return data

    def trial(self) -> Trial:
        """Return what is to be tried."""
        said = self.cleaned_data
        months = max(said["had_this_month"], said["had_today"])
        return Trial(
            card=self._card(),
            at=said["at"],
            amount_minor=said["amount"] or 0,
            lines=tuple(
                line_facts(product, value_minor=value) for product, value in said["goods"] or ()
            ),
            had=(said["had_today"], months, max(said["had_in_all"], months)),
        )

    def _card(self) -> CardFacts:
        said = self.cleaned_data
        known = find_bin(said["card_bin"]) if said["card_bin"] else None
        tied_at = now() - timedelta(days=said["tied_days_ago"])
        return CardFacts(
            issuer=known.issuer_code if known else said["issuer"],
            kind=known.kind if known and known.kind else said["kind"],
            scheme=known.mark if known and known.mark else said["scheme"],
            bin=said["card_bin"],
            fingerprint="trial",
            first_tied_at=tied_at,
            bank_first_tied_at=tied_at,
        )

    @staticmethod
    def beginning() -> dict[str, Any]:
        """Return what an empty form shows."""
        at = timezone.localtime().replace(second=0, microsecond=0)
        return {"issuer": "CCB", "kind": "credit", "at": at, "amount": 20000}


def _found(text: str) -> Product:
    goods = Product.objects.select_related("product_class", "parent__product_class")
    number = text.partition(" ")[0].removeprefix("#")
    if number.isdecimal():
        found = goods.filter(pk=int(number)).first()
        if found:
            return found
    found = goods.filter(title__icontains=text).order_by("title").first()
    if found is None:
        raise ValidationError(_("There are no goods like “%(text)s”."), params={"text": text})
    return found
