"""The operator's pages about leaders: ranked, who needs help, and the settlement calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from groupleader.admin.reading import yuan
from groupleader.dashboard.calendar import month_of, stages, upcoming
from groupleader.dashboard.figures import (
    BY_KEY,
    MEASURES,
    MONEY,
    SHARE,
    Days,
    Row,
    ranked,
    rows_of,
    totals_of,
)
from groupleader.dashboard.help import in_need
from groupleader.services.desk_runs import open_runs
from groupleader.services.settling import still_to_cut
from payments.admin.spreadsheets import spreadsheet
from payments.api import Money, business_date

ROWS_PER_PAGE: Final = 50
CHART_ROWS: Final = 10
_DAYS_MAX: Final = 367
_FORMS: Final = ("csv", "xlsx")
_PERMISSION: Final = "groupleader.view_leader"
_FIRST_YEAR, _LAST_YEAR = 2000, 2999


class LeaderPages:
    """Pages a model's admin takes in: addresses of their own, the view permission of leaders."""

    admin_site: Any
    opts: Any

    def page_urls(self) -> list[URLPattern]:
        """Return the addresses of the pages."""
        wrap = self.admin_site.admin_view
        return [
            path("dashboard/", wrap(self.dashboard_view), name="groupleader_dashboard"),
            path("calendar/", wrap(self.calendar_view), name="groupleader_calendar"),
        ]

    def dashboard_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show leaders side by side for a period, and who needs help; or give it as a file."""
        _require(request)
        days = days_asked(request)
        key = request.GET.get("by", "sales")
        key = key if key in BY_KEY else "sales"
        descending = request.GET.get("order") != "up"
        rows = ranked(rows_of(days), key=key, descending=descending)
        form = request.GET.get("export", "")
        if form in _FORMS:
            name = f"leaders-{days.since:%Y%m%d}-{days.until:%Y%m%d}"
            return spreadsheet(form, name=name, headers=_headers(), rows=_file_rows(rows))
        asked = {"since": days.since, "until": days.until}
        page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "title": _("How leaders do"),
            "days": days,
            "presets": _presets(),
            "measures": _columns(key, descending=descending, asked=asked),
            "sorted_by": BY_KEY[key],
            "totals": totals_of(rows),
            "page": page,
            "query": urlencode({**asked, "by": key, "order": "down" if descending else "up"}),
            "chart": _chart(rows, key),
            "needy": in_need(rows),
        }
        return self._shown(request, "dashboard", context)

    def calendar_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show a month: what is cut, answered, paid and told to the tax office when."""
        _require(request)
        first = _month_asked(request)
        before = (first - timedelta(days=1)).replace(day=1)
        after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        found = stages()
        most = max([stage.count for stage in found] + [1])
        context = {
            "title": _("Settlement calendar"),
            "first": first,
            "before": before,
            "after": after,
            "days": month_of(first),
            "runs": open_runs(),
            "still_to_cut": still_to_cut(),
            "weekdays": [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")],
            "stages": [
                (stage, yuan(stage.net_minor), round(100 * stage.count / most)) for stage in found
            ],
            "upcoming": [(one, yuan(one.available_minor)) for one in upcoming()],
        }
        return self._shown(request, "calendar", context)

    def _shown(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponseBase:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/groupleader/{name}.html", whole)


def days_asked(request: HttpRequest) -> Days:
    """Return the days the address asks for; the last thirty where it makes no sense."""
    since, until = _day(request.GET.get("since", "")), _day(request.GET.get("until", ""))
    if since is None or until is None or until < since or (until - since).days > _DAYS_MAX:
        return _last(30)
    return Days(since=since, until=until)


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(_PERMISSION):
        raise PermissionDenied


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _month_asked(request: HttpRequest) -> date:
    asked = _day(f"{request.GET.get('month', '')[:7]}-01")
    return asked or business_date().replace(day=1)


def _last(days: int) -> Days:
    today = business_date()
    return Days(since=today - timedelta(days=days - 1), until=today)


def _presets() -> list[tuple[str, str]]:
    """Return the usual periods as links."""
    first = business_date().replace(day=1)
    end = first - timedelta(days=1)
    told = [
        (_("7 days"), _last(7)),
        (_("30 days"), _last(30)),
        (_("This month"), Days(since=first, until=business_date())),
        (_("Last month"), Days(since=end.replace(day=1), until=end)),
    ]
    return [(word, urlencode({"since": one.since, "until": one.until})) for word, one in told]


def _columns(key: str, *, descending: bool, asked: dict[str, date]) -> list[dict[str, Any]]:
    """Return the columns with the link that sorts by each, the other way round for the present."""
    return [
        {
            "word": measure.word,
            "formula": measure.formula,
            "sorted": ("descending" if descending else "ascending") if measure.key == key else "",
            "query": urlencode(
                {
                    **asked,
                    "by": measure.key,
                    "order": "up" if measure.key == key and descending else "down",
                }
            ),
        }
        for measure in MEASURES
    ]


def _chart(rows: Sequence[Row], key: str) -> list[dict[str, Any]]:
    """Return the first leaders' bars, the longest as long as the drawing."""
    at = [measure.key for measure in MEASURES].index(key)
    top = [row for row in rows if row.cells[at].value][:CHART_ROWS]
    most = max([float(row.cells[at].value or 0) for row in top] + [0.0])
    return [
        {
            "name": row.leader.name,
            "shown": row.cells[at].shown,
            "width": round(100 * float(row.cells[at].value or 0) / most) if most else 0,
        }
        for row in top
    ]


def _headers() -> list[str]:
    words = [str(measure.word) for measure in MEASURES]
    before = [_("%(figure)s, period before") % {"figure": word} for word in words]
    return [_("leader"), *words, *before]


def _file_rows(rows: Sequence[Row]) -> Iterator[list[Any]]:
    for row in rows:
        figures = (row.now, row.then)
        yield [
            row.leader.name,
            *(_plain(measure.read(one), measure.form) for one in figures for measure in MEASURES),
        ]


def _plain(value: float | int | None, form: str) -> Any:
    """Return a figure as a spreadsheet computes with it: yuan, a share of one, a count."""
    if value is None:
        return None
    if form == MONEY:
        return Money(int(value)).major
    return Decimal(value).quantize(Decimal("0.0001")) if form == SHARE else int(value)
