"""A leader's residents as her pages show them: what the mall knows, with her own notes and tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import overload

from django.db.models import Count

from groupleader.models import Leader, ResidentNote, ResidentTag
from mall.api import (
    LeaderCase,
    OrderRows,
    ResidentRow,
    ResidentRows,
    WaitingBag,
    cases_of_neighbour,
    open_cases_by_resident,
    orders_of_leader,
    resident_of_leader,
    residents_of_leader,
    waiting_bags,
)

# So many residents one tag finds; who has more of them uses the search.
_TAGGED_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """Somebody who orders with a leader; names masked, fen, "on time" is on the pickup day."""

    resident_id: int
    masked_name: str
    phone_tail: str
    orders: int
    repeats: int
    goods_minor: int
    first_at: datetime
    last_at: datetime
    came: int
    on_time: int
    on_time_percent: int | None
    overdue: int
    is_new: bool
    is_sleeping: bool
    open_cases: int
    notes: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A leader's own words about a resident."""

    note_id: int
    text: str
    written_at: datetime
    changed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ResidentPage:
    """One resident: her orders in the leader's groups, her cases, what waits, what is noted."""

    resident: Resident
    notes: tuple[Note, ...]
    orders: OrderRows
    cases: tuple[LeaderCase, ...]
    bags: tuple[WaitingBag, ...]


class Residents(Sequence[Resident]):
    """A list that reads only the page it is asked for; Django's Paginator takes it."""

    def __init__(self, leader: Leader, rows: ResidentRows) -> None:
        """Take the mall's rows; what the leader keeps herself is put beside them."""
        self._leader = leader
        self._rows = rows

    def __len__(self) -> int:
        """Count them in the database."""
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Resident: ...

    @overload
    def __getitem__(self, index: slice) -> list[Resident]: ...

    def __getitem__(self, index: int | slice) -> Resident | list[Resident]:
        """Read one resident or one page of them: five queries."""
        if isinstance(index, int):
            return self[index : index + 1][0]
        return _with_own(self._leader, self._rows[index])


def residents(leader: Leader, *, query: str = "", show: str = "", tag: str = "") -> Residents:
    """Return who has ordered with a leader, the latest first; searched, filtered, of one tag."""
    among = None
    if tag:
        tagged = ResidentTag.objects.filter(leader=leader, name=tag)
        among = list(tagged.values_list("resident_id", flat=True)[:_TAGGED_MOST])
    rows = residents_of_leader(leader.user_id, query=query, show=show, among=among)
    return Residents(leader, rows)


def resident(leader: Leader, resident_id: int) -> Resident:
    """Return one of a leader's residents; OrderGoneError for a stranger."""
    return _with_own(leader, [resident_of_leader(leader.user_id, resident_id)])[0]


def resident_page(leader: Leader, resident_id: int) -> ResidentPage:
    """Return everything a leader sees of one resident; OrderGoneError for a stranger."""
    return ResidentPage(
        resident=resident(leader, resident_id),
        notes=notes_about(leader, resident_id),
        orders=orders_of_leader(leader.user_id, resident_id=resident_id),
        cases=tuple(cases_of_neighbour(leader.user_id, resident_id)),
        bags=tuple(waiting_bags(leader.user_id, resident_id=resident_id)),
    )


def notes_about(leader: Leader, resident_id: int) -> tuple[Note, ...]:
    """Return a leader's own notes about a resident, newest first."""
    rows = ResidentNote.objects.filter(leader=leader, resident=resident_id)
    return tuple(note_shown(row) for row in rows.order_by("-pk"))


def note_shown(row: ResidentNote) -> Note:
    """Return a note as its pages show it."""
    return Note(note_id=row.pk, text=row.text, written_at=row.written_at, changed_at=row.changed_at)


def tags_of(leader: Leader) -> list[str]:
    """Return the tags a leader uses, most used first."""
    rows = ResidentTag.objects.filter(leader=leader).order_by().values_list("name")
    counted = rows.annotate(n=Count("pk")).order_by("-n", "name")
    return [name for name, _n in counted[:20]]


def _with_own(leader: Leader, rows: Sequence[ResidentRow]) -> list[Resident]:
    keys = [row.resident_id for row in rows]
    cases = open_cases_by_resident(leader.user_id, keys)
    own_notes = ResidentNote.objects.filter(leader=leader, resident__in=keys).order_by()
    notes = dict(own_notes.values_list("resident_id").annotate(n=Count("pk")))
    tags: dict[int, list[str]] = defaultdict(list)
    own_tags = ResidentTag.objects.filter(leader=leader, resident__in=keys).order_by("name")
    for key, name in own_tags.values_list("resident_id", "name"):
        tags[key].append(name)
    return [
        Resident(
            **asdict(row),
            repeats=row.repeats,
            on_time_percent=row.on_time_percent,
            is_new=row.is_new,
            is_sleeping=row.is_sleeping,
            open_cases=cases.get(row.resident_id, 0),
            notes=notes.get(row.resident_id, 0),
            tags=tuple(tags[row.resident_id]),
        )
        for row in rows
    ]
