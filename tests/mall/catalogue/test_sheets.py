"""Goods in spreadsheets: checked row by row, written when told, the same out as in."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from openpyxl import Workbook, load_workbook
from oscar.apps.catalogue.models import Product

from mall.catalogue.costs import cost_of
from mall.catalogue.finding import find
from mall.catalogue.sheets.applying import apply_rows, look_up
from mall.catalogue.sheets.columns import COLUMNS, headings
from mall.catalogue.sheets.reading import GoodsRow, SheetRefusedError, read_rows
from mall.catalogue.sheets.writing import products_file
from tests.factories.groups import make_person, make_product

GOOD = {
    "upc": "LZ-001",
    "title": "海南荔枝 5 斤",
    "category": "蔬菜",
    "supplier": "安溪供销社",
    "sales_unit": "箱",
    "price": "49.90",
    "cost": "36.5",
    "stock": "200",
    "net_grams": "2500",
    "storage": "chilled",
    "origin": "海南",
}


def sheet(*rows: dict[str, object], heads: list[str] | None = None) -> SimpleUploadedFile:
    book = Workbook()
    book.active.append(heads or [column.key for column in COLUMNS])
    for row in rows:
        book.active.append([row.get(column.key) for column in COLUMNS])
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("goods.xlsx", file.getvalue())


def checked(*rows: dict[str, object]) -> list[GoodsRow]:
    found = read_rows(sheet(*rows))
    look_up(found)
    return found


@pytest.fixture
def shop(db):
    return make_product("糯玉米")


def test_a_sheet_is_looked_at_before_anything_is_written(shop):
    rows = checked(GOOD, {**GOOD, "upc": "LZ-002", "price": "many"})

    assert [(row.number, row.is_new, bool(row.errors)) for row in rows] == [
        (2, True, False),
        (3, True, True),
    ]
    assert Product.objects.count() == 1


def test_rows_without_mistakes_are_written_and_found(shop):
    clerk = make_person("店员")

    done = apply_rows(checked(GOOD, {**GOOD, "upc": "", "title": "x"}), by=clerk)

    assert (done.created, done.changed, len(done.failed)) == (1, 0, 1)
    product = Product.objects.select_related("extra").get(upc="LZ-001")
    record = product.stockrecords.get()
    assert (record.num_in_stock, str(record.price), cost_of(record.pk)) == (200, "49.90", 3650)
    assert (product.extra.net_grams, product.extra.storage_class) == (2500, "chilled")
    assert find("荔枝", among=[product.pk])

    again = {**GOOD, "price": "52", "stock": "9", "title": "海南荔枝"}
    assert apply_rows(checked(again), by=clerk).changed == 1
    record.refresh_from_db()
    assert (record.num_in_stock, str(record.price)) == (200, "52.00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"upc": "a b<script>"},
        {"title": None},
        {"category": "没有"},
        {"supplier": "没有"},
        {"price": "-1"},
        {"price": "0"},
        {"price": "1e30"},
        {"price": "NaN"},
        {"price": "1.005"},
        {"net_grams": "9" * 400},
        {"net_grams": "1.5"},
        {"storage": "warm"},
        {"is_weighed": "yes", "net_grams": None},
        {"pieces_per_box": "0"},
        {"title": "长" * 300},
    ],
    ids=str,
)
def test_a_mistake_is_named_and_its_row_left_out(wrong):
    (row,) = read_rows(sheet({**GOOD, **wrong}))

    assert row.errors or wrong.keys() & {"category", "supplier"}
    assert all(isinstance(text, str) and text for text in row.errors)


def test_names_nobody_knows_are_named(shop):
    (row,) = checked({**GOOD, "category": "没有", "supplier": "谁"})

    assert len(row.errors) == 2


def test_one_product_stands_in_a_sheet_once(shop):
    rows = checked(GOOD, GOOD)

    assert [bool(row.errors) for row in rows] == [False, True]


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("goods.xlsx", b"no workbook"),
        SimpleUploadedFile("goods.xlsx", b""),
        SimpleUploadedFile("goods.xlsx", b"PK\x03\x04" + b"\0" * 100),
        SimpleUploadedFile("goods.xlsx", b"x" * (5 * 1024 * 1024 + 1)),
        sheet(heads=["a", "b"]),
    ],
    ids=["text", "empty", "broken", "large", "columns"],
)
def test_what_is_no_such_sheet_is_refused_in_words(file):
    with pytest.raises(SheetRefusedError) as refused:
        read_rows(file)

    assert str(refused.value.user_message)


def test_a_packed_bomb_is_not_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (70 * 1024 * 1024))

    began = time.perf_counter()
    with pytest.raises(SheetRefusedError):
        read_rows(SimpleUploadedFile("goods.xlsx", file.getvalue()))
    assert time.perf_counter() - began < 1


def test_what_goes_out_comes_in_again(shop):
    apply_rows(checked({**GOOD, "keeping": "-2 ℃ 冷藏", "is_weighed": "yes"}), by=None)
    goods = Product.objects.filter(upc="LZ-001")

    out = b"".join(products_file("xlsx", goods).streaming_content)

    cells = list(load_workbook(io.BytesIO(out)).active.iter_rows(values_only=True))
    assert list(cells[0]) == headings()
    assert "'-2 ℃ 冷藏" in cells[1]
    (row,) = read_rows(SimpleUploadedFile("goods.xlsx", out))
    look_up([row])
    assert (row.errors, row.is_new) == ([], False)
    assert row.values["price"] == 4990
    assert row.values["keeping"] == "-2 ℃ 冷藏"
    assert row.values["is_weighed"] is True


def test_headings_are_understood_in_both_languages(shop):
    for language in ("zh-hans", "en"):
        with override(language):
            file = sheet(GOOD, heads=[f" {heading} " for heading in headings()])
        assert read_rows(file)[0].errors == []
