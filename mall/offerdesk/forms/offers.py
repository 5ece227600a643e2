"""The form an offer's rule is written in."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from oscar.apps.offer.models import Range

from mall.banks.models import BankUnit
from mall.banks.scope import sees_every_unit, units_for
from mall.offerdesk.forms.fields import BinsField, NumbersField, PercentField, YuanField
from mall.offerdesk.forms.rows import FundingField, HoursField, StepsField
from mall.offerdesk.words import KINDS, WEEKDAYS, goods_in, issuer_choices
from mall.promotions.models import BankOffer
from payments.api import new_number

_INSTANT: Final = "%Y-%m-%dT%H:%M"


class GoodsChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A range of goods, with how many there are in it; a script puts a search field before it."""

    def __init__(self, **options: Any) -> None:
        """Let the list be searched."""
        attrs = {"data-search": _("Search the ranges")}
        super().__init__(widget=forms.Select(attrs=attrs), **options)

    def label_from_instance(self, obj: Any) -> str:
        """Say the count beside the name."""
        return f"{obj.name} ({goods_in(obj)})"


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A unit of a bank, shown as a tree."""

    def label_from_instance(self, obj: Any) -> str:
        """Indent by depth."""
        return str(obj.indented_name)


class InstantInput(forms.DateTimeInput):
    """Day and minute by the browser's own picker."""

    def __init__(self) -> None:
        """Write instants as the picker reads them."""
        super().__init__(attrs={"type": "datetime-local"}, format=_INSTANT)


class OfferForm(forms.ModelForm):  # type: ignore[type-arg]
    """A draft's whole rule. What does not make sense is said beside the field, in words."""

    owner = UnitChoice(label=_("bank unit"), queryset=BankUnit.objects.none(), required=False)
    issuers = forms.MultipleChoiceField(
        label=_("banks whose cards take part"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: cards of every bank."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("kinds of cards"),
        required=False,
        choices=tuple(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: both."),
    )
    bins = BinsField(
        label=_("numbers that begin with"),
        required=False,
        help_text=_("Six to eight digits each, parted by commas; empty: any."),
    )
    included = GoodsChoice(
        label=_("goods it counts on"),
        queryset=Range.objects.order_by("name"),
        required=False,
        empty_label=_("all goods"),
    )
    excluded = GoodsChoice(
        label=_("goods left out"),
        queryset=Range.objects.order_by("name"),
        required=False,
        empty_label=_("none"),
    )
    threshold_minor = YuanField(label=_("from an amount of"), required=False)
    discount_minor = YuanField(label=_("takes off"), required=False)
    steps = StepsField(label=_("steps"), required=False)
    percent_bp = PercentField(label=_("percent"), required=False)
    cap_minor = YuanField(label=_("at most"), required=False)
    random_from_minor = YuanField(label=_("drawn from"), required=False)
    random_to_minor = YuanField(label=_("drawn up to"), required=False)
    starts_at = forms.DateTimeField(label=_("begins"), widget=InstantInput)
    ends_at = forms.DateTimeField(label=_("ends"), widget=InstantInput)
    weekdays = NumbersField(label=_("weekdays"), required=False, choices=tuple(WEEKDAYS.items()))
    month_days = NumbersField(
        label=_("days of the month"),
        required=False,
        choices=[(day, str(day)) for day in range(1, 32)],
    )
    hours = HoursField(label=_("hours of the day"), required=False)
    budget_minor = YuanField(
        label=_("budget"), required=False, help_text=_("In yuan; empty: without a budget.")
    )
    funding = FundingField(label=_("who pays"))

    class Meta:
        """Every part of a rule; state, counters and what follows are not written here."""

        model = BankOffer
        fields: ClassVar = (
            "name",
            "code",
            "owner",
            "funder_ref",
            "terms",
            "decided_by",
            "issuers",
            "kinds",
            "marks",
            "bins",
            "first_tied_within_days",
            "new_to_bank",
            "included",
            "excluded",
            "physical_only",
            "benefit_kind",
            "threshold_minor",
            "discount_minor",
            "steps",
            "percent_bp",
            "cap_minor",
            "random_from_minor",
            "random_to_minor",
            "starts_at",
            "ends_at",
            "weekdays",
            "month_days",
            "hours",
            "resident_day_limit",
            "resident_month_limit",
            "resident_total_limit",
            "card_day_limit",
            "card_month_limit",
            "card_total_limit",
            "device_day_limit",
            "device_month_limit",
            "device_total_limit",
            "day_limit",
            "month_limit",
            "total_limit",
            "budget_minor",
            "funding",
            "refund_policy",
        )
        widgets: ClassVar = {
            "benefit_kind": forms.RadioSelect,
            "decided_by": forms.RadioSelect,
            "marks": forms.RadioSelect,
            "refund_policy": forms.RadioSelect,
            "terms": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        """Offer her units and the banks there are; a bank's person writes for her own bank."""
        super().__init__(*args, **options)
        units = units_for(user)
        self._is_bank_person = not sees_every_unit(user)
        self.fields["owner"].queryset = units
        self.fields["owner"].required = self._is_bank_person
        self.fields["owner"].empty_label = None if self._is_bank_person else _("the mall itself")
        self.fields["issuers"].choices = issuer_choices()
        self.fields["funder_ref"] = forms.ChoiceField(
            label=_("the bank it is claimed from"),
            required=False,
            choices=[("", _("the unit's own")), *issuer_choices()],
        )
        if self._is_bank_person:
            del self.fields["funder_ref"]
        if self.instance.version > 1:
            self.fields["code"].disabled = True
        else:
            self.fields["code"].required = False
            self.fields["code"].help_text = _("A short name for files and claims; empty: given.")
        for name in ("threshold_minor", "discount_minor"):
            self.fields[name].empty_value = None

    def clean_code(self) -> str:
        """Give a code where none was typed."""
        code = self.cleaned_data["code"] or self.instance.code
        return code or slugify(new_number("B"))

    def clean_threshold_minor(self) -> int:
        """Take nothing for 0: what follows from the benefit is worked out later."""
        return self.cleaned_data["threshold_minor"] or 0

    def clean_discount_minor(self) -> int:
        """Take nothing for 0."""
        return self.cleaned_data["discount_minor"] or 0

    def clean(self) -> dict[str, Any]:
        """Keep the bank with its unit; end after the beginning."""
        data: dict[str, Any] = super().clean() or {}
        owner = data.get("owner")
        ref = owner.issuer_code if owner else data.get("funder_ref", "")
        if not ref:
            self.add_error("owner", _("Say whose offer it is, or which bank it is claimed from."))
        self.instance.funder_ref = ref or ""
        data["funder_ref"] = ref
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and starts >= ends:
            self.add_error("ends_at", _("It must end after it begins."))
        return data

    def draft(self) -> BankOffer:
        """Return the offer as far as it makes sense already, for the sentence beside the form."""
        self.is_valid()
        return self.instance
