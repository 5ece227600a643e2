"""What makes an offer's rule make no sense, per field, for the person who writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.api import Funder

_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_GIVERS = {funder.value for funder in Funder} - {Funder.PAYER.value}


def _is_hours(pair: Any) -> bool:
    is_pair = isinstance(pair, list | tuple) and len(pair) == 2
    if not is_pair or not all(isinstance(part, str) and _HOUR.fullmatch(part) for part in pair):
        return False
    return pair[0] != pair[1]


_LISTS: Mapping[str, tuple[Callable[[Any], bool], Promise]] = {
    "issuers": (
        lambda value: isinstance(value, str) and bool(value),
        _('A list of bank codes, for example ["CCB", "PSBC"].'),
    ),
    "kinds": (
        lambda value: isinstance(value, str) and value in {"debit", "credit"},
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
    "hours": (
        _is_hours,
        _('Pairs of hours, for example [["10:00", "12:00"], ["22:00", "02:00"]].'),
    ),
}


_WHOLE_BP = 10_000
_WHOLE_PERCENT = 100


def rule_errors(offer: Any) -> dict[str, Promise]:
    """Return a sentence for each field of an offer's rule that does not make sense."""
    errors: dict[str, Promise] = {}
    for field, (is_fine, sentence) in _LISTS.items():
        values = getattr(offer, field)
        if not isinstance(values, list) or not all(map(is_fine, values)):
            errors[field] = sentence
    errors.update(_benefit_errors(offer))
    errors.update(_money_errors(offer))
    if offer.excluded is not None and offer.excluded.includes_all_products:
        errors["excluded"] = _("This range holds all products; nothing would be left.")
    return errors


def _benefit_errors(offer: Any) -> dict[str, Promise]:
    wrong = {
        "fixed": _fixed_error,
        "steps": _steps_error,
        "percent": _percent_error,
        "random": _random_error,
    }[offer.benefit_kind](offer)
    return dict([wrong]) if wrong else {}


Wrong = tuple[str, Promise] | None


def _fixed_error(offer: Any) -> Wrong:
    if 0 < (offer.discount_minor or 0) < (offer.threshold_minor or 0):
        return None
    return "discount_minor", _("More than nothing and less than the amount it is given from.")


def _steps_error(offer: Any) -> Wrong:
    sentence = _(
        "Pairs of amount and discount in fen, each higher than the one before, for example "
        "[[10000, 500], [20000, 1600]]."
    )
    steps = offer.steps
    if not isinstance(steps, list) or not steps or not all(map(_is_step, steps)):
        return "steps", sentence
    ordered = sorted(steps)
    rises = all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(ordered))
    return None if rises else ("steps", sentence)


def _is_step(step: Any) -> bool:
    return (
        isinstance(step, list | tuple)
        and len(step) == 2
        and all(type(part) is int for part in step)
        and 0 < step[1] < step[0]
    )


def _percent_error(offer: Any) -> Wrong:
    if not 0 < (offer.percent_bp or 0) < _WHOLE_BP:
        return "percent_bp", _("More than 0 and less than 10000, which would be all of it.")
    if offer.cap_minor == 0:
        return "cap_minor", _("At most nothing is no offer.")
    return None


def _random_error(offer: Any) -> Wrong:
    low, high = offer.random_from_minor or 0, offer.random_to_minor or 0
    if not 0 < low <= high:
        return "random_to_minor", _("Two amounts, the second not below the first.")
    if high >= (offer.threshold_minor or 0):
        return "threshold_minor", _("More than the most that can be drawn.")
    if offer.budget_minor is None:
        return "budget_minor", _("What is drawn by lot needs a budget.")
    uses = offer.total_limit or 1
    if uses * (low + high) > 2 * offer.budget_minor:
        return "budget_minor", _("Less than the draws are expected to cost.")
    return None


def _money_errors(offer: Any) -> dict[str, Promise]:
    if not _adds_up(offer.funding):
        return {
            "funding": _(
                'A list like [{"funder": "bank", "percent": 100}] whose percents add up to 100.'
            )
        }
    if offer.decided_by == "bank":
        if offer.benefit_kind == "random":
            return {"benefit_kind": _("What the bank draws by itself cannot be foretold here.")}
        if {part["funder"] for part in offer.funding} != {Funder.BANK.value}:
            return {"funding": _("What the bank takes off by itself is paid by the bank alone.")}
    return {}


def _adds_up(funding: Any) -> bool:
    if not isinstance(funding, list) or not all(isinstance(part, dict) for part in funding):
        return False
    percents = [part.get("percent") for part in funding]
    names = [(part.get("funder"), part.get("ref", "")) for part in funding]
    return (
        all(isinstance(name, str) and isinstance(ref, str) for name, ref in names)
        and all(name in _GIVERS for name, _ref in names)
        and len(set(names)) == len(funding)
        and all(type(percent) is int and percent > 0 for percent in percents)
        and sum(percents) == _WHOLE_PERCENT
    )
