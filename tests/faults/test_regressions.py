"""Seeds that once found a defect, each with what it was."""

from __future__ import annotations

import pytest

from mall.config.simulation.report import told

FOUND = {
    200: "a refund that came back and was then paid by hand no longer fitted its day's bill",
    6: "a notice too old to be judged anew asked only about open payments, and left no trace",
    96: "of late money whose acquirer took it twice, both refunds were counted against one payment",
    13: "a refund of held money was said to be a fact nobody was told",
}


@pytest.mark.parametrize("seed", FOUND, ids=FOUND.get)
def test_what_was_found_once_stays_found(stage, seed):
    outcome = stage.play(seed)

    assert outcome.is_good, "\n".join(told(outcome))
