"""A group as the pages speak of it: where and when to collect, whether one may order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mall.groupbuy.models import State
from mall.groupbuy.selectors import GroupCard, PointCard
from payments.api import business_date, local, now

# A break further off than this nobody plans dinner around.
_AWAY_SOON: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHead:
    """What stands above everything residents see of a group."""

    id: int
    share_code: str
    url: str
    title: str
    text: str
    leader_id: int
    leader_name: str
    point_id: int
    point_name: str
    point_address: str
    point_hours: str
    is_open: bool
    is_coming: bool
    closes_at: datetime
    min_order_minor: int


def head_of(card: GroupCard) -> GroupHead:
    """Flatten a group's card for the templates."""
    return GroupHead(
        id=card.group_id,
        share_code=card.share_code,
        url=reverse("storefront:group", args=[card.share_code]),
        title=card.title,
        text=card.text,
        leader_id=card.leader_id,
        leader_name=card.leader_name,
        point_id=card.point.point_id,
        point_name=card.point.name,
        point_address=card.point.address,
        point_hours=card.point.opening_hours,
        is_open=is_open_now(card),
        is_coming=card.state in {State.DRAFT, State.SCHEDULED},
        closes_at=card.closes_at,
        min_order_minor=card.min_order_minor,
    )


def frame(card: GroupCard) -> dict[str, Any]:
    """Return what every page about a group needs: its head, and when to order and collect."""
    return {
        "group": head_of(card),
        "now": now(),
        "cutoff_text": cutoff_text(card.closes_at),
        "pickup_text": pickup_text(card.pickup_on, card.pickup_from, card.pickup_until),
        "arrival_text": card.arrival_text,
        "state_text": state_text(card),
        "point_warning": resting_text(card.point),
        "point_notes": point_notes(card.point),
    }


def is_open_now(card: GroupCard) -> bool:
    """Tell whether the group takes orders this instant: by the clock, and not full."""
    return card.is_selling(now()) and not card.is_full


def resting_text(point: PointCard) -> str:
    """Say why a point takes no orders now; empty where it does."""
    if point.takes_orders:
        return ""
    if point.holiday_until:
        until = date_format(point.holiday_until, "MONTH_DAY_FORMAT")
        return _("The leader is on holiday until %(day)s.") % {"day": until}
    return _("This pickup point takes no new orders at the moment.")


def point_notes(point: PointCard) -> list[str]:
    """Say what else to know of a point: whose counter it is, and when nobody is there next."""
    notes = [point.bank_name] if point.bank_name else []
    if point.away and point.away[0] - business_date() <= _AWAY_SOON:
        first, last = (date_format(day, "MONTH_DAY_FORMAT") for day in point.away)
        notes.append(_("Away from %(first)s until %(last)s") % {"first": first, "last": last})
    return notes


def day_text(day: date) -> str:
    """Say a day as people do: today, tomorrow, or month and day with the weekday."""
    days = (day - business_date()).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return calendar_day(day)


def calendar_day(day: date) -> str:
    """Say a day so that it stays true: month and day with the weekday."""
    return f"{date_format(day, 'MONTH_DAY_FORMAT')} {date_format(day, 'D')}"


def pickup_text(day: date, start: time, end: time) -> str:
    """Say when goods are collected."""
    figures = {"day": day_text(day), "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
    return _("Collect %(day)s, %(start)s to %(end)s") % figures


def cutoff_text(closes_at: datetime) -> str:
    """Say when ordering closes."""
    at = local(closes_at)
    return _("Order until %(day)s %(time)s") % {
        "day": day_text(at.date()),
        "time": f"{at:%H:%M}",
    }


def state_text(card: GroupCard) -> str:
    """Say why nothing can be ordered; empty while it can."""
    if card.is_selling(now()):
        return _("This group is full. Nobody can order in it now.") if card.is_full else ""
    if card.state == State.SCHEDULED or (card.state == State.OPEN and now() < card.opens_at):
        at = local(card.opens_at)
        figures = {"day": day_text(at.date()), "time": f"{at:%H:%M}"}
        return _("This group opens %(day)s at %(time)s.") % figures
    if card.state == State.FAILED:
        return _("This group did not come about. Everything paid is refunded.")
    if card.is_full:
        return _("This group is full and has closed.")
    return _("Ordering has closed for this group.")
