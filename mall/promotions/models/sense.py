"""What makes an offer's rule make no sense, per field, for the person who writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.api import Funder

_GIVERS = {funder.value for funder in Funder} - {Funder.PAYER.value}

_LISTS: Mapping[str, tuple[Callable[[Any], bool], Promise]] = {
    "issuers": (
        lambda value: isinstance(value, str) and bool(value),
        _('A list of bank codes, for example ["CCB", "PSBC"].'),
    ),
    "kinds": (
        lambda value: value in {"debit", "credit"},
        _('A list of "debit" and "credit".'),
    ),
    "bins": (
        lambda value: isinstance(value, str) and value.isdigit() and 6 <= len(value) <= 8,
        _('A list of six to eight digits each, for example ["625362"].'),
    ),
    "weekdays": (
        lambda value: value in range(1, 8),
        _("A list of numbers from 1 (Monday) to 7 (Sunday)."),
    ),
    "month_days": (
        lambda value: value in range(1, 32),
        _("A list of days of the month, for example [8, 18, 28]."),
    ),
}


def rule_errors(offer: Any) -> dict[str, Promise]:
    """Return a sentence for each field of an offer's rule that does not make sense."""
    errors: dict[str, Promise] = {}
    for field, (is_fine, sentence) in _LISTS.items():
        values = getattr(offer, field)
        if not isinstance(values, list) or not all(map(is_fine, values)):
            errors[field] = sentence
    if not _adds_up(offer.funding):
        errors["funding"] = _(
            'A list like [{"funder": "bank", "percent": 100}] whose percents add up to 100.'
        )
    if (offer.from_time is None) != (offer.until_time is None):
        errors["until_time"] = _("Give both hours or none.")
    if offer.excluded is not None and offer.excluded.includes_all_products:
        errors["excluded"] = _("This range holds all products; nothing would be left.")
    return errors


def _adds_up(funding: Any) -> bool:
    if not isinstance(funding, list) or not all(isinstance(part, dict) for part in funding):
        return False
    percents = [part.get("percent") for part in funding]
    return (
        all(part.get("funder") in _GIVERS for part in funding)
        and all(isinstance(percent, int) and percent > 0 for percent in percents)
        and sum(percents) == 100
    )
