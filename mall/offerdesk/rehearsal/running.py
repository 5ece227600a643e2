"""Asking for a dry run and running it: at once where it is short, else by the worker."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Final

from mall.offerdesk.models import Rehearsal
from mall.offerdesk.rehearsal.counting import Rehearser
from mall.offerdesk.rehearsal.orders import past_orders, read_orders
from mall.promotions.models import BankOffer
from mall.promotions.offers import rule_of
from payments.api import advance, now

logger = logging.getLogger(__name__)
State = Rehearsal.State
# So many orders are judged while the person waits; more are the worker's.
AT_ONCE: Final = 3000
_TELL_EVERY: Final = 1000
# A run whose worker died is taken up again.
_DEAD_AFTER: Final = timedelta(minutes=15)


def ask(offer: BankOffer, *, first: date, last: date, by: str) -> Rehearsal:
    """Ask for a dry run over the orders of some days; a short one is done when this returns."""
    rehearsal = Rehearsal.objects.create(
        offer=offer,
        first_day=first,
        last_day=last,
        whole=past_orders(first, last).count(),
        asked_by=by,
        asked_at=now(),
    )
    if rehearsal.whole <= AT_ONCE:
        run(rehearsal)
    return rehearsal


def run_due(limit: int) -> dict[str, int]:
    """Run the dry runs that wait, and those whose worker died; a job."""
    dead = Rehearsal.objects.filter(state=State.RUNNING, began_at__lt=now() - _DEAD_AFTER)
    dead.update(state=State.WAITING)
    waiting = Rehearsal.objects.filter(state=State.WAITING).order_by("pk")
    return {"rehearsed": sum(run(rehearsal) for rehearsal in waiting[:limit])}


def run(rehearsal: Rehearsal) -> bool:
    """Run it, if nobody else does; say whether this call did."""
    if not advance(rehearsal, Rehearsal.EDGES, State.RUNNING, field="state", began_at=now()):
        return False
    try:
        result = _count(rehearsal)
    except Exception:
        logger.exception("rehearsal.failed rehearsal=%s", rehearsal.pk)
        advance(rehearsal, Rehearsal.EDGES, State.FAILED, field="state", ended_at=now())
        return True
    changes = {"result": result, "ended_at": now(), "seen": result["whole"]["orders"]}
    advance(rehearsal, Rehearsal.EDGES, State.DONE, field="state", **changes)
    return True


def _count(rehearsal: Rehearsal) -> dict[str, object]:
    offers = BankOffer.objects.select_related("included", "excluded", "owner")
    offer = offers.get(pk=rehearsal.offer_id)
    rehearser = Rehearser(
        rule_of(offer),
        budget_minor=offer.budget_minor,
        total_limit=offer.total_limit,
        bank=offer.owner.issuer_code if offer.owner else "",
    )
    row = Rehearsal.objects.filter(pk=rehearsal.pk)
    for seen in rehearser.run(read_orders(rehearsal.first_day, rehearsal.last_day)):
        if seen % _TELL_EVERY == 0:
            row.update(seen=seen)
    days = (rehearsal.last_day - rehearsal.first_day).days + 1
    return rehearser.found.told() | {"calendar_days": days}
