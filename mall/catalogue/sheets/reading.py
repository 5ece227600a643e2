"""Goods in: a workbook read row by row, each row judged by itself, nothing written yet."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from mall.catalogue.models import ProductExtra
from mall.catalogue.sheets.columns import COLUMNS, column_of, key_of_heading
from payments.api import LinliError, Money

BYTES_MAX: Final = 5 * 1024 * 1024
_UNPACKED_MAX: Final = 60 * 1024 * 1024
ROWS_MAX: Final = 5000
_COLUMNS_MAX: Final = 60
_TEXT_MAX: Final = {
    "upc": 64,
    "title": 255,
    "category": 255,
    "supplier": 128,
    "sales_unit": 20,
    "origin": 60,
    "producer": 80,
    "organic_certificate": 40,
    "allergens": 120,
    "keeping": 200,
    "short_text": 120,
    "keywords": 120,
    "title_en": 255,
    "description": 5000,
}
_WHOLE_MAX: Final = {
    "net_grams": 1_000_000,
    "shelf_life_days": 3650,
    "pieces_per_box": 10_000,
    "stock": 10_000_000,
}
_YES: Final = frozenset({"yes", "y", "1", "true", "是", "√", "x"})
_CODE: Final = re.compile(r"^[\w.\-/]+$")


class SheetRefusedError(LinliError):
    """A file that is no such sheet; the sentence says what to send."""

    code = "sheet_refused"
    http_status = 400


@dataclass(slots=True, kw_only=True)
class GoodsRow:
    """One row as it was understood, or what is wrong with it. Amounts in fen."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    is_new: bool = False


def read_rows(file: Any) -> list[GoodsRow]:
    """Read a workbook's first sheet. SheetRefusedError for what is no workbook, or too much."""
    cells = _cells(file)
    heads = next(cells, None)
    if heads is None:
        raise SheetRefusedError(_("This sheet is empty."))
    known = key_of_heading()
    keys = [column_of(head, known) for head in heads]
    missing = [str(c.heading) for c in COLUMNS if c.is_required and c.key not in keys]
    if missing:
        text = _("These columns are missing: %(columns)s. Take the empty spreadsheet to fill in.")
        raise SheetRefusedError(text % {"columns": ", ".join(missing)})
    rows: list[GoodsRow] = []
    for number, row in enumerate(cells, start=2):
        if all(cell in {None, ""} for cell in row):
            continue
        if len(rows) >= ROWS_MAX:
            text = _("A sheet may have at most %(n)s rows. Please split it.")
            raise SheetRefusedError(text % {"n": ROWS_MAX})
        named = {key: cell for key, cell in zip(keys, row, strict=False) if key}
        rows.append(_judged(number, named))
    _find_doubles(rows)
    return rows


def _cells(file: Any) -> Iterator[tuple[Any, ...]]:
    if file.size > BYTES_MAX:
        raise SheetRefusedError(_("This file is larger than 5 MB. Please split it."))
    unreadable = _("This file is no workbook. Please save it as .xlsx and send it again.")
    try:
        with zipfile.ZipFile(file) as packed:
            _require_modest(packed)
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True)
        rows = list(
            book.worksheets[0].iter_rows(
                values_only=True, max_col=_COLUMNS_MAX, max_row=ROWS_MAX + 1000
            )
        )
    except SheetRefusedError:
        raise
    # A hostile or broken archive fails in as many ways as there are parsers below it.
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        OSError,
        IndexError,
        SyntaxError,
        TypeError,
        AttributeError,
    ) as error:
        raise SheetRefusedError(unreadable) from error
    return iter(rows)


def _require_modest(packed: zipfile.ZipFile) -> None:
    if sum(each.file_size for each in packed.infolist()) > _UNPACKED_MAX:
        raise SheetRefusedError(_("This file unpacks to far more than a sheet of goods."))


def _judged(number: int, cells: dict[str, Any]) -> GoodsRow:
    row = GoodsRow(number=number)
    for column in COLUMNS:
        raw = cells.get(column.key)
        text = _text(raw)
        if not text:
            if column.is_required:
                row.errors.append(_("%(column)s is missing.") % {"column": column.heading})
            elif column.key in cells:
                row.values[column.key] = None
            continue
        try:
            row.values[column.key] = _value(column.key, text)
        except (ValueError, InvalidOperation) as error:
            told = str(error) if isinstance(error, _WrongError) else _("not understood")
            row.errors.append(f"{column.heading}: {told} ({text[:40]})")
    _judge_together(row)
    return row


class _WrongError(ValueError):
    """A cell that means nothing, with the sentence that says so."""


def _value(key: str, text: str) -> Any:
    if key in _WHOLE_MAX:
        return _whole(text, _WHOLE_MAX[key])
    if key in {"price", "cost"}:
        return _fen(text, at_least=1 if key == "price" else 0)
    if key == "storage":
        return _storage(text)
    if key == "is_weighed":
        return text.lower() in _YES
    if len(text) > _TEXT_MAX[key]:
        raise _WrongError(_("at most %(n)s characters") % {"n": _TEXT_MAX[key]})
    if key == "upc" and not _CODE.match(text):
        raise _WrongError(_("letters, digits, dots, dashes and slashes only"))
    return text


def _text(raw: Any) -> str:
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw).replace("\x00", "").strip().removeprefix("'")


def _whole(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9) or int(text) > most:
        raise _WrongError(_("a whole number up to %(n)s") % {"n": most})
    return int(text)


def _fen(text: str, *, at_least: int) -> int:
    amount = Decimal(text.replace(",", "").replace("¥", "").strip()[:20])
    if not amount.is_finite() or amount < 0 or amount > 1_000_000:
        raise _WrongError(_("an amount in yuan up to 1,000,000"))
    if amount != round(amount, 2):
        raise _WrongError(_("at most two decimals"))
    minor = Money.from_major(amount).minor
    if minor < at_least:
        raise _WrongError(_("more than nothing"))
    return minor


def _storage(text: str) -> str:
    wanted = text.lower()
    for value in ProductExtra.Storage:
        names = {str(value)}
        for language in ("zh-hans", "en"):
            with override(language):
                names.add(str(value.label).lower())
        if any(wanted == name or (len(wanted) > 1 and name.startswith(wanted)) for name in names):
            return str(value)
    raise _WrongError(_("room temperature, chilled or frozen"))


def _judge_together(row: GoodsRow) -> None:
    values = row.values
    if values.get("is_weighed") and not values.get("net_grams"):
        row.errors.append(_("Goods priced by weight need an estimated net weight."))
    if values.get("pieces_per_box") == 0:
        row.errors.append(_("A box holds at least one piece."))


def _find_doubles(rows: list[GoodsRow]) -> None:
    """A product of one supplier stands in a sheet once; else the last row would win silently."""
    seen: dict[tuple[Any, Any], int] = {}
    for row in rows:
        key = (row.values.get("upc"), row.values.get("supplier"))
        if None in key:
            continue
        if key in seen:
            row.errors.append(_("The same as row %(n)s.") % {"n": seen[key]})
        seen.setdefault(key, row.number)
