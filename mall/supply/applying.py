"""An approved proposal becomes true: product, details, picture, price and cost are written."""

from __future__ import annotations

from typing import Any, Final

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import (
    Category,
    Product,
    ProductCategory,
    ProductClass,
    ProductImage,
)
from oscar.apps.partner.models import StockRecord

from mall.accounts.models import User
from mall.catalogue.costs import set_cost, set_price
from mall.catalogue.models import ProductExtra
from mall.catalogue.slugs import pinyin_slug
from mall.supply.errors import ProposalError
from mall.supply.models import ProductProposal
from payments.api import Money

_OF_PRODUCT: Final = ("title", "description")
_OF_EXTRA: Final = (
    "short_text",
    "origin",
    "sales_unit",
    "storage_class",
    "net_grams",
    "shelf_life_days",
)


def apply(proposal: ProductProposal, *, by: User | None, category_id: int | None) -> Product:
    """Write what a proposal wishes, in the caller's transaction; indexing comes after it.

    ProposalError for a new product without a category; ValidationError where details contradict.
    """
    if proposal.kind == ProductProposal.Kind.NEW:
        product, record = _created(proposal, category_id)
    else:
        product, record = _changed(proposal)
    _details(product, proposal.wished)
    if proposal.picture:
        _picture(product, proposal)
    if "cost_minor" in proposal.wished:
        set_cost(stockrecord_id=record.pk, cost_minor=proposal.wished["cost_minor"], by=by)
    if "price_minor" in proposal.wished:
        set_price(stockrecord_id=record.pk, price_minor=proposal.wished["price_minor"], by=by)
    return product


def _created(proposal: ProductProposal, category_id: int | None) -> tuple[Product, StockRecord]:
    category = Category.objects.filter(pk=category_id).first()
    if category is None:
        raise ProposalError(_("Choose a category for the new product."))
    wished = proposal.wished
    kind = ProductClass.objects.filter(requires_shipping=True).order_by("pk").first()
    product = Product.objects.create(
        title=wished["title"],
        slug=pinyin_slug(wished["title"])[:200] or f"product-{proposal.pk}",
        description=wished.get("description", ""),
        product_class=kind or ProductClass.objects.create(name=_("Goods")),
        structure=Product.STANDALONE,
    )
    ProductCategory.objects.create(product=product, category=category)
    minor = wished.get("price_minor") or wished["cost_minor"]
    record = StockRecord.objects.create(
        product=product,
        partner=proposal.supplier,
        partner_sku=f"P{proposal.pk}",
        price_currency="CNY",
        price=Money(minor).major,
        num_in_stock=0,
    )
    ProductProposal.objects.filter(pk=proposal.pk).update(product=product)
    proposal.product = product
    return product, record


def _changed(proposal: ProductProposal) -> tuple[Product, StockRecord]:
    record = (
        StockRecord.objects.filter(partner=proposal.supplier, product=proposal.product_id)
        .select_related("product")
        .first()
    )
    if record is None:
        raise ProposalError(_("The supplier does not sell this product any more."))
    product = record.product
    fields = [name for name in _OF_PRODUCT if name in proposal.wished]
    for name in fields:
        setattr(product, name, proposal.wished[name])
    if fields:
        product.save(update_fields=[*fields, "date_updated"])
    return product, record


def _details(product: Product, wished: dict[str, Any]) -> None:
    """Write the fresh-goods details that were wished; a new product needs them all or blank."""
    extra = ProductExtra.objects.filter(product=product).first()
    is_new = extra is None
    extra = extra or ProductExtra(product=product)
    fields = [name for name in _OF_EXTRA if name in wished and (wished[name] or not is_new)]
    for name in fields:
        setattr(extra, name, wished[name])
    extra.full_clean(validate_unique=False)
    if is_new:
        ProductExtra.objects.bulk_create([extra])
    elif fields:
        extra.save(update_fields=fields)


def _picture(product: Product, proposal: ProductProposal) -> None:
    """Put the picture first; the ones before follow it."""
    with proposal.picture.open("rb") as file:
        content = ContentFile(file.read(), name=proposal.picture.name.rpartition("/")[2])
    first = product.images.order_by("display_order").first()
    if first is not None:
        for image in product.images.order_by("-display_order"):
            ProductImage.objects.filter(pk=image.pk).update(display_order=image.display_order + 1)
    ProductImage.objects.create(product=product, original=content, display_order=0)
