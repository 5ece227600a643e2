"""How money is written for people: exact to the fen, with a real minus sign."""

from __future__ import annotations

import pytest

from mall.storefront.templatetags.money import money, odd_fen, short_yen, whole_yuan, yen
from payments.api import Money


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (3990, "39.90"),
        (1_260_050, "12,600.50"),
        (-1600, "−16.00"),
        (None, ""),
    ],
)
def test_fen_become_yuan(minor, text):
    assert money(minor) == text


def test_a_money_is_written_like_its_fen():
    assert yen(Money(19200)) == "¥192.00"
    assert yen(Money(-1600)) == "−¥16.00"


def test_running_text_leaves_out_zero_fen_only():
    assert short_yen(1600) == "¥16"
    assert short_yen(2350) == "¥23.50"


def test_a_price_tag_splits_at_the_point():
    assert (whole_yuan(3990), odd_fen(3990)) == ("39", "90")
    assert (whole_yuan(1_260_005), odd_fen(1_260_005)) == ("12,600", "05")
