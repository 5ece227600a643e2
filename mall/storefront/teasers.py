"""Doors to what else saves: gifts for tying a card, vouchers, points, red packets."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.loyalty import member_day
from mall.storefront.banks import bank_name, kind_text
from mall.storefront.templatetags.money import short_yen
from mall.vouchers.gifts import OpenGift, open_gifts
from payments.api import local


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """One door: where it leads and what waits there."""

    url: str
    mark: str
    title: str
    text: str


def teasers(person: User | None) -> list[Teaser]:
    """Return the doors that are open: gifts of today, and the member day."""
    doors = [_gift(gift) for gift in open_gifts()]
    day = member_day.coming()
    if day is not None and person is not None:
        doors.append(_member_day(day))
    return doors


def _gift(gift: OpenGift) -> Teaser:
    bank = bank_name(gift.issuer_code) if gift.issuer_code else _("any bank")
    kind = kind_text(gift.card_kind) if gift.card_kind else _("any card")
    until = date_format(local(gift.ends_at), "MONTH_DAY_FORMAT")
    figures = {"bank": bank, "kind": kind, "day": until}
    return Teaser(
        url=reverse("storefront:cards"),
        mark="gift",
        title=_("A gift for your first card: %(name)s, worth %(worth)s")
        % {"name": gift.name, "worth": short_yen(gift.worth_minor)},
        text=_("%(bank)s · %(kind)s · until %(day)s") % figures,
    )


def _member_day(day: member_day.MemberDay) -> Teaser:
    on = date_format(day.on, "MONTH_DAY_FORMAT")
    return Teaser(
        url=reverse("storefront:home"),
        mark="calendar-days",
        title=day.title,
        text=f"{on} · {day.text}",
    )
