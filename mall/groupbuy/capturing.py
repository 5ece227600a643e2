"""A leader pastes her chat's sign-up chain; each line waits here until she orders or drops it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mall.catalogue.search import search_text
from mall.catalogue.titles import title_of
from mall.groupbuy.capture import MOST_PIECES, CaptureItem, Draft, read
from mall.groupbuy.errors import CaptureError
from mall.groupbuy.models import CaptureInbox, CaptureLine, GroupBuyItem, LeaderGroup
from payments.api import NotInTransactionError, local, now, transact

MOST_LETTERS: Final = 20_000
State = CaptureLine.State


@dataclass(frozen=True, kw_only=True)
class LineView:
    """A line of a pasted chain as the leader sees it."""

    line_id: int
    raw: str
    name: str
    phone: str
    remark: str
    items: dict[int, int]
    problems: tuple[str, ...]
    state: str
    order_no: str


@dataclass(frozen=True, kw_only=True)
class InboxView:
    """A pasted chain with its lines, in the chat's order."""

    inbox_id: int
    group_id: int
    at: datetime
    lines: tuple[LineView, ...]


def paste(*, group_id: int, leader_id: int, text: str) -> InboxView:
    """Read a chat's chain and keep it line by line; the same text again is the same inbox.

    LeaderGroup.DoesNotExist for another's group, CaptureError for nothing, or for a novel.
    """
    text = text.replace("\0", "").encode("utf-8", "replace").decode().strip()
    if not text or len(text) > MOST_LETTERS:
        raise CaptureError(_("Paste the chain itself: from one line to 20,000 characters."))
    text_hash = hashlib.sha256(text.encode()).hexdigest()
    try:
        inbox = _paste(group_id=group_id, leader_id=leader_id, text=text, text_hash=text_hash)
    except IntegrityError:  # pasted twice at once
        inbox = CaptureInbox.objects.get(group=group_id, text_hash=text_hash)
    return inbox_view(inbox_id=inbox.pk, leader_id=leader_id)


def inboxes_of(*, group_id: int, leader_id: int, limit: int = 20) -> list[InboxView]:
    """Return what was pasted into one of a leader's groups, newest first: two queries."""
    inboxes = CaptureInbox.objects.filter(group=group_id, group__leader=leader_id)
    return [_inbox(inbox) for inbox in inboxes.prefetch_related("lines")[:limit]]


def inbox_view(*, inbox_id: int, leader_id: int) -> InboxView:
    """Return one inbox; CaptureInbox.DoesNotExist for another leader's."""
    inboxes = CaptureInbox.objects.prefetch_related("lines")
    return _inbox(inboxes.get(pk=inbox_id, group__leader=leader_id))


def line_view(*, line_id: int, leader_id: int) -> LineView:
    """Return one line; CaptureLine.DoesNotExist for another leader's."""
    return _line(_own(leader_id).get(pk=line_id))


@transact()
def correct(
    *, line_id: int, leader_id: int, items: Mapping[int, int], name: str, phone: str, remark: str
) -> LineView:
    """Write down what the leader made of a line that waits; what she says has no problems.

    CaptureError for a line that is decided, goods of another sale, or no quantity from 1 to 99.
    """
    line = hold_line(line_id=line_id, leader_id=leader_id)
    known = GroupBuyItem.objects.filter(group_buy__groups=line.inbox.group_id, pk__in=items)
    counts_are_right = all(1 <= count <= MOST_PIECES for count in items.values())
    if not items or known.count() != len(items) or not counts_are_right:
        raise CaptureError(_("Choose goods of this sale, from 1 to 99 of each."))
    CaptureLine.objects.filter(pk=line.pk).update(
        items={str(item_id): count for item_id, count in sorted(items.items())},
        name=_plain(name)[:40],
        phone=_plain(phone)[:20],
        remark=_plain(remark)[:100],
        problems=[],
    )
    return line_view(line_id=line_id, leader_id=leader_id)


def hold_line(*, line_id: int, leader_id: int) -> CaptureLine:
    """Lock a line that still waits, in the transaction that orders it; so it is ordered once.

    CaptureError where it was ordered or dropped, CaptureLine.DoesNotExist for another leader's.
    """
    if not connection.in_atomic_block:
        raise NotInTransactionError("a line is held by the transaction that places its order")
    lines = _own(leader_id).select_for_update(of=("self",), no_key=True).select_related("inbox")
    line = lines.get(pk=line_id)
    if line.state != State.DRAFT:
        raise CaptureError(_("This line has been ordered or dropped already."))
    return line


