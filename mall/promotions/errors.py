"""What can go wrong when an offer is taken."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class OfferUsedUpError(LinliError):
    """Somebody else took the last use between the quote and the order; data: offer, scope."""

    code = "offer_used_up"
    message = _("This bank offer has just been used up. Please look at the new amount.")


class OfferRuleError(LinliError):
    """An offer's rule does not make sense; data: field."""

    code = "offer_rule"
    http_status = 400
