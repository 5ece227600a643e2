"""A person's messages as she reads them, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from mall.messaging.models import Category, Message, Preference
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


def wanted_categories(user_id: int) -> dict[Category, bool]:
    """Return the categories she may turn off and whether they go to her telephone."""
    off = set(Preference.objects.filter(user=user_id).values_list("category", flat=True))
    return {each: each not in off for each in (Category.REMINDERS, Category.NEWS, Category.WORK)}


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
