"""A supplier's answer: all of it, or how much of what, why less and when the rest comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from mall.supply.errors import AlreadySharedError, AnswerError, NotOutError
from mall.supply.events import note, tell
from mall.supply.models import PurchaseLine, PurchaseOrder
from payments.api import advance, now, transact

Status = PurchaseOrder.Status


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a supplier can bring of a line, from nothing to all; less needs a reason."""

    can_bring: int
    because: str = ""
    rest_until: date | None = None


@transact()
def acknowledge(purchase_no: str, *, by: str) -> PurchaseOrder:
    """Note that the supplier brings everything. Twice is once. NotOutError; AlreadySharedError."""
    return answer(purchase_no, {}, by=by)


@transact()
def answer(purchase_no: str, answers: Mapping[int, Answer], *, by: str) -> PurchaseOrder:
    """Note what the supplier brings, by line; of lines not named, everything.

    It may answer again until the goods are counted in, but not for a line whose shortage was shared
    out (AlreadySharedError). The same answer again changes nothing. NotOutError; AnswerError for a
    line of another order, more than was ordered, or less without a reason.
    """
    rows = PurchaseOrder.objects.select_for_update(no_key=True).filter(purchase_no=purchase_no)
    purchase = rows.get()
    if not purchase.is_out:
        raise NotOutError(status=purchase.status)
    lines = {line.pk: line for line in purchase.lines.order_by("pk")}
    if not set(answers) <= set(lines):
        raise AnswerError(_("This line belongs to another order."))
    changed = [line for pk, line in lines.items() if _apply(line, answers.get(pk))]
    PurchaseLine.objects.bulk_update(changed, ["can_bring", "short_because", "rest_until"])
    is_short = any(line.missing > 0 for line in lines.values())
    to = Status.ANSWERED_SHORT if is_short else Status.ACKNOWLEDGED
    is_moved = _move(purchase, to, by=by)
    if is_moved or changed:
        _tell(purchase, lines, by=by)
    return purchase


def _apply(line: PurchaseLine, said: Answer | None) -> bool:
    """Write an answer into a line; say whether it is another one than before."""
    said = said or Answer(can_bring=max(line.pieces, 0))
    because = said.because.strip()[:200]
    if line.pieces <= 0:
        return False
    if not 0 <= said.can_bring <= line.pieces:
        text = _("%(title)s: from 0 to %(most)s can be brought.")
        raise AnswerError(text % {"title": line.title, "most": line.pieces}, title=line.title)
    is_all = said.can_bring == line.pieces
    if not is_all and not because:
        text = _("%(title)s: please say why less is coming.")
        raise AnswerError(text % {"title": line.title}, title=line.title)
    before = (line.can_bring, line.short_because, line.rest_until)
    line.can_bring = said.can_bring
    line.short_because = "" if is_all else because
    line.rest_until = None if is_all else said.rest_until
    is_new = before != (line.can_bring, line.short_because, line.rest_until)
    if is_new and line.shared_at is not None and before[0] != line.can_bring:
        raise AlreadySharedError(title=line.title)
    return is_new


def _move(purchase: PurchaseOrder, to: str, *, by: str) -> bool:
    if purchase.status == to:
        return False
    return advance(purchase, PurchaseOrder.EDGES, to, answered_at=now(), answered_by=by[:150])


def _tell(purchase: PurchaseOrder, lines: Mapping[int, PurchaseLine], *, by: str) -> None:
    missing = [
        {"item_id": line.item_id, "title": line.title, "missing": line.missing}
        for line in lines.values()
        if line.missing > 0
    ]
    words = "; ".join(f"{each['title']} −{each['missing']}" for each in missing)
    note(purchase, "short" if missing else "acknowledged", by=by, words=words)
    number = purchase.events.count()
    tell("purchase.answered", purchase, occurrence=f"{number}", missing=missing)
