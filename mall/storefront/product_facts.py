"""Everything the page of one product says about it, beside its price and stepper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mall.accounts.models import User
from mall.catalogue.batches import BatchFacts, current_batch
from mall.catalogue.favourites import liked_among
from mall.catalogue.models import ProductExtra
from mall.catalogue.pictures import Picture, gallery_of
from mall.catalogue.ratings import Stars, stars_of
from mall.catalogue.titles import reads_english, short_text_of
from mall.groupbuy.models import GroupBuyItem
from mall.reviews.selectors import ReviewRow, reviews_of
from mall.storefront.groups import GroupHead
from mall.storefront.hearts import Heart, heart_of
from mall.storefront.shelf import per_jin_words, picture_url

_REVIEWS: Final = 3
_SAME: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and what stands beside it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLink:
    """A certificate or report to open."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where the goods come from, as far as it is known today."""

    facts: tuple[Fact, ...]
    papers: tuple[PaperLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another product of the same producer in this group; fen."""

    title: str
    url: str
    picture: str
    price_minor: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFacts:
    """What the page needs."""

    pictures: tuple[Picture, ...]
    no_picture: str
    facts: tuple[Fact, ...]
    text: str
    keeping: str
    weighed_text: str
    trace: Trace | None
    heart: Heart
    stars: Stars | None
    reviews: tuple[ReviewRow, ...]
    reviews_url: str
    same: tuple[Other, ...]
    producer: str
    aftersales_text: str


def product_facts(item: GroupBuyItem, *, group: GroupHead, person: User | None) -> ProductFacts:
    """Gather them: a fixed number of queries, however much is known."""
    product, extra = item.product, getattr(item.product, "extra", None)
    english = reads_english()
    text = "" if english else strip_tags(product.description)
    stars = stars_of(product)
    liked = liked_among(person.pk if person else None, [product.pk])
    shown = reviews_of(product.pk, limit=_REVIEWS) if stars else []
    return ProductFacts(
        pictures=gallery_of(product),
        no_picture=picture_url(None),
        facts=tuple(_facts(extra)),
        text=text or short_text_of(product),
        keeping=extra.keeping if extra else "",
        weighed_text=_weighed(extra),
        trace=_trace(current_batch(product.pk), extra),
        heart=heart_of(product.pk, is_on=bool(liked)),
        stars=stars,
        reviews=tuple(shown),
        reviews_url=reverse("storefront:reviews", args=[product.pk]),
        same=tuple(_same_producer(item, extra, group)),
        producer=extra.producer if extra else "",
        aftersales_text=_aftersales(extra),
    )


def _facts(extra: ProductExtra | None) -> list[Fact]:
    if extra is None:
        return []
    days, grams = extra.shelf_life_days, extra.net_grams
    weight = _("about %(grams)s g") if extra.is_weighed else _("%(grams)s g")
    facts = [
        (_("Sold by"), extra.sales_unit),
        (_("Net weight"), weight % {"grams": grams} if grams else ""),
        (_("Origin"), extra.origin),
        (pgettext("of goods", "Producer"), extra.producer),
        (_("Storage"), str(extra.get_storage_class_display())),
        (_("Keeps for"), ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else ""),
        (_("Organic certificate"), extra.organic_certificate),
        (_("Allergens"), extra.allergens),
    ]
    return [Fact(label=label, value=value) for label, value in facts if value]


def _weighed(extra: ProductExtra | None) -> str:
    if extra is None or not extra.is_weighed:
        return ""
    return _(
        "Priced by weight. You pay for the estimated weight now; if it is lighter, the difference "
        "is paid back by itself, and if it is a little heavier, you pay nothing more."
    )


def _trace(batch: BatchFacts | None, extra: ProductExtra | None) -> Trace | None:
    if batch is None:
        return None
    inspected = [batch.report_by, batch.report_no, _day(batch.reported_on)]
    facts = [
        (_("Batch"), batch.batch_no),
        (pgettext("of goods", "Supplier"), batch.supplier),
        (pgettext("of goods", "Producer"), extra.producer if extra else ""),
        (_("Origin"), batch.origin),
        (_("Harvested on"), _day(batch.harvested_on)),
        (_("Produced on"), _day(batch.produced_on)),
        (_("Best before"), _day(batch.best_before)),
        (_("Inspected"), " · ".join(part for part in inspected if part)),
    ]
    return Trace(
        facts=tuple(Fact(label=label, value=value) for label, value in facts if value),
        papers=tuple(
            PaperLink(label=each.label, url=reverse("storefront:paper", args=[each.name]))
            for each in batch.papers
        ),
    )


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def _same_producer(item: GroupBuyItem, extra: ProductExtra | None, group: GroupHead) -> list[Other]:
    """Return what else of this producer is in the group, most sold first: one query."""
    if extra is None or not extra.producer:
        return []
    others = GroupBuyItem.objects.filter(
        group_buy=item.group_buy_id, product__extra__producer=extra.producer
    ).exclude(pk=item.pk)
    rows = others.select_related("product__extra").order_by("-sold", "position", "pk")[:_SAME]
    return [
        Other(
            title=_title(row),
            url=reverse("storefront:product", args=[group.share_code, row.pk]),
            picture=_small(row),
            price_minor=row.price_minor,
            note=per_jin_words(price_minor=row.price_minor, net_grams=row.product.extra.net_grams),
        )
        for row in rows
    ]


def _title(row: GroupBuyItem) -> str:
    english = row.product.extra.title_en if reads_english() else ""
    return english or row.product.get_title()


def _small(row: GroupBuyItem) -> str:
    first = gallery_of(row.product, size=240)[:1]
    return picture_url(first[0] if first else None)


def _aftersales(extra: ProductExtra | None) -> str:
    """Say how long after collecting something may be reported."""
    kind = extra.storage_class if extra else ProductExtra.Storage.AMBIENT
    hours = settings.LINLI_AFTER_SALES_HOURS[str(kind)]
    if hours % 24 == 0 and hours > 24:
        text = ngettext(
            "Tell us within %(n)d day of collecting, with a photo if you can.",
            "Tell us within %(n)d days of collecting, with a photo if you can.",
            hours // 24,
        )
        return text % {"n": hours // 24}
    text = ngettext(
        "Tell us within %(n)d hour of collecting, with a photo if you can.",
        "Tell us within %(n)d hours of collecting, with a photo if you can.",
        hours,
    )
    return text % {"n": hours}
