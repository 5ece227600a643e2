"""Suppliers: whether their goods may be sold on a day, and changing them with the change kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from oscar.apps.partner.models import Partner

from mall.catalogue.models import SupplierChange, SupplierProfile
from payments.api import business_date, now, transact

State = SupplierProfile.State
# Within so many days of its end a licence is worth a word to the admin.
WARN_DAYS: Final = 30


def may_supply(partner_id: int, on: date) -> str:
    """Say why a supplier's goods may not be sold for that Shanghai day; "" when they may.

    A supplier without details is an old acquaintance and may.
    """
    profile = SupplierProfile.objects.filter(partner=partner_id).first()
    return "" if profile is None else _why_not(profile, on)


def barred(on: date) -> dict[int, str]:
    """Return every supplier whose goods may not be sold for that day, by partner, with the reason.

    One query; for shelves that ask about many goods at once.
    """
    rows = SupplierProfile.objects.all()
    return {row.partner_id: why for row in rows if (why := _why_not(row, on))}


def warnings_of(profile: SupplierProfile, on: date) -> list[str]:
    """Say what the admin should look at: licence missing, over or nearly over, no phone."""
    found = []
    if not profile.licence_no:
        found.append(_("No licence number."))
    if profile.licence_is_over(on):
        found.append(_("The licence has run out."))
    elif profile.licence_until is not None and (profile.licence_until - on).days <= WARN_DAYS:
        days = (profile.licence_until - on).days
        found.append(_("The licence runs out in %(days)s days.") % {"days": days})
    if not profile.phone:
        found.append(_("No phone number: orders cannot be sent."))
    return found


def profile_of(partner: Partner) -> SupplierProfile:
    """Return a supplier's details; an unsaved, normal one where nobody has entered any."""
    found = SupplierProfile.objects.filter(partner=partner).first()
    return found or SupplierProfile(partner=partner, state=State.NORMAL)


def supplier_name(partner: Partner, profile: SupplierProfile | None, *, is_english: bool) -> str:
    """Return what a supplier is called in the reader's language."""
    return (is_english and profile is not None and profile.name_en) or partner.name


def supplier_names(supplier_ids: Iterable[int]) -> dict[int, str]:
    """Return suppliers' names by their numbers; one query."""
    return dict(Partner.objects.filter(pk__in=list(supplier_ids)).values_list("pk", "name"))


@transact()
def change_supplier(
    *, partner_id: int, values: Mapping[str, Any], by: str
) -> tuple[SupplierProfile, SupplierChange | None]:
    """Write a supplier's details (fields of SupplierProfile) and what changed; by is who did it.

    ValidationError where they contradict each other. Nothing new changes nothing: no row is kept.
    """
    locked = SupplierProfile.objects.select_for_update(no_key=True).filter(partner=partner_id)
    profile = locked.first() or SupplierProfile(partner_id=partner_id)
    is_new = profile.pk is None
    before = {} if is_new else {name: _said(getattr(profile, name)) for name in values}
    for name, value in values.items():
        setattr(profile, name, value)
    profile.full_clean(validate_unique=False)
    changed = {
        name: [before.get(name, ""), after]
        for name in values
        if (after := _said(getattr(profile, name))) != before.get(name, "")
    }
    if is_new:
        profile = SupplierProfile.objects.create(partner_id=partner_id, **values)
    elif changed:
        profile.save(update_fields=list(values))
    if not changed:
        return profile, None
    kept = SupplierChange.objects.create(profile=profile, at=now(), by=by[:150], changed=changed)
    return profile, kept


def freeze(*, partner_id: int, because: str, by: str) -> SupplierProfile:
    """Take a supplier's goods off sale. ValidationError without a reason. Twice is once."""
    values = {"state": State.FROZEN, "frozen_because": because.strip()[:200]}
    return change_supplier(partner_id=partner_id, values=values, by=by)[0]


def admit(*, partner_id: int, by: str) -> SupplierProfile:
    """Let a supplier's goods be sold (again). Twice is once."""
    values = {"state": State.NORMAL, "frozen_because": ""}
    return change_supplier(partner_id=partner_id, values=values, by=by)[0]


def _why_not(profile: SupplierProfile, on: date) -> str:
    if profile.state == State.APPLIED:
        return _("The supplier has only applied.")
    if profile.state == State.FROZEN:
        return _("The supplier is frozen: %(why)s") % {"why": profile.frozen_because}
    if profile.licence_is_over(max(on, business_date())):
        return _("The supplier's licence has run out.")
    if profile.has_break(on):
        return _("The supplier does not deliver on that day.")
    return ""


def _said(value: Any) -> str:
    """Write a value down as people read it."""
    return "" if value is None else str(value)
