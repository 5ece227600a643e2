"""Rules of days: sealed days are what they were, and nothing stays on its way for too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, F, Min, Q, Sum

from payments.kernel.checking import CheckResult, is_whole_history, result_of
from payments.kernel.clock import business_date
from payments.ledger.balances import posted_entries
from payments.ledger.sealing import differences
from payments.models import LedgerSeal

# Computing a seal anew reads every leg of its day: usually the newest days are enough.
SEALS_CHECKED: Final = 7


def sealed_sums_are_the_entries() -> CheckResult:
    """L5: the only sums kept anywhere, those of sealed days, are the sums of the entries."""
    seals = LedgerSeal.objects.order_by("-day")
    checked = list(seals if is_whole_history() else seals[:SEALS_CHECKED])
    counted: dict[date, tuple[int, dict[str, int]]] = {}
    for row in _sums_by_day(checked):
        legs, debited = counted.get(row["day"], (0, {}))
        counted[row["day"]] = legs + row["legs"], debited | {row["currency"]: row["debited"]}

    def wrong() -> Iterator[tuple[str, str]]:
        for seal in checked:
            legs, debited = counted.get(seal.day, (0, {}))
            if (seal.entries, seal.sums) != (legs, debited):
                yield f"{seal.day}", f"sealed {seal.entries} legs {seal.sums}, are {legs} {debited}"

    return result_of("L5 sums of sealed days = their entries", rows=len(checked), wrong=wrong())


def _sums_by_day(seals: list[LedgerSeal]) -> Iterable[Mapping[str, Any]]:
    if not seals:
        return []
    days = (seals[-1].day, seals[0].day)
    return (
        posted_entries()
        .filter(transaction__business_date__range=days)
        .order_by()
        .values("currency", day=F("transaction__business_date"))
        .annotate(debited=Sum("amount_minor", filter=Q(amount_minor__gt=0)), legs=Count("pk"))
        .iterator()
    )


def seals_hold() -> CheckResult:
    """L8: the seals of days follow from each other and from the days' journals."""
    days = None if is_whole_history() else SEALS_CHECKED
    count = LedgerSeal.objects.count()
    return result_of(
        "L8 day seals hold",
        rows=count if days is None else min(count, days),
        wrong=((f"{found.day}", found.detail) for found in differences(days=days)),
    )


def nothing_stays_on_its_way() -> CheckResult:
    """L6: what is in transit arrives or comes back within LINLI_IN_TRANSIT_DAYS days.

    A refund that has not left clearing, a statement that was closed and not paid.
    """
    before = business_date() - timedelta(days=settings.LINLI_IN_TRANSIT_DAYS)
    drawers = (
        posted_entries()
        .filter(account__in=("2111", "2202", "2302"))
        .order_by()
        .values("account", "party", "reference", "currency")
        .annotate(left=Sum("amount_minor"), since=Min("transaction__business_date"))
        .exclude(left=0)
    )
    return result_of(
        f"L6 nothing is on its way for more than {settings.LINLI_IN_TRANSIT_DAYS} days",
        rows=drawers.count(),
        wrong=(
            (row["reference"], f"{-row['left']} in {row['account']} since {row['since']}")
            for row in drawers.filter(since__lt=before).iterator()
        ),
    )


DAY_RULES = (sealed_sums_are_the_entries, seals_hold, nothing_stays_on_its_way)
