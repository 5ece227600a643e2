"""A message that was genuine when it came and is too old to be judged anew: we ask instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import Model

from payments.kernel.clock import now
from payments.models import CardAgreement, Payment, Refund, Split, SplitReturn, Transfer
from payments.services.asking import refresh_payment

# Whom the acquirer is asked about, by the kind a message names it with.
_ABOUT: Final[Mapping[str, tuple[type[Model], str]]] = {
    "pay": (Payment, "payment_no"),
    "refund": (Refund, "refund_no"),
    "transfer": (Transfer, "transfer_no"),
    "split": (Split, "split_no"),
    "split_return": (SplitReturn, "return_no"),
    "agreement": (CardAgreement, "agreement_no"),
}
_TIED: Final = (CardAgreement.Status.ACTIVE, CardAgreement.Status.SUSPENDED)


def ask_soon(subjects: Sequence[Sequence[str]]) -> None:
    """Bring the next question forward about all that is not over. In a transaction."""
    for kind, number in subjects:
        if kind not in _ABOUT:
            continue
        model, column = _ABOUT[kind]
        rows = model._default_manager.filter(**{column: number})  # noqa: SLF001 - Django documents it
        rows.filter(next_action_at__isnull=False).update(next_action_at=now())
        if model is CardAgreement:
            # A tied card is asked about only when somebody doubts it; what is old raises a doubt.
            rows.filter(status__in=_TIED).update(next_action_at=now())


def ask_about_ended(subjects: Sequence[Sequence[str]]) -> None:
    """Ask about payments that ended without money: perhaps it came after all.

    Network: not inside a transaction.
    """
    numbers = [number for kind, number in subjects if kind == "pay"]
    ended = Payment.objects.filter(
        payment_no__in=numbers, status__in=[Payment.Status.FAILED, Payment.Status.CLOSED]
    )
    for number in ended.values_list("payment_no", flat=True):
        refresh_payment(number)
