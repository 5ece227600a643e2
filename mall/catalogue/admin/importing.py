"""Importing goods: a sheet is looked at first, row by row; a second click writes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from oscar.apps.catalogue.models import Product

from mall.catalogue.sheets.applying import apply_rows, look_up
from mall.catalogue.sheets.columns import COLUMNS
from mall.catalogue.sheets.reading import GoodsRow, SheetRefusedError, read_rows

_KEPT: Final = "goods_to_import"
_SHOWN: Final = 200


def import_view(site: ModelAdmin[Product], request: HttpRequest) -> HttpResponse:
    """Show the form, what a sheet would do, or what it did."""
    if not (site.has_add_permission(request) and site.has_change_permission(request)):
        raise PermissionDenied
    if request.method != "POST":
        return _page(site, request, rows=None)
    if "write" in request.POST:
        return _write(site, request)
    file = request.FILES.get("sheet")
    if file is None:
        messages.warning(request, _("Choose a file first."))
        return _page(site, request, rows=None)
    try:
        rows = read_rows(file)
    except SheetRefusedError as error:
        messages.error(request, str(error.user_message))
        return _page(site, request, rows=None)
    look_up(rows)
    request.session[_KEPT] = [asdict(row) for row in rows if not row.errors]
    return _page(site, request, rows=rows)


def _write(site: ModelAdmin[Product], request: HttpRequest) -> HttpResponse:
    kept = request.session.pop(_KEPT, None)
    if not kept:
        messages.warning(request, _("Nothing waits to be written. Please send the sheet again."))
        return redirect("admin:catalogue_import")
    rows = [GoodsRow(**row) for row in kept]
    look_up(rows)
    done = apply_rows(rows, by=request.user)  # type: ignore[arg-type]
    figures = {"new": done.created, "changed": done.changed}
    messages.success(request, _("%(new)s new, %(changed)s brought up to date.") % figures)
    if done.failed:
        text = ngettext("%(n)d row failed.", "%(n)d rows failed.", len(done.failed))
        messages.warning(request, text % {"n": len(done.failed)})
        return _page(site, request, rows=done.failed)
    return redirect("admin:catalogue_product_changelist")


def _page(
    site: ModelAdmin[Product], request: HttpRequest, *, rows: list[GoodsRow] | None
) -> HttpResponse:
    context: dict[str, Any] = {
        **site.admin_site.each_context(request),
        "title": _("Import goods"),
        "columns": COLUMNS,
    }
    if rows is not None:
        right = [row for row in rows if not row.errors]
        context |= {
            "is_checked": True,
            "new": sum(row.is_new for row in right),
            "changed": sum(not row.is_new for row in right),
            "wrong": [row for row in rows if row.errors][:_SHOWN],
            "wrong_count": len(rows) - len(right),
            "sample": right[:_SHOWN],
            "may_write": bool(right) and _KEPT in request.session,
        }
    return TemplateResponse(request, "admin/catalogue/import.html", context)
