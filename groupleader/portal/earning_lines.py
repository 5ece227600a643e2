"""The leader's earnings: what each order brings and why, curves, her place, a file of all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from groupleader import selectors
from groupleader.earning_lists import (
    STEPS,
    Wanted,
    curve_of,
    orders_wanted,
    ranking,
    with_lines,
)
from groupleader.explaining import explain
from groupleader.models import CommissionAccrual, Leader
from groupleader.portal.access import leader_only
from groupleader.portal.reading import day_of, number_of
from groupleader.templatetags.commission import how_much, waits_for, where_from
from mall.api import groups_of_leader
from payments.admin.spreadsheets import spreadsheet
from payments.api import Money, business_date, local

ORDERS_PER_PAGE: Final = 15
GROUPS_SHOWN: Final = 30
_CHUNK: Final = 1_000


@require_GET
@leader_only
def earnings(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Show sums by state, the curve, and every order; narrowed by state, days and group."""
    wanted = _wanted(request)
    step = request.GET.get("step", "day")
    step = step if step in STEPS else "day"
    pages = Paginator(orders_wanted(leader, wanted), ORDERS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    query = _query(wanted)
    return render(
        request,
        "groupleader/earnings.html",
        {
            "door": "earnings",
            "leader": leader,
            "sums": selectors.sums_by_state(leader),
            "curve": curve_of(leader, step),
            "step": step,
            "steps": _step_words(),
            "page": page,
            "orders": with_lines(leader, wanted, page.object_list),
            "wanted": wanted,
            "base": f"{query}&" if query else "",
            "groups": groups_of_leader(leader.user_id, limit=GROUPS_SHOWN),
            "has_ranking": settings.LINLI_LEADER_RANKING,
        },
    )


@require_GET
@leader_only
def line(request: HttpRequest, leader: Leader, accrual_id: int) -> HttpResponse:
    """Explain one line of hers: base, rate, sum, what refunds took, what it waits for."""
    rows = CommissionAccrual.objects.filter(leader=leader).select_related(
        "terms__rule", "terms__of_leader", "statement", "leader"
    )
    found = get_object_or_404(rows, pk=accrual_id)
    context = {"door": "earnings", "leader": leader, "accrual": found, "told": explain(found)}
    return render(request, "groupleader/earning_line.html", context)


@require_GET
@leader_only
def place(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Show her place among the leaders this month or last, and nobody else's money."""
    if not settings.LINLI_LEADER_RANKING:
        raise Http404
    this = business_date().replace(day=1)
    is_last = request.GET.get("month") == "last"
    first = (this - timedelta(days=1)).replace(day=1) if is_last else this
    context = {
        "door": "earnings",
        "leader": leader,
        "ranking": ranking(leader, first=first),
        "is_last": is_last,
    }
    return render(request, "groupleader/ranking.html", context)


@require_GET
@leader_only
def file(request: HttpRequest, leader: Leader) -> HttpResponseBase:
    """Give the wanted lines as a workbook."""
    headings = [
        _("Order"),
        _("Paid on"),
        _("Goods"),
        _("Quantity"),
        _("Base (yuan)"),
        _("Rate"),
        _("Rate comes from"),
        _("Earned (yuan)"),
        _("Taken back by refunds (yuan)"),
        _("Commission (yuan)"),
        pgettext("commission", "State"),
        _("Statement"),
        _("What it waits for"),
    ]
    rows = _wanted(request).of(leader).select_related("terms", "statement")
    name = f"earnings-{business_date():%Y%m%d}"
    return spreadsheet("xlsx", name=name, headers=headings, rows=_rows(rows.order_by("pk")))


def _rows(accruals: Any) -> Iterator[list[Any]]:
    for accrual in accruals.iterator(chunk_size=_CHUNK):
        terms = accrual.terms
        yield [
            terms.order_no,
            f"{local(accrual.accrued_at):%Y-%m-%d %H:%M}",
            terms.title,
            terms.quantity,
            Money(terms.base_minor).major,
            how_much(terms),
            where_from(terms),
            _major(accrual.earned_minor),
            _major(accrual.reduced_minor),
            _major(accrual.amount_minor),
            accrual.get_status_display(),
            accrual.statement.statement_no if accrual.statement else "",
            waits_for(accrual),
        ]


def _major(minor: int) -> Any:
    """Return fen as yuan, also where they are taken back."""
    return -Money(-minor).major if minor < 0 else Money(minor).major


def _wanted(request: HttpRequest) -> Wanted:
    """Read what she wants to see; what makes no sense is as good as not said."""
    status = request.GET.get("state", "")
    since, until = _day(request.GET.get("since")), _day(request.GET.get("until"))
    group = number_of(request.GET.get("group"))
    return Wanted(
        status=status if status in CommissionAccrual.Status.values else "",
        since=since,
        until=until,
        group_id=str(group) if group else "",
    )


def _day(text: str | None) -> date | None:
    """Read a day that a calendar of ours has: the ends of time have no midnight."""
    day = day_of(text)
    return day if day and 2000 <= day.year <= 2999 else None


def _query(wanted: Wanted) -> str:
    said = {
        "state": wanted.status,
        "since": wanted.since or "",
        "until": wanted.until or "",
        "group": wanted.group_id,
    }
    return urlencode({name: value for name, value in said.items() if value})


def _step_words() -> list[tuple[str, str]]:
    return [
        ("day", pgettext("curve", "By day")),
        ("week", pgettext("curve", "By week")),
        ("month", pgettext("curve", "By month")),
    ]
