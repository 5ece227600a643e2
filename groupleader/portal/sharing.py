"""What a leader pastes into her neighbours' chat: title, cut-off, pickup, link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.api import BoardGroup, GroupGood, last_entries
from payments.api import Money, local

_NAMED: Final = 8


def shown(group: BoardGroup) -> dict[str, Any]:
    """Return a group with its link and the text for the chat, as templates show it."""
    url = settings.SITE_URL + reverse("storefront:group", args=[group.share_code])
    text = _(
        "%(title)s\nOrder until %(closes)s, collect on %(day)s from %(from)s at %(point)s.\n%(url)s"
    ) % {
        "title": group.title,
        "closes": date_format(local(group.closes_at), "n-j H:i"),
        "day": date_format(group.pickup_on, "n-j"),
        "from": time_format(group.pickup_from, "H:i"),
        "point": group.point_name,
        "url": url,
    }
    return asdict(group) | {"share_url": url, "share_text": text}


def goods_text(group: BoardGroup, goods: Sequence[GroupGood]) -> str:
    """Return the text for the chat with the first goods and their prices in it."""
    head, *rest = str(shown(group)["share_text"]).split("\n")
    there = [good for good in goods if good.left][:_NAMED] or list(goods[:_NAMED])
    rows = [f"· {good.title} {_price(good.price_minor)}" for good in there]
    if len(goods) > len(there):
        rows.append(_("· and more"))
    return "\n".join([head, *rows, *rest])


def chain_text(group: BoardGroup) -> str:
    """Return the sign-up chain as it is pasted into a chat: numbered, masked, then the link."""
    entries, more = last_entries(group.group_id)
    head, *rest = str(shown(group)["share_text"]).split("\n")
    rows = [
        f"{entry.number}. {entry.masked_name} {entry.summary}"
        + (f" ({entry.remark})" if entry.remark else "")
        for entry in entries
    ]
    if more:
        earlier = ngettext("%(n)d earlier entry …", "%(n)d earlier entries …", more)
        rows.insert(0, earlier % {"n": more})
    return "\n".join([head, *rows, *rest])


def arrived_text(group: BoardGroup) -> str:
    """Return what she pastes into the chat once the goods are there."""
    url = settings.SITE_URL + reverse("storefront:group", args=[group.share_code])
    text = _("%(title)s has arrived at %(point)s. Collect until %(until)s with your code:\n%(url)s")
    return text % {
        "title": group.title,
        "point": group.point_name,
        "until": time_format(group.pickup_until, "H:i"),
        "url": url,
    }


def pay_text(*, name: str, amount: str, until: str, url: str) -> str:
    """Return what a neighbour is sent to pay what was ordered for her."""
    return _("%(name)s, your order of %(amount)s is ready to be paid until %(until)s:\n%(url)s") % {
        "name": name,
        "amount": amount,
        "until": until,
        "url": url,
    }


def code_of(url: str) -> SafeString:
    """Return an address as a QR code drawn inline."""
    drawn = segno.make(url, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 - drawn by segno from our own address


def _price(minor: int) -> str:
    return "¥" + Money(minor).to_major_str().removesuffix(".00")
