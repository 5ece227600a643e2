"""How much of the offers is gone for a resident, her cards and device, and for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.utils.crypto import salted_hmac

from mall.promotions.models import (
    BankOffer,
    OfferDay,
    OfferMonth,
    OfferReservation,
    OfferSlot,
)
from mall.promotions.rules import Period, Usage

_LIVE = (OfferReservation.State.RESERVED, OfferReservation.State.CONSUMED)
_RANDOM = BankOffer.BenefitKind.RANDOM


def period_keys(day: date) -> dict[Period, str]:
    """Name the periods a Shanghai day lies in: the day, the month, all."""
    return {"day": f"{day:%Y-%m-%d}", "month": f"{day:%Y-%m}", "total": "all"}


def resident_subject(resident_id: int) -> str:
    """Return the key that limits per resident are counted under."""
    return f"resident:{resident_id}"


def device_subject(device: str) -> str:
    """Return the key that limits per device are counted under; none for an unnamed one."""
    return f"device:{device}" if device else ""


def usage_of(
    *,
    resident_id: int | None,
    fingerprints: Iterable[str],
    day: date,
    except_order: str = "",
    device: str = "",
    draws: bool = False,
) -> Usage:
    """Read the uses that bear on a quote for this resident and these cards on a Shanghai day.

    The places that ``except_order`` itself holds are not counted. With ``draws``, for books that
    have offers drawn by lot, a third query counts her lots.
    """
    resident = resident_subject(resident_id) if resident_id else ""
    unit = device_subject(device)
    subjects = [f"card:{fingerprint}" for fingerprint in fingerprints]
    subjects += [subject for subject in (resident, unit) if subject]
    gone = _Gone(day)
    return Usage(
        resident=resident,
        device=unit,
        taken=_taken(subjects, day, except_order) if subjects else {},
        used_up=gone.altogether,
        used_up_today=gone.today,
        used_up_this_month=gone.this_month,
        budget_left=gone.budget_left,
        draw_key=draw_key() if draws else "",
        drawn=_drawn(resident_id, except_order) if draws and resident_id else {},
    )


def draw_key() -> str:
    """Return what lots are drawn with: known to this shop only."""
    return salted_hmac("mall.promotions.draw", "", secret=settings.SECRET_KEY).hexdigest()


def _taken(subjects: list[str], day: date, except_order: str) -> dict[tuple[str, str, Period], int]:
    keys = period_keys(day)
    names = {key: period for period, key in keys.items()}
    rows = (
        OfferSlot.objects.filter(subject__in=subjects, period__in=names)
        .exclude(reservation__order_no=except_order)
        .values_list("family", "subject", "period")
        .annotate(uses=Count("pk"))
    )
    return {(family, subject, names[key]): uses for family, subject, key, uses in rows}


def _drawn(resident_id: int, except_order: str) -> dict[str, int]:
    rows = (
        OfferReservation.objects.filter(
            resident_id=resident_id, state__in=_LIVE, offer__benefit_kind=_RANDOM
        )
        .exclude(order_no=except_order)
        .order_by()
        .values_list("offer__code")
        .annotate(uses=Count("pk"))
    )
    return dict(rows)


class _Gone:
    """Which offers of ours have nothing left for anybody, and whose budget is nearly gone."""

    def __init__(self, day: date) -> None:
        rows = list(_running(day))
        self.altogether = frozenset(row["pk"] for row in rows if row["is_gone"])
        self.today = frozenset(row["pk"] for row in rows if row["is_today_gone"])
        self.this_month = frozenset(row["pk"] for row in rows if row["is_month_gone"])
        self.budget_left = {
            row["pk"]: row["left_minor"] for row in rows if row["left_minor"] is not None
        }


def _running(day: date) -> QuerySet[BankOffer, dict[str, object]]:
    taken = F("reserved_count") + F("used_count")
    left_minor = F("budget_minor") - F("reserved_minor") - F("used_minor")
    is_gone = (
        Q(state=BankOffer.State.EXHAUSTED)
        | Q(total_limit__lte=taken)
        | Q(budget_minor__lt=F("reserved_minor") + F("used_minor") + F("discount_minor"))
    )
    is_near = Q(budget_minor__isnull=False) & (
        Q(most_minor=None, benefit_kind__in=_UNBOUND)
        | Q(budget_minor__lt=F("reserved_minor") + F("used_minor") + F("most_minor"))
    )
    full = {"offer": OuterRef("pk"), "limit__lte": taken}
    day_gone = Exists(OfferDay.objects.filter(day=day, **full))
    month_gone = Exists(OfferMonth.objects.filter(month=day.replace(day=1), **full))
    running = [BankOffer.State.ACTIVE, BankOffer.State.EXHAUSTED]
    return (
        BankOffer.objects.filter(state__in=running, decided_by=BankOffer.DecidedBy.SHOP)
        .annotate(is_today_gone=day_gone, is_month_gone=month_gone)
        .filter(is_gone | is_near | Q(is_today_gone=True) | Q(is_month_gone=True))
        .annotate(is_gone=Case(When(is_gone, then=True), default=False), left_minor=left_minor)
        .order_by()
        .values("pk", "is_gone", "is_today_gone", "is_month_gone", "left_minor")
    )


_UNBOUND = [kind for kind in BankOffer.BenefitKind if kind is not BankOffer.BenefitKind.FIXED]
