"""What is bought in the check and what every party must see of it; fen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from payments.api import Money


@dataclass(frozen=True, kw_only=True)
class Good:
    """A product of the installation and what the check's group buy asks for it."""

    search: str
    price_minor: int
    cost_minor: int
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Where, who and how patient."""

    base_url: str
    bank_url: str
    admin: tuple[str, str]
    second: tuple[str, str]
    leader_phone: str
    resident_phone: str
    point: str
    goods: tuple[Good, ...]
    seconds: float


PRICES: Final = ((3000, 2400, 1), (4900, 3920, 2), (8000, 6400, 1))
GOODS_MINOR: Final = sum(price * quantity for price, _cost, quantity in PRICES)
DISCOUNT_MINOR: Final = 1600
PAID_MINOR: Final = GOODS_MINOR - DISCOUNT_MINOR
# Ten percent of each line.
COMMISSION_MINOR: Final = sum(price * quantity // 10 for price, _cost, quantity in PRICES)


def yen(minor: int) -> str:
    """Write an amount as the pages do."""
    sign = "\N{MINUS SIGN}" if minor < 0 else ""
    return f"{sign}¥{Money(abs(minor)).to_major_str()}"


def minor_of(text: str) -> int:
    """Read an amount as the pages write it, without its sign."""
    return round(float(text.replace(",", "")) * 100)
