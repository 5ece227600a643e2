"""Money: whole fen and a currency; everything else is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payments.kernel.money import Money


@pytest.mark.parametrize("minor", [1.0, "1", Decimal(1), True])
def test_money_is_a_whole_number(minor):
    with pytest.raises(TypeError, match="whole minor units"):
        Money(minor)


def test_a_currency_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="unknown currency 'XXX'"):
        Money(1, "XXX")


def test_yuan_become_fen_without_losing_any():
    assert Money.from_major(Decimal("19.90")) == Money(1990)
    assert Money.from_major(Decimal(5), "JPY") == Money(5, "JPY")
    with pytest.raises(ValueError, match="whole number of minor units"):
        Money.from_major(Decimal("0.001"))


@pytest.mark.parametrize(
    ("text", "minor"), [("0.03", 3), ("192.00", 19200), ("5", 500), ("5.1", 510), ("0", 0)]
)
def test_an_acquirers_amount_is_read(text, minor):
    assert Money.from_major_str(text) == Money(minor)


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1e2", "1.", ".5", "01", "1.234", "1,000", " 1", "1 ", "¥1", "１"]
)
def test_what_is_not_quite_an_amount_is_refused(text):
    with pytest.raises(ValueError, match="is not an amount"):
        Money.from_major_str(text)


def test_a_yen_has_no_parts():
    assert Money(5, "JPY").to_major_str() == "5"
    assert Money(1234, "KWD").to_major_str() == "1.234"
    with pytest.raises(ValueError, match="is not an amount"):
        Money.from_major_str("5.0", "JPY")


def test_money_adds_and_compares_within_one_currency():
    assert Money(1) + Money(2) == Money(3)
    assert Money(1) - Money(2) == -Money(1)
    assert Money(2) * 3 == Money(6)
    assert Money(1) < Money(2) <= Money(2)
    assert Money(3) > Money(2) >= Money(2)
    assert bool(Money(0)) is False
    assert bool(Money(-1)) is True
    assert str(Money(1990)) == "CNY 19.90"


def test_money_does_not_mix():
    with pytest.raises(ValueError, match="CNY and JPY do not add"):
        Money(1) + Money(1, "JPY")
    with pytest.raises(TypeError, match="money and int"):
        Money(1) + 1
    with pytest.raises(TypeError, match="at_rate"):
        Money(1) * 1.5
