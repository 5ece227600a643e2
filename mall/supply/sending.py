"""Sending purchase orders: once, by a link to the supplier's phone or by hand; again; reminded.

After sending an order never changes in place. Sending the first one of a group buy ends prolonging.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import F
from django.utils.translation import gettext as _

from mall.groupbuy.lifecycle import mark_ordered
from mall.groupbuy.models import GroupBuy, State
from mall.supply.drafting import ROBOT, draft_for, line_of, locked_sale, new_purchase, refresh_sums
from mall.supply.errors import (
    AnswerError,
    NoPhoneError,
    NotADraftError,
    NotDueError,
    NotOutError,
    ReasonNeededError,
    SentJustNowError,
    UnitValueMissingError,
)
from mall.supply.events import note, tell
from mall.supply.gathering import Wanted
from mall.supply.links import make_link, revoke_links
from mall.supply.models import PurchaseLine, PurchaseOrder
from payments.api import advance, now, transact

Kind = PurchaseOrder.Kind
Means = PurchaseOrder.Means
Status = PurchaseOrder.Status
_AGAIN_AFTER: Final = timedelta(minutes=1)
_PIECES_MAX: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An order that is out; ``path`` opens it, and is known only now ("" where nothing new)."""

    purchase: PurchaseOrder
    path: str


@transact()
def send(purchase_no: str, *, by: str, means: str = Means.LINK, reason: str = "") -> Sent:
    """Send a draft, counted once more just before. Sent twice it goes out once.

    By hand it needs a reason (ReasonNeededError). UnitValueMissingError names goods without a
    weight; NoPhoneError; NotADraftError where nothing of it is left; NotDueError.
    """
    purchase = _locked_with_sale(purchase_no)
    if purchase.status != Status.DRAFT:
        if purchase.is_out:
            return Sent(purchase=purchase, path="")
        raise NotADraftError(purchase_no=purchase_no)
    if not purchase.reason:
        draft_for(purchase.group_buy_id, by=by)
        purchase = _locked(purchase_no)
    _require_complete(purchase, means=means, reason=reason)
    at = now()
    moved = advance(
        purchase,
        PurchaseOrder.EDGES,
        Status.SENT,
        sent_at=at,
        last_sent_at=at,
        sent_by=by[:150],
        sent_means=means,
        sent_reason=reason.strip()[:200] if means == Means.HAND else "",
        times_sent=1,
    )
    if not moved:
        raise NotADraftError(purchase_no=purchase_no)
    if GroupBuy.objects.filter(pk=purchase.group_buy_id, state=State.FORMED).exists():
        mark_ordered(group_buy_id=purchase.group_buy_id)
    note(purchase, "sent", by=by, words=purchase.sent_reason)
    is_told = means == Means.LINK
    return Sent(purchase=purchase, path=_hand_over(purchase, by=by, is_told=is_told))


@transact()
def resend(purchase_no: str, *, by: str) -> Sent:
    """Send an order that is out once more: a new link, and the links from before open nothing.

    NotOutError; NoPhoneError; SentJustNowError within a minute of the last time.
    """
    purchase = _locked(purchase_no)
    if not purchase.is_out:
        raise NotOutError(status=purchase.status)
    if not purchase.snapshot.get("phone"):
        raise NoPhoneError(purchase_no=purchase_no)
    at = now()
    rows = PurchaseOrder.objects.filter(pk=purchase.pk, last_sent_at__lte=at - _AGAIN_AFTER)
    if not rows.update(last_sent_at=at, times_sent=F("times_sent") + 1):
        raise SentJustNowError(wait_seconds=int(_AGAIN_AFTER.total_seconds()))
    purchase.refresh_from_db()
    revoke_links(purchase=purchase, by=by)
    note(purchase, "resent", by=by)
    return Sent(purchase=purchase, path=_hand_over(purchase, by=by))


@transact()
def show_link(purchase_no: str, *, by: str) -> Sent:
    """Make one more link for somebody to hand over by himself; nobody is told. NotOutError."""
    purchase = _locked(purchase_no)
    if not purchase.is_out:
        raise NotOutError(status=purchase.status)
    _link, path = make_link(supplier_id=purchase.supplier_id, by=by, purchase=purchase)
    note(purchase, "link", by=by)
    return Sent(purchase=purchase, path=path)


