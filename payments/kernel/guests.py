"""Who may see how a payment stands without an account: the browser that was sent off to pay it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

_KEY: Final = "payments_begun_here"
_MOST: Final = 20


def remember_payer(session: MutableMapping[str, Any], payment_no: str) -> None:
    """Let this browser's session see the result of a payment it was sent to make for somebody."""
    begun = [each for each in session.get(_KEY, []) if each != payment_no]
    session[_KEY] = [*begun, payment_no][-_MOST:]


def began_payment(session: MutableMapping[str, Any], payment_no: str) -> bool:
    """Tell whether this browser was sent to make the payment."""
    return payment_no in session.get(_KEY, [])
