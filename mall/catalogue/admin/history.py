"""Prices over time: what a product cost us, was offered at, and was really sold for."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import chain
from typing import Any, Final

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Product

from mall.catalogue.costs import Change, cost_history
from mall.catalogue.deals import days_of, strike_of
from mall.catalogue.models import DealDay, PriceChange
from payments.api import Money, business_date, local

_DAYS: Final = 90
_OPTIONS: Final = {
    "animation": False,
    "responsive": True,
    "maintainAspectRatio": False,
    "interaction": {"mode": "index", "intersect": False},
    "plugins": {"legend": {"display": True, "align": "end"}},
    "scales": {
        "x": {"grid": {"display": False}, "ticks": {"maxTicksLimit": 12}},
        "y": {"ticks": {"maxTicksLimit": 6}},
    },
}
_COLOURS: Final = {
    PriceChange.What.PRICE: "var(--color-primary-600)",
    PriceChange.What.COST: "var(--color-orange-500)",
}


def history_view(site: ModelAdmin[Product], request: HttpRequest, pk: int) -> HttpResponse:
    """Show ninety days of a product as a chart, and every change as a table."""
    product = get_object_or_404(Product, pk=pk)
    if not site.has_view_permission(request, product):
        raise PermissionDenied
    today = business_date()
    since = today - timedelta(days=_DAYS - 1)
    changes = list(
        chain.from_iterable(cost_history(row.pk) for row in product.stockrecords.all()[:5])
    )
    changes.sort(key=lambda change: change.at, reverse=True)
    deals = days_of(product.pk, since=since)
    strike = strike_of(product.pk, today)
    context = {
        **site.admin_site.each_context(request),
        "title": _("Prices of %(product)s") % {"product": product.get_title()},
        "product": product,
        "strike": _yuan(strike) if strike is not None else "",
        "chart": json.dumps(_chart(since, today, changes=changes, deals=deals)),
        "options": json.dumps(_OPTIONS),
        "changes": {
            "headers": [_("When"), _("Figure"), _("Amount (yuan)"), _("By")],
            "rows": [_change_row(change) for change in changes[:100]],
        },
        "deals": {
            "headers": [_("Day"), _("Lowest (yuan)"), _("Highest (yuan)"), _("Pieces")],
            "rows": [_deal_row(day) for day in reversed(deals)],
        },
    }
    return TemplateResponse(request, "admin/catalogue/prices.html", context)


def _chart(
    since: date, until: date, *, changes: list[Change], deals: list[DealDay]
) -> dict[str, Any]:
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    sold = {deal.day: deal.lowest_minor / 100 for deal in deals}
    lines = [
        _line(str(what.label), _steps(changes, what, days), _COLOURS[what])
        for what in PriceChange.What
    ]
    paid = [sold.get(day) for day in days]
    lines.append(_line(_("Lowest really paid"), paid, "var(--color-green-600)"))
    return {"labels": [f"{day.month}-{day.day}" for day in days], "datasets": lines}


def _line(label: str, data: list[float | None], colour: str) -> dict[str, Any]:
    return {
        "label": label,
        "data": data,
        "borderColor": colour,
        "backgroundColor": colour,
        "pointRadius": 2,
        "spanGaps": True,
        "stepped": "before",
    }


def _steps(changes: list[Change], what: str, days: list[date]) -> list[float | None]:
    """Return a figure as it stood at the end of each day (yuan)."""
    ordered = sorted((change for change in changes if change.what == what), key=lambda c: c.at)
    figures: list[float | None] = []
    standing, left = None, iter(ordered)
    coming = next(left, None)
    for day in days:
        while coming is not None and local(coming.at).date() <= day:
            standing = coming.minor / 100
            coming = next(left, None)
        figures.append(standing)
    return figures


def _change_row(change: Change) -> list[str]:
    at = local(change.at)
    when = f"{date_format(at.date(), 'SHORT_DATE_FORMAT')} {at:%H:%M}"
    return [when, str(PriceChange.What(change.what).label), _yuan(change.minor), change.by]


def _deal_row(day: DealDay) -> list[Any]:
    shown = date_format(day.day, "SHORT_DATE_FORMAT")
    return [shown, _yuan(day.lowest_minor), _yuan(day.highest_minor), day.pieces]


def _yuan(minor: int) -> str:
    return str(Money(minor).major)
