"""A weight the mall enters itself: of which order and goods, how many grams, and why."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mall.accounts.models import User
from mall.fulfilment.models import Weighing
from mall.fulfilment.weighing import Weigher, Weight, record_weighing
from mall.ordering.models import LineFulfilment


class WeightForm(forms.ModelForm):
    """What a leader may not let go back alone is weighed, or confirmed, by the mall."""

    order_no = forms.CharField(label=_("order number"), max_length=40)
    goods = forms.CharField(
        label=_("goods"),
        max_length=60,
        required=False,
        help_text=_("A part of their name, where the order has several sorts by weight."),
    )
    wish = forms.CharField(max_length=32, widget=forms.HiddenInput)

    class Meta:
        """Beside order and goods."""

        model = Weighing
        fields = ("piece", "grams", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Mark this form, so that it counts once however often it is sent."""
        super().__init__(*args, **kwargs)
        self.fields["wish"].initial = secrets.token_hex(8)
        self.fields["reason"].required = True

    def clean(self) -> dict[str, Any]:
        """Find the one line that is meant."""
        cleaned = super().clean() or self.cleaned_data
        lines = LineFulfilment.objects.filter(
            order__order_no=(cleaned.get("order_no") or "").strip().upper(),
            title__icontains=(cleaned.get("goods") or "").strip(),
            piece_grams__isnull=False,
        )
        found = list(lines.order_by("pk")[:9])
        if len(found) != 1:
            text = gettext("No goods by weight are found so.")
            if found:
                titles = "、".join(line.title for line in found)
                text = gettext("Which of them: %(titles)s?") % {"titles": titles}
            raise ValidationError(text)
        cleaned["line_id"] = found[0].pk
        return cleaned

    def record(self, *, by: User) -> Weighing:
        """Write the weight down; errors as in record_weighing."""
        data = self.cleaned_data
        weight = Weight(
            line_id=data["line_id"],
            grams=data["grams"],
            piece=data["piece"],
            typed=str(data["grams"]),
            reason=data["reason"],
        )
        return record_weighing(weight, weigher=Weigher(user=by), key=f"mall:{data['wish']}")
