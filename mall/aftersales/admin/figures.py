"""The page of figures: how often something is wrong, as bars and as a table, or as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.aftersales.admin.reading import yuan
from mall.aftersales.statistics import BY, CaseFigures, figures_by, pieces_delivered, total_of
from payments.admin.spreadsheets import spreadsheet
from payments.api import Money, business_date

_DAYS: Final = 30
_DAYS_MAX: Final = 732
_SHOWN: Final = 50


def figures_view(request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    """Show the figures asked for, or give them as a file."""
    by = request.GET.get("by", "")
    by = by if by in BY else BY[0]
    since, until = _period(request)
    rows = figures_by(by, since=since, until=until)
    words = _words()
    form = request.GET.get("export", "")
    if form in {"xlsx", "csv"}:
        name = f"cases-{by}-{since:%Y%m%d}-{until:%Y%m%d}"
        return spreadsheet(form, name=name, headers=_headers(words[by]), rows=map(_cells, rows))
    most = max((row.per_thousand for row in rows), default=0)
    shown = [_shown(row, most) for row in rows[:_SHOWN]]
    total = total_of(rows, pieces=pieces_delivered(since=since, until=until))
    query = urlencode({"by": by, "from": since, "until": until})
    return TemplateResponse(
        request,
        "admin/aftersales/figures.html",
        {
            **context,
            "title": _("After-sales in figures"),
            "by": by,
            "word": words[by],
            "choices": list(words.items()),
            "since": since,
            "until": until,
            "rows": shown,
            "more": max(0, len(rows) - _SHOWN),
            "total": _shown(total, most),
            "query": query,
            "presets": _presets(by),
        },
    )


def _words() -> dict[str, str]:
    return {
        "supplier": _("Supplier"),
        "product": _("Goods"),
        "reason": _("Reason"),
        "leader": _("Group leader"),
    }


def _headers(word: str) -> list[str]:
    return [
        word,
        _("Pieces handed over"),
        pgettext("after-sales", "Cases"),
        _("Cases per 1,000 pieces"),
        _("Approved"),
        _("Given back (yuan)"),
        _("Of it the supplier (yuan)"),
    ]


def _cells(row: CaseFigures) -> list[Any]:
    return [
        row.name,
        row.pieces,
        row.cases,
        row.per_thousand,
        row.approved,
        Money(row.value_minor).major,
        Money(row.supplier_minor).major,
    ]


def _shown(row: CaseFigures, most: float) -> dict[str, Any]:
    return {
        "name": row.name,
        "pieces": row.pieces,
        "cases": row.cases,
        "per_thousand": row.per_thousand if row.pieces else "–",
        "width": round(100 * row.per_thousand / most) if most else 0,
        "approved": row.approved,
        "value": yuan(row.value_minor),
        "supplier": yuan(row.supplier_minor),
    }


def _presets(by: str) -> list[tuple[str, str]]:
    today = business_date()
    days = ((_("7 days"), 7), (_("30 days"), 30), (_("90 days"), 90))
    return [
        (word, urlencode({"by": by, "from": today - timedelta(days=n - 1), "until": today}))
        for word, n in days
    ]


def _period(request: HttpRequest) -> tuple[date, date]:
    """Read from and until; what is no day, or no time, is the last thirty days."""
    until = _day(request.GET.get("until", "")) or business_date()
    since = _day(request.GET.get("from", "")) or until - timedelta(days=_DAYS - 1)
    if since > until or (until - since).days > _DAYS_MAX:
        since = until - timedelta(days=_DAYS - 1)
    return since, until


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    # Beyond these a day has no bounds.
    return day if day and date(2000, 1, 1) <= day <= date(2200, 1, 1) else None
