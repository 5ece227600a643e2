"""Ten thousand lines on paper in less than three seconds, sheets and spreadsheets alike."""

from __future__ import annotations

import time

import pytest

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
