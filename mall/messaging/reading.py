"""What a person does with her messages: read them, turn a category off, give her chat address."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings

from mall.messaging.models import CAN_BE_OFF, ChatAddress, Message, Preference
from payments.api import now, transact


def mark_read(*, user_id: int, message_id: int) -> str:
    """Mark one of her messages read and return the page it leads to; nothing for another's."""
    mine = Message.objects.filter(pk=message_id, user=user_id)
    mine.filter(read_at=None).update(read_at=now())
    return mine.values_list("link", flat=True).first() or ""


def mark_all_read(*, user_id: int) -> int:
    """Mark everything read; return how many were not."""
    return Message.objects.filter(user=user_id, read_at=None).update(read_at=now())


@transact()
def choose_categories(*, user_id: int, wanted: Collection[str]) -> None:
    """Let only these categories ring; what concerns orders and money always does."""
    off = set(CAN_BE_OFF) - set(wanted)
    Preference.objects.filter(user=user_id).exclude(category__in=off).delete()
    Preference.objects.bulk_create(
        [Preference(user_id=user_id, category=each, since=now()) for each in sorted(off)],
        ignore_conflicts=True,
    )


def connect_chat(*, user_id: int, open_id: str) -> None:
    """Reach a person by the chat app from now on; its number came with her consent there."""
    ChatAddress.objects.update_or_create(
        user_id=user_id, defaults={"open_id": open_id, "given_at": now()}
    )


def forget_old(limit: int) -> dict[str, int]:
    """Delete messages beyond LINLI_MESSAGES_KEPT_DAYS; a job."""
    before = now() - timedelta(days=settings.LINLI_MESSAGES_KEPT_DAYS)
    old = Message.objects.filter(created_at__lt=before).order_by("pk")
    _rows, per_model = Message.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:limit])
    ).delete()
    return {"forgotten": per_model.get("messaging.Message", 0)}
