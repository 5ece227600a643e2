"""One look for the whole admin: Oscar's pages get the house's clothes, its money rows a lock."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import Category
from unfold.admin import ModelAdmin, StackedInline, TabularInline

# What tells of orders and money is written by services only; a person reads it here.
LOCKED_APPS = frozenset({"order", "payment", "basket"})


class Locked:
    """Nothing is added, changed or deleted by hand."""

    def has_add_permission(self, *_args: Any) -> bool:
        """Refuse to add."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse to change."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse to delete."""
        return False


class CategoryAdmin(ModelAdmin):
    """Categories as a flat list; they are added and moved in Oscar's dashboard.

    Treebeard's own admin draws a tree that breaks inside unfold's list.
    """

    list_display = ("indented_name", "slug", "is_public")
    list_filter = ("is_public",)
    search_fields = ("name",)
    ordering = ("path",)
    fields = ("name", "slug", "description", "image", "is_public")
    has_add_permission = Locked.has_add_permission
    has_delete_permission = Locked.has_delete_permission

    @admin.display(description=_("name"), ordering="path")
    def indented_name(self, category: Category) -> str:
        """Show the depth in the tree."""
        return "— " * (category.depth - 1) + category.name


def dress(site: admin.AdminSite = admin.site) -> list[str]:
    """Register every admin that is not unfold's again as one that is; return their models' labels.

    Called once all apps are ready, so that every admin module has been seen.
    """
    site.unregister(apps.get_model("payment", "Bankcard"))  # it invites what we never hold
    site.unregister(Category)
    site.register(Category, CategoryAdmin)
    dressed = []
    for model, model_admin in list(site._registry.items()):  # noqa: SLF001 - no other way to list
        if isinstance(model_admin, ModelAdmin):
            continue
        site.unregister(model)
        site.register(model, _dressed(model, type(model_admin)))
        dressed.append(model._meta.label)  # noqa: SLF001 - Django documents it
    return dressed


def _dressed(model: type[Model], plain: type[admin.ModelAdmin]) -> type[admin.ModelAdmin]:
    is_locked = model._meta.app_label in LOCKED_APPS  # noqa: SLF001 - Django documents it
    inlines = [_dressed_inline(inline, is_locked=is_locked) for inline in plain.inlines]
    lock = (Locked,) if is_locked else ()
    bases = (*lock, *_without_plain_base(plain), ModelAdmin)
    return type(f"Dressed{plain.__name__}", bases, {"inlines": inlines})


def _without_plain_base(plain: type[admin.ModelAdmin]) -> tuple[type, ...]:
    return () if plain is admin.ModelAdmin else (plain,)


def _dressed_inline(plain: type[InlineModelAdmin], *, is_locked: bool) -> type[InlineModelAdmin]:
    base = TabularInline if issubclass(plain, admin.TabularInline) else StackedInline
    lock = (Locked,) if is_locked else ()
    return type(f"Dressed{plain.__name__}", (*lock, plain, base), {"template": base.template})
