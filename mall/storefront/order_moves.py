"""Where an order could go, and what would change, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from mall.groupbuy.models import State
from mall.groupbuy.selectors import GroupCard, group_card, groups
from mall.ordering.models import OrderFulfilment
from mall.ordering.moving import MoveQuote
from mall.storefront.groups import is_open_now, pickup_text
from mall.storefront.order_words import pickup_line
from mall.storefront.templatetags.money import yen

_SHOWN_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A group she could move an order to."""

    id: int
    title: str
    point_name: str
    address: str
    pickup_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing before and after a move."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveShown:
    """What a move changes."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def places_for(order: OrderFulfilment) -> list[Place]:
    """Return the open groups an order could go to: its sale elsewhere, other sales where it is."""
    same_sale = Q(group_buy=order.group_buy_id)
    same_point = Q(pickup_point=order.pickup_point_id)
    rows = groups().filter(same_sale | same_point, state=State.OPEN).exclude(pk=order.group_id)
    cards = [group_card(group) for group in rows.order_by("pickup_point", "pk")[: _SHOWN_MAX * 2]]
    there = [card for card in cards if is_open_now(card) and card.point.takes_orders]
    return [_place(card) for card in there[:_SHOWN_MAX]]


def move_shown(order: OrderFulfilment, quote: MoveQuote) -> MoveShown:
    """Say what changes: place, time, and the money where goods cost less."""
    card = group_card(quote.to_group)
    was, now_minor = (
        sum(line.was_minor for line in quote.lines),
        sum(line.is_minor for line in quote.lines),
    )
    rows = [
        Row(
            label=_("Pickup point"),
            before=order.pickup_snapshot.get("name", ""),
            after=card.point.name,
        ),
        Row(
            label=_("Address"),
            before=order.pickup_snapshot.get("address", ""),
            after=card.point.address,
        ),
        Row(
            label=_("When"),
            before=pickup_line(order),
            after=pickup_text(card.pickup_on, card.pickup_from, card.pickup_until),
        ),
        Row(label=_("Goods"), before=yen(was), after=yen(now_minor)),
    ]
    notes = []
    if quote.cheaper_minor:
        text = _(
            "The goods cost %(amount)s less there. What you paid of that comes back to you; "
            "what others paid goes back to them."
        )
        notes.append(text % {"amount": yen(quote.cheaper_minor)})
    if not quote.is_same_sale:
        notes.append(_("It is another group: its own cut-off counts from now on."))
    return MoveShown(rows=tuple(rows), notes=tuple(notes))


def _place(card: GroupCard) -> Place:
    return Place(
        id=card.group_id,
        title=card.title,
        point_name=card.point.name,
        address=card.point.address,
        pickup_text=pickup_text(card.pickup_on, card.pickup_from, card.pickup_until),
    )
