"""Whose money may go which way: the two funds modes as a policy nobody can forget.

Taking money for sellers and paying it out to them oneself is clearing without a licence. Where the
operator sells for others (SPLIT), sellers are paid by the acquirer's own split and never from our
account; where it sells its own goods (SELF_OPERATED), it pays its suppliers and splits nothing,
unless the operator says that its acquirer contract allows it.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from payments.kernel.errors import LinliError
from payments.ledger.accounts import LEADER_IN_TRANSIT, SUPPLIER_IN_TRANSIT
from payments.ledger.funds import FundsMode, funds_mode

_SELLERS: Final = frozenset({SUPPLIER_IN_TRANSIT.code, LEADER_IN_TRANSIT.code})


class OwnFundsPayoutError(LinliError):
    """Sellers whose money an institution splits are not paid from our own account."""

    code = "own_funds_payout_refused"
    message = _(
        "In split mode leaders and suppliers are paid by the acquirer's split, "
        "not from our own account."
    )


class SplitsNotConfiguredError(LinliError):
    """The operator sells its own goods; there is nothing to split."""

    code = "splits_not_configured"
    message = _("Splits are switched off: this operator sells its own goods.")


def refuse_paying_sellers(account: str) -> None:
    """Raise OwnFundsPayoutError for a payout that empties a seller's drawer in SPLIT mode."""
    if funds_mode() is FundsMode.SPLIT and account in _SELLERS:
        raise OwnFundsPayoutError(account=account)


def refuse_splitting_own_sales() -> None:
    """Raise SplitsNotConfiguredError unless this installation splits."""
    is_allowed = settings.LINLI_SPLITS_WHEN_SELF_OPERATED
    if funds_mode() is FundsMode.SELF_OPERATED and not is_allowed:
        raise SplitsNotConfiguredError
