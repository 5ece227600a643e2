"""Holding services to their word: this one inside a transaction, that one outside."""

from __future__ import annotations

from django.db import connection

from payments.kernel.errors import NotInTransactionError


def require_transaction() -> None:
    """Raise NotInTransactionError outside a transaction: the caller must commit with us."""
    if not connection.in_atomic_block:
        raise NotInTransactionError("this is part of its caller's transaction")
