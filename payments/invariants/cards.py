"""No card number anywhere: every text we keep is searched for digits that could be one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.db import connection, models

from payments.kernel.checking import CheckResult, result_of

# A payee's bank account is what a transfer is paid to; it may be the number of a debit card.
ALLOWED: Final = frozenset({("payments_transfer", "payee_account")})
_SHORTEST: Final = 13
# Card numbers begin with 222 to 6; dates do not, and our own numbers carry letters.
_CANDIDATE: Final = re.compile(
    r"(?<![0-9A-Za-z.])(?:22[2-9]|2[3-7]\d|[3-6]\d\d)\d{10,16}(?![0-9A-Za-z.])", re.ASCII
)


def is_card_number(digits: str) -> bool:
    """Tell whether digits pass the check every payment card's number passes (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def card_numbers_in(text: str) -> list[str]:
    """Return what looks like card numbers in a text, spaces and dashes within them ignored."""
    joined = re.sub(r"(?<=\d)[ -](?=\d{4})", "", text)
    return [found for found in _CANDIDATE.findall(joined) if is_card_number(found)]


def no_card_number_is_kept() -> CheckResult:
    """A3: no text column of the small bank holds a card number."""
    columns = list(_text_columns())
    return result_of(
        "A3 no card number is kept",
        rows=len(columns),
        wrong=(
            (f"{table} {pk}", f"{column} holds ****{number[-4:]}")
            for table, key, column in columns
            for pk, text in _suspects(table, key, column)
            for number in card_numbers_in(text)
        ),
    )


def _text_columns() -> Iterator[tuple[str, str, str]]:
    for model in apps.get_app_config("payments").get_models():
        meta = model._meta  # noqa: SLF001 - Django documents it
        for field in meta.concrete_fields:
            if _may_hold_text(field) and (meta.db_table, field.column) not in ALLOWED:
                yield meta.db_table, meta.pk.column, field.column


def _may_hold_text(field: models.Field[Any, Any]) -> bool:
    """Leave out what is too short for a card number and what only holds words of ours."""
    is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
    return is_text and not field.choices and (field.max_length or _SHORTEST) >= _SHORTEST


def _suspects(table: str, key: str, column: str) -> Iterator[tuple[int, str]]:
    """Let the database find long runs of digits; only those are read."""
    quote = connection.ops.quote_name
    text = f"CAST({quote(column)} AS TEXT)"
    sql = f"SELECT {quote(key)}, {text} FROM {quote(table)} WHERE "  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(sql + f"{text} ~ %s", [r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]"])
        else:
            four = "[0-9]" * 4
            run, spaced = f"*{four * 3}[0-9]*", f"*{f'{four}[ -]' * 3}[0-9]*"
            cursor.execute(sql + f"({text} GLOB %s OR {text} GLOB %s)", [run, spaced])
        yield from cursor.fetchall()


CARD_RULES = (no_card_number_is_kept,)
