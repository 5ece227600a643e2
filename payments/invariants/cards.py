"""No card number anywhere: every text we keep is searched for digits that could be one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import connection, models

from payments.kernel.checking import CheckResult, result_of

# A payee's bank account is what a transfer is paid to; it may be the number of a debit card.
ALLOWED: Final = frozenset({("payments_transfer", "payee_account")})
_SHORTEST: Final = 13
_PORTION: Final = 1000
# Card numbers begin with 222 to 6; dates do not, and our own numbers carry letters.
_CANDIDATE: Final = re.compile(
    r"(?<![0-9A-Za-z.])(?:22[2-9]|2[3-7]\d|[3-6]\d\d)\d{10,16}(?![0-9A-Za-z]|\.\d)", re.ASCII
)
# What the database looks for: never less than the above, written with or without gaps.
_BEGINS: Final = "[^0-9A-Za-z.](22[2-9]|2[3-7][0-9]|[3-6][0-9][0-9])[0-9]"
_GOES_ON: Final = "[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]"


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
    """A3: no text and no stored message of the small bank holds a card number."""
    tables = list(_tables())
    return result_of(
        "A3 no card number is kept",
        rows=sum(len(table.texts) + len(table.messages) for table in tables),
        wrong=(
            (f"{table.name} {pk}", f"{column} holds ****{number[-4:]}")
            for table in tables
            for pk, column, text in _suspects(table)
            for number in card_numbers_in(text)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """A table, its key, and its columns that could hold a card number: texts, and raw bytes."""

    name: str
    key: str
    texts: tuple[str, ...]
    messages: tuple[str, ...]


def _tables() -> Iterator[_Table]:
    for model in apps.get_app_config("payments").get_models():
        meta = model._meta  # noqa: SLF001 - Django documents it
        fields = [f for f in meta.concrete_fields if (meta.db_table, f.column) not in ALLOWED]
        texts = tuple(str(f.column) for f in fields if _may_hold_text(f))
        messages = tuple(str(f.column) for f in fields if isinstance(f, models.BinaryField))
        if texts or messages:
            yield _Table(meta.db_table, str(meta.pk.column), texts, messages)


def _may_hold_text(field: models.Field[Any, Any]) -> bool:
    """Leave out what is too short for a card number and what only holds words of ours."""
    is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
    return is_text and not field.choices and (field.max_length or _SHORTEST) >= _SHORTEST


def _suspects(table: _Table) -> Iterator[tuple[Any, str, str]]:
    """Yield (key, column, text) of what could hold a card number; the database looks first."""
    if table.texts:
        where, pattern = _looks_like_a_card(table.texts)
        for pk, *texts in _rows(table, table.texts, where=where, parameters=[pattern]):
            for column, text in zip(table.texts, texts, strict=True):
                yield pk, column, str(text or "")
    if table.messages:
        for pk, *bodies in _rows(table, table.messages):
            for column, body in zip(table.messages, bodies, strict=True):
                # Every byte stays in its place, whatever the message's encoding is.
                yield pk, column, bytes(body or b"").decode("latin-1")


def _looks_like_a_card(columns: Sequence[str]) -> tuple[str, str]:
    """Return a condition over all texts of a row at once, and its pattern."""
    quote = connection.ops.quote_name
    texts = [f"COALESCE(CAST({quote(column)} AS TEXT), '')" for column in columns]
    row = " || '\n' || ".join(["''", *texts])
    operator = "~" if connection.vendor == "postgresql" else "REGEXP"
    return f" WHERE ({row}) {operator} %s", _BEGINS + _GOES_ON


def _rows(
    table: _Table, columns: Sequence[str], *, where: str = "", parameters: Sequence[str] = ()
) -> Iterator[tuple[Any, ...]]:
    quote = connection.ops.quote_name
    is_text = columns is table.texts
    shown = [f"CAST({quote(c)} AS TEXT)" if is_text else quote(c) for c in columns]
    sql = f"SELECT {quote(table.key)}, {', '.join(shown)} FROM {quote(table.name)}{where}"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        while portion := cursor.fetchmany(_PORTION):
            yield from portion


CARD_RULES = (no_card_number_is_kept,)
