"""Until when something may be asked for a line, and what; otherwise why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from mall.aftersales.models import CaseReason, Kind
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from payments.api import now

# While goods wait at the point she may look at them there; once taken, the clock runs.
_ASKABLE: Final = (Status.ARRIVED, Status.COLLECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Whether a line may be complained about now: until when, or why not."""

    is_open: bool
    until: datetime | None = None
    why_not: str = ""


def hours_of(line: LineFulfilment) -> int:
    """Return for how many hours after collection goods of this storage may be complained about."""
    hours = settings.LINLI_AFTER_SALES_HOURS
    return int(hours.get(line.storage_class, max(hours.values())))


def window_of(
    order: OrderFulfilment, line: LineFulfilment, *, reason: CaseReason | None = None
) -> Window:
    """Say until when a line may be complained about, for a reason or for any; no query."""
    if order.status not in _ASKABLE:
        return Window(is_open=False, why_not=_not_now(order))
    if order.cancel_requested_at is not None or line.refunded_minor >= line.value_minor:
        return Window(is_open=False, why_not=_("All of it went back already."))
    if order.status == Status.ARRIVED or order.collected_at is None:
        return Window(is_open=True)
    until = _end(order, hours=_hours(line, reason), collected_at=order.collected_at)
    if now() >= until:
        return Window(is_open=False, until=until, why_not=_("The time to complain is over."))
    return Window(is_open=True, until=until)


def reasons_for(order: OrderFulfilment, line: LineFulfilment) -> list[CaseReason]:
    """Return the reasons that may be given for a line now, in the mall's order; one query."""
    found = CaseReason.objects.filter(is_active=True)
    if not settings.LINLI_CASE_CHANGE_OF_MIND:
        found = found.exclude(kind=Kind.MIND)
    return [reason for reason in found if window_of(order, line, reason=reason).is_open]


def _hours(line: LineFulfilment, reason: CaseReason | None) -> int:
    hours = hours_of(line)
    if reason is None:
        return hours
    if reason.kind == Kind.MISSING:
        # What is missing shows when the bag is unpacked.
        hours = min(hours, settings.LINLI_CASE_MISSING_HOURS)
    return min(hours, reason.hours) if reason.hours else hours


def _end(order: OrderFulfilment, *, hours: int, collected_at: datetime) -> datetime:
    until = collected_at + timedelta(hours=hours)
    # The mall may have ended the order's window early.
    return min(until, order.window_ends_at) if order.window_ends_at else until


def _not_now(order: OrderFulfilment) -> str:
    if order.status == Status.CLOSED:
        return _("The time to complain is over.")
    if order.status in {Status.CANCELLED, Status.REFUNDED}:
        return _("All of it went back already.")
    return _("You can say so once the goods are at the pickup point.")
