"""Stock and quota have one keeper, and the database stands behind it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.urls import NoReverseMatch, reverse
from oscar.apps.order.exceptions import InvalidOrderStatus
from oscar.apps.partner.models import StockRecord
from oscar.core.loading import get_class  # noqa: TID251 - what Oscar finds is the question

from mall.groupbuy.models import GroupBuyItem
from mall.ordering import stock
from mall.ordering.errors import SoldOutError
from mall.ordering.models import EDGES
from payments.api import is_number
from tests.factories.groups import item_of
from tests.mall.ordering.shopping import make_worked_group

ROOT = Path(__file__).parents[3]
KEPT = {"num_in_stock", "num_allocated", "held", "sold"}


def wanted(group, *quantities: int) -> list[stock.Wanted]:
    items = [item_of(group, n) for n in range(1, len(quantities) + 1)]
    return [
        stock.Wanted(item_id=item.pk, stockrecord_id=item.stockrecord_id, quantity=quantity)
        for item, quantity in zip(items, quantities, strict=True)
    ]


@pytest.mark.django_db
def test_all_lines_are_held_or_none():
    group = make_worked_group()

    with pytest.raises(SoldOutError), transaction.atomic():
        stock.hold(wanted(group, 1, 101))

    assert list(StockRecord.objects.values_list("num_allocated", flat=True)) == [None] * 3
    assert set(GroupBuyItem.objects.values_list("held", flat=True)) == {0}


@pytest.mark.django_db
def test_the_last_piece_can_be_had():
    group = make_worked_group()

    stock.hold(wanted(group, 100))

    with pytest.raises(SoldOutError), transaction.atomic():
        stock.hold(wanted(group, 1))
    assert StockRecord.objects.get(pk=item_of(group).stockrecord_id).num_allocated == 100


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"num_allocated": 101}, {"num_allocated": -1}, {"num_in_stock": 4}]
)
def test_the_database_refuses_more_allocated_than_in_stock(wrong):
    group = make_worked_group()
    stock.hold(wanted(group, 5))

    with pytest.raises(IntegrityError), transaction.atomic():
        StockRecord.objects.filter(pk=item_of(group).stockrecord_id).update(**wrong)


def _writes(tree: ast.AST) -> list[str]:
    """What a file writes of the kept columns: update(held=…), stock.num_allocated = …"""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {
            "update",
            "bulk_update",
            "update_or_create",
        }:
            found += [word.arg for word in node.keywords if word.arg in KEPT]
        elif isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [t.attr for t in targets if isinstance(t, ast.Attribute) and t.attr in KEPT]
        elif isinstance(node, ast.Attribute) and node.attr in {
            "allocate",
            "consume_allocation",
            "cancel_allocation",
        }:
            found.append(node.attr)
    return found


def test_nothing_else_writes_stock_or_quota():
    writers = {
        str(file.relative_to(ROOT))
        for floor in ("payments", "mall", "groupleader")
        for file in (ROOT / floor).glob("**/*.py")
        if "migrations" not in file.parts and _writes(ast.parse(file.read_text()))
    }

    assert writers == {"mall/ordering/stock.py"}


def test_oscar_places_no_order_and_has_no_checkout():
    creator = get_class("order.utils", "OrderCreator")
    with pytest.raises(RuntimeError, match=r"mall\.ordering\.placing"):
        creator().place_order(basket=None, total=None)
    with pytest.raises(NoReverseMatch):
        reverse("checkout:index")


def test_oscars_buttons_move_no_order():
    handler = get_class("order.processing", "EventHandler")

    with pytest.raises(InvalidOrderStatus):
        handler().handle_order_status_change(None, "paid")


def test_order_numbers_reveal_nothing():
    number = get_class("order.utils", "OrderNumberGenerator")().order_number(basket=None)

    assert is_number(number)
    assert number.startswith("M")


def test_everything_is_collected_at_the_pickup_point():
    repository = get_class("shipping.repository", "Repository")()

    assert [method.code for method in repository.methods] == ["pickup"]


def test_oscars_pipeline_is_our_table(settings):
    pipeline = {state: frozenset(to) for state, to in settings.OSCAR_ORDER_STATUS_PIPELINE.items()}

    assert pipeline == {str(state): frozenset(map(str, to)) for state, to in EDGES.items()}
