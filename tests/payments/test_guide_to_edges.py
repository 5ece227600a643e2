"""docs/payments.md names every edge of the five tables, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from payments.services.errand_machines import TABLES
from payments.services.machine import MACHINE

# A row begins with one number or several: | B2, B3, B4 |
_ROW = re.compile(r"^\| ((?:[RTSB]?\d+b?)(?:, [RTSB]?\d+b?)*) \|", re.MULTILINE)


def test_the_guide_names_every_edge_and_no_other():
    guide = Path("docs/payments.md").read_text(encoding="utf-8")
    told = [number for row in _ROW.findall(guide) for number in row.split(", ")]
    exist = {edge.no for edge in MACHINE}
    exist |= {edge.no for table in TABLES.values() for edge in table.edges}

    assert sorted(told) == sorted(exist)
