"""Who pays which part of what is owed: the payer, her bank, the platform, and others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from payments.kernel.money import Money


class Funder(StrEnum):
    """Whose money a part is."""

    PAYER = "payer"
    BANK = "bank"
    PLATFORM = "platform"
    SUPPLIER = "supplier"
    GOVERNMENT = "government"
    LEADER = "leader"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderPart:
    """One funder's part; `ref` names the offer, campaign or voucher it comes from."""

    funder: Funder
    ref: str = ""
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Who is paid by a transfer: name and account as they were when it was approved."""

    name: str
    account: str
    bank: str = ""
