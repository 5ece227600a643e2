"""A leader's word to the residents of a group: counted, checked, written down; told by a job.

At most LINLI_BROADCASTS_A_DAY for a group and day, so that nobody turns her telephone off.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from groupleader.errors import (
    BroadcastRefusedError,
    BroadcastsStoppedError,
    NobodyToTellError,
    ToldOftenEnoughError,
)
from groupleader.models import Broadcast, BroadcastCount, BroadcastStop, Leader
from groupleader.models.people import BROADCAST_MAX, BROADCASTS_A_DAY_MOST
from mall.api import BoardGroup, count_audience, group_of_leader, next_of_audience, tell_neighbours
from payments.api import advance, business_date, each, now, transact

log = structlog.get_logger(__name__)
State = Broadcast.State
_AT_ONCE: Final = 200
_KEPT_OPEN: Final = timedelta(days=7)
# A mobile or landline number however it is spaced, or any long run of digits.
_NUMBER: Final = re.compile(
    r"(?<!\d)(?:1[3-9](?:[\s.-]?\d){9}|0\d{2,3}[\s-]?\d{7,8}|400(?:[\s-]?\d){7}|\d{7,})(?!\d)"
)
_ENDINGS: Final = (
    "com|cn|net|org|top|xyz|vip|shop|cc|me|io|app|link|site|store|club|info|wang|ltd|fun|ink|tv|co"
)
_LINK: Final = re.compile(rf"://|www\.|[a-z0-9-]+\.(?:{_ENDINGS})(?![a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be sent: the words as they go out, to how many, and how many more today."""

    text: str
    whom: str
    people: int
    left_today: int


def preview_of(*, leader: Leader, group_id: int, whom: str, text: str) -> Preview:
    """Say how many a message would reach; nothing is written. Refused as send_to_group()."""
    _require_right(leader)
    group = _group(leader, group_id)
    said = said_plainly(text)
    people = _count(leader, group, whom)
    left = left_today(group_id)
    if not left:
        raise ToldOftenEnoughError(a_day=_most())
    return Preview(text=said, whom=whom, people=people, left_today=left)


def send_to_group(
    *, leader: Leader, group_id: int, whom: str, text: str, idem_key: str
) -> Broadcast:
    """Write down what the residents of a group are to be told; the job tells them.

    The same key again returns the first one. OrderGoneError for another's group;
    BroadcastRefusedError for what may not be said, or a group that is long over;
    BroadcastsStoppedError; NobodyToTellError; ToldOftenEnoughError (data: a_day).
    """
    key = idem_key.strip()[:64]
    if not key:
        raise BroadcastRefusedError(_("Please open the page again and send it from there."))
    try:
        return _send(leader=leader, group_id=group_id, whom=whom, text=text, key=key)
    except IntegrityError:
        # The same form sent twice at once; any other reason is raised again.
        before = Broadcast.objects.filter(leader=leader, idem_key=key).first()
        if before is None:
            raise
        return before


def left_today(group_id: int) -> int:
    """Return how often a group may be told something today still."""
    today = BroadcastCount.objects.filter(group_id=group_id, day=business_date())
    return max(0, _most() - (today.values_list("count", flat=True).first() or 0))


def stop_of(leader: Leader) -> BroadcastStop | None:
    """Return why the mall lets a leader tell groups nothing, if so."""
    return BroadcastStop.objects.filter(leader=leader).first()


@transact()
def stop_broadcast(*, broadcast: Broadcast) -> bool:
    """Tell nobody more of a broadcast; False where everybody was told already."""
    return advance(broadcast, Broadcast.EDGES, State.STOPPED, field="state", ended_at=now())


@transact()
def stop_leader(*, leader: Leader, because: str, by: Any) -> BroadcastStop:
    """Take a leader's right away, with a reason she reads; what is being sent stops, too."""
    stop, _made = BroadcastStop.objects.get_or_create(
        leader=leader, defaults={"because": because.strip()[:120], "since": now(), "by": by}
    )
    under_way = Broadcast.objects.filter(leader=leader, state=State.SENDING)
    under_way.update(state=State.STOPPED, ended_at=now())
    log.info("broadcasts.stopped", leader_id=leader.pk, by=by.pk)
    return stop


