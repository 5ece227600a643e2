"""No card number anywhere: every text we keep is searched for digits that could be one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.apps import apps
from django.db import connection, models

from payments.kernel.checking import CheckResult, result_of

# A payee's bank account is what a transfer is paid to; it may be the number of a debit card.
ALLOWED: Final = frozenset({("payments_transfer", "payee_account")})
_SHORTEST: Final = 13
# Card numbers begin with 222 to 6; dates do not, and our own numbers carry letters.
_CANDIDATE: Final = re.compile(
    r"(?<![0-9A-Za-z.])(?:22[2-9]|2[3-7]\d|[3-6]\d\d)\d{10,16}(?![0-9A-Za-z]|\.\d)", re.ASCII
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
    tables = list(_texts())
    return result_of(
        "A3 no card number is kept",
        rows=sum(len(columns) for _table, _key, columns in tables),
        wrong=(
            (f"{table} {pk}", f"{column} holds ****{number[-4:]}")
            for table, key, columns in tables
            for pk, *texts in _suspects(table, key, columns)
            for column, text in zip(columns, texts, strict=True)
            for number in card_numbers_in(text or "")
        ),
    )


def _texts() -> Iterator[tuple[str, str, list[str]]]:
    """Name each table with its key and the columns that could hold a card number."""
    for model in apps.get_app_config("payments").get_models():
        meta = model._meta  # noqa: SLF001 - Django documents it
        names = [str(field.column) for field in meta.concrete_fields if _may_hold_text(field)]
        columns = [name for name in names if (meta.db_table, name) not in ALLOWED]
        if columns:
            yield meta.db_table, str(meta.pk.column), columns


def _may_hold_text(field: models.Field[Any, Any]) -> bool:
    """Leave out what is too short for a card number and what only holds words of ours."""
    is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
    return is_text and not field.choices and (field.max_length or _SHORTEST) >= _SHORTEST


def _suspects(table: str, key: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Let the database find long runs of digits; only those rows are read."""
    quote = connection.ops.quote_name
    texts = [f"CAST({quote(column)} AS TEXT)" for column in columns]
    if connection.vendor == "postgresql":
        test = "{0} ~ %s"
        patterns = [r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]"]
    else:
        four = "[0-9]" * 4
        test = "{0} GLOB %s OR {0} GLOB %s"
        patterns = [f"*{four * 3}[0-9]*", f"*{f'{four}[ -]' * 3}[0-9]*"]
    where = " OR ".join(test.format(text) for text in texts)
    sql = f"SELECT {quote(key)}, {', '.join(texts)} FROM {quote(table)} WHERE {where}"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(sql, patterns * len(texts))
        yield from cursor.fetchall()


CARD_RULES = (no_card_number_is_kept,)
