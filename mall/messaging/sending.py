"""Telling people something: written down with what made it true, sent afterwards, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection

from mall.accounts.models import User
from mall.messaging.channels import has_chat
from mall.messaging.kinds import KINDS
from mall.messaging.models import ChatAddress, Delivery, Message, Preference
from mall.messaging.quiet import next_waking
from payments.api import NotInTransactionError, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What one person is to be told. Money in fen under names ending in _minor, instants …_at.

    ``batch`` marks what is sent to many together, so that it can be counted.
    """

    key: str
    user_id: int | None = None
    phone: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
    batch: str = ""


def send(
    kind: str,
    *,
    key: str,
    user_id: int | None = None,
    phone: str = "",
    values: Mapping[str, Any] | None = None,
    link: str = "",
) -> None:
    """Write a message down in the caller's transaction; the runner sends it.

    ``kind`` names a text of mall.messaging.kinds, ``values`` what it says (JSON; money in fen under
    names ending in _minor, instants in _at). Either a person of ours or a bare phone number. The
    same kind and key again changes nothing. ``link`` is a path of ours. KeyError for an unknown
    kind, NotInTransactionError outside a transaction.
    """
    send_many(kind, [Note(key=key, user_id=user_id, phone=phone, values=values or {}, link=link)])


def send_many(kind: str, notes: Iterable[Note]) -> int:
    """Write down the same kind for many people at once; return how many had not been told yet."""
    if not connection.in_atomic_block:
        raise NotInTransactionError(f"{kind} would tell what may not happen")
    known = KINDS[kind]
    by_key = {note.key: note for note in notes}
    told = Message.objects.filter(kind=kind, key__in=by_key).values_list("key", flat=True)
    fresh = [note for key, note in by_key.items() if key not in set(told)]
    at = now()
    Message.objects.bulk_create(
        (
            Message(
                kind=kind,
                key=note.key,
                user_id=note.user_id,
                phone=note.phone,
                values=dict(note.values),
                link=note.link,
                batch=note.batch,
                created_at=at,
            )
            for note in fresh
        ),
        ignore_conflicts=True,
        batch_size=500,
    )
    if known.goes_out:
        _send_out(kind, [note.key for note in fresh])
    return len(fresh)


def _send_out(kind: str, keys: list[str]) -> None:
    """Put the messages on their way to telephones: the chat app where she gave it, else a text."""
    known = KINDS[kind]
    messages = list(Message.objects.filter(kind=kind, key__in=keys, delivery=None))
    people = [message.user_id for message in messages if message.user_id]
    phones = dict(User.objects.filter(pk__in=people, is_active=True).values_list("pk", "phone"))
    chats = _chats(people)
    unwanted = set(
        Preference.objects.filter(user__in=people, category=known.category).values_list(
            "user_id", flat=True
        )
    )
    may_text = not known.texts_if or bool(getattr(settings, known.texts_if))
    at = now() if known.is_urgent else next_waking(now())
    deliveries = []
    for message in messages:
        chat = chats.get(message.user_id or 0, "")
        address = chat or message.phone or phones.get(message.user_id or 0) or ""
        if not address or message.user_id in unwanted or not (chat or may_text):
            continue
        channel = Delivery.Channel.CHAT if chat else Delivery.Channel.TEXT
        deliveries.append(Delivery(message=message, channel=channel, address=address, next_at=at))
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True, batch_size=500)


def _chats(people: list[int]) -> dict[int, str]:
    if not has_chat():
        return {}
    return dict(ChatAddress.objects.filter(user__in=people).values_list("user_id", "open_id"))
