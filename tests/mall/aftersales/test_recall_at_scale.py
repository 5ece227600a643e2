"""A batch that went to a hundred thousand order lines is previewed and listed in seconds."""

from __future__ import annotations

import time
from typing import Final

import pytest
from django.db import connection
from django.test import Client

from mall.aftersales.recall_job import carry_on
from mall.aftersales.recalling import preview_recall, propose_recall, report_of, start_recall
from mall.ordering.models import LineFulfilment, OrderFulfilment
from tests.factories.groups import make_person
from tests.mall.aftersales.complaining import collected_order, lines_of, make_staff
from tests.mall.aftersales.test_recalls import batch_of

pytestmark = [pytest.mark.django_db, pytest.mark.nightly, pytest.mark.timeout(1800)]
ORDERS: Final = 50_000
SECONDS: Final = 5.0
_LIST_SECONDS: Final = 60.0
_NUMBERS: Final = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
)


def multiply(order: OrderFulfilment, times: int, *, first: int = 1_000_000) -> None:
    """Copy an order with its basket and lines so many times, in the database.

    The copies' keys and numbers begin at ``first``: a second time it is another.
    """
    lines = [line.pk for line in lines_of(order)]
    copies = (
        ("basket_basket", "id", [order.basket_id], {}),
        ("order_order", "id", [order.pk], {"number": f"'N' || ({first} + n)", "basket_id": "NULL"}),
        (
            "ordering_orderfulfilment",
            "order_id",
            [order.pk],
            {
                "order_no": f"'X' || ({first} + n)",
                "idem_key": f"'x' || ({first} + n)",
                "basket_id": f"{first} + n",
                "pickup_token": "''",
            },
        ),
        ("order_line", "id", lines, {"order_id": f"{first} + n"}),
        ("ordering_linefulfilment", "line_id", lines, {"order_id": f"{first} + n"}),
    )
    with connection.cursor() as cursor:
        for table, key, keys, changes in copies:
            columns = [
                c.name for c in connection.introspection.get_table_description(cursor, table)
            ]
            for place, pk in enumerate(keys):
                step = f"{first} + {place} * {ORDERS} + n" if len(keys) > 1 else f"{first} + n"
                made = {**changes, key: step}
                values = ", ".join(str(made.get(name, f'"{name}"')) for name in columns)
                names = ", ".join(f'"{name}"' for name in columns)
                # Every name is one of ours.
                copying = f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}, numbers"  # noqa: S608
                cursor.execute(f"{_NUMBERS} {copying} WHERE {key} = %s", [times, pk])


def took(action) -> tuple[float, object]:
    """Return how many seconds an action took, and what came of it."""
    start = time.perf_counter()
    found = action()
    return time.perf_counter() - start, found


def test_a_hundred_thousand_lines(record_property):
    order = collected_order()
    # Both of the first lines are of one item: two lines an order got of the batch.
    first, second, _third = lines_of(order)
    LineFulfilment.objects.filter(pk=second.pk).update(item=first.item_id)
    multiply(order, ORDERS - 1)
    batch = batch_of(order, line=0)

    seconds, preview = took(lambda: preview_recall(batch.pk))
    assert (preview.orders, preview.lines) == (ORDERS, 2 * ORDERS)
    assert seconds < SECONDS

    client = Client()
    client.force_login(make_staff("品控"))
    page_seconds, page = took(lambda: client.get(f"/admin/aftersales/recall/batch/{batch.pk}/"))
    assert page.status_code == 200
    assert page_seconds < SECONDS

    recall = propose_recall(batch_id=batch.pk, by=make_person("甲"), reason="x", collected="tell")
    start_recall(recall, by=make_person("乙"))
    list_seconds = 0.0
    while report_of(recall).total < 2 * ORDERS:
        more, _counts = took(lambda: carry_on(0))
        list_seconds += more
    do_seconds, counts = took(lambda: carry_on(200))
    done = counts["done"]
    assert done == 199
    assert list_seconds < _LIST_SECONDS
    report_seconds, report = took(lambda: report_of(recall))
    assert (report.total, report.told) == (2 * ORDERS, 2 * done)
    told = f"recall of {2 * ORDERS} lines: preview {seconds:.2f} s, page {page_seconds:.2f} s, "
    told += f"listing {list_seconds:.1f} s, 200 orders told {do_seconds:.1f} s, "
    record_property("told", told + f"report {report_seconds:.2f} s")
