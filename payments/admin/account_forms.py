"""Forms for accounts and routes: settings and key files as lines, amounts in yuan."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from payments.acquiring.registry import adapters
from payments.kernel.money import Money
from payments.models import AcquirerAccount, RoutingRule
from payments.services.rotation import known_addresses

_WORDS = {"true": True, "false": False}


class LinesField(forms.CharField):
    """One "name = value" a line; true and false are what they say, an empty value drops a name."""

    def __init__(self, **options: Any) -> None:
        """Show a field of several lines."""
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 6, "class": "font-mono"})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        """Read the lines into a dictionary."""
        found: dict[str, Any] = {}
        for line in str(value or "").splitlines():
            name, is_there, text = (part.strip() for part in line.partition("="))
            if not name and not is_there:
                continue
            if not name or not is_there:
                raise ValidationError(_("Each line reads: name = value"))
            found[name] = _WORDS.get(text.lower(), text or None)
        return found

    def validate(self, value: Any) -> None:
        """Want at least one line where the field is required."""
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")


def as_lines(pairs: dict[str, Any]) -> str:
    """Write a dictionary as the field reads it."""
    words = {True: "true", False: "false"}
    return "\n".join(
        f"{name} = {words.get(value, value) if isinstance(value, bool) else value}"
        for name, value in pairs.items()
    )


def _key_files(named: dict[str, str | None], known: frozenset[str]) -> dict[str, str]:
    """Find the files in the folder of keys; only a file named before may lie elsewhere."""
    folder = Path(settings.LINLI_KEYS).resolve()
    found = {}
    for name, text in named.items():
        if text in known:
            found[name] = str(text)
            continue
        path = (folder / (text or "")).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise ValidationError(
                _("%(name)s: there is no such file in the folder of keys (%(folder)s)."),
                params={"name": name, "folder": str(folder)},
            )
        found[name] = str(path)
    return found


class VersionForm(forms.Form):
    """New settings or key files for an account."""

    account_settings = LinesField(
        label=_("settings"),
        required=False,
        help_text=_("One “name = value” a line. A name without a value is dropped."),
    )
    keys = LinesField(
        label=_("key files"),
        help_text=_("One “name = file” a line; names of files in the folder of keys, never keys."),
    )
    priority = forms.IntegerField(
        label=_("priority"),
        required=False,
        min_value=0,
        max_value=32767,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_("Where no rule speaks the smallest is asked first; empty: only by rules."),
    )
    # Key files this account has used already, wherever they are.
    known: frozenset[str] = frozenset()

    def clean_account_settings(self) -> dict[str, Any]:
        """Let an account speak only where the operator lets keys go, whoever fills this in."""
        given: dict[str, Any] = self.cleaned_data["account_settings"]
        address = given.get("base_url")
        if address is not None and str(address).rstrip("/") not in known_addresses():
            raise ValidationError(
                _("%(address)s is not an address this installation speaks to."),
                params={"address": address},
            )
        return given

    def clean_keys(self) -> dict[str, str]:
        """Find each file."""
        return _key_files(self.cleaned_data["keys"], self.known)


class AccountForm(VersionForm):
    """A new account."""

    code = forms.SlugField(
        label=_("account"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("A short name that never changes, for example ccb-online."),
    )
    adapter = forms.ChoiceField(
        label=_("acquirer"),
        choices=lambda: [(name, name) for name in sorted(adapters())],
        widget=UnfoldAdminSelectWidget(),
    )
    field_order = ("code", "adapter")


class YuanField(forms.DecimalField):
    """An amount in yuan, kept in fen."""

    def __init__(self, **options: Any) -> None:
        """Take yuan and fen, no fractions of a fen."""
        super().__init__(
            min_value=Decimal(0),
            max_digits=12,
            decimal_places=2,
            widget=UnfoldAdminDecimalFieldWidget(),
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        """Show fen as yuan."""
        return Money(value).major if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Keep yuan as fen."""
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A routing rule; amounts in yuan, the account one of those there are."""

    account_code = forms.ChoiceField(label=_("account"), widget=UnfoldAdminSelectWidget())
    amount_from_minor = YuanField(label=_("from (yuan)"), required=False)
    amount_to_minor = YuanField(
        label=_("up to (yuan)"), required=False, help_text=_("This amount included.")
    )

    class Meta:
        """All conditions; who changed it is written by the page."""

        model = RoutingRule
        fields = (
            "account_code",
            "priority",
            "scene",
            "issuer_code",
            "card_kind",
            "seller_ref",
            "amount_from_minor",
            "amount_to_minor",
            "is_alone",
            "is_active",
            "note",
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the accounts there are."""
        super().__init__(*args, **options)
        self.fields["account_code"].choices = account_choices(self.instance.account_code)


def account_choices(present: str = "") -> list[tuple[str, str]]:
    """Return the codes of all accounts, and the present one even if it is gone."""
    codes = {*AcquirerAccount.objects.values_list("code", flat=True), *filter(None, [present])}
    return [(code, code) for code in sorted(codes)]


class RouteForm(forms.Form):
    """A payment to be tried on paper: who would take it."""

    scene = forms.ChoiceField(
        label=_("purpose"), choices=RoutingRule.Scene.choices, widget=UnfoldAdminSelectWidget()
    )
    amount = YuanField(label=_("amount (yuan)"))
    issuer_code = forms.CharField(
        label=_("card's bank"), required=False, widget=UnfoldAdminTextInputWidget()
    )
    card_kind = forms.ChoiceField(
        label=_("debit or credit"),
        required=False,
        choices=(("", "–"), ("debit", _("debit card")), ("credit", _("credit card"))),
        widget=UnfoldAdminSelectWidget(),
    )
    seller_ref = forms.CharField(
        label=_("seller"), required=False, widget=UnfoldAdminTextInputWidget()
    )
    tied_at = forms.ChoiceField(
        label=_("card tied at"), required=False, widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the accounts there are."""
        super().__init__(*args, **options)
        self.fields["tied_at"].choices = [("", "–"), *account_choices()]
