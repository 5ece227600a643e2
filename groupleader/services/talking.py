"""Talking about a statement: words of its leader, its supplier or finance, with papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from groupleader.errors import ReasonMissingError, TooMuchSaidError
from groupleader.models import SettlementStatement, StatementMessage, StatementPaper
from mall.api import paper_of
from payments.api import now, transact

MOST_MESSAGES: Final = 100
# The same words within so long are a button pressed twice.
_AGAIN: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says: about the whole or one line (its number), with files as they came in."""

    text: str
    by: Any = None
    name: str = ""
    accrual_id: int | None = None
    due_id: int | None = None
    files: Sequence[Any] = ()


@transact()
def say(*, statement: SettlementStatement, side: str, said: Said) -> StatementMessage:
    """Add a message; what was said stays.

    ReasonMissingError without words or for a line of another statement, TooMuchSaidError beyond a
    hundred, UploadRefusedError for a file that is no picture or PDF.
    """
    text = said.text.strip()[:1000]
    if not text:
        raise ReasonMissingError
    if statement.messages.count() >= MOST_MESSAGES:
        raise TooMuchSaidError
    _require_own_line(statement, said)
    again = statement.messages.filter(
        side=side, text=text, accrual=said.accrual_id, due=said.due_id, at__gt=now() - _AGAIN
    ).first()
    if again is not None:
        return again
    papers = [paper_of(file) for file in said.files[: StatementPaper.MOST]]
    message = StatementMessage.objects.create(
        statement=statement,
        accrual_id=said.accrual_id,
        due_id=said.due_id,
        side=side,
        by=said.by,
        name=said.name.strip()[:120],
        text=text,
        at=now(),
    )
    for paper in papers:
        name = str(paper.name)
        StatementPaper.objects.create(message=message, name=name, file=paper)
    return message


def _require_own_line(statement: SettlementStatement, said: Said) -> None:
    accrual, due = said.accrual_id, said.due_id
    if accrual is not None and not statement.accruals.filter(pk=accrual).exists():
        raise ReasonMissingError
    if due is not None and not statement.dues.filter(pk=due).exists():
        raise ReasonMissingError
