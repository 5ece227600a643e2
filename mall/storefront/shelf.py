"""The shelf of a group: its goods as cards, with what the shopper holds of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.catalogue.pictures import Picture
from mall.groupbuy.baskets import MOST_PER_LINE
from mall.groupbuy.selectors import ItemCard
from mall.groupbuy.summaries import BasketLine
from mall.storefront.groups import GroupHead

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


def shelf(
    items: Iterable[ItemCard], *, group: GroupHead, held: Mapping[int, int]
) -> list[ShelfCard]:
    """Put items on the shelf; ``held`` is the quantity of each product in her basket."""
    return [card(item, group=group, quantity=held.get(item.product_id, 0)) for item in items]


def card(item: ItemCard, *, group: GroupHead, quantity: int) -> ShelfCard:
    """Put one item on a card."""
    small, large = item.pictures.get(240), item.pictures.get(480)
    return ShelfCard(
        id=item.item_id,
        title=item.title,
        url=reverse("storefront:product", args=[group.share_code, item.item_id]),
        set_url=reverse("storefront:set-item", args=[group.share_code, item.item_id]),
        picture=picture_url(small),
        picture_2x=large.url if large else "",
        tags=tuple(_tags(item)),
        note=_note(item),
        sold=item.sold,
        left=item.left,
        low=item.left <= LOW,
        price_minor=item.price_minor,
        strike_minor=item.strike_minor,
        quantity=quantity,
        state=_state(item, group, quantity),
    )


def picture_url(picture: Picture | None) -> str:
    """Return a picture's address; a drawn basket where a product has none yet."""
    return picture.url if picture else static("mall/no-picture.svg")


def _state(item: ItemCard, group: GroupHead, quantity: int) -> str:
    if not group.is_open:
        return "closed"
    if item.left == 0 and quantity == 0:
        return "sold_out"
    most = min(item.left, item.limit or MOST_PER_LINE, MOST_PER_LINE)
    return "limit" if quantity >= most else "open"


def _tags(item: ItemCard) -> list[Tag]:
    tags = []
    if item.limit:
        text = ngettext("At most %(n)d", "At most %(n)d", item.limit) % {"n": item.limit}
        tags.append(Tag(text=text, kind="sun"))
    if item.origin:
        tags.append(Tag(text=item.origin, kind="leaf"))
    return tags


def _note(item: ItemCard) -> str:
    """Say the price of 500 g where a unit is not itself about that."""
    if item.per_jin_minor is None or item.net_grams == 500:
        return ""
    yuan = f"{item.per_jin_minor / 100:.2f}"
    return _("¥%(yuan)s per 500 g") % {"yuan": yuan}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line of the basket with its stepper; fen."""

    id: int
    title: str
    url: str
    set_url: str
    picture: str
    price_minor: int
    value_minor: int
    quantity: int
    problem: str
    blocks: bool
    state: str


def line_row(line: BasketLine, group: GroupHead) -> LineRow:
    """Put a basket's line into a row; a line that is gone can only be taken out."""
    code = group.share_code
    if line.item_id is None:
        url, set_url = group.url, reverse("storefront:remove-line", args=[code, line.line_id])
    else:
        url = reverse("storefront:product", args=[code, line.item_id])
        set_url = reverse("storefront:set-item", args=[code, line.item_id])
    most = min(line.left, line.limit or MOST_PER_LINE, MOST_PER_LINE)
    at_limit = not group.is_open or line.quantity >= most
    return LineRow(
        id=line.item_id or line.line_id,
        title=line.title,
        url=url,
        set_url=set_url,
        picture=picture_url(line.picture),
        price_minor=line.unit_minor,
        value_minor=line.value_minor,
        quantity=line.quantity,
        problem=" ".join(problem.message for problem in line.problems),
        blocks=any(problem.blocks for problem in line.problems),
        state="limit" if at_limit else "open",
    )
