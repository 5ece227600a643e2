"""The codes on labels, put together from parts, are the ones a maker of codes would draw."""

from __future__ import annotations

import re

import pytest
import segno

from mall.fulfilment.papers.bag_codes import CORRECTION, MASK, pdf_bars, side_of, svg_path

ADDRESSES = [
    "http://127.0.0.1:8000/t/23456789abcd/",
    "http://127.0.0.1:8000/t/zyxwvutsrqpn/",
    "https://linli.example.com/t/nnnnnnnnnnnn/",
    "https://a-very-long-name-of-a-shop.group-buying.example.com/t/k2m3n4p5q6r7/",
    "A",
]


def drawn(bars: list[tuple[int, ...]], side: int) -> list[list[int]]:
    """Return the modules the bars cover."""
    matrix = [[0] * side for _row in range(side)]
    for x, y, width in bars:
        for column in range(x, x + width):
            assert matrix[y][column] == 0
            matrix[y][column] = 1
    return matrix


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_module_is_that_of_a_code_drawn_alone(address):
    alone = segno.make(address, error=CORRECTION, micro=False, mask=MASK, mode="byte")

    for text, bar in (
        (pdf_bars(address), r"(\d+) (\d+) (\d+) 1 re "),
        (svg_path(address), r"M(\d+) (\d+)h(\d+)v1h-\d+z"),
    ):
        bars = [tuple(map(int, found)) for found in re.findall(bar, text)]
        assert re.sub(bar, "", text) == ""
        assert drawn(bars, side_of(len(address))) == [list(row) for row in alone.matrix]


def test_what_is_no_address_is_refused():
    with pytest.raises(UnicodeEncodeError):
        pdf_bars("http://例子.cn/t/x/")
