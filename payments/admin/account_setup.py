"""Setting an account up by a form of its acquirer's own fields; uploaded keys are never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from payments.acquiring.setup import KeySpec, SettingSpec, Setup
from payments.services.rotation import known_addresses

_KEY_BYTES_MAX: Final = 65_536
_SETTING: Final = "setting-"
_KEY: Final = "key-"


class SetupForm(forms.Form):
    """The fields of one acquirer; for an account there is, what it has already is filled in."""

    def __init__(
        self,
        *args: Any,
        setup: Setup,
        settings: Mapping[str, Any] | None = None,
        kept: Mapping[str, str] | None = None,
        priority: int | None = None,
        **options: Any,
    ) -> None:
        """Make the fields; `kept` names the keys an account has, which need no new upload."""
        super().__init__(*args, **options)
        self._setup = setup
        is_new = kept is None
        if is_new:
            self.fields["code"] = _code_field()
        for spec in setup.settings:
            self.fields[_SETTING + spec.name] = _setting_field(
                spec, (settings or {}).get(spec.name)
            )
        for key in setup.keys:
            has_it = key.name in (kept or {})
            self.fields[_KEY + key.name] = _key_field(key, has_it=has_it)
        self.fields["priority"] = forms.IntegerField(
            label=_("priority"),
            required=False,
            min_value=0,
            max_value=32767,
            initial=priority,
            widget=UnfoldAdminIntegerFieldWidget(),
            help_text=_("Where no rule speaks the smallest is asked first; empty: only by rules."),
        )

    def clean(self) -> dict[str, Any]:
        """Let an account speak only where the operator lets keys go; keys are small files."""
        given: dict[str, Any] = super().clean() or {}
        address = given.get(f"{_SETTING}base_url")
        if address and address.rstrip("/") not in known_addresses():
            text = _("%(address)s is not an address this installation speaks to.")
            problem = ValidationError(text, params={"address": address})
            self.add_error(f"{_SETTING}base_url", problem)
        for name, file in list(given.items()):
            if name.startswith(_KEY) and file is not None and file.size > _KEY_BYTES_MAX:
                self.add_error(name, _("This file is too large to be a key."))
        return given

    @property
    def settings(self) -> dict[str, Any]:
        """What was filled in; None drops what was there before."""
        return {
            spec.name: self.cleaned_data[_SETTING + spec.name] or None
            for spec in self._setup.settings
        }

    @property
    def uploads(self) -> dict[str, bytes]:
        """The keys that were uploaded, by name."""
        files = {key.name: self.cleaned_data[_KEY + key.name] for key in self._setup.keys}
        return {name: file.read() for name, file in files.items() if file is not None}


def _code_field() -> forms.Field:
    return forms.RegexField(
        r"^[a-z][a-z0-9-]{0,39}$",
        label=_("account"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("A short name that never changes, for example ccb-online."),
        error_messages={
            "invalid": _("An account's code has up to 40 small letters, digits and hyphens.")
        },
    )


def _setting_field(spec: SettingSpec, value: Any) -> forms.Field:
    about: dict[str, Any] = {"label": spec.label, "help_text": spec.help, "initial": value}
    if spec.is_flag:
        return forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget(), **about)
    if spec.choices:
        choices = spec.choices if spec.required else (("", "–"), *spec.choices)
        widget = UnfoldAdminSelectWidget()
        return forms.ChoiceField(choices=choices, required=spec.required, widget=widget, **about)
    return forms.CharField(
        required=spec.required, max_length=2000, widget=UnfoldAdminTextInputWidget(), **about
    )


def _key_field(key: KeySpec, *, has_it: bool) -> forms.Field:
    texts = [str(key.help)] if key.help else []
    if has_it:
        texts.append(str(_("There is one; it is not shown. Choose a file only to replace it.")))
    return forms.FileField(
        label=key.label, required=key.required and not has_it, help_text=" ".join(texts)
    )
