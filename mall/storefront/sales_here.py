"""The sales of a pickup point side by side, and the waiting list of one that is full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.groupbuy.selectors import GroupCard
from mall.groupbuy.waiting import place_of
from mall.storefront.groups import day_text, is_open_now
from mall.storefront.pages import cached_room
from payments.api import local


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleHere:
    """One of the sales she may choose between at her point."""

    title: str
    url: str
    when: str
    pickup: str
    is_current: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A waiting list as one resident sees it; ``place`` is hers, counted from one."""

    place: int | None
    join_url: str
    leave_url: str


def here_shown(cards: Iterable[GroupCard], *, current: str) -> list[SaleHere]:
    """Return the point's sales, soonest cut-off first; none where there is only one."""
    shown = [_sale(card, current) for card in cards]
    return shown if len(shown) > 1 else []


def waiting_shown(group: GroupCard, person: User | None) -> Waiting | None:
    """Return the waiting list where the pickup point has no room left on the pickup day."""
    if not is_open_now(group) or cached_room(group.point.point_id, group.pickup_on) != 0:
        return None
    place = place_of(group_id=group.group_id, resident_id=person.pk) if person else None
    return Waiting(
        place=place,
        join_url=reverse("storefront:join-waiting", args=[group.share_code]),
        leave_url=reverse("storefront:leave-waiting", args=[group.share_code]),
    )


def _sale(group: GroupCard, current: str) -> SaleHere:
    is_open = is_open_now(group)
    at = local(group.closes_at if is_open else group.opens_at)
    figures = {"day": day_text(at.date()), "time": f"{at:%H:%M}"}
    when = _("until %(day)s %(time)s") if is_open else _("from %(day)s %(time)s")
    return SaleHere(
        title=group.title,
        url=reverse("storefront:group", args=[group.share_code]),
        when=when % figures,
        pickup=_("collect %(day)s") % {"day": day_text(group.pickup_on)},
        is_current=group.share_code == current,
        is_open=is_open,
    )
