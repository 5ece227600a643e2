"""Conflicts: what a telephone told and could not be done, until a person has dealt with it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from groupleader.models import DeviceAct
from payments.api import now

_NOTE_MAX = 200


def conflicts_of(user_id: int, *, is_open: bool | None = None) -> QuerySet[DeviceAct]:
    """Return a person's conflicts, the newest first; open, dealt with, or all."""
    acts = DeviceAct.objects.filter(user=user_id, end=DeviceAct.End.CONFLICT)
    acts = acts.select_related("device", "settled_by")
    return acts if is_open is None else acts.filter(settled_at__isnull=is_open)


def settle_conflict(*, act: DeviceAct, by: Any, note: str = "") -> bool:
    """Mark a conflict as dealt with; say whether this call did."""
    rows = DeviceAct.objects.filter(pk=act.pk, end=DeviceAct.End.CONFLICT, settled_at=None)
    note = " ".join(note.replace("\x00", "").split())[:_NOTE_MAX]
    return bool(rows.update(settled_at=now(), settled_by=by, settled_note=note))
