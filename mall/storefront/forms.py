"""What residents type, checked before any service hears of it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SignInForm(forms.Form):
    """A mobile number and the consent that goes with it."""

    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}
        ),
    )
    consent = forms.BooleanField(
        label=_("I agree to the terms of service and the privacy policy."),
        error_messages={"required": _("Please agree to the terms to go on.")},
    )


class CodeForm(forms.Form):
    """The six digits out of the text message."""

    code = forms.RegexField(
        label=pgettext_lazy("sent by text message", "Code"),
        regex=r"^\s*\d{6}\s*$",
        error_messages={"invalid": _("The code has six digits.")},
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "maxlength": 6,
                "class": "code-input",
                "data-autosend": 6,
                "autofocus": True,
            }
        ),
    )


class NameForm(forms.Form):
    """The name neighbours see, masked."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=40,
        help_text=_("Neighbours see it masked, for example 李*娟."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class ReceiverForm(forms.Form):
    """Who collects the goods."""

    receiver_name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    receiver_phone = forms.CharField(
        label=_("Mobile number"),
        max_length=20,
        help_text=_("The leader sees the last four digits only."),
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}
        ),
    )
    remark = forms.CharField(
        label=_("Remark for the leader"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    chain_remark = forms.CharField(
        label=_("A word to the neighbours"),
        max_length=100,
        required=False,
        help_text=_("Everybody sees it beside your line in the chain."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_anonymous = forms.BooleanField(label=_("Do not show my name in the chain"), required=False)
