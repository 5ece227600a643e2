"""The admin's first page: what came in today, what waits for a person, what is open now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.apps import apps
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from groupleader.models import SettlementStatement
from mall.aftersales.models import AfterSalesCase
from mall.groupbuy.models import GroupBuy, State
from mall.ordering.models import OrderFulfilment
from mall.storefront.templatetags.money import money
from payments.api import SHANGHAI, business_date, day_bounds, local, workload

_DAYS: Final = 14
_COLOUR: Final = "var(--color-primary-600)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of today beside yesterday's, in words."""

    label: str
    value: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something a person has to look at, and how much of it."""

    label: str
    count: int
    url: str


def first_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add today's figures to the admin's first page; unfold calls this (DASHBOARD_CALLBACK)."""
    if not request.user.has_perm("ordering.view_orderfulfilment"):
        return context
    days = _takings()
    context["figures"] = _figures(days)
    context["waiting"] = [row for row in _waiting() if row.count]
    context["sales"] = {
        "headers": [_("Group buy"), _("Cut-off"), _("Groups"), _("Paid orders"), _("Goods")],
        "rows": _open_sales(),
    }
    context["takings_chart"] = json.dumps(_chart(days))
    context["takings_table"] = {
        "headers": [_("Day"), _("Paid orders"), _("Goods"), _("Bank discounts")],
        "rows": [
            [date_format(day, "MONTH_DAY_FORMAT"), row["n"], _yuan(row["goods"]), _yuan(row["off"])]
            for day, row in reversed(days.items())
        ],
    }
    return context


def _takings() -> dict[date, dict[str, int]]:
    """Return paid orders and their fen per Shanghai day, the last fourteen days, in one query."""
    today = business_date()
    first = today - timedelta(days=_DAYS - 1)
    rows = (
        OrderFulfilment.objects.filter(paid_at__gte=day_bounds(first)[0])
        .annotate(day=TruncDate("paid_at", tzinfo=SHANGHAI))
        .order_by()
        .values("day")
        .annotate(n=Count("pk"), goods=Sum("goods_minor"), off=Sum("discount_minor"))
    )
    found = {row["day"]: row for row in rows}
    none = {"n": 0, "goods": 0, "off": 0}
    days = (first + timedelta(days=n) for n in range(_DAYS))
    return {day: found.get(day, none) for day in days}


def _figures(days: dict[date, dict[str, int]]) -> list[Figure]:
    yesterday, today = list(days.values())[-2:]
    words = ((_("Paid orders today"), "n"), (_("Goods paid today"), "goods"))
    figures = [_figure(label, today[key], yesterday[key], key=key) for label, key in words]
    paid = [row["goods"] - row["off"] for row in (today, yesterday)]
    figures.append(_figure(_("Paid by residents today"), paid[0], paid[1], key="paid"))
    figures.append(_figure(_("Paid by banks today"), today["off"], yesterday["off"], key="off"))
    return figures


def _figure(label: str, today: int, yesterday: int, *, key: str) -> Figure:
    shown = [str(each) if key == "n" else _yuan(each) for each in (today, yesterday)]
    before = _("yesterday %(figure)s") % {"figure": shown[1]}
    return Figure(label=label, value=shown[0], before=before)


def _waiting() -> list[Waiting]:
    incident = apps.get_model("payments.Incident")
    payment = apps.get_model("payments.Payment")
    return [
        *_reconciliation(),
        Waiting(
            label=_("Incidents to look at"),
            count=incident.objects.filter(resolved_at=None).count(),
            url=_list("payments_incident"),
        ),
        Waiting(
            label=_("Payments without a trustworthy answer"),
            count=payment.objects.filter(status="unknown").count(),
            url=_list("payments_payment", status__exact="unknown"),
        ),
        Waiting(
            label=_("Group buys to dispatch"),
            count=GroupBuy.objects.filter(state=State.FORMED).count(),
            url=_list("groupbuy_groupbuy", state__exact=State.FORMED),
        ),
        *_cases(),
        Waiting(
            label=_("Statements to approve"),
            count=SettlementStatement.objects.filter(
                status=SettlementStatement.Status.CONFIRMED
            ).count(),
            url=_list("groupleader_settlementstatement", status__exact="confirmed"),
        ),
        Waiting(
            label=_("Statements disputed by their leaders"),
            count=SettlementStatement.objects.filter(
                status=SettlementStatement.Status.DISPUTED
            ).count(),
            url=_list("groupleader_settlementstatement", status__exact="disputed"),
        ),
    ]


def _cases() -> list[Waiting]:
    cases = AfterSalesCase.objects.filter(status=AfterSalesCase.Status.REQUESTED)
    return [
        Waiting(
            label=_("After-sales cases to decide"),
            count=cases.filter(turn=AfterSalesCase.Turn.MALL).count(),
            url=_list("aftersales_aftersalescase", todo="mall"),
        ),
        Waiting(
            label=_("After-sales cases that wait for a second person"),
            count=AfterSalesCase.objects.filter(status=AfterSalesCase.Status.APPROVED).count(),
            url=_list("aftersales_aftersalescase", todo="second"),
        ),
    ]


def _reconciliation() -> list[Waiting]:
    load = workload()
    cases = "reconciliation_reconciliationcase"
    return [
        Waiting(
            label=_("Differences that wait for a proposal"),
            count=load.open_cases,
            url=_list(cases, state__exact="open"),
        ),
        Waiting(
            label=_("Differences that wait for a second person"),
            count=load.second_person,
            url=_list(cases, state__exact="proposed"),
        ),
        Waiting(
            label=_("Bills that are not what they say they are"),
            count=load.bad_bills,
            url=_list("reconciliation_bill", todo="bad"),
        ),
        Waiting(
            label=_("Bills that are overdue"),
            count=load.late_bills,
            url=_list("reconciliation_bill", todo="late"),
        ),
    ]


def _open_sales() -> list[list[Any]]:
    sales = (
        GroupBuy.objects.filter(state=State.OPEN)
        .annotate(n=Count("groups"), paid=Sum("groups__order_count"))
        .annotate(amount=Sum("groups__amount_minor"))
        .order_by("closes_at")
    )
    return [
        [
            sale.title,
            date_format(local(sale.closes_at), "MONTH_DAY_FORMAT")
            + f" {local(sale.closes_at):%H:%M}",
            sale.n,
            sale.paid or 0,
            _yuan(sale.amount or 0),
        ]
        for sale in sales[:20]
    ]


def _chart(days: dict[date, dict[str, int]]) -> dict[str, Any]:
    return {
        "labels": [f"{day.month}-{day.day}" for day in days],
        "datasets": [
            {
                "label": _("Goods paid (yuan)"),
                "data": [row["goods"] / 100 for row in days.values()],
                "backgroundColor": _COLOUR,
            }
        ],
    }


def _list(model: str, **filters: str) -> str:
    query = f"?{urlencode(filters)}" if filters else ""
    return reverse(f"admin:{model}_changelist") + query


def _yuan(minor: int) -> str:
    return f"¥{money(minor)}"
