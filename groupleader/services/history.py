"""A statement's history: who moved it, when, and what they said; written with the move itself."""

from __future__ import annotations

from typing import Any

from groupleader.models import SettlementStatement, StatementEvent
from payments.api import now


def record(statement: SettlementStatement, what: str, *, by: Any = None, note: str = "") -> None:
    """Write a line of the statement's history; in the transaction that makes it true."""
    StatementEvent.objects.create(statement=statement, at=now(), by=by, what=what, note=note[:400])
