"""Lists as files for a spreadsheet: UTF-8 with a mark Excel knows, and no cell that computes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.html import strip_tags

from payments.admin.showing import clock
from payments.kernel.clock import local, now

# OWASP's list: a cell that begins like this is computed by the program that opens it.
_COMPUTES: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_MONEY: Final = re.compile(r"(−?)¥([\d,]+\.\d\d)")


class _Echo:
    """Hands back what is written, so that rows stream out one by one."""

    def write(self, value: str) -> str:
        return value


def safe_cell(value: Any) -> str:
    """Return a value as a cell that shows itself: money as a plain number, no formula."""
    text = strip_tags(str(value)).strip() if value is not None else ""
    if money := _MONEY.fullmatch(text):
        sign = "-" if money[1] else ""
        return sign + money[2].replace(",", "")
    if text.startswith(_COMPUTES) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_response(
    model_admin: ModelAdmin[Any], request: HttpRequest, rows: QuerySet[Any]
) -> StreamingHttpResponse:
    """Stream the chosen rows with the columns the list shows, masked as the list masks them."""
    columns = [str(name) for name in model_admin.get_list_display(request)]
    columns = [name for name in columns if name != "action_checkbox"]
    headers = [safe_cell(label_for_field(name, model_admin.model, model_admin)) for name in columns]
    cells = ([safe_cell(_shown(model_admin, name, row)) for name in columns] for row in rows)
    name = f"{model_admin.opts.model_name}-{local(now()):%Y%m%d-%H%M%S}.csv"
    return StreamingHttpResponse(
        _lines(headers, cells),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(headers: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(headers)
    for row in rows:
        yield writer.writerow(row)


def _shown(model_admin: ModelAdmin[Any], name: str, row: Model) -> Any:
    try:
        field, _attr, value = lookup_field(name, row, model_admin)
    except ObjectDoesNotExist:
        return ""
    if field is not None and getattr(field, "choices", None):
        return getattr(row, f"get_{name}_display")()
    if isinstance(value, tuple | list):  # unfold's labels: the value, and how it is shown
        return value[-1]
    return clock(value) if hasattr(value, "hour") else value
