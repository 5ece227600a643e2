"""What a group's posters say: from its page alone, which holds nothing personal."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from mall.catalogue.pictures import Picture
from mall.groupbuy.selectors import GroupCard, GroupPage, ItemCard
from mall.storefront.groups import calendar_day
from mall.storefront.posters.drawing import Kind, Poster, PosterItem, draw
from mall.storefront.shelf import per_jin_text
from payments.api import local

_ITEMS_MAX: Final = 6
_KEPT_SECONDS: Final = 24 * 3600


def poster_of(page: GroupPage, kind: Kind, *, item: ItemCard | None = None) -> Poster:
    """Return what a poster of a group says; of one of its goods where ``item`` is given.

    Figures that change by the hour (how many were sold) stay off it: a picture lives long in chats.
    """
    group = page.group
    shown = [item] if item else _first_of(page)
    return Poster(
        kind=kind,
        shop=_("Linli neighbours' shop"),
        place=group.point.name,
        address=f"{group.point.address} {group.point.opening_hours}",
        title=_("It has arrived!") if kind is Kind.ARRIVED else group.title,
        cutoff=_cutoff(group),
        pickup=_pickup(group),
        call=_calls(kind),
        url=_address(group, item),
        cover=_stored(group.cover),
        items=tuple(_shown(each) for each in shown),
    )


def picture_of(poster: Poster) -> bytes:
    """Return the poster's JPEG; drawn once for each content."""
    key = f"poster:{poster.version}"
    drawn: bytes | None = cache.get(key)
    if drawn is None:
        drawn = draw(poster)
        cache.set(key, drawn, _KEPT_SECONDS)
    return drawn


def _first_of(page: GroupPage) -> list[ItemCard]:
    there = [item for item in page.items if item.left] or list(page.items)
    return there[:_ITEMS_MAX]


def _shown(item: ItemCard) -> PosterItem:
    return PosterItem(
        title=item.title,
        picture=_stored_picture(item),
        price_minor=item.price_minor,
        strike_minor=item.strike_minor,
        note=per_jin_text(item),
    )


def _stored_picture(item: ItemCard) -> str:
    found: Picture | None = item.pictures.get(720) or item.pictures.get(240)
    return _stored(found.url) if found else ""


def _stored(url: str) -> str:
    """Return the storage's name of one of our own media addresses."""
    return url.removeprefix(settings.MEDIA_URL) if url.startswith(settings.MEDIA_URL) else ""


def _address(group: GroupCard, item: ItemCard | None) -> str:
    page = f"{settings.SITE_URL}/g/{group.share_code}/"
    return f"{page}items/{item.item_id}/" if item else page


def _cutoff(group: GroupCard) -> str:
    """Say the cut-off by its date: "tomorrow" is not true for long on a picture."""
    at = local(group.closes_at)
    figures = {"day": calendar_day(at.date()), "time": f"{at:%H:%M}"}
    return _("Order until %(day)s %(time)s") % figures


def _pickup(group: GroupCard) -> str:
    figures = {
        "day": calendar_day(group.pickup_on),
        "start": f"{group.pickup_from:%H:%M}",
        "end": f"{group.pickup_until:%H:%M}",
    }
    return _("Collect %(day)s, %(start)s to %(end)s") % figures


def _calls(kind: Kind) -> str:
    if kind is Kind.ARRIVED:
        return _("Hold on the code to see your pickup code")
    return _("Hold on the code to order with your neighbours")
