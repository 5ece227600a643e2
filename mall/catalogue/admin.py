"""Fresh-goods details in the admin; the products themselves are kept in Oscar's dashboard."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from mall.catalogue.models import ProductExtra
from mall.catalogue.services import index_product


@admin.register(ProductExtra)
class ProductExtraAdmin(ModelAdmin):
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
        index_product(obj.product)

    @admin.action(description=_("Index again: search words and pictures"))
    def index_again(self, request: HttpRequest, extras: QuerySet[ProductExtra]) -> None:
        """For when a picture was replaced in place."""
        rows = list(extras.select_related("product"))
        for extra in rows:
            index_product(extra.product)
        text = ngettext("%(n)d product indexed.", "%(n)d products indexed.", len(rows))
        messages.success(request, text % {"n": len(rows)})
