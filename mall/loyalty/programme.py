"""Which version of the points programme is in force, and how a new one comes into force."""

from __future__ import annotations

import calendar
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from mall.loyalty.errors import ProgrammeError
from mall.loyalty.models import PointsProgramme
from mall.loyalty.models.sense import programme_errors
from mall.promotions.funding import Share
from payments.api import Funder, IllegalTransitionError, advance, business_date, now, transact

State = PointsProgramme.State
# What a copy does not take over.
_NOT_COPIED = {"id", "version", "state", "fixed_at", "starts_on"}


def programme_on(day: date | None = None) -> PointsProgramme | None:
    """Return the version in force on a Shanghai day (today by default), if there is one."""
    day = day or business_date()
    versions = PointsProgramme.objects.filter(state=State.FIXED, starts_on__lte=day)
    return versions.order_by("-starts_on").first()


def coming_programme(day: date | None = None) -> PointsProgramme | None:
    """Return the next fixed version that begins after a day, if there is one."""
    versions = PointsProgramme.objects.filter(
        state=State.FIXED, starts_on__gt=day or business_date()
    )
    return versions.order_by("starts_on").first()


def new_number() -> int:
    """Return the number of the next version."""
    last: int | None = PointsProgramme.objects.aggregate(last=Max("version"))["last"]
    return (last or 0) + 1


def draft_of(programme: PointsProgramme, *, starts_on: date) -> PointsProgramme:
    """Copy a version into a draft, to be changed and fixed from its own day."""
    values = {
        field.attname: getattr(programme, field.attname)
        for field in PointsProgramme._meta.concrete_fields  # noqa: SLF001 - Django documents it
        if field.name not in _NOT_COPIED
    }
    return PointsProgramme.objects.create(**values, version=new_number(), starts_on=starts_on)


@transact()
def fix(programme: PointsProgramme) -> None:
    """Fix a draft for good: it is in force from its day on.

    ProgrammeError where its day has come (unless it is the first) or another begins that day;
    IllegalTransitionError when it is no draft.
    """
    require_fixable(programme)
    try:
        with transaction.atomic():
            moved = advance(
                programme, PointsProgramme.EDGES, State.FIXED, field="state", fixed_at=now()
            )
    except IntegrityError:
        raise ProgrammeError(_("Another version begins on that day.")) from None
    if not moved:
        raise IllegalTransitionError(to=State.FIXED)


def require_fixable(programme: PointsProgramme) -> None:
    """Refuse a version that is no draft, makes no sense or would begin today; ProgrammeError."""
    if programme.state != State.DRAFT:
        raise IllegalTransitionError(to=State.FIXED)
    if errors := programme_errors(programme):
        raise ProgrammeError(next(iter(errors.values())))
    is_first = not PointsProgramme.objects.filter(state=State.FIXED).exists()
    if programme.starts_on <= business_date() and not is_first:
        raise ProgrammeError(_("A new version begins tomorrow at the earliest."))


def shares_of(programme: PointsProgramme) -> tuple[Share, ...]:
    """Return who pays for what points take off."""
    return tuple(
        Share(funder=Funder(part["funder"]), ref=part["ref"], percent=part["percent"])
        for part in programme.funding
    )


def expiry_of(programme: PointsProgramme, day: date) -> date:
    """Return the last day on which points that came on a day are good: the end of a month."""
    months = day.year * 12 + day.month - 1 + programme.expiry_months
    year, month = divmod(months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def percent_on(programme: PointsProgramme, day: date) -> int:
    """Return how many percent of the plain points a day earns."""
    return programme.member_percent if day.day in programme.member_days else 100
