"""Paying out."""

from __future__ import annotations

from dataclasses import dataclass
from payments.kernel.money import Money
from payments.kernel.tenders import Payee
from payments.papers import TransferView


@dataclass(frozen=True, slots=True, kw_only=True)
class InTransit:
    """Which in-transit account of the books a transfer empties: leader or supplier, and whose."""

    account: str
    party: str
    reference: str


def create_transfer(
    *,
    transfer_key: str,
    payee: Payee,
    amount: Money,
    reference: str,
    purpose: str,
    ledger: InTransit,
) -> TransferView:
    raise NotImplementedError


def send_transfer(transfer_no: str) -> TransferView:
    raise NotImplementedError


def refresh_transfer(transfer_no: str) -> TransferView:
    raise NotImplementedError