def said_plainly(text: str) -> str:
    """Return a message as it goes out; BroadcastRefusedError where it may not.

    No telephone numbers and no links: what comes under the mall's name leads nobody away from it.
    """
    lines = (" ".join(line.split()) for line in text.replace("\0", "").splitlines())
    said = "\n".join(line for line in lines if line)
    if not 0 < len(said) <= BROADCAST_MAX:
        raise BroadcastRefusedError(most=BROADCAST_MAX)
    plain = unicodedata.normalize("NFKC", said).lower()
    if _NUMBER.search(plain):
        raise BroadcastRefusedError(
            _("Please leave telephone numbers out: your neighbours find yours on the group's page.")
        )
    if _LINK.search(plain):
        raise BroadcastRefusedError(
            _("Please leave links out: the message opens the group's page by itself.")
        )
    return said


@transact()
def _send(*, leader: Leader, group_id: int, whom: str, text: str, key: str) -> Broadcast:
    before = Broadcast.objects.filter(leader=leader, idem_key=key).first()
    if before is not None:
        return before
    _require_right(leader)
    group = _group(leader, group_id)
    said = said_plainly(text)
    broadcast = Broadcast.objects.create(
        leader=leader,
        group_id=group_id,
        group_title=group.title,
        share_code=group.share_code,
        whom=whom,
        text=said,
        idem_key=key,
        people=_count(leader, group, whom),
        created_at=now(),
    )
    _count_one(group_id)
    log.info("broadcast.written", broadcast_id=broadcast.pk, people=broadcast.people)
    return broadcast


def _count_one(group_id: int) -> None:
    """Take one of the day's messages of a group; ToldOftenEnoughError where none is left."""
    today = BroadcastCount(group_id=group_id, day=business_date(), count=0)
    BroadcastCount.objects.bulk_create([today], ignore_conflicts=True)
    rows = BroadcastCount.objects.filter(group_id=group_id, day=today.day, count__lt=_most())
    if not rows.update(count=F("count") + 1):
        raise ToldOftenEnoughError(a_day=_most())


def _most() -> int:
    return min(int(settings.LINLI_BROADCASTS_A_DAY), BROADCASTS_A_DAY_MOST)


def _require_right(leader: Leader) -> None:
    stop = stop_of(leader)
    if stop is not None:
        text = _("You cannot send messages to groups at present: %(why)s") % {"why": stop.because}
        raise BroadcastsStoppedError(text)


def _group(leader: Leader, group_id: int) -> BoardGroup:
    group = group_of_leader(leader.user_id, group_id)
    if group.pickup_on + _KEPT_OPEN < business_date():
        raise BroadcastRefusedError(
            _("This group is over: a week after its pickup day nobody is told any more.")
        )
    return group


def _count(leader: Leader, group: BoardGroup, whom: str) -> int:
    if whom not in Broadcast.Whom.values:
        raise BroadcastRefusedError(_("Please choose whom to tell."))
    people = count_audience(leader.user_id, group.group_id, whom)
    if not people:
        raise NobodyToTellError
    return people


def send_broadcasts(limit: int) -> dict[str, int]:
    """Tell up to so many residents what their leaders said, oldest broadcast first; a job.

    Each step is a transaction of its own and goes on behind the last resident told, so a run that
    is killed loses nothing and tells nobody twice.
    """
    left, finished = limit, 0

    def tell(pk: int) -> int:
        nonlocal left, finished
        told = 0
        while left > 0:
            step = _tell_some(pk, most=min(_AT_ONCE, left))
            left -= step.looked_at
            told += step.told
            finished += step.is_last
            if not step.looked_at:
                break
        return told

    counts = each(_to_send().values_list("pk", flat=True), tell, limit=limit, done="told")
    return {**counts, "finished": finished}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    looked_at: int = 0
    told: int = 0
    is_last: bool = False


@transact()
def _tell_some(pk: int, *, most: int) -> _Step:
    """Tell the next residents of a broadcast; nobody where others are at it, or all were told."""
    broadcast = _to_send().filter(pk=pk).select_related("leader").first()
    if broadcast is None:
        return _Step()
    people = next_of_audience(
        broadcast.leader.user_id,
        broadcast.group_id,
        broadcast.whom,
        after=broadcast.reached,
        limit=most,
    )
    row = Broadcast.objects.filter(pk=pk, state=State.SENDING, reached=broadcast.reached)
    if not people:
        return _Step(is_last=bool(row.update(state=State.SENT, ended_at=now())))
    if not row.update(reached=people[-1]):
        return _Step()
    told = tell_neighbours(
        people,
        batch=broadcast.batch,
        leader=broadcast.leader.name,
        group=broadcast.group_title,
        text=broadcast.text,
        code=broadcast.share_code,
    )
    Broadcast.objects.filter(pk=pk).update(told=F("told") + told)
    return _Step(looked_at=len(people), told=told)


def _to_send() -> Any:
    return Broadcast.objects.filter(state=State.SENDING).order_by("pk")
