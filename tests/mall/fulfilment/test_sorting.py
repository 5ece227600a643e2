"""Sorting: places given once, bags by storage, ticks of two phones, sheets and labels that fit."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from mall.api import (
    OrderGoneError,
    bag_done,
    labels_of_group,
    record_arrival,
    report_missing,
    sheet_of_group,
    sorting_of,
    tick_item,
    tick_line,
    write_paper,
)
from mall.catalogue.models import ProductExtra
from mall.fulfilment.bagging import bags_of
from mall.fulfilment.models import Shelf, SortedLine, SortingReport
from mall.fulfilment.papers.labels import label_pdf
from mall.fulfilment.papers.rounds import supplier_paper
from mall.fulfilment.papers.tables import write
from mall.fulfilment.shelving import give_places
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import OrderFulfilment
from tests.factories.groups import item_of, make_draft, make_person
from tests.mall.fulfilment.day import buy, form
from tests.mall.ordering.shopping import make_worked_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group(acquirer) -> LeaderGroup:
    """Corn, eggs, and salmon that must be kept cold; two neighbours, the second twice."""
    group = make_worked_group()
    salmon = item_of(group, 3).product_id
    ProductExtra.objects.filter(product=salmon).update(storage_class="chilled")
    buy(group, acquirer, name="王阿姨", first=2, third=1)
    buy(group, acquirer, name="李小娟", second=1)
    form(group)
    record_arrival(
        group_id=group.pk,
        counts={item_of(group, n).pk: count for n, count in ((1, 2), (2, 1), (3, 1))},
        by=group.leader,
    )
    return group


def orders_of(group) -> list[OrderFulfilment]:
    return list(OrderFulfilment.objects.filter(group=group).order_by("pk"))


def places(group) -> int:
    return give_places(point_id=group.pickup_point_id, day=group.group_buy.pickup_on)


def test_cold_goods_have_a_bag_of_their_own(group):
    first, second = orders_of(group)

    bags = bags_of(first)

    assert [(b.n, b.m, b.is_cold, b.pieces) for b in bags] == [(1, 2, False, 2), (2, 2, True, 1)]
    assert [b.code for b in bags] == [f"{first.order_no}-1", f"{first.order_no}-2"]
    assert [(b.n, b.m) for b in bags_of(second)] == [(1, 1)]


def test_places_are_given_once_and_not_where_a_bag_still_stands(group):
    first, second = orders_of(group)
    assert (places(group), places(group)) == (2, 0)
    assert [str(shelf) for shelf in Shelf.objects.order_by("number")] == ["A-1", "A-2"]

    # The first neighbour's bag is yesterday's and still stands at A-1.
    older = make_draft(pickup_on=group.group_buy.pickup_on - timedelta(days=1))
    OrderFulfilment.objects.filter(pk=first.pk).update(group_buy=older)
    Shelf.objects.filter(resident=first.resident_id).update(pickup_on=older.pickup_on)
    Shelf.objects.filter(resident=second.resident_id).delete()
    assert places(group) == 1
    assert Shelf.objects.get(resident=second.resident_id).label == "A-2"


@pytest.mark.parametrize(
    ("number", "label"), [(1, "A-1"), (20, "A-20"), (21, "B-1"), (520, "Z-20"), (521, "AA-1")]
)
def test_places_are_read_like_a_shelf(number, label):
    assert Shelf(number=number).label == label


def test_two_phones_tick_the_same_bags_and_nothing_is_lost(group):
    first, second = orders_of(group)
    corn, salmon = first.lines.order_by("pk")
    helper = make_person("帮手", is_staff=True)

    for by in (group.leader, helper):
        tick_line(line_id=corn.pk, is_in=True, by=by)
    bag_done(order_no=first.order_no, is_done=True, by=helper)
    bag_done(order_no=first.order_no, is_done=True, by=group.leader)
    board = sorting_of(group.leader_id, group.pk)
    assert (board.lines_in, board.lines, board.bags_done) == (2, 3, 1)
    assert board.next_order_no == second.order_no

    # A piece taken out again opens the bag.
    tick_line(line_id=salmon.pk, is_in=False, by=group.leader)
    assert sorting_of(group.leader_id, group.pk).bags_done == 0
    assert tick_item(group_id=group.pk, item_id=salmon.item_id, is_in=True, by=helper) == 1
    assert SortedLine.objects.filter(is_in=True).count() == 2


def test_strangers_tick_nothing(group):
    first, _second = orders_of(group)
    other = make_person("别的团长")

    with pytest.raises(OrderGoneError):
        tick_line(line_id=first.lines.first().pk, is_in=True, by=other)
    with pytest.raises(OrderGoneError):
        bag_done(order_no=first.order_no, is_done=True, by=other)
    for read in (sorting_of, sheet_of_group, labels_of_group):
        with pytest.raises(OrderGoneError):
            read(other.pk, group.pk)
    assert not SortedLine.objects.exists()


def test_a_report_sent_twice_is_one(group):
    wish = {"group_id": group.pk, "item_id": item_of(group, 1).pk, "missing": 1, "wish": "w1"}

    first = report_missing(by=group.leader, note="烂了", **wish)
    again = report_missing(by=group.leader, **wish)

    assert (first.pk, SortingReport.objects.count()) == (again.pk, 1)


def test_sheets_name_nobody_in_full_and_compute_nothing(group):
    OrderFulfilment.objects.update(remark="=HYPERLINK(1)")
    places(group)

    book = load_workbook(write_paper(sheet_of_group(group.leader_id, group.pk), "xlsx"))

    cells = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value]
    assert "李*娟" in cells
    assert "A-1" in cells
    assert "2/2" in cells
    assert not any("李小娟" in cell or "138001" in cell for cell in cells)
    assert not any(cell.startswith("=") for cell in cells)
    pdf = write_paper(sheet_of_group(group.leader_id, group.pk), "pdf").read()
    assert pdf.startswith(b"%PDF")
    assert b"LinliSansSC" in pdf


def test_a_suppliers_sheet_has_his_goods_only_and_no_phones(group):
    supplier = item_of(group, 1).stockrecord.partner
    corn = item_of(group, 1).product

    paper = supplier_paper(group.group_buy.pickup_on, supplier)
    book = load_workbook(io.BytesIO(write(paper, "xlsx").read()))

    cells = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value]
    assert corn.get_title() in cells
    assert "8000" not in cells


@pytest.mark.parametrize("width", ["80", "58", "A4"])
def test_each_bag_has_a_label_that_opens_nothing(group, width):
    places(group)

    labels = labels_of_group(group.leader_id, group.pk)

    assert [(b.shelf, b.n, b.m, b.is_cold) for b in labels] == [
        ("A-1", 1, 2, False),
        ("A-1", 2, 2, True),
        ("A-2", 1, 1, False),
    ]
    tokens = OrderFulfilment.objects.values_list("pickup_token", flat=True)
    assert not any(token in label.url for label in labels for token in tokens)
    assert label_pdf(labels, width=width).read().startswith(b"%PDF")
