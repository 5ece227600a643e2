"""What a supplier types on its page: batches with their papers, and goods it would like to sell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from mall.catalogue.models import ProductExtra
from mall.papers.uploads import UploadRefusedError, clean_picture, paper_of
from payments.api import Money

_DAY: Final = {"type": "date"}
_YUAN_MAX: Final = Decimal("99999.99")


def _file(label: Any, *, help_text: Any) -> forms.FileField:
    return forms.FileField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.FileInput(attrs={"class": "input"}),
    )


def _day(label: Any, *, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=False, help_text=help_text, widget=forms.DateInput(attrs=_DAY)
    )


def _yuan(label: Any, *, required: bool, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        help_text=help_text,
        decimal_places=2,
        max_digits=7,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(_YUAN_MAX)],
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01", "min": "0.01"}),
    )


def _figure(label: Any, *, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=most,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class BatchForm(forms.Form):
    """One batch: where it comes from, since when, and what proves it."""

    batch_no = forms.CharField(label=capfirst(_("batch number")), max_length=40)
    harvested_on = _day(capfirst(_("harvested on")))
    produced_on = _day(capfirst(_("produced on")))
    best_before = _day(capfirst(_("best before")))
    certificate = _file(
        capfirst(_("certificate")),
        help_text=_("Proof of origin or quarantine: a PDF or a picture."),
    )
    report = _file(capfirst(_("inspection report")), help_text=_("A PDF or a picture."))
    report_no = forms.CharField(label=capfirst(_("report number")), max_length=60, required=False)
    report_by = forms.CharField(label=capfirst(_("inspected by")), max_length=80, required=False)
    reported_on = _day(capfirst(_("report of")))
    report_valid_until = _day(capfirst(_("report valid until")))

    def clean_certificate(self) -> Any:
        """Keep only what cannot act."""
        return _kept_paper(self.cleaned_data.get("certificate"))

    def clean_report(self) -> Any:
        """Keep only what cannot act."""
        return _kept_paper(self.cleaned_data.get("report"))

    def clean(self) -> dict[str, Any]:
        """Ask for a day: the law wants to know when goods were harvested or made."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("harvested_on") and not cleaned.get("produced_on"):
            self.add_error("harvested_on", _("Say when it was harvested, or when it was made."))
        return cleaned

    @property
    def details(self) -> dict[str, Any]:
        """Return the fields of Batch that were filled in."""
        said = {name: value for name, value in self.cleaned_data.items() if value}
        said.pop("batch_no", None)
        return said


class ProposalForm(forms.Form):
    """A product as the supplier would like it; nothing of it is on sale before the mall agrees."""

    title = forms.CharField(label=capfirst(_("name")), max_length=120)
    short_text = forms.CharField(label=capfirst(_("selling point")), max_length=120, required=False)
    description = forms.CharField(
        label=capfirst(_("description")), max_length=2000, required=False, widget=forms.Textarea
    )
    origin = forms.CharField(label=capfirst(_("origin")), max_length=60, required=False)
    sales_unit = forms.CharField(
        label=capfirst(_("sales unit")), max_length=20, help_text=_("For example: box, bag, bunch.")
    )
    net_grams = _figure(capfirst(_("net weight in grams")), most=1_000_000)
    storage_class = forms.ChoiceField(
        label=capfirst(_("storage")), choices=ProductExtra.Storage.choices
    )
    shelf_life_days = _figure(capfirst(_("shelf life in days")), most=3650)
    cost = _yuan(capfirst(_("what the mall pays you per unit (yuan)")), required=True)
    price = _yuan(capfirst(_("suggested price (yuan)")), required=False)
    picture = _file(capfirst(_("picture")), help_text=_("JPG, PNG or WebP, at most 5 MB."))
    note = forms.CharField(label=capfirst(_("a word to the mall")), max_length=300, required=False)

    def clean_picture(self) -> Any:
        """Draw it anew."""
        file = self.cleaned_data.get("picture")
        if not file:
            return None
        try:
            return clean_picture(file)
        except UploadRefusedError as refusal:
            raise forms.ValidationError(refusal.user_message) from refusal

    @property
    def wished(self) -> dict[str, Any]:
        """Return what was filled in under a proposal's names; money in fen."""
        said = dict(self.cleaned_data)
        wished = {
            name: said[name]
            for name in (
                "title",
                "short_text",
                "description",
                "origin",
                "sales_unit",
                "storage_class",
                "net_grams",
                "shelf_life_days",
            )
        }
        for name in ("cost", "price"):
            if said.get(name) is not None:
                wished[f"{name}_minor"] = Money.from_major(said[name]).minor
        return wished


def proposal_initial(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a product says now as the form shows it; money in yuan."""
    shown = dict(facts)
    for name in ("cost", "price"):
        minor = shown.pop(f"{name}_minor", None)
        shown[name] = None if minor is None else Money(minor).major
    return shown


def _kept_paper(file: Any) -> Any:
    if not file:
        return None
    try:
        return paper_of(file)
    except UploadRefusedError as refusal:
        raise forms.ValidationError(refusal.user_message) from refusal
