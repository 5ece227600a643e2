"""A person's messages as she reads them, newest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from mall.messaging.models import CAN_BE_OFF, Category, Delivery, Message, Preference
from mall.messaging.wording import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message of the list."""

    id: int
    title: str
    body: str
    link: str
    at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFigures:
    """How far what was sent to many has come: written, rung, still to ring, read."""

    written: int = 0
    rang: int = 0
    to_ring: int = 0
    read: int = 0


class MessageRows(Sequence[MessageRow]):
    """A list that reads only the page it is asked for; Django's Paginator takes it."""

    def __init__(self, messages: QuerySet[Message]) -> None:
        """Keep the question; ask when read."""
        self._messages = messages

    def __len__(self) -> int:
        """Count them."""
        return self._messages.count()

    def __getitem__(self, part: int | slice) -> list[MessageRow]:  # type: ignore[override]
        """Read a page."""
        if isinstance(part, int):
            return [_row(self._messages[part])]
        return [_row(message) for message in self._messages[part]]


def messages_of(user_id: int) -> MessageRows:
    """Return what a person was told, to be read page by page."""
    return MessageRows(Message.objects.filter(user=user_id).order_by("-pk"))


def unread_count(user_id: int) -> int:
    """Count what she has not read yet."""
    return Message.objects.filter(user=user_id, read_at=None).count()


def figures_of_batches(batches: Collection[str]) -> dict[str, BatchFigures]:
    """Count what became of messages sent together, by their marks: one query."""
    state = "delivery__state"
    under_way = [Delivery.State.WAITING, Delivery.State.SENDING]
    rows = Message.objects.filter(batch__in=[batch for batch in batches if batch]).order_by()
    counted = rows.values("batch").annotate(
        written=Count("pk"),
        rang=Count("pk", filter=Q(**{state: Delivery.State.SENT})),
        to_ring=Count("pk", filter=Q(**{f"{state}__in": under_way})),
        read=Count("read_at"),
    )
    return {row.pop("batch"): BatchFigures(**row) for row in counted}


def wanted_categories(user_id: int) -> dict[Category, bool]:
    """Return the categories she may turn off and whether they go to her telephone."""
    off = set(Preference.objects.filter(user=user_id).values_list("category", flat=True))
    return {each: each not in off for each in CAN_BE_OFF}


def _row(message: Message) -> MessageRow:
    words = words_of(message.kind, message.values)
    return MessageRow(
        id=message.pk,
        title=words.title,
        body=words.body,
        link=message.link,
        at=message.created_at,
        is_new=message.read_at is None,
    )
