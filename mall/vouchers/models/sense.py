"""What makes a batch's rule make no sense, per field, for the person who writes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.api import Funder

WINDOW_MAX: Final = timedelta(days=90)
_GIVERS: Final = {funder.value for funder in Funder} - {Funder.PAYER.value}
# Whose account the ledger keeps by name: their ref cannot be guessed.
_NAMED: Final = {Funder.BANK, Funder.GOVERNMENT, Funder.SUPPLIER, Funder.LEADER}
_SUBSIDISERS: Final = {Funder.BANK, Funder.GOVERNMENT}

Errors = dict[str, Promise]


def batch_errors(batch: Any) -> Errors:
    """Return a sentence for each field of a batch that does not make sense."""
    errors: Errors = {}
    _worth(batch, errors)
    _validity(batch, errors)
    _audience(batch, errors)
    _money(batch, errors)
    if batch.excluded is not None and batch.excluded.includes_all_products:
        errors["excluded"] = _("This range holds all products; nothing would be left.")
    if batch.worth_limit is not None and not batch.campaign:
        errors["campaign"] = _("Name the campaign in which vouchers of this worth are counted.")
    return errors


def default_refund_policy(funding: Any) -> str:
    """Say what a refund does unless somebody says otherwise: public money is forfeited."""
    public = any(part["funder"] in _SUBSIDISERS for part in funding)
    return "forfeit" if public else "return"


def _worth(batch: Any, errors: Errors) -> None:
    if not batch.discount_minor:
        errors["discount_minor"] = _("A voucher is worth more than nothing.")
    elif batch.threshold_minor and batch.threshold_minor <= (batch.discount_minor or 0):
        errors["threshold_minor"] = _(
            "The amount it takes must be more than the voucher is worth, or zero for any amount."
        )


def _validity(batch: Any, errors: Errors) -> None:
    fixed = batch.valid_from is not None or batch.valid_until is not None
    if fixed == (batch.valid_hours is not None):
        errors["valid_hours"] = _(
            "Give either the two moments between which it is good, or hours from claiming."
        )
    elif fixed:
        _between(batch, errors)
    elif not 1 <= batch.valid_hours <= WINDOW_MAX.days * 24:
        errors["valid_hours"] = _("Between one hour and 90 days (2160 hours).")


def _between(batch: Any, errors: Errors) -> None:
    if batch.valid_from is None or batch.valid_until is None:
        errors["valid_until"] = _("Give both moments.")
    elif batch.valid_until <= batch.valid_from:
        errors["valid_until"] = _("It must end after it begins.")
    elif batch.valid_until - batch.valid_from > WINDOW_MAX:
        errors["valid_until"] = _("A voucher is good for 90 days at most.")


def _audience(batch: Any, errors: Errors) -> None:
    codes = batch.issuers
    if not isinstance(codes, list) or not all(isinstance(code, str) and code for code in codes):
        errors["issuers"] = _('A list of bank codes, for example ["CCB", "PSBC"].')
    elif codes and batch.audience != "card_holders":
        errors["issuers"] = _("Banks count only for residents who have tied a card.")
    if (batch.audience == "new_residents") != (batch.new_within_days is not None):
        errors["new_within_days"] = _("Say within how many days, for new residents only.")


def _money(batch: Any, errors: Errors) -> None:
    if not batch.total_stock:
        errors["total_stock"] = _("At least one voucher.")
    if sentence := funding_error(batch.funding):
        errors["funding"] = sentence
        return
    if batch.budget_minor is not None and batch.budget_minor < (batch.discount_minor or 0):
        errors["budget_minor"] = _("The budget does not reach for one voucher.")
    if batch.is_prefunded and not any(p["funder"] in _SUBSIDISERS for p in batch.funding):
        errors["is_prefunded"] = _("Only banks and authorities pay in advance.")


def funding_error(funding: Any) -> Promise | None:
    """Return what is wrong with a mix of funders, or None."""
    if not isinstance(funding, list) or not all(isinstance(part, dict) for part in funding):
        return _('A list like [{"funder": "platform", "ref": "", "percent": 100}].')
    return next((text for is_wrong, text in _FUNDING_RULES if is_wrong(funding)), None)


_FUNDING_RULES: Final = (
    (
        lambda parts: (
            not all(isinstance(part.get("percent"), int) and part["percent"] > 0 for part in parts)
        ),
        _("Each funder's percent is a whole number above zero."),
    ),
    (
        lambda parts: sum(part["percent"] for part in parts) != 100,
        _("The percents must add up to 100."),
    ),
    (
        lambda parts: any(part.get("funder") not in _GIVERS for part in parts),
        _("A funder is one of bank, government, platform, supplier, leader."),
    ),
    (
        lambda parts: any(part["funder"] in _NAMED and not part.get("ref") for part in parts),
        _('Banks, authorities, suppliers and leaders need a ref, for example "CCB".'),
    ),
)
