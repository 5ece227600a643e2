"""What must be true of the small bank before it handles real money."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from payments.services.accounts import SANDBOX, account_code


def acquirer_is_real(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse to collect real orders through the sandbox acquirer, whose payments are not money."""
    if settings.LINLI_DEMO or account_code() != SANDBOX:
        return []
    return [
        Error(
            "New payments go to the sandbox acquirer: what it collects is not money.",
            hint="Set up an account at a real acquirer and name it in LINLI_ACQUIRER_ACCOUNT.",
            id="payments.E001",
        )
    ]
