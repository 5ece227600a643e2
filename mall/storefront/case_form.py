"""What a resident says on the form about something wrong, read and checked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mall.aftersales.asking import TEXT_MAX, Complaint
from mall.aftersales.models import CaseReason
from mall.aftersales.worth import Claimed, left_of, payer_of_pieces
from mall.ordering.models import LineFulfilment
from payments.api import Money

PART: Final = "part"
_PIECES_SHOWN: Final = 5
_YUAN_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HowMuch:
    """One way to ask: so many pieces, with what comes back for them (fen)."""

    value: str
    text: str
    minor: int


class CaseForm(forms.Form):
    """What is wrong, for how much, photos and words."""

    reason = forms.ChoiceField(
        error_messages={"required": gettext_lazy("Please choose what is wrong.")}
    )
    how = forms.ChoiceField(
        error_messages={"required": gettext_lazy("Please say for how many pieces, or how much.")}
    )
    amount = forms.DecimalField(
        required=False, min_value=Decimal("0.01"), max_value=_YUAN_MAX, decimal_places=2
    )
    text = forms.CharField(required=False, max_length=TEXT_MAX, strip=True)
    key = forms.CharField(required=False, max_length=64)

    def __init__(
        self, *args: Any, reasons: Sequence[CaseReason], ways: Sequence[HowMuch], **kwargs: Any
    ) -> None:
        """Know what may be chosen."""
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(str(each.pk), str(each)) for each in reasons]
        self.fields["how"].choices = [*((way.value, way.text) for way in ways), (PART, PART)]

    def clean(self) -> dict[str, Any]:
        """Want an amount where a part of the money is asked for."""
        data = super().clean() or {}
        wants_amount = data.get("how") == PART and "amount" not in self.errors
        if wants_amount and not data.get("amount"):
            self.add_error("amount", _("Please say how much."))
        return data

    def complaint(self, line: LineFulfilment, photos: Sequence[Any]) -> Complaint:
        """Return what was said, once it is valid."""
        data = self.cleaned_data
        if data["how"] == PART:
            claimed = Claimed(payer_minor=Money.from_major(data["amount"]).minor)
        else:
            claimed = Claimed(quantity=int(data["how"]))
        return Complaint(
            line_id=line.pk,
            reason_id=int(data["reason"]),
            claimed=claimed,
            text=data["text"],
            photos=photos,
        )


def ways_of(line: LineFulfilment) -> list[HowMuch]:
    """Return for how many pieces she can ask, all of them first, with what comes back."""
    left = left_of(line).quantity
    counts = [left, *range(1, min(left, _PIECES_SHOWN + 1))]
    amounts = payer_of_pieces(line, counts)
    return [
        HowMuch(value=str(count), text=_pieces_text(count, left), minor=minor)
        for count, minor in zip(counts, amounts, strict=True)
        if count
    ]


def photos_of(request: HttpRequest) -> list[Any]:
    """Return the photos sent with a form; empty fields of it left out."""
    return [file for file in request.FILES.getlist("photos") if file.size]


def new_key() -> str:
    """Return what tells this form from any other, however often it is sent."""
    return secrets.token_urlsafe(16)


def _pieces_text(count: int, left: int) -> str:
    if count == left and left > 1:
        return _("All %(n)d pieces") % {"n": count}
    return ngettext("%(n)d piece", "%(n)d pieces", count) % {"n": count}
