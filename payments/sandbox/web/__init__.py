"""What the bank shows: the merchants' API and the payers' pages."""

from __future__ import annotations
