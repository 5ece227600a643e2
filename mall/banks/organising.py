"""Founding, moving and renaming the units of a bank; levels are kept in order."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from mall.banks.errors import BankUnitError
from mall.banks.models import BankUnit
from payments.api import transact

Level = BankUnit.Level
# What a unit may stand under; nothing is the top.
_ABOVE: Final[dict[str, frozenset[str | None]]] = {
    Level.BANK: frozenset({None}),
    Level.BRANCH: frozenset({Level.BANK, Level.BRANCH}),
    Level.OUTLET: frozenset({Level.BRANCH}),
}


def check_place(*, level: str, under: BankUnit | None, unit: BankUnit | None = None) -> None:
    """Refuse a place that the level does not allow, or below the unit itself; BankUnitError."""
    if (under.level if under else None) not in _ABOVE[level]:
        raise BankUnitError(field="under")
    if unit and under and (under.pk == unit.pk or under.is_descendant_of(unit)):
        raise BankUnitError(_("A unit cannot stand under itself."), field="under")


@transact()
def found_unit(
    *, code: str, name: str, level: str, under: BankUnit | None = None, issuer_code: str = ""
) -> BankUnit:
    """Add a unit; below a bank it has that bank's issuer code. BankUnitError."""
    above = BankUnit.objects.get(pk=under.pk) if under else None
    check_place(level=level, under=above)
    facts = {"code": code, "name": name, "level": level}
    if above is None:
        return BankUnit.objects.add_root({**facts, "issuer_code": issuer_code})
    return BankUnit.objects.add_child(above, {**facts, "issuer_code": above.issuer_code})


@transact()
def move_unit(unit: BankUnit, *, under: BankUnit | None) -> BankUnit:
    """Put a unit, with all below it, under another of the same bank. BankUnitError.

    Offers stay with their units, so who sees them changes at once.
    """
    row = BankUnit.objects.get(pk=unit.pk)
    above = BankUnit.objects.get(pk=under.pk) if under else None
    check_place(level=row.level, under=above, unit=row)
    if above and above.issuer_code != row.issuer_code:
        raise BankUnitError(_("A unit stays with its bank."), field="under")
    if above and BankUnit.objects.get_parent(row) != above:
        BankUnit.objects.move(row, above, "last-child")
    return BankUnit.objects.get(pk=row.pk)


@transact()
def rename_unit(unit: BankUnit, *, name: str, is_active: bool) -> None:
    """Give a unit another name, or take it out of use: its people then see nothing."""
    BankUnit.objects.filter(pk=unit.pk).update(name=name, is_active=is_active)
