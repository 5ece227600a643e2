"""A product on one page: what it is, how it is kept, pictures, categories, price, cost."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, cast

import oscar.apps.catalogue.admin  # noqa: F401 - Oscar registers its own first; ours takes its place
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from oscar.apps.catalogue.models import Product, ProductCategory, ProductImage
from oscar.apps.partner.models import StockRecord
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action

from mall.accounts.models import User
from mall.catalogue.admin.forms import PictureForm, ProductForm, StockForm
from mall.catalogue.admin.history import history_view
from mall.catalogue.admin.importing import import_view
from mall.catalogue.costs import set_cost, set_price
from mall.catalogue.models import ProductExtra
from mall.catalogue.pictures import product_picture
from mall.catalogue.services import index_product
from mall.catalogue.sheets.columns import template_file
from mall.catalogue.sheets.writing import products_file
from mall.catalogue.slugs import pinyin_slug
from payments.api import Money

_DETAILS = (
    ("sales_unit", "net_grams"),
    ("storage_class", "shelf_life_days"),
    ("origin", "producer"),
    ("is_weighed", "weight_tolerance_percent"),
    ("short_text", "keywords"),
    ("allergens", "keeping"),
    ("organic_certificate", "pieces_per_box"),
    ("title_en", "short_text_en"),
)


class ExtraInline(StackedInline):  # type: ignore[misc]
    """How it is sold, weighed, kept and found."""

    model = ProductExtra
    fields = _DETAILS
    min_num = max_num = 1
    can_delete = False
    verbose_name_plural = _("fresh-goods details")


class PictureInline(TabularInline):  # type: ignore[misc]
    """Its pictures, the first one on cards."""

    model = ProductImage
    form = PictureForm
    fields = ("original", "display_order")
    extra = 0
    verbose_name_plural = _("pictures")


class CategoryInline(TabularInline):  # type: ignore[misc]
    """Where it is looked for."""

    model = ProductCategory
    extra = 0
    min_num = 1
    verbose_name_plural = _("categories")


class StockInline(StackedInline):  # type: ignore[misc]
    """Who supplies it, price and cost."""

    model = StockRecord
    form = StockForm
    fields = (("partner", "partner_sku"), ("price_yuan", "cost_yuan"), "first_stock")
    extra = 0
    min_num = 1
    can_delete = False
    verbose_name_plural = _("supplier, price and cost")


admin.site.unregister(Product)


@admin.register(Product)
class ProductAdmin(ModelAdmin):  # type: ignore[misc]
    """What residents can buy."""

    form = ProductForm
    inlines: ClassVar = [ExtraInline, PictureInline, CategoryInline, StockInline]
    list_display = ("picture", "title", "upc", "where", "price", "cost", "in_stock", "is_public")
    list_display_links = ("picture", "title")
    list_filter = ("is_public", "extra__storage_class", "extra__is_weighed", "categories")
    list_per_page = 50
    search_fields = ("title", "upc", "extra__pinyin", "extra__initials", "extra__keywords")
    ordering = ("-date_updated", "-pk")
    actions = ("index_again", "export_xlsx", "export_csv")
    actions_list: ClassVar = ("import_goods", "import_template")
    actions_detail: ClassVar = ("prices_over_time",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Fetch all a row shows with a fixed number of queries."""
        rows = super().get_queryset(request).select_related("extra")
        return rows.prefetch_related("stockrecords__cost", "categories")

    def get_urls(self) -> list[URLPattern]:
        """Add the import and the history of prices."""
        guard = self.admin_site.admin_view
        return [
            path("import/", guard(partial(import_view, self)), name="catalogue_import"),
            path("<int:pk>/prices/", guard(partial(history_view, self)), name="catalogue_prices"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Product, *rest: Any) -> None:
        """Give a new product its address."""
        if not obj.slug:
            obj.slug = pinyin_slug(obj.title)[:200] or "product"
        super().save_model(request, obj, *rest)

    def save_formset(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        form: Any,
        formset: BaseModelFormSet[Any],
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        """Write prices and costs through their services, everything else as it is."""
        if formset.model is not StockRecord:
            super().save_formset(request, form, formset, change)
            return
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        for row in formset.forms:
            if row.has_changed():
                _save_stock(row, product=form.instance, request=request)

    def save_related(self, request: HttpRequest, form: Any, *rest: Any) -> None:
        """Bring search and pictures up to date once everything is written."""
        super().save_related(request, form, *rest)
        transaction.on_commit(partial(index_product, form.instance))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep what was sold; a product is taken off the shelf by hiding it."""
        del request, obj
        return False

    @admin.display(description="")
    def picture(self, product: Product) -> str:
        """Show what it looks like."""
        small = product_picture(product, 240)
        shape = '<img src="{}" width="40" height="40" alt="" style="border-radius:6px">'
        return format_html(shape, small.url) if small else "–"

    @admin.display(description=_("categories"))
    def where(self, product: Product) -> str:
        """Name its categories."""
        return ", ".join(category.name for category in product.categories.all())

    @admin.display(description=_("price (yuan)"))
    def price(self, product: Product) -> str:
        """Show the price of its first stock record."""
        record = next(iter(product.stockrecords.all()), None)
        return str(record.price) if record and record.price is not None else ""

    @admin.display(description=_("cost (yuan)"))
    def cost(self, product: Product) -> str:
        """Show the cost of its first stock record."""
        record = next(iter(product.stockrecords.all()), None)
        cost = getattr(record, "cost", None)
        return str(Money(cost.cost_minor).major) if cost else ""

    @admin.display(description=_("to sell"))
    def in_stock(self, product: Product) -> int:
        """Show how many are free to be sold, over all suppliers."""
        records = product.stockrecords.all()
        return sum((each.num_in_stock or 0) - (each.num_allocated or 0) for each in records)

    @admin.action(description=_("Index again: search words and pictures"), permissions=["change"])
    def index_again(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        """For when a picture was replaced in place."""
        _index_all(request, products)

    @admin.action(description=_("Export as a workbook"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponseBase:
        """Give the chosen goods as the sheet the import reads."""
        return products_file("xlsx", products)

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponseBase:
        """Give the chosen goods as text."""
        return products_file("csv", products)

    @action(description=_("Import from a spreadsheet"), permissions=["add"])
    def import_goods(self, request: HttpRequest) -> HttpResponse:
        """Go to the import."""
        return redirect("admin:catalogue_import")

    @action(description=_("Empty spreadsheet to fill in"), permissions=["view"])
    def import_template(self, request: HttpRequest) -> HttpResponseBase:
        """Give the sheet with its headings and one example."""
        return template_file()

    @action(description=_("Prices over time"), permissions=["view"])
    def prices_over_time(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Go to the history."""
        return redirect(reverse("admin:catalogue_prices", args=[object_id]))


@admin.register(ProductExtra)
class ProductExtraAdmin(ModelAdmin):  # type: ignore[misc]
    """How a product is sold, weighed, kept and found."""

    list_display = ("product", "sales_unit", "net_grams", "origin", "storage_class", "is_weighed")
    list_filter = ("storage_class", "is_weighed")
    list_select_related = ("product",)
    search_fields = ("product__title", "product__upc", "title_en", "origin", "pinyin", "initials")
    autocomplete_fields = ("product",)
    readonly_fields = ("pinyin", "initials", "indexed_at")
    actions = ("index_again",)

    def save_model(self, request: HttpRequest, obj: ProductExtra, *rest: Any) -> None:
        """Save, and bring search and pictures up to date."""
        super().save_model(request, obj, *rest)
        transaction.on_commit(partial(index_product, obj.product))

    @admin.action(description=_("Index again: search words and pictures"), permissions=["change"])
    def index_again(self, request: HttpRequest, extras: QuerySet[ProductExtra]) -> None:
        """For when a picture was replaced in place."""
        _index_all(request, Product.objects.filter(extra__in=extras))


def _save_stock(row: StockForm, *, product: Product, request: HttpRequest) -> None:
    """Write a supplier's row: figures that orders move are never written over."""
    record, by = row.instance, cast("User", request.user)
    if record.pk is None:
        record = StockRecord(
            product=product,
            partner=record.partner,
            partner_sku=record.partner_sku,
            price_currency="CNY",
            price=Money(row.price_minor).major,
            num_in_stock=row.cleaned_data.get("first_stock") or 0,
        )
        StockRecord.objects.bulk_create([record])
    else:
        kept = {"partner": record.partner, "partner_sku": record.partner_sku}
        StockRecord.objects.filter(pk=record.pk).update(**kept)
        set_price(stockrecord_id=record.pk, price_minor=row.price_minor, by=by)
    if row.cost_minor is not None:
        set_cost(stockrecord_id=record.pk, cost_minor=row.cost_minor, by=by)


def _index_all(request: HttpRequest, products: QuerySet[Product]) -> None:
    rows = list(products)
    for product in rows:
        index_product(product)
    text = ngettext("%(n)d product indexed.", "%(n)d products indexed.", len(rows))
    messages.success(request, text % {"n": len(rows)})
