"""Lists that read only the part they are asked for, put into the interface's shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class Rows(Sequence[T], Generic[M, T]):
    """A question to the database and how one of its rows is shown."""

    def __init__(self, rows: QuerySet[M], show: Callable[[M], T]) -> None:
        """Keep both; ask when read."""
        self._rows = rows
        self._show = show

    def __len__(self) -> int:
        """Count the rows."""
        return self._rows.count()

    def __getitem__(self, part: Any) -> Any:
        """Read one, or a part."""
        if isinstance(part, slice):
            return [self._show(row) for row in self._rows[part]]
        return self._show(self._rows[part])
