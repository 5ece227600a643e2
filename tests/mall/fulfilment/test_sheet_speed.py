"""Ten thousand lines on paper in less than three seconds: sheets, spreadsheets and labels alike."""

from __future__ import annotations

import time

import pytest
from pypdfium2 import PdfDocument

from mall.fulfilment.labels import Label
from mall.fulfilment.papers.labels import label_pdf
from mall.fulfilment.papers.sorting import sorting_paper
from mall.fulfilment.papers.tables import write
from mall.fulfilment.sheets import SheetLine

LINES = 10_000
SECONDS = 3.0


def lines() -> list[SheetLine]:
    """Twenty points with a hundred neighbours of five lines each."""
    return [
        SheetLine(
            line_id=n,
            order_no=f"M261122{n // 5:013d}",
            point_id=n // 500,
            point=f"{n // 500} 号点 王姐水果店",
            group_id=n // 500,
            resident_id=n // 5,
            shelf=f"A-{n // 5 % 100}",
            shelf_number=n // 5 % 100,
            name="李*娟",
            phone_tail="8000",
            remark="请放门口" if n % 50 == 0 else "",
            item_id=n % 40,
            product_id=n % 40,
            title=f"安溪高山糯玉米 {n % 40} 号 新鲜现摘",
            unit="袋",
            grams=500,
            supplier="青禾蔬菜专业合作社",
            storage="chilled" if n % 3 == 0 else "ambient",
            pieces=n % 4 + 1,
            bag=1 + (n % 3 == 0),
            bags=2,
        )
        for n in range(LINES)
    ]


@pytest.mark.parametrize("form", ["xlsx", "pdf"])
def test_ten_thousand_lines_are_written_in_under_three_seconds(form):
    found = lines()
    start = time.process_time()

    # Twice the lines: the sheets by product and by neighbour are both in it.
    file = write(sorting_paper(found, title="分拣单", facts=[("自提日", "2026-11-24")]), form)

    took = time.process_time() - start
    assert len(file.read()) > 100_000
    assert took < SECONDS, f"{form}: {took:.2f} s"


def labels(*, bags: int) -> list[Label]:
    """Bags of two or three lines, every third of them cold."""
    goods = tuple((f"安溪高山糯玉米 {n} 号 新鲜现摘", n) for n in range(1, 4))
    return [
        Label(
            point="幸福里 3 栋 王姐水果店",
            shelf=f"A-{n % 100}",
            name="李*娟",
            phone_tail="8000",
            n=1,
            m=2,
            storage="chilled" if n % 3 == 0 else "ambient",
            storage_word="冷藏",
            pieces=6,
            order_no=f"M261122{n:013d}",
            trace=f"{n:012d}",
            goods=goods[: 2 + n % 2],
            remark="",
        )
        for n in range(bags)
    ]


@pytest.mark.parametrize(
    "width", ["80", *(pytest.param(each, marks=pytest.mark.nightly) for each in ("58", "A4"))]
)
def test_labels_of_ten_thousand_lines_are_drawn_in_under_three_seconds(width):
    found = labels(bags=4000)
    start = time.process_time()

    file = label_pdf(found, width=width)

    took = time.process_time() - start
    assert len(PdfDocument(file)) == (400 if width == "A4" else 4000)
    assert took < SECONDS, f"{width}: {took:.2f} s"
