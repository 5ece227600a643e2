"""How much of the offers is gone for a resident, her cards and device, and for everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
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
    have offers drawn by lot, a third query reads her lots.
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


def _drawn(resident_id: int, except_order: str) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    rows = (
        OfferReservation.objects.filter(
            resident_id=resident_id, state__in=_LIVE, offer__benefit_kind=_RANDOM
        )
        .exclude(order_no=except_order)
        .order_by()
        .values_list("offer__code", "estimated_minor")
    )
    for code, minor in rows:
        found[code].append(minor)
    return found


class _Gone:
    """Which offers of ours have nothing left for anybody, and whose budget is nearly gone."""

    def __init__(self, day: date) -> None:
        rows = list(_running(day))
        self.altogether = frozenset(row["pk"] for row in rows if _is_gone(row))
        self.today = frozenset(row["pk"] for row in rows if row["day_gone"])
        self.this_month = frozenset(row["pk"] for row in rows if row["month_gone"])
        self.budget_left = {
            row["pk"]: row["budget_minor"] - row["given"]
            for row in rows
            if row["budget_minor"] is not None
        }


def _is_gone(row: dict[str, Any]) -> bool:
    total, budget = row["total_limit"], row["budget_minor"]
    return (
        row["state"] == BankOffer.State.EXHAUSTED
        or (total is not None and total <= row["taken"])
        or (budget is not None and budget < row["given"] + row["discount_minor"])
    )


_UNBOUND = [kind for kind in BankOffer.BenefitKind if kind is not BankOffer.BenefitKind.FIXED]
_TAKEN = F("reserved_count") + F("used_count")
_GIVEN = F("reserved_minor") + F("used_minor")
_GONE_OR_NEAR = (
    Q(state=BankOffer.State.EXHAUSTED)
    | Q(total_limit__lte=_TAKEN)
    | Q(budget_minor__lt=_GIVEN + F("discount_minor"))
    | Q(budget_minor__lt=_GIVEN + F("most_minor"))
    | Q(budget_minor__isnull=False, most_minor=None, benefit_kind__in=_UNBOUND)
)


def _running(day: date) -> QuerySet[BankOffer, dict[str, Any]]:
    """Read the offers of ours that are gone or nearly gone, however many there are besides."""
    full = {"offer": OuterRef("pk"), "limit__lte": _TAKEN}
    return (
        BankOffer.objects.filter(
            state__in=[BankOffer.State.ACTIVE, BankOffer.State.EXHAUSTED],
            decided_by=BankOffer.DecidedBy.SHOP,
        )
        .annotate(
            day_gone=Exists(OfferDay.objects.filter(day=day, **full)),
            month_gone=Exists(OfferMonth.objects.filter(month=day.replace(day=1), **full)),
        )
        .filter(_GONE_OR_NEAR | Q(day_gone=True) | Q(month_gone=True))
        .order_by()
        .values(
            "pk",
            "state",
            "total_limit",
            "budget_minor",
            "discount_minor",
            "day_gone",
            "month_gone",
            taken=_TAKEN,
            given=_GIVEN,
        )
    )
