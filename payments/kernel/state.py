"""Status machines as tables: an edge that is not in the table does not exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Model

from payments.kernel.errors import IllegalTransitionError

Edges = Mapping[str, frozenset[str]]


def sources_of(edges: Edges, to: str) -> list[str]:
    """Return every state from which the table leads to `to`."""
    return [state for state, targets in edges.items() if to in targets]


def advance(
    row: Model,
    edges: Edges,
    to: str,
    *,
    came_from: Collection[str] | None = None,
    field: str = "status",
    **changes: Any,
) -> bool:
    """Move one row along a declared edge by a guarded UPDATE; say whether this call moved it.

    The WHERE holds the states the table allows (narrowed by `came_from`), so of two that race
    exactly one gets True and owns the side effects; then the instance is brought up to date.
    IllegalTransitionError if the table has no edge to `to` from any state of `came_from`.
    """
    allowed = [s for s in sources_of(edges, to) if came_from is None or s in came_from]
    if not allowed:
        raise IllegalTransitionError(to=to)
    rows = type(row)._default_manager.filter(pk=row.pk, **{f"{field}__in": allowed})  # noqa: SLF001 - Django documents it
    moved = rows.update(**{field: to}, **changes) == 1
    if moved:
        row.refresh_from_db()
    return moved
