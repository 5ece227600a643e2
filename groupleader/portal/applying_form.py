"""What somebody who wants to lead types, and how much of it may be kept as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from groupleader.models import LeaderApplication

_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class ApplyForm(forms.Form):
    """Name, place, photo, hours, terms; starts from what was typed before."""

    name = forms.CharField(
        label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    community_name = forms.CharField(
        label=_("Name of your community"),
        max_length=60,
        help_text=_("We add it to the list if it is new to us."),
    )
    place_name = forms.CharField(
        label=_("What neighbours call the place"),
        max_length=60,
        help_text=_("For example the name of your shop."),
    )
    kind = forms.ChoiceField(label=_("Kind of place"))
    address = forms.CharField(
        label=_("Address"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    photo = forms.FileField(
        label=_("Photo of the place"),
        required=False,
        help_text=_("Show where the bags would stand. No people, please."),
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}
        ),
    )
    hours_from = forms.TimeField(label=_("Open from"), initial=time(8), widget=_TIME)
    hours_until = forms.TimeField(label=_("Open until"), initial=time(20), widget=_TIME)
    hours_note = forms.CharField(
        label=_("Note on opening hours"), max_length=100, required=False, help_text=_("If any.")
    )
    terms = forms.BooleanField(
        label=_("I have read the terms for group leaders and agree to them."),
        error_messages={"required": _("Please read the terms and agree to them.")},
    )

    def __init__(
        self,
        *args: Any,
        draft: LeaderApplication | None,
        kinds: Mapping[str, str],
        is_new: bool,
        **kwargs: Any,
    ) -> None:
        """Start from the draft; the community is asked for only where it is not listed."""
        if draft is not None:
            names = ("name", "place_name", "kind", "address", "hours_note", "community_name")
            typed = {name: getattr(draft, name) for name in names}
            hours = {"hours_from": draft.hours_from, "hours_until": draft.hours_until}
            kwargs.setdefault("initial", typed | hours)
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds.items())
        if not is_new:
            del self.fields["community_name"]

    def clean(self) -> dict[str, Any]:
        """Closing time comes after opening time."""
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("hours_from"), cleaned.get("hours_until")
        if begins and ends and ends <= begins:
            self.add_error("hours_until", _("Closing time comes after opening time."))
        return cleaned

    def kept(self) -> dict[str, Any]:
        """Return what is right by itself, to be kept with the draft."""
        cleaned = getattr(self, "cleaned_data", {})
        return {name: cleaned[name] for name in cleaned if name not in {"photo", "terms"}}
