"""Cards: a number is read once; issuer, last four digits and a fingerprint are kept, it is not.

The sandbox accepts test numbers only: a known BIN, four zeros, one digit for the card's temper, a
serial number and the Luhn check digit. A real card cannot be typed in by mistake and be taken.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import hmac
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from payments.sandbox.faults import Temper
from payments.sandbox.refusals import Refusal

TEMPER_DIGITS: Final = {
    "0": Temper.NORMAL,
    "1": Temper.DECLINED,
    "2": Temper.SLOW,
    "3": Temper.ASKS_CODE,
    "4": Temper.SILENT,
}
ISSUER_NAMES: Final = {
    "CCB": ("中国建设银行", "China Construction Bank"),
    "PSBC": ("中国邮政储蓄银行", "Postal Savings Bank of China"),
    "CMBC": ("中国民生银行", "China Minsheng Bank"),
    "ICBC": ("中国工商银行", "Industrial and Commercial Bank of China"),
    "ABC": ("中国农业银行", "Agricultural Bank of China"),
    "BOC": ("中国银行", "Bank of China"),
    "BOCOM": ("交通银行", "Bank of Communications"),
    "CMB": ("招商银行", "China Merchants Bank"),
    "CITIC": ("中信银行", "China CITIC Bank"),
    "CEB": ("中国光大银行", "China Everbright Bank"),
    "SPDB": ("上海浦东发展银行", "Shanghai Pudong Development Bank"),
    "CIB": ("兴业银行", "Industrial Bank"),
    "PAB": ("平安银行", "Ping An Bank"),
    "GDB": ("广发银行", "China Guangfa Bank"),
    "HXB": ("华夏银行", "Hua Xia Bank"),
}
_BIN_LENGTH: Final = 6
_BINS_FILE: Final = Path(__file__).parent.parent / "data" / "bins.csv"


@dataclass(frozen=True, slots=True)
class Product:
    """What a BIN stands for."""

    bin: str
    issuer_code: str
    kind: str
    scheme: str
    length: int


@dataclass(frozen=True, slots=True)
class Card:
    """A card that was shown, as far as we may remember it."""

    fingerprint: str
    bin: str
    last4: str
    issuer_code: str
    kind: str
    scheme: str
    temper: Temper


@functools.cache
def products() -> dict[str, Product]:
    """Read the BIN table, by BIN."""
    with _BINS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {row[0]: Product(row[0], row[1], row[2], row[3], int(row[4])) for row in rows}


def check_digit(digits: str) -> str:
    """Compute the Luhn digit that completes a number (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def number_for(bin_: str, temper: Temper = Temper.NORMAL, serial: int = 1) -> str:
    """Write the number of a test card; the same three always give the same card."""
    digit = next(digit for digit, known in TEMPER_DIGITS.items() if known is temper)
    width = products()[bin_].length - _BIN_LENGTH - 6
    body = f"{bin_}0000{digit}{serial:0{width}d}"
    return body + check_digit(body)


def read(number: str, secret: bytes) -> Card:
    """Take a typed number apart; Refusal CARD_NUMBER_INVALID or CARD_UNKNOWN."""
    digits = "".join(number.split()).replace("-", "")
    if not (digits.isascii() and digits.isdecimal() and 12 <= len(digits) <= 19):
        raise Refusal("CARD_NUMBER_INVALID", "a card number has 12 to 19 digits")
    if check_digit(digits[:-1]) != digits[-1]:
        raise Refusal("CARD_NUMBER_INVALID", "the check digit does not fit")
    product = products().get(digits[:_BIN_LENGTH])
    temper = TEMPER_DIGITS.get(digits[10:11])
    is_test = digits[_BIN_LENGTH:10] == "0000"
    if product is None or product.length != len(digits) or temper is None or not is_test:
        raise Refusal("CARD_UNKNOWN", "only test cards are accepted here")
    return Card(
        fingerprint=hmac.new(secret, b"card:" + digits.encode(), hashlib.sha256).hexdigest(),
        bin=product.bin,
        last4=digits[-4:],
        issuer_code=product.issuer_code,
        kind=product.kind,
        scheme=product.scheme,
        temper=temper,
    )


def remember(connection: sqlite3.Connection, card: Card) -> None:
    """Keep what may be kept of a card."""
    connection.execute(
        "INSERT INTO cards (fingerprint, bin, last4, issuer_code, kind, scheme, temper)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (fingerprint) DO NOTHING",
        (
            card.fingerprint,
            card.bin,
            card.last4,
            card.issuer_code,
            card.kind,
            card.scheme,
            card.temper.value,
        ),
    )


def recall(connection: sqlite3.Connection, fingerprint: str | None) -> Card | None:
    """Return a remembered card."""
    row = connection.execute("SELECT * FROM cards WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return Card(**{**dict(row), "temper": Temper(row["temper"])}) if row else None


def described(card: Card | None) -> dict[str, str] | None:
    """Describe a card to a merchant."""
    if card is None:
        return None
    chinese, english = ISSUER_NAMES[card.issuer_code]
    return {
        "bin": card.bin,
        "last4": card.last4,
        "issuer_code": card.issuer_code,
        "issuer_name": chinese,
        "issuer_name_en": english,
        "kind": card.kind,
        "scheme": card.scheme,
        "fingerprint": card.fingerprint,
    }
