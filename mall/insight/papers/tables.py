"""The effect of an offer as tables: the same figures for the page's files, workbook and print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.insight.report import Report
from mall.insight.shown import Figure, Form
from payments.api import Money


@dataclass(frozen=True, slots=True)
class Sheet:
    """A titled table."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]


def heading_of(report: Report) -> list[tuple[str, str]]:
    """Return what the report is about."""
    period, before, year = report.period, report.before, report.year
    return [
        (_("Offer"), f"{report.subject.name} ({report.subject.code})"),
        (_("Period"), f"{period.since} – {period.until}"),
        (_("Period before"), f"{before.since} – {before.until}"),
        (_("Year before"), f"{year.since} – {year.until}"),
    ]


def sheets_of(report: Report, *, is_shown: bool = False) -> list[Sheet]:
    """Return the tables: plain numbers for a workbook, or as they are read for print."""
    return [
        _figures(report, is_shown=is_shown),
        Sheet(
            _("Order amounts by kind of card"),
            [
                _("Cards"),
                _("Order amount"),
                _("Orders"),
                _("Share"),
                _("Average order"),
                _("Average discount"),
                _("Share of the discount"),
            ],
            [
                [
                    row.kind,
                    row.range,
                    row.orders,
                    row.share,
                    row.average,
                    row.average_discount,
                    row.discount_share,
                ]
                for row in report.tickets
            ],
        ),
        Sheet(
            _("Day by day"),
            [_("Day"), _("Orders"), _("Discounts")],
            [
                [day.day, day.orders, _money(day.discount_minor, is_shown=is_shown)]
                for day in report.days
            ],
        ),
        Sheet(
            _("Why it was not given"),
            [_("Reason"), _("How often")],
            [[words, times] for words, times in report.refusals],
        ),
    ]


def _figures(report: Report, *, is_shown: bool) -> Sheet:
    rows = [
        _row(figure, is_shown=is_shown)
        for figure in (*(step.figure for step in report.funnel), *report.figures)
    ]
    return Sheet(
        _("Figures"),
        [
            _("Figure"),
            _("Now"),
            _("Before"),
            pgettext("figure", "Change"),
            _("Year before"),
            pgettext("figure", "Change"),
            _("Formula"),
        ],
        rows,
    )


def _row(figure: Figure, *, is_shown: bool) -> list[Any]:
    if is_shown:
        told: list[Any] = [figure.shown, figure.shown_before, figure.shown_year]
    else:
        told = [_plain(value, figure.form) for value in (figure.now, figure.before, figure.year)]
    return [
        figure.word,
        told[0],
        told[1],
        figure.change,
        told[2],
        figure.change_year,
        figure.formula,
    ]


def _plain(value: Any, form: Form) -> Any:
    """Return a number as a spreadsheet counts with it: yuan, times, a share of one."""
    if value is None:
        return None
    if form is Form.MONEY:
        return round(value / 100, 2) if not isinstance(value, int) else Money(value).major
    return value if isinstance(value, int) else round(value, 4)


def _money(minor: int, *, is_shown: bool) -> Any:
    return f"¥{Money(minor).major:,.2f}" if is_shown else Money(minor).major
