"""How much of the offers is gone for a resident, her cards, the day and altogether: two queries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Case, Count, Exists, F, OuterRef, Q, When

from mall.promotions.models import BankOffer, OfferDay, OfferSlot
from mall.promotions.rules import Period, Usage


def period_keys(day: date) -> dict[Period, str]:
    """Name the periods a Shanghai day lies in: the day, the month, all."""
    return {"day": f"{day:%Y-%m-%d}", "month": f"{day:%Y-%m}", "total": "all"}


def resident_subject(resident_id: int) -> str:
    """Return the key that limits per resident are counted under."""
    return f"resident:{resident_id}"


def usage_of(
    *, resident_id: int | None, fingerprints: Iterable[str], day: date, except_order: str = ""
) -> Usage:
    """Read the uses that bear on a quote for this resident and these cards on a Shanghai day.

    The places that ``except_order`` itself holds are not counted.
    """
    resident = resident_subject(resident_id) if resident_id else ""
    subjects = [f"card:{fingerprint}" for fingerprint in fingerprints]
    if resident:
        subjects.append(resident)
    used_up, used_up_today = _gone(day)
    return Usage(
        resident=resident,
        taken=_taken(subjects, day, except_order) if subjects else {},
        used_up=used_up,
        used_up_today=used_up_today,
    )


def _taken(subjects: list[str], day: date, except_order: str) -> dict[tuple[int, str, Period], int]:
    keys = period_keys(day)
    names = {key: period for period, key in keys.items()}
    rows = (
        OfferSlot.objects.filter(subject__in=subjects, period__in=names)
        .exclude(reservation__order_no=except_order)
        .values_list("offer_id", "subject", "period")
        .annotate(uses=Count("pk"))
    )
    return {(offer, subject, names[key]): uses for offer, subject, key, uses in rows}


def _gone(day: date) -> tuple[frozenset[int], frozenset[int]]:
    is_gone = (
        Q(state=BankOffer.State.EXHAUSTED)
        | Q(total_limit__lte=F("reserved_count") + F("used_count"))
        | Q(budget_minor__lt=F("reserved_minor") + F("used_minor") + F("discount_minor"))
    )
    full_days = OfferDay.objects.filter(
        offer=OuterRef("pk"), day=day, limit__lte=F("reserved_count") + F("used_count")
    )
    rows = list(
        BankOffer.objects.filter(state__in=[BankOffer.State.ACTIVE, BankOffer.State.EXHAUSTED])
        .filter(is_gone | Exists(full_days))
        .annotate(is_gone=Case(When(is_gone, then=True), default=False))
        .order_by()
        .values_list("pk", "is_gone")
    )
    return (
        frozenset(offer for offer, altogether in rows if altogether),
        frozenset(offer for offer, altogether in rows if not altogether),
    )
