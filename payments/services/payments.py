"""Collecting: open a payment, send it, ask about it, close it."""

from __future__ import annotations

from datetime import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from payments.acquiring.contract import Scene
from payments.kernel.errors import LinliError
from payments.kernel.tenders import TenderPart
from payments.papers import PaymentView
from typing import Literal


class IdempotencyConflictError(LinliError):
    """The same wish was expressed before with other figures."""


class AlreadyAppliedError(LinliError):
    """What is owed has been paid already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStep:
    kind: Literal["done", "redirect", "processing", "failed"]
    url: str
    view: PaymentView


def create_payment(
    *,
    reference: str,
    payer_ref: str,
    tenders: Sequence[TenderPart],
    scene: Scene,
    expires_at: datetime,
    subject: str,
    continue_url: str,
    agreement_no: str | None = None,
) -> PaymentView:
    raise NotImplementedError


def send_payment(payment_no: str) -> PaymentStep:
    raise NotImplementedError


def refresh_payment(payment_no: str) -> PaymentView:
    raise NotImplementedError


def request_close(payment_no: str, *, reason: str) -> PaymentView:
    raise NotImplementedError


def drive_close(payment_no: str) -> PaymentView:
    raise NotImplementedError