@transact()
def remind(purchase_id: int, *, most: int) -> bool:
    """Ask a supplier that did not answer once more, with one more link; the first still opens."""
    rows = PurchaseOrder.objects.filter(
        pk=purchase_id, status=Status.SENT, times_reminded__lt=most, deliver_until__gt=now()
    )
    if not rows.update(reminded_at=now(), times_reminded=F("times_reminded") + 1):
        return False
    purchase = PurchaseOrder.objects.get(pk=purchase_id)
    note(purchase, "reminded", by=ROBOT)
    _hand_over(purchase, by=ROBOT, fact="purchase.reminded")
    return True


@transact()
def supplement(
    purchase_no: str, changes: Mapping[int, int], *, reason: str, by: str
) -> PurchaseOrder:
    """Draft a correction of an order that went out: more (or less, below zero) pieces per line.

    It waits to be sent like any other. ReasonNeededError; NotOutError; AnswerError for a line of
    another order, nothing at all, or more taken off than was ordered.
    """
    if not reason.strip():
        raise ReasonNeededError
    original = _locked(purchase_no)
    if not original.is_out or original.kind != Kind.ORIGINAL:
        raise NotOutError(status=original.status)
    lines = {line.pk: line for line in original.lines.select_related("item__stockrecord")}
    wished = {pk: pieces for pk, pieces in changes.items() if pieces}
    for pk, pieces in wished.items():
        if pk not in lines or not -lines[pk].pieces <= pieces <= _PIECES_MAX:
            raise AnswerError(_("This correction does not fit the order."))
    if not wished:
        raise AnswerError(_("Say at least for one line how many more or fewer."))
    draft = new_purchase(
        original.group_buy,
        original.supplier_id,
        by=by,
        kind=Kind.SUPPLEMENT,
        supplements=original,
        reason=reason.strip()[:200],
    )
    PurchaseLine.objects.bulk_create(
        _correction(draft, lines[pk], position=number, pieces=pieces)
        for number, (pk, pieces) in enumerate(sorted(wished.items()), start=1)
    )
    refresh_sums(draft)
    return draft


def _correction(
    draft: PurchaseOrder, line: PurchaseLine, *, position: int, pieces: int
) -> PurchaseLine:
    wanted = Wanted(item=line.item, unit_cost_minor=line.unit_cost_minor)
    cost = line.unit_cost_minor * pieces
    return line_of(draft, wanted, position=position, pieces=pieces, cost_minor=cost)


def _locked(purchase_no: str) -> PurchaseOrder:
    rows = PurchaseOrder.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("group_buy", "supplier").get(purchase_no=purchase_no)


def _locked_with_sale(purchase_no: str) -> PurchaseOrder:
    """Lock residents' orders and their group buy first, as drafting does, then the order."""
    sale = PurchaseOrder.objects.filter(purchase_no=purchase_no).values_list("group_buy", flat=True)
    for group_buy_id in list(sale):
        locked_sale(group_buy_id)
    return _locked(purchase_no)


def _require_complete(purchase: PurchaseOrder, *, means: str, reason: str) -> None:
    if purchase.status != Status.DRAFT or not purchase.line_count:
        raise NotADraftError(purchase_no=purchase.purchase_no)
    if purchase.group_buy.state not in {State.FORMED, State.ORDERED, State.ARRIVED}:
        raise NotDueError(state=purchase.group_buy.state)
    missing = list(purchase.lines.filter(grams=None).values_list("title", flat=True))
    if missing:
        text = _("The weight of one sales unit is missing: %(titles)s. Enter it at the product.")
        raise UnitValueMissingError(text % {"titles": "、".join(missing[:10])}, titles=missing)
    if means == Means.HAND and not reason.strip():
        raise ReasonNeededError
    if means == Means.LINK and not purchase.snapshot.get("phone"):
        raise NoPhoneError(purchase_no=purchase.purchase_no)


def _hand_over(
    purchase: PurchaseOrder, *, by: str, fact: str = "purchase.sent", is_told: bool = True
) -> str:
    """Make a link and tell whoever sends messages; of what goes by hand nobody is told."""
    _link, path = make_link(supplier_id=purchase.supplier_id, by=by, purchase=purchase)
    phone = purchase.snapshot.get("phone", "")
    if is_told and phone:
        times = f"{purchase.times_sent}-{purchase.times_reminded}"
        tell(fact, purchase, occurrence=times, phone=phone, link=path)
    return path
