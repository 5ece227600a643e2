"""Doors to what else saves: gifts for tying a card, vouchers, points, red packets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.accounts.models import User
from mall.loyalty import member_day
from mall.loyalty.selectors import balance_of
from mall.messaging.selectors import unread_count
from mall.redpackets.selectors import rain_to_announce
from mall.storefront.banks import bank_name, kind_text
from mall.storefront.templatetags.money import short_yen
from mall.vouchers.gifts import OpenGift, open_gifts
from mall.vouchers.selectors import usable_count
from payments.api import local


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """One door: where it leads and what waits there."""

    url: str
    mark: str
    title: str
    text: str


def teasers(person: User | None) -> list[Teaser]:
    """Return the doors that are open: one query for each."""
    return [*_rain(), *(_gift(gift) for gift in open_gifts()), *_own(person)]


def own_doors(person: User) -> list[Teaser]:
    """Return what she has herself: messages, vouchers and points, with how many."""
    return [_messages(person), _vouchers(person), _points(person)]


def _own(person: User | None) -> list[Teaser]:
    if person is None:
        return [
            Teaser(
                url=reverse("storefront:vouchers"),
                mark="ticket-percent",
                title=_("Vouchers to claim"),
                text="",
            )
        ]
    return [_vouchers(person), _points(person)]


def _messages(person: User) -> Teaser:
    count = unread_count(person.pk)
    text = ngettext("%(n)d not read yet", "%(n)d not read yet", count) % {"n": count}
    return Teaser(
        url=reverse("storefront:messages"),
        mark="message-square-text",
        title=_("Messages"),
        text=text if count else "",
    )


def _vouchers(person: User) -> Teaser:
    count = usable_count(person.pk)
    text = ngettext("%(n)d to use", "%(n)d to use", count) % {"n": count} if count else ""
    return Teaser(
        url=reverse("storefront:my-vouchers") if count else reverse("storefront:vouchers"),
        mark="ticket-percent",
        title=_("Vouchers and red packets"),
        text=text or _("Claim one in the next round"),
    )


def _points(person: User) -> Teaser:
    points = balance_of(person.pk)
    day = member_day.coming()
    told = [ngettext("%(n)s point", "%(n)s points", points) % {"n": f"{points:,}"}]
    if day is not None:
        on = date_format(day.on, "MONTH_DAY_FORMAT")
        told.append(
            _("member day on %(day)s: %(times)s × points") % {"day": on, "times": day.times}
        )
    return Teaser(
        url=reverse("storefront:my-points"), mark="coins", title=_("Points"), text=" · ".join(told)
    )


def _rain() -> Iterator[Teaser]:
    note = rain_to_announce()
    if note is not None:
        yield Teaser(url=note.url, mark="gift", title=note.title, text=note.text)


def _gift(gift: OpenGift) -> Teaser:
    bank = bank_name(gift.issuer_code) if gift.issuer_code else _("any bank")
    kind = kind_text(gift.card_kind) if gift.card_kind else _("any card")
    until = date_format(local(gift.ends_at), "MONTH_DAY_FORMAT")
    named = {"name": gift.name, "worth": short_yen(gift.worth_minor)}
    return Teaser(
        url=reverse("storefront:cards"),
        mark="gift",
        title=_("A gift for your first card: %(name)s, worth %(worth)s") % named,
        text=_("%(bank)s · %(kind)s · until %(day)s") % {"bank": bank, "kind": kind, "day": until},
    )
