"""What makes a version of the points programme make no sense, for the person who writes it."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.api import Funder

_GIVERS = {funder.value for funder in Funder} - {Funder.PAYER.value}
_NAMED = {Funder.BANK.value, Funder.GOVERNMENT.value}


def programme_errors(programme: Any) -> dict[str, Promise]:
    """Return a sentence for each field that does not make sense."""
    errors: dict[str, Promise] = {}
    days = programme.member_days
    if not isinstance(days, list) or not all(_is_day(day) for day in days):
        errors["member_days"] = _("A list of days of the month, for example [8, 18, 28].")
    if not _adds_up(programme.funding):
        errors["funding"] = _(
            'A list like [{"funder": "platform", "ref": "points", "percent": 100}] whose percents '
            'add up to 100; a bank is named before a colon: "CCB:points".'
        )
    for field in ("paid_minor_per_point", "worth_minor_per_point", "expiry_months"):
        if not getattr(programme, field):
            errors[field] = _("At least 1.")
    if (programme.most_percent or 0) > 100:
        errors["most_percent"] = _("At most 100.")
    if (programme.member_percent or 0) < 100:
        errors["member_percent"] = _("At least 100: a member day is not worse than another.")
    return errors


def _is_day(day: Any) -> bool:
    return isinstance(day, int) and not isinstance(day, bool) and 1 <= day <= 31


def _adds_up(funding: Any) -> bool:
    if not isinstance(funding, list) or not all(isinstance(part, dict) for part in funding):
        return False
    percents = [part.get("percent") for part in funding]
    return (
        all(map(_is_named, funding))
        and all(isinstance(percent, int) and percent > 0 for percent in percents)
        and sum(percents) == 100
    )


def _is_named(part: dict[str, Any]) -> bool:
    funder, ref = part.get("funder"), part.get("ref")
    if funder not in _GIVERS or not isinstance(ref, str) or not ref:
        return False
    giver, colon, campaign = ref.partition(":")
    return funder not in _NAMED or bool(giver and colon and campaign)
