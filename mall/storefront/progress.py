"""How far a group and its goods have come, in words: what was really sold, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.groupbuy.models import LeaderGroup
from mall.groupbuy.selectors import GroupCard, ItemCard
from mall.groupbuy.tiers import next_tier, price_at
from mall.storefront.templatetags.money import short_yen

Minimum = LeaderGroup.Minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One thing that is missing, and how far it is; ``reached`` and ``needed`` in its own unit."""

    text: str
    reached: int
    needed: int

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is missing."""
        return self.reached >= self.needed


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProgress:
    """What is said below one of the goods: what it comes to now, and the nearest goal."""

    now_text: str = ""
    goals: tuple[Goal, ...] = ()


def item_progress(item: ItemCard) -> ItemProgress:
    """Say how far an item has come; once the results are fixed, what came of it."""
    if item.final_price_minor is not None and item.final_quantity is not None:
        return ItemProgress(now_text=_result(item, item.final_price_minor, item.final_quantity))
    goals = [_forming(item), _tier(item), _case(item)]
    return ItemProgress(now_text=_tier_reached(item), goals=tuple(goal for goal in goals if goal))


def group_goal(group: GroupCard) -> Goal | None:
    """Say what a group's own minimum still lacks; None where it has none."""
    need = group.minimum_value
    if group.minimum_kind == Minimum.PEOPLE:
        return _goal_of(group.joined_count, need, _people_missing(need - group.joined_count))
    if group.minimum_kind == Minimum.QUANTITY:
        return _goal_of(group.quantity, need, _pieces_missing(need - group.quantity))
    if group.minimum_kind == Minimum.AMOUNT:
        missing = {"amount": short_yen(max(0, need - group.amount_minor))}
        text = _("%(amount)s more and this group comes about") % missing
        return _goal_of(group.amount_minor, need, text)
    return None


def tier_texts(tiers: Sequence[Sequence[int]]) -> list[str]:
    """Say every price by quantity: "from 20 pieces ¥7.90"."""
    return [
        ngettext("from %(n)d piece %(price)s", "from %(n)d pieces %(price)s", pieces)
        % {"n": pieces, "price": short_yen(price)}
        for pieces, price in tiers
    ]


def _goal_of(reached: int, needed: int, missing: str) -> Goal:
    text = missing if reached < needed else _("The minimum is reached: this group comes about")
    return Goal(text=text, reached=min(reached, needed), needed=needed)


def _people_missing(n: int) -> str:
    return ngettext(
        "%(n)d more neighbour and this group comes about",
        "%(n)d more neighbours and this group comes about",
        max(n, 0),
    ) % {"n": n}


def _pieces_missing(n: int) -> str:
    return ngettext(
        "%(n)d more piece and this group comes about",
        "%(n)d more pieces and this group comes about",
        max(n, 0),
    ) % {"n": n}


def _forming(item: ItemCard) -> Goal | None:
    missing = item.minimum_quantity - item.sold
    if missing <= 0:
        return None
    text = ngettext("%(n)d more to be bought at all", "%(n)d more to be bought at all", missing)
    return Goal(text=text % {"n": missing}, reached=item.sold, needed=item.minimum_quantity)


def _tier(item: ItemCard) -> Goal | None:
    ahead = next_tier(item.tiers, item.sold)
    if ahead is None:
        return None
    pieces, price = ahead
    missing = pieces - item.sold
    text = ngettext(
        "%(n)d more and everybody pays %(price)s",
        "%(n)d more and everybody pays %(price)s",
        missing,
    )
    figures = {"n": missing, "price": short_yen(price)}
    return Goal(text=text % figures, reached=item.sold, needed=pieces)


def _tier_reached(item: ItemCard) -> str:
    price = price_at(item.tiers, item.sold, price_minor=item.price_minor)
    if price == item.price_minor:
        return ""
    text = _("%(price)s is reached; the difference comes back at the cut-off")
    return text % {"price": short_yen(price)}


def _case(item: ItemCard) -> Goal | None:
    """Say what the next case lacks, as far as what was paid for tells."""
    if item.case_size < 2:
        return None
    filled = item.sold % item.case_size
    if item.sold and not filled:
        return None
    missing = item.case_size - filled
    text = ngettext(
        "%(n)d more fills a case of %(size)d", "%(n)d more fill a case of %(size)d", missing
    )
    figures = {"n": missing, "size": item.case_size}
    return Goal(text=text % figures, reached=filled, needed=item.case_size)


def _result(item: ItemCard, price: int, quantity: int) -> str:
    if not quantity:
        return _("Did not come about: it is refunded")
    if price < item.price_minor:
        return _("Everybody pays %(price)s; the difference came back") % {"price": short_yen(price)}
    return ngettext("%(n)d piece bought together", "%(n)d pieces bought together", quantity) % {
        "n": quantity
    }
