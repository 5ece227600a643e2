"""Two people for a payout above the limit: who wrote it does not let it go."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.models import Transfer
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import move_errand


class SecondPersonError(LinliError):
    """Who proposed it cannot be the one who lets it happen."""

    code = "second_person_needed"
    http_status = 403
    message = _("Somebody else has to decide this: you proposed it.")


def needs_second_person(transfer: Transfer) -> bool:
    """Tell whether a transfer is above the limit; LINLI_PAYOUT_FOUR_EYES_MINOR, in fen."""
    return transfer.amount_minor > int(settings.LINLI_PAYOUT_FOUR_EYES_MINOR)


def let_go_if_approved(transfer: Transfer, *, approved_by: str = "") -> bool:
    """Approve a transfer if it may leave: small, or approved by another; say whether (T2).

    In a transaction. One above the limit without a second person waits.
    """
    by = approved_by[:64]
    is_by_another = bool(by and transfer.created_by) and by != transfer.created_by
    if needs_second_person(transfer) and not is_by_another:
        return False
    at = now()
    return move_errand(
        transfer,
        ErrandEvent.APPROVED,
        by=by,
        approved_by=by if is_by_another else "",
        approved_at=at,
        next_action_at=at,
    )
