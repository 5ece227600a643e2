"""A group of ten thousand lines on paper and in figures: each of them in less than three seconds.

What suppliers get is timed in tests/mall/supply/test_scale.py, how sheets are drawn in
tests/mall/fulfilment/test_sheet_speed.py; here they are read from the database as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mall.aftersales.models import AfterSalesCase
from mall.aftersales.statistics import BY, figures_by
from mall.fulfilment.group_sheets import group_paper
from mall.fulfilment.papers.labels import label_pdf
from mall.fulfilment.papers.rounds import day_paper
from mall.fulfilment.papers.tables import write
from mall.fulfilment.sorting_board import labels_of_group, sheet_of_group
from mall.groupbuy.admin.exports import sales_file
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.ordering.models import LineFulfilment, OrderFulfilment
from payments.api import business_date
from tests.mall.aftersales.complaining import collected_order, complain
from tests.mall.aftersales.test_recall_at_scale import multiply

pytestmark = [pytest.mark.django_db, pytest.mark.nightly, pytest.mark.timeout(1200)]
ORDERS = 3_334  # of three lines each
SECONDS = 3.0


def took(action: Callable[[], Any]) -> float:
    """Return how many seconds of a processor an action took."""
    start = time.process_time()
    action()
    return time.process_time() - start


@pytest.fixture
def order(acquirer) -> OrderFulfilment:
    """One of so many equal orders, collected; about every line somebody complained."""
    order = collected_order()
    LeaderGroup.objects.filter(pk=order.group_id).update(state=State.ARRIVED)
    first = complain(order)
    multiply(order, ORDERS - 1)
    values = {
        field.attname: getattr(first, field.attname)
        for field in AfterSalesCase._meta.concrete_fields
        if field.attname not in {"id", "case_no", "line_id", "order_id", "idem_key"}
    }
    lines = LineFulfilment.objects.exclude(pk=first.line_id).values_list("pk", "order_id")
    AfterSalesCase.objects.bulk_create(
        AfterSalesCase(
            **values, case_no=f"C{line}", line_id=line, order_id=order_id, idem_key=f"c{line}"
        )
        for line, order_id in lines
    )
    return order


def test_every_paper_and_figure_of_ten_thousand_lines_is_there_in_three_seconds(
    order, record_property
):
    leader, group = order.leader_id, order.group_id
    day, today = order.group_buy.pickup_on, business_date()
    since, until = today - timedelta(days=7), today + timedelta(days=7)
    sales = GroupBuy.objects.filter(pk=order.group_buy_id)
    labels = labels_of_group(leader, group)
    papers = {
        "sorting sheet, xlsx": lambda: write(sheet_of_group(leader, group), "xlsx"),
        "sorting sheet, pdf": lambda: write(sheet_of_group(leader, group), "pdf"),
        "labels from the database": lambda: labels_of_group(leader, group),
        "labels, pdf": lambda: label_pdf(labels, width="80"),
        "labels on A4, pdf": lambda: label_pdf(labels, width="A4"),
        "a group's orders, xlsx": lambda: write(group_paper(leader, group), "xlsx"),
        "the day at the depot, xlsx": lambda: write(day_paper(day), "xlsx"),
        "the day at the depot, pdf": lambda: write(day_paper(day), "pdf"),
        "sales, xlsx": lambda: sales_file(sales),
        **{f"cases by {by}": lambda by=by: figures_by(by, since=since, until=until) for by in BY},
    }
    assert LineFulfilment.objects.count() > 10_000

    seconds = {what: took(paper) for what, paper in papers.items()}

    told = ", ".join(f"{what} {spent:.2f} s" for what, spent in seconds.items())
    record_property("told", f"{LineFulfilment.objects.count()} lines (CPU): {told}")
    slow = {what: spent for what, spent in seconds.items() if spent >= SECONDS}
    assert slow == {}
