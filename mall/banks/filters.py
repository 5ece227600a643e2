"""Narrowing an admin's list to a unit of a bank and those below, of those she may see."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mall.banks.scope import units_for


class UnitFilter(admin.SimpleListFilter):
    """A unit with all below it. ``through`` leads from a row to its unit."""

    title = _("bank unit")
    parameter_name = "unit"
    through: ClassVar[str] = "unit"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """Offer the units whose things she may see, as a tree."""
        return [(unit.code, unit.indented_name) for unit in units_for(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what belongs to the unit or to one below; nothing for a unit she may not see."""
        if not self.value():
            return queryset
        unit = units_for(request.user).filter(code=self.value()).first()
        if unit is None:
            return queryset.none()
        return queryset.filter(**{f"{self.through}__path__startswith": unit.path})


class OwnerFilter(UnitFilter):
    """For rows that a unit owns."""

    through = "owner"
