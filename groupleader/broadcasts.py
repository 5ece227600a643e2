"""What a leader told her groups, with how many were told, rung and have read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from groupleader.models import Broadcast, Leader
from mall.api import BatchFigures, figures_of_batches


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastShown:
    """A message to a group and what became of it."""

    broadcast_id: int
    group_id: int
    text: str
    whom: str
    whom_label: str
    state: str
    state_label: str
    people: int
    told: int
    rang: int
    read: int
    created_at: datetime
    ended_at: datetime | None


def broadcasts_of_group(
    leader: Leader, group_id: int, *, limit: int = 20
) -> tuple[BroadcastShown, ...]:
    """Return what a leader told a group, newest first: two queries."""
    rows = list(Broadcast.objects.filter(leader=leader, group_id=group_id)[:limit])
    return tuple(with_figures(rows))


def with_figures(rows: Iterable[Broadcast]) -> list[BroadcastShown]:
    """Put the figures beside broadcasts: one query for all of them."""
    rows = list(rows)
    figures = figures_of_batches([row.batch for row in rows])
    return [_shown(row, figures.get(row.batch, BatchFigures())) for row in rows]


def _shown(row: Broadcast, figures: BatchFigures) -> BroadcastShown:
    return BroadcastShown(
        broadcast_id=row.pk,
        group_id=row.group_id,
        text=row.text,
        whom=row.whom,
        whom_label=str(row.get_whom_display()),
        state=row.state,
        state_label=str(row.get_state_display()),
        people=row.people,
        told=row.told,
        rang=figures.rang,
        read=figures.read,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