@transact()
def mark_confirmed(*, line_id: int, leader_id: int, order_no: str) -> bool:
    """Remember which order came of a line; False where it was decided already."""
    waiting = _own(leader_id).filter(pk=line_id, state=State.DRAFT)
    changes = {"state": State.CONFIRMED, "order_no": order_no, "decided_at": now()}
    return bool(CaptureLine.objects.filter(pk__in=waiting.values("pk")).update(**changes))


@transact()
def drop(*, line_id: int, leader_id: int) -> bool:
    """Put a line aside that is no order; False where it was decided already."""
    waiting = _own(leader_id).filter(pk=line_id, state=State.DRAFT)
    changes = {"state": State.DROPPED, "decided_at": now()}
    return bool(CaptureLine.objects.filter(pk__in=waiting.values("pk")).update(**changes))


@transact()
def take_up_again(*, line_id: int, leader_id: int) -> bool:
    """Let a dropped line wait again; False where it was not dropped."""
    dropped = _own(leader_id).filter(pk=line_id, state=State.DROPPED)
    changes = {"state": State.DRAFT, "decided_at": None}
    return bool(CaptureLine.objects.filter(pk__in=dropped.values("pk")).update(**changes))


def items_for(group: LeaderGroup) -> list[CaptureItem]:
    """Return what a chat may name in a group; codes are its day and the item's place: 261122-3."""
    items = GroupBuyItem.objects.filter(group_buy=group.group_buy_id)
    day = f"{local(group.group_buy.opens_at):%y%m%d}"
    return [
        _named(item, codes=(f"{day}-{item.position}", item.product.upc or ""))
        for item in items.select_related("product__extra").order_by("position", "pk")
    ]


@transact()
def _paste(*, group_id: int, leader_id: int, text: str, text_hash: str) -> CaptureInbox:
    groups = LeaderGroup.objects.select_related("group_buy")
    group = groups.get(pk=group_id, leader_id=leader_id)
    known = CaptureInbox.objects.filter(group=group, text_hash=text_hash).first()
    if known is not None:
        return known
    inbox = CaptureInbox.objects.create(
        group=group, pasted_by_id=leader_id, text=text, text_hash=text_hash, at=now()
    )
    drafts = read(text, items_for(group))
    CaptureLine.objects.bulk_create(
        _row(inbox, draft, position) for position, draft in enumerate(drafts, start=1)
    )
    return inbox


def _row(inbox: CaptureInbox, draft: Draft, position: int) -> CaptureLine:
    return CaptureLine(
        inbox=inbox,
        position=position,
        raw=draft.raw,
        name=draft.name,
        phone=draft.phone,
        remark=draft.remark,
        items={str(item_id): count for item_id, count in draft.items.items()},
        problems=list(draft.problems),
    )


def _named(item: GroupBuyItem, *, codes: tuple[str, ...]) -> CaptureItem:
    extra = getattr(item.product, "extra", None)
    written = search_text(item.product.get_title())
    return CaptureItem(
        item_id=item.pk,
        title=title_of(item.product),
        sales_unit=extra.sales_unit if extra else "",
        pinyin=written.pinyin,
        initials=written.initials,
        codes=codes,
    )


def _own(leader_id: int) -> QuerySet[CaptureLine]:
    return CaptureLine.objects.filter(inbox__group__leader=leader_id)


def _inbox(inbox: CaptureInbox) -> InboxView:
    lines = tuple(_line(line) for line in inbox.lines.all())
    return InboxView(inbox_id=inbox.pk, group_id=inbox.group_id, at=inbox.at, lines=lines)


def _line(line: CaptureLine) -> LineView:
    return LineView(
        line_id=line.pk,
        raw=line.raw,
        name=line.name,
        phone=line.phone,
        remark=line.remark,
        items={int(item_id): count for item_id, count in line.items.items()},
        problems=tuple(line.problems),
        state=line.state,
        order_no=line.order_no,
    )


def _plain(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
