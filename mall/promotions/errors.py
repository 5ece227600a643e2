"""What can go wrong when an offer is taken, launched or given another budget."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class OfferUsedUpError(LinliError):
    """Somebody else took the last use between the quote and the order; data: offer, scope."""

    code = "offer_used_up"
    message = _("This bank offer has just been used up. Please look at the new amount.")


class OfferRuleError(LinliError):
    """An offer's rule does not make sense; data: fields, a sentence for each."""

    code = "offer_rule"
    http_status = 400
    message = _("This rule cannot be launched as it is.")


class BudgetTooSmallError(LinliError):
    """The new budget is below what is reserved and used; data: given_minor (fen)."""

    code = "offer_budget_too_small"
    message = _("The budget cannot be less than what is already promised.")
