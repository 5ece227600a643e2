"""Prices are kept in fen and typed in yuan."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from payments.api import Money


class YuanField(forms.DecimalField):
    """Shows 1990 fen as 19.90 and gives 1990 back; no fraction of a fen, nothing negative."""

    def __init__(self, **kwargs: Any) -> None:
        """Take what a form field takes; two decimals and the admin's widget are given."""
        kwargs.setdefault("widget", UnfoldAdminDecimalFieldWidget(attrs={"step": "0.01"}))
        super().__init__(min_value=Decimal(0), max_digits=10, decimal_places=2, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Turn the stored fen into yuan; what was typed stays as typed."""
        return Money(value).to_major_str() if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Turn the typed yuan into fen; nothing stays nothing."""
        yuan = super().clean(value)
        return None if yuan is None else Money.from_major(yuan).minor

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare yuan with yuan."""
        return super().has_changed(self.prepare_value(initial), data)
