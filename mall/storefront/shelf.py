"""The shelf of a group: its goods as cards, with what the shopper holds of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.catalogue.pictures import Picture
from mall.catalogue.prices import JIN_GRAMS, price_per_jin_minor
from mall.catalogue.ratings import Stars
from mall.groupbuy.baskets import MOST_PER_LINE
from mall.groupbuy.selectors import ItemCard
from mall.groupbuy.summaries import BasketLine
from mall.storefront.groups import GroupHead
from mall.storefront.hearts import Heart, heart_of
from mall.storefront.progress import ItemProgress, item_progress

LOW: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A word or two on a card; kind is a colour of the style sheet."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfCard:
    """One product as a card with its stepper; fen."""

    id: int
    title: str
    url: str
    set_url: str
    picture: str
    picture_2x: str
    tags: tuple[Tag, ...]
    note: str
    sold: int
    left: int
    low: bool
    price_minor: int
    strike_minor: int | None
    quantity: int
    state: str
    progress: ItemProgress
    tolerance: int | None
    tolerance_url: str
    stars: Stars | None
    heart: Heart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingPart:
    """What of a card changes while neighbours order."""

    id: int
    title: str
    sold: int
    left: int
    low: bool
    note: str
    progress: ItemProgress


def shelf(
    items: Iterable[ItemCard],
    *,
    group: GroupHead,
    held: Mapping[int, int],
    spare: Mapping[str, int] | None = None,
    liked: Collection[int] | None = None,
) -> list[ShelfCard]:
    """Put items on the shelf.

    ``held`` is the quantity of each product in her basket, ``spare`` how many more of it she would
    take so that a case fills, ``liked`` what has her heart (None: no hearts on these cards).
    """
    return [
        card(
            item,
            group=group,
            quantity=held.get(item.product_id, 0),
            tolerance=(spare or {}).get(str(item.product_id), 0),
            is_liked=None if liked is None else item.product_id in liked,
        )
        for item in items
    ]


def moving(item: ItemCard) -> MovingPart:
    """Return the part of a card that changes by itself."""
    return MovingPart(
        id=item.item_id,
        title=item.title,
        sold=item.sold,
        left=item.left,
        low=item.left <= LOW,
        note=per_jin_text(item),
        progress=item_progress(item),
    )


def card(
    item: ItemCard,
    *,
    group: GroupHead,
    quantity: int,
    tolerance: int = 0,
    is_liked: bool | None = None,
) -> ShelfCard:
    """Put one item on a card; ``tolerance`` is what she would take on top to fill a case."""
    small, large = item.pictures.get(240), item.pictures.get(480)
    return ShelfCard(
        id=item.item_id,
        title=item.title,
        url=reverse("storefront:product", args=[group.share_code, item.item_id]),
        set_url=reverse("storefront:set-item", args=[group.share_code, item.item_id]),
        picture=picture_url(small),
        picture_2x=large.url if large else "",
        tags=tuple(_tags(item)),
        note=per_jin_text(item),
        sold=item.sold,
        left=item.left,
        low=item.left <= LOW,
        price_minor=item.price_minor,
        strike_minor=item.strike_minor,
        quantity=quantity,
        state=_state(item, group, quantity),
        progress=item_progress(item),
        tolerance=tolerance if item.allows_tolerance else None,
        tolerance_url=reverse("storefront:set-tolerance", args=[group.share_code, item.item_id]),
        stars=item.stars,
        heart=None if is_liked is None else heart_of(item.product_id, is_on=is_liked),
    )


def picture_url(picture: Picture | None) -> str:
    """Return a picture's address; a drawn basket where a product has none yet."""
    return picture.url if picture else static("mall/no-picture.svg")


def _state(item: ItemCard, group: GroupHead, quantity: int) -> str:
    if not group.is_open:
        return "soon" if group.is_coming else "closed"
    if item.left == 0 and quantity == 0:
        return "sold_out"
    return "limit" if quantity >= most_of(item.left, *limits_of(item)) else "open"


def limits_of(item: ItemCard) -> tuple[int | None, ...]:
    """Return how many one resident may have: in all, in one order, on one day; None: no limit."""
    return (item.limit, item.limit_per_order, item.limit_per_day)


def most_of(left: int, *limits: int | None) -> int:
    """Return how many of an item a basket may hold at most."""
    return min(left, MOST_PER_LINE, *(limit for limit in limits if limit is not None))


def limit_text(*, in_all: int | None, per_order: int | None, per_day: int | None) -> str:
    """Say the tightest limit of an item and what it is counted over; empty without any."""
    told = [
        (in_all, ngettext("At most %(n)d", "At most %(n)d", in_all or 0)),
        (per_order, ngettext("At most %(n)d per order", "At most %(n)d per order", per_order or 0)),
        (per_day, ngettext("At most %(n)d a day", "At most %(n)d a day", per_day or 0)),
    ]
    limits = [(limit, text) for limit, text in told if limit]
    if not limits:
        return ""
    limit, text = min(limits, key=lambda each: each[0])
    return text % {"n": limit}


def _tags(item: ItemCard) -> list[Tag]:
    tags = []
    in_all, per_order, per_day = limits_of(item)
    limit = limit_text(in_all=in_all, per_order=per_order, per_day=per_day)
    if limit:
        tags.append(Tag(text=limit, kind="sun"))
    if item.origin:
        tags.append(Tag(text=item.origin, kind="leaf"))
    return tags


def per_jin_text(item: ItemCard) -> str:
    """Say the price of 500 g where a unit is not itself about that."""
    return per_jin_words(price_minor=item.price_minor, net_grams=item.net_grams)


def per_jin_words(*, price_minor: int, net_grams: int | None) -> str:
    """Say the price of 500 g of anything (fen, grams); nothing where it is the price itself."""
    per_jin = price_per_jin_minor(price_minor=price_minor, net_grams=net_grams)
    if per_jin is None or net_grams == JIN_GRAMS:
        return ""
    return _("¥%(yuan)s per 500 g") % {"yuan": f"{per_jin / 100:.2f}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line of the basket with its stepper; fen."""

    id: int
    title: str
    url: str
    set_url: str
    picture: str
    price_minor: int
    note: str
    value_minor: int
    quantity: int
    pieces: int
    problem: str
    blocks: bool
    state: str
    tolerance: int | None
    tolerance_url: str


def line_row(line: BasketLine, group: GroupHead) -> LineRow:
    """Put a basket's line into a row; a line that is gone can only be taken out."""
    code, spare_url = group.share_code, ""
    if line.item_id is None:
        url, set_url = group.url, reverse("storefront:remove-line", args=[code, line.line_id])
    else:
        url = reverse("storefront:product", args=[code, line.item_id])
        set_url = reverse("storefront:set-item", args=[code, line.item_id])
        spare_url = reverse("storefront:set-tolerance", args=[code, line.item_id])
    at_limit = not group.is_open or line.pieces >= most_of(line.left, line.limit)
    return LineRow(
        id=line.item_id or line.line_id,
        title=line.title,
        url=url,
        set_url=set_url,
        picture=picture_url(line.picture),
        price_minor=line.unit_minor,
        note=per_jin_words(price_minor=line.unit_minor, net_grams=line.net_grams),
        value_minor=line.value_minor,
        quantity=line.quantity,
        pieces=line.pieces,
        problem=" ".join(problem.message for problem in line.problems),
        blocks=any(problem.blocks for problem in line.problems),
        state="limit" if at_limit else "open",
        tolerance=line.tolerance if line.allows_tolerance else None,
        tolerance_url=spare_url,
    )
