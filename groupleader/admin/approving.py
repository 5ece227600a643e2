"""Approving many statements: looked at with their sum first, then a hundred at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groupleader.admin.reading import yuan
from groupleader.models import SettlementStatement
from groupleader.services.statements import approve_statement, needs_two
from payments.api import LinliError

AT_ONCE: Final = 100
MOST: Final = 5_000
Status = SettlementStatement.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A statement that was chosen, and what keeps this person from approving it, if anything."""

    statement: SettlementStatement
    net: str
    because: str
    is_second: bool


def candidates(keys: Sequence[int], by: Any) -> list[Candidate]:
    """Return the chosen statements with what approving each of them would do."""
    rows = SettlementStatement.objects.filter(pk__in=keys[:MOST]).select_related(
        "leader", "supplier", "first_approved_by"
    )
    return [_candidate(statement, by) for statement in rows.order_by("pk")]


def _candidate(statement: SettlementStatement, by: Any) -> Candidate:
    because = ""
    if statement.status != Status.CONFIRMED:
        because = _("Not confirmed")
    elif statement.party.user_id == by.pk:
        because = _("Your own")
    elif statement.first_approved_by_id == by.pk:
        because = _("Waits for a second person")
    return Candidate(
        statement=statement,
        net=yuan(statement.net_minor),
        because=because,
        is_second=not because and needs_two(statement) and bool(statement.first_approved_by_id),
    )


def approve_some(request: HttpRequest, keys: Sequence[int]) -> list[int]:
    """Approve the first hundred of these; say how it went; return what is left."""
    done = first = 0
    for statement in SettlementStatement.objects.filter(pk__in=keys[:AT_ONCE]).order_by("pk"):
        try:
            if approve_statement(statement=statement, by=request.user):
                done += 1
            else:
                first += 1
        except LinliError as refusal:
            messages.error(request, f"{statement}: {refusal.user_message}")
    if done:
        text = ngettext("%(n)d approved.", "%(n)d approved.", done)
        messages.success(request, text % {"n": done})
    if first:
        text = ngettext(
            "%(n)d now needs a second person.", "%(n)d now need a second person.", first
        )
        messages.warning(request, text % {"n": first})
    return list(keys[AT_ONCE:])


def keys_of(text: str) -> list[int]:
    """Read numbers of rows as the preview sends them back; what is none is left out."""
    parts = (part for part in text.split(",")[:MOST])
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19]
