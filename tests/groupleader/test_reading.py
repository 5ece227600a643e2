"""What leaders type into day and time fields: read, or none; never a broken page."""

from __future__ import annotations

import pytest

from groupleader.portal.reading import day_of, moment_of

WRONG = ["", "x", "9999-12-31", "0001-01-01", "2101-01-01", "1999-12-31", "2026-02-30", "１２"]


@pytest.mark.parametrize("text", [*WRONG, None])
def test_days_nobody_means_are_none(text):
    assert day_of(text) is None
    assert moment_of(f"{text}T10:00" if text else text) is None


def test_days_at_the_edges_are_read():
    assert str(day_of("2100-12-31")) == "2100-12-31"
    assert moment_of("2000-01-01T00:30").isoformat() == "2000-01-01T00:30:00+08:00"
