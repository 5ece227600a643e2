"""Identity numbers for the tax office: checked, sealed, opened only into its file, and noted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from groupleader.errors import IdentityNumberError, ReasonMissingError
from groupleader.models import Leader, TaxIdentity
from groupleader.sealing import seal
from payments.api import now, transact

log = structlog.get_logger(__name__)
_NUMBER: Final = re.compile(r"[1-9]\d{5}(19|20)\d{9}[\dX]", re.ASCII)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"


def is_identity_number(text: str) -> bool:
    """Tell whether this is a resident identity number (GB 11643): a day of birth, a check digit."""
    if not _NUMBER.fullmatch(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return text[-1] == _CHECKS[total % 11] and _is_past_day(text[6:14])


def _is_past_day(digits: str) -> bool:
    """Tell whether eight digits are a day somebody can have been born on."""
    try:
        return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC) <= now()
    except ValueError:
        return False


@transact()
def enter_identity(*, leader: Leader, legal_name: str, number: str, by: Any) -> TaxIdentity:
    """Keep a leader's identity number under seal; entered again it replaces the one before.

    IdentityNumberError, ReasonMissingError without a name. The number is nowhere else: not in logs,
    not in the admin.
    """
    digits = number.replace(" ", "").upper()
    if not is_identity_number(digits):
        raise IdentityNumberError
    if not legal_name.strip():
        raise ReasonMissingError
    identity, _made = TaxIdentity.objects.update_or_create(
        leader=leader,
        defaults={
            "legal_name": legal_name.strip()[:60],
            "number_sealed": seal(digits),
            "last4": digits[-4:],
            "entered_by": by,
            "entered_at": now(),
        },
    )
    log.info("tax_identity.entered", leader_id=leader.pk)
    return identity
