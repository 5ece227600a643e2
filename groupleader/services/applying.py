"""A neighbour asks to lead: her draft, handing it in, taking it back, and what the mall decides.

Facts: leader.applied, leader.approved and leader.refused, each with application_id, user_id, name,
reason (in words) and note.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from django.db import IntegrityError, transaction

from groupleader.errors import AlreadyLeaderError, ApplicationGoneError, NotWholeError
from groupleader.models import Leader, LeaderApplication, LeaderEvent
from groupleader.services.standing import note_event, tell
from mall.api import Place, found_point, kind_labels
from payments.api import IllegalTransitionError, advance, now, transact

log = structlog.get_logger(__name__)
Status = LeaderApplication.Status
What = LeaderEvent.What
TERMS_VERSION: Final = "2026-11"
BANK_OUTLET: Final = "bank_outlet"
# What a draft keeps of a form, if it is right by itself.
FIELDS: Final = (
    "name",
    "community_id",
    "city",
    "district",
    "community_name",
    "place_name",
    "kind",
    "address",
    "hours_from",
    "hours_until",
    "hours_note",
)
_NEEDED: Final = ("name", "community_name", "place_name", "kind", "address", "photo")


def application_of(user_id: int) -> LeaderApplication | None:
    """Return a person's open application or draft, else her last one."""
    rows = LeaderApplication.objects.filter(user=user_id)
    return rows.filter(status__in=_OPEN).first() or rows.order_by("-pk").first()


def keep_draft(*, user: Any, values: Mapping[str, Any], photo: Any = None) -> LeaderApplication:
    """Keep what was typed so far, and the photo; of two at once both write the same draft.

    AlreadyLeaderError for somebody who leads or led, ApplicationGoneError once it is handed in.
    """
    _require_none(user)
    draft = _draft_of(user)
    if draft.status != Status.DRAFT:
        raise ApplicationGoneError
    changes = {name: values[name] for name in FIELDS if name in values}
    for name, value in changes.items():
        setattr(draft, name, value)
    if draft.hours_until <= draft.hours_from:
        draft.refresh_from_db(fields=["hours_from", "hours_until"])
        changes = {k: v for k, v in changes.items() if k not in {"hours_from", "hours_until"}}
    if photo is not None:
        draft.photo = photo
    draft.save(update_fields=[*(n.removesuffix("_id") for n in changes), "photo"])
    return draft


@transact()
def hand_in(*, user: Any, agrees: bool) -> LeaderApplication:
    """Hand the draft in; handed in twice it is one application.

    NotWholeError (data: missing) while something is missing or the terms are not agreed to,
    AlreadyLeaderError, ApplicationGoneError without a draft.
    """
    _require_none(user)
    row = LeaderApplication.objects.filter(user=user, status__in=_OPEN).first()
    if row is None:
        raise ApplicationGoneError
    if row.status != Status.DRAFT:
        return row
    missing = [name for name in _NEEDED if not getattr(row, name)]
    if missing or not agrees or row.kind not in kind_labels():
        raise NotWholeError(missing=missing or ["terms"])
    at = now()
    stamps: dict[str, Any] = {"handed_in_at": at, "terms_at": at, "terms_version": TERMS_VERSION}
    if advance(row, LeaderApplication.EDGES, Status.APPLIED, **stamps):
        note_event(What.APPLIED, application=row, by=user)
        _tell("applied", row)
    return row


@transact()
def withdraw(*, user: Any) -> LeaderApplication:
    """Take an open application back, or throw a draft away; ApplicationGoneError without one."""
    row = LeaderApplication.objects.filter(user=user, status__in=_OPEN).first()
    if row is None:
        raise ApplicationGoneError
    if not advance(row, LeaderApplication.EDGES, Status.WITHDRAWN, decided_at=now()):
        raise ApplicationGoneError
    note_event(What.WITHDRAWN, application=row, by=user)
    return row


@transact()
def take_up(*, application: LeaderApplication, by: Any) -> bool:
    """Note that somebody looks at it; say whether this call did."""
    moved = advance(application, LeaderApplication.EDGES, Status.IN_REVIEW)
    if moved:
        note_event(What.REVIEWING, application=application, by=by)
    return moved


@transact()
def approve(*, application: LeaderApplication, community: Any, by: Any, note: str = "") -> Leader:
    """Let her lead: her leader row, her point in that community, and a message to her.

    Approved twice it is one leader and one point. IllegalTransitionError once it was refused or
    withdrawn, HoursError as in mall.pickup.founding.
    """
    row = LeaderApplication.objects.select_for_update(no_key=True).get(pk=application.pk)
    if row.status == Status.APPROVED and row.leader is not None:
        return row.leader
    if not row.is_open:
        raise IllegalTransitionError(to=Status.APPROVED)
    # The people of a bank's outlet are the bank's: they hand over and earn no commission.
    kept = {"name": row.name, "earns_commission": row.kind != BANK_OUTLET}
    leader, _new = Leader.objects.get_or_create(user=row.user, defaults=kept)
    if leader.status == Leader.Status.APPLIED:
        advance(leader, Leader.EDGES, Leader.Status.ACTIVE)
    point = found_point(user=row.user, community=community, place=_place(row), by=by)
    decided = {"decided_at": now(), "decided_by": by, "note": note.strip()[:300]}
    if not advance(
        row,
        LeaderApplication.EDGES,
        Status.APPROVED,
        leader=leader,
        point_id=point.pk,
        community=community,
        **decided,
    ):
        raise IllegalTransitionError(to=Status.APPROVED)
    note_event(What.APPROVED, application=row, leader=leader, by=by, note=note)
    _tell("approved", row)
    log.info("leader.approved", leader_id=leader.pk, point_id=point.pk)
    return leader


@transact()
def refuse(*, application: LeaderApplication, reason: str, note: str, by: Any) -> None:
    """Say no, and why, in words she reads; she may apply again.

    NotWholeError without a reason, IllegalTransitionError where nothing is open.
    """
    if reason not in LeaderApplication.Reason.values or (reason == "other" and not note.strip()):
        raise NotWholeError(missing=["reason"])
    decided = {"decided_at": now(), "decided_by": by, "note": note.strip()[:300]}
    if not advance(application, LeaderApplication.EDGES, Status.REFUSED, reason=reason, **decided):
        raise IllegalTransitionError(to=Status.REFUSED)
    note_event(What.REFUSED, application=application, by=by, reason=reason, note=note)
    _tell("refused", application)


_OPEN: Final = (Status.DRAFT, Status.APPLIED, Status.IN_REVIEW)


def _require_none(user: Any) -> None:
    leader = Leader.objects.filter(user=user).first()
    if leader is not None and leader.status != Leader.Status.APPLIED:
        raise AlreadyLeaderError


def _draft_of(user: Any) -> LeaderApplication:
    rows = LeaderApplication.objects.filter(user=user, status__in=_OPEN)
    found = rows.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return LeaderApplication.objects.create(user=user, started_at=now())
    except IntegrityError:
        return rows.get()


def _place(row: LeaderApplication) -> Place:
    return Place(
        name=row.place_name,
        kind=row.kind,
        address=row.address,
        hours_from=row.hours_from,
        hours_until=row.hours_until,
        hours_note=row.hours_note,
    )


def _tell(what: str, row: LeaderApplication) -> None:
    tell(
        what,
        user_id=row.user_id,
        turn=f"application:{row.pk}",
        reason=str(row.get_reason_display()) if row.reason else "",
        note=row.note,
        name=row.name,
        application_id=row.pk,
    )
