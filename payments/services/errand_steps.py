"""Moving an errand: one edge at a time by a guarded update, each step written down."""

from __future__ import annotations

import logging
from typing import Any, Final

from payments.kernel.clock import now
from payments.kernel.state import advance
from payments.models import ChannelFact, ErrandStep, Refund, Split, SplitReturn, Transfer
from payments.models.errands import Errand
from payments.services.errand_machines import ErrandEdge, ErrandEvent, table_of

logger = logging.getLogger(__name__)

_THEIR_NUMBER: Final[dict[type[Errand], str]] = {
    Refund: "acquirer_refund_no",
    Transfer: "acquirer_transfer_no",
    Split: "acquirer_split_no",
    SplitReturn: "acquirer_return_no",
}


def find_errand_edge(
    errand: Errand, event: ErrandEvent, *, heard: str | None = None
) -> ErrandEdge | None:
    """Return the edge of this event in the errand's present state, None where nothing happens."""
    return table_of(errand).find(status=errand.status, event=event, heard=heard)


def move_errand(
    errand: Errand,
    event: ErrandEvent,
    *,
    fact: ChannelFact | None = None,
    by: str = "",
    **changes: Any,
) -> bool:
    """Move an errand along the edge of this event; say whether this call moved it.

    In a transaction. False where the table has no such edge, or another was faster.
    """
    heard = None if fact is None else fact.source
    edge = find_errand_edge(errand, event, heard=heard)
    if edge is None or edge.to is None:
        return False
    came_from = errand.status
    moves = table_of(errand).moves
    if not advance(errand, moves, edge.to, came_from=[came_from], **changes):
        return False
    log_errand_step(errand, edge=edge.no, came_from=came_from, fact=fact, by=by)
    return True


def names_another(errand: Errand, acquirer_no: str) -> bool:
    """Tell whether the acquirer's number stands for another errand of this merchant's already."""
    if not acquirer_no:
        return False
    merchant = errand.merchant  # type: ignore[attr-defined]  # each kind has one
    rows = type(errand)._default_manager.filter(  # noqa: SLF001 - Django documents it
        **{"merchant": merchant, _THEIR_NUMBER[type(errand)]: acquirer_no}
    )
    return rows.exclude(pk=errand.pk).exists()


def begin_errand(errand: Errand, event: ErrandEvent, *, by: str = "") -> None:
    """Write the first step of an errand that was just inserted. In a transaction."""
    edge = table_of(errand).find(status="", event=event)
    if edge is None or edge.to != errand.status:
        raise ValueError(f"{errand} cannot begin as {errand.status} by {event}")
    log_errand_step(errand, edge=edge.no, came_from="", by=by)


def log_errand_step(
    errand: Errand,
    *,
    edge: str,
    came_from: str,
    fact: ChannelFact | None = None,
    by: str = "",
) -> None:
    """Write one step of an errand's life down."""
    ErrandStep.objects.create(
        errand_no=str(errand),
        edge=edge,
        from_status=came_from,
        to_status=errand.status,
        fact=fact,
        by=by[:64],
        at=now(),
    )
    logger.info(
        "errand.moved number=%s edge=%s from=%s to=%s", errand, edge, came_from, errand.status
    )
