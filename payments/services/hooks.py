"""What the floor above tells us about a reference: whether its money is still wanted."""

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
