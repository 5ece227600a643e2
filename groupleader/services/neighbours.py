"""What a leader writes down about her residents: notes and tags, hers alone, gone with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from groupleader.errors import NoteRefusedError
from groupleader.models import Leader, ResidentNote, ResidentTag
from groupleader.models.people import NOTE_MAX, TAG_MAX
from mall.api import last_orders_with, resident_of_leader
from payments.api import now, transact

NOTES_MOST: Final = 20
TAGS_MOST: Final = 8


@transact()
def add_note(*, leader: Leader, resident_id: int, text: str) -> ResidentNote:
    """Write a note about a resident down; what the newest already says is not written again.

    OrderGoneError for somebody who never ordered with her, NoteRefusedError for no text and beyond
    20 notes.
    """
    resident_of_leader(leader.user_id, resident_id)
    said = _note(text)
    own = ResidentNote.objects.filter(leader=leader, resident=resident_id)
    newest = own.order_by("-pk").first()
    if newest is not None and newest.text == said:
        return newest
    if own.count() >= NOTES_MOST:
        raise NoteRefusedError(_("Please delete an old note first: 20 are kept."), most=NOTES_MOST)
    return ResidentNote.objects.create(
        leader=leader,
        resident_id=resident_id,
        text=said,
        written_at=now(),
        kept_until=_kept_until(now()),
    )


@transact()
def change_note(*, leader: Leader, note_id: int, text: str) -> ResidentNote:
    """Say a note differently; NoteRefusedError without text, DoesNotExist for another's."""
    own = ResidentNote.objects.filter(pk=note_id, leader=leader)
    said = _note(text)
    own.exclude(text=said).update(text=said, changed_at=now())
    return own.get()


@transact()
def delete_note(*, leader: Leader, note_id: int) -> int:
    """Delete a note and return whose it was; DoesNotExist for another's, or one gone already."""
    note = ResidentNote.objects.get(pk=note_id, leader=leader)
    note.delete()
    return note.resident_id


@transact()
def set_tags(*, leader: Leader, resident_id: int, names: Collection[str]) -> tuple[str, ...]:
    """Let a resident have exactly these tags and return them.

    OrderGoneError for somebody who never ordered with her; NoteRefusedError for a tag of more than
    12 characters and beyond 8 tags.
    """
    resident_of_leader(leader.user_id, resident_id)
    wanted = tuple(dict.fromkeys(name for name in map(_one_line, names) if name))
    if len(wanted) > TAGS_MOST or any(len(name) > TAG_MAX for name in wanted):
        raise NoteRefusedError(
            _("Up to 8 tags of at most 12 characters each."), most=TAGS_MOST, letters=TAG_MAX
        )
    own = ResidentTag.objects.filter(leader=leader, resident=resident_id)
    own.exclude(name__in=wanted).delete()
    ResidentTag.objects.bulk_create(
        [
            ResidentTag(
                leader=leader,
                resident_id=resident_id,
                name=name,
                since=now(),
                kept_until=_kept_until(now()),
            )
            for name in wanted
        ],
        ignore_conflicts=True,
    )
    return tuple(sorted(wanted))


def forget_residents(limit: int) -> dict[str, int]:
    """Delete notes and tags of closed accounts, and of who has not ordered for long; a job.

    LINLI_NOTES_KEPT_DAYS after the last order with the leader nothing is kept about a resident.
    """
    counts = {"closed": 0, "old": 0}
    for kept in (ResidentNote, ResidentTag):
        closed = kept.objects.filter(resident__is_active=False).order_by("pk")
        keys = list(closed.values_list("pk", flat=True)[:limit])
        counts["closed"] += kept.objects.filter(pk__in=keys).delete()[0]
        counts["old"] += _look_again(kept, limit)
    return counts


def _look_again(kept: type[ResidentNote | ResidentTag], limit: int) -> int:
    """Keep longer what is about somebody who still orders; delete the rest, and count it."""
    due = kept.objects.filter(kept_until__lt=now()).order_by("kept_until", "pk")
    by_leader: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pk, user_id, resident_id in due.values_list("pk", "leader__user_id", "resident_id")[:limit]:
        by_leader[user_id].append((pk, resident_id))
    deleted = 0
    for user_id, rows in by_leader.items():
        last = last_orders_with(user_id, [resident_id for _pk, resident_id in rows])
        for pk, resident_id in rows:
            until = _kept_until(last[resident_id]) if resident_id in last else now()
            row = kept.objects.filter(pk=pk)
            if until > now():
                row.update(kept_until=until)
            else:
                deleted += row.delete()[0]
    return deleted


def _kept_until(at: datetime) -> datetime:
    return at + timedelta(days=settings.LINLI_NOTES_KEPT_DAYS)


def _note(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.replace("\0", "").splitlines())
    said = "\n".join(line for line in lines if line)
    if not 0 < len(said) <= NOTE_MAX:
        raise NoteRefusedError(most=NOTE_MAX)
    return said


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
