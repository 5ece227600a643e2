"""What differs between two versions of a rule, field by field, as a person says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from mall.offerdesk.forms.offers import OfferForm
from mall.offerdesk.words import FUNDERS, KINDS, WEEKDAYS, issuer_names, listed, yuan
from mall.promotions.models import BankOffer
from mall.promotions.offer_approvals import facts_of
from payments.api import local

_NOT_COMPARED: Final = frozenset({"code", "version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field with what it said before and says now."""

    field: str
    before: str
    after: str


def differences(before: BankOffer, after: BankOffer) -> list[Difference]:
    """Return the fields in which two versions differ, in the order of the rule."""
    found = (
        Difference(field=_label(name), before=_shown(before, name), after=_shown(after, name))
        for name in facts_of(after)
        if name not in _NOT_COMPARED
    )
    # What is written the same is the same to a reader: an instant to the minute.
    return [each for each in found if each.before != each.after]


def _label(attname: str) -> str:
    """Name a field as the editor does."""
    field = _field(attname)
    typed = OfferForm.base_fields.get(field.name)
    return str(typed.label if typed and typed.label else field.verbose_name)


def _field(attname: str) -> Any:
    fields = BankOffer._meta.concrete_fields  # noqa: SLF001 - Django documents it
    return next(field for field in fields if field.attname == attname)


def _shown(offer: BankOffer, attname: str) -> str:
    field = _field(attname)
    value = getattr(offer, field.name)
    if value in (None, "", []):
        return "–"
    show = _SHOWN.get(attname) or _BY_TYPE.get(type(value))
    if field.choices:
        return str(getattr(offer, f"get_{field.name}_display")())
    if attname.endswith("_minor"):
        return yuan(value)
    return str(show(value)) if show else str(value)


_BY_TYPE: Final[dict[type, Callable[[Any], str]]] = {
    bool: lambda value: _("yes") if value else _("no"),
    datetime: lambda value: f"{local(value):%Y-%m-%d %H:%M}",
}
_SHOWN: Final[dict[str, Callable[[Any], str]]] = {
    "issuers": lambda codes: listed(issuer_names(codes)),
    "kinds": lambda kinds: listed(KINDS.get(kind, kind) for kind in kinds),
    "bins": ", ".join,
    "weekdays": lambda days: listed(WEEKDAYS.get(day, day) for day in days),
    "month_days": lambda days: ", ".join(str(day) for day in days),
    "hours": lambda hours: ", ".join(f"{start}–{until}" for start, until in hours),
    "steps": lambda steps: ", ".join(f"{yuan(at)} − {yuan(off)}" for at, off in steps),
    "percent_bp": lambda hundredths: f"{hundredths / 100:g} %",
    "funding": lambda parts: ", ".join(
        f"{FUNDERS.get(part['funder'], part['funder'])} {part['percent']} %" for part in parts
    ),
}
