"""Prices by quantity are typed as people say them: "20:8.80, 50:7.90" in yuan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from mall.groupbuy.tiers import read_tiers, write_tiers


class TiersField(forms.CharField):
    """Shows [[20, 880]] as "20:8.80" and gives it back; the sentence says what cannot be read."""

    def __init__(self, **kwargs: Any) -> None:
        """Take what a text field takes; width and hint are given."""
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget(attrs={"placeholder": "20:8.80"}))
        kwargs.setdefault("help_text", _("Pieces:price in yuan, for example 20:8.80, 50:7.90."))
        super().__init__(max_length=300, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Write stored tiers as text; what was typed stays as typed."""
        return write_tiers(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """Turn the typed text into pieces and fen."""
        try:
            return read_tiers(super().clean(value))
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare text with text."""
        return super().has_changed(self.prepare_value(initial or []), data)
