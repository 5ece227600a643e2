"""What rooms above tell us: whether a reference's money is still wanted, and is really there."""

from __future__ import annotations

from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


class Payable(Protocol):
    """Whoever opens payments provides this, named in settings.LINLI_PAYABLE."""

    def lock(self, reference: str) -> None:
        """Lock what the reference stands for, before any other row, until the transaction ends."""

    def accepts(self, reference: str, payment_no: str) -> bool:
        """Tell whether this payment's money is still wanted: it is owed, and nothing else paid."""


def payable() -> Payable:
    """Return the hook of this installation."""
    return cast("Payable", import_string(settings.LINLI_PAYABLE)())


def is_disputed(payment_no: str) -> bool:
    """Tell whether the acquirer's statements lack this payment's money (settings.LINLI_DISPUTES).

    What is disputed is not shared out until a person has decided.
    """
    return bool(import_string(settings.LINLI_DISPUTES)(payment_no))
