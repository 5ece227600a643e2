"""What is passed on of a group: its poster, a text for the chat, what a link shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from mall.groupbuy.selectors import GroupCard, GroupPage, ItemCard
from mall.storefront.groups import calendar_day
from mall.storefront.templatetags.money import short_yen
from payments.api import local

_NAMED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A group as it is passed on; addresses are whole, with the site's name."""

    title: str
    text: str
    url: str
    poster_url: str
    picture_url: str
    about: str


def share_of(page: GroupPage) -> Share:
    """Return what a resident passes on of a group."""
    group = page.group
    path = reverse("storefront:group", args=[group.share_code])
    poster = reverse("storefront:poster", args=[group.share_code])
    there = [item for item in page.items if item.left][:_NAMED] or list(page.items[:_NAMED])
    return Share(
        title=group.title,
        text=chat_text(group, there),
        url=settings.SITE_URL + path,
        poster_url=poster,
        picture_url=settings.SITE_URL + (group.cover or poster),
        about=_about(group, there),
    )


def chat_text(group: GroupCard, items: list[ItemCard]) -> str:
    """Write what is pasted into a chat: title, some prices, cut-off, pickup, link."""
    closes = local(group.closes_at)
    rows = [f"· {item.title} {short_yen(item.price_minor)}" for item in items]
    facts = _("Order until %(day)s %(time)s · collect %(pickup)s from %(start)s at %(point)s") % {
        "day": calendar_day(closes.date()),
        "time": f"{closes:%H:%M}",
        "pickup": calendar_day(group.pickup_on),
        "start": f"{group.pickup_from:%H:%M}",
        "point": group.point.name,
    }
    url = settings.SITE_URL + reverse("storefront:group", args=[group.share_code])
    return "\n".join([group.title, *rows, facts, url])


def _about(group: GroupCard, items: list[ItemCard]) -> str:
    """Say in one line what a chat app shows below a link."""
    named = _(", ").join(f"{item.title} {short_yen(item.price_minor)}" for item in items)
    closes = local(group.closes_at)
    until = _("Order until %(day)s %(time)s") % {
        "day": calendar_day(closes.date()),
        "time": f"{closes:%H:%M}",
    }
    return f"{until} · {named}"
