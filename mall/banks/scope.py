"""What a person may see of the banks' things: her unit's and those below; the mall's people all.

Whoever is neither the mall's (superuser, or with the right banks.see_every_unit) nor of a bank
sees nothing: a right to look at offers alone opens no bank's books.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from mall.banks.models import BankStaff, BankUnit

Row = TypeVar("Row", bound=Model)


def unit_of(user: Any) -> BankUnit | None:
    """Return the unit a bank's person works for; None for everybody else, and where it is shut."""
    if not user.is_authenticated:
        return None
    staff = BankStaff.objects.filter(user=user, unit__is_active=True).select_related("unit").first()
    return staff.unit if staff else None


def sees_every_unit(user: Any) -> bool:
    """Tell whether she works for the mall and sees what all banks have there.

    A bank's person never does, whatever rights she was given, but as a superuser.
    """
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    is_of_a_bank = BankStaff.objects.filter(user=user).exists()
    return bool(user.has_perm("banks.see_every_unit")) and not is_of_a_bank


def units_for(user: Any) -> QuerySet[BankUnit]:
    """Return the units whose things she may see, in the order of the tree."""
    if sees_every_unit(user):
        return BankUnit.objects.all()
    unit = unit_of(user)
    if unit is None:
        return BankUnit.objects.none()
    return BankUnit.objects.filter(path__startswith=unit.path)


def owned_by(queryset: QuerySet[Row], user: Any, *, through: str = "owner") -> QuerySet[Row]:
    """Narrow rows to what belongs to her unit and those below.

    ``through`` leads from a row to the unit that owns it: "owner", "offer__owner". What no bank
    owns is seen by the mall's people only.
    """
    if sees_every_unit(user):
        return queryset
    unit = unit_of(user)
    if unit is None:
        return queryset.none()
    return queryset.filter(Q(**{f"{through}__path__startswith": unit.path}))
