"""The example in docs/adapters.md is true: it is taken from there, and it works."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from payments.acquiring.contract import (
    DeclinedError,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    RefundRef,
    Scene,
)
from payments.acquiring.registry import AccountSpec, make_adapter
from tests.contract.letterbox import line_that_says

GUIDE = Path("docs/adapters.md")


@pytest.fixture
def village(monkeypatch, tmp_path) -> str:
    """The example of the guide as a package of another house; its adapter's dotted name."""
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "village_bank.py").write_text(example, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "village_bank", raising=False)
    return "village_bank.VillageBank"


def adapter_at(url: str, dotted: str, settings: Any) -> Any:
    settings.LINLI_ADAPTERS = {"village": dotted}
    facts = {"merchant_id": "V1", "base_url": url}
    return make_adapter(AccountSpec("village", "village", settings=facts))


def said(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (said("200 OK", '{"no": "P1", "state": "paid", "fen": 19200}'), Outcome.SUCCEEDED),
        (said("200 OK", '{"no": "P2", "state": "paid", "fen": 19200}'), OutcomeUnknownError),
        (said("200 OK", "[]"), OutcomeUnknownError),
        (said("402 No", "{}"), DeclinedError),
        (said("500 Oh", "{}"), OutcomeUnknownError),
    ],
)
def test_the_example_believes_what_it_should(village, settings, answer, outcome):
    with line_that_says(answer) as url:
        adapter = adapter_at(url, village, settings)
        if isinstance(outcome, Outcome):
            assert adapter.query(PayRef("P1")).outcome is outcome
        else:
            with pytest.raises(outcome):
                adapter.query(PayRef("P1"))


def test_what_the_example_does_not_offer_it_refuses(village, settings):
    adapter = adapter_at("http://127.0.0.1:1", village, settings)

    assert adapter.caps.scenes == {Scene.H5}
    with pytest.raises(NotSupportedError):
        adapter.query_refund(RefundRef("R1", "P1"))
