"""Claims at a glance: what is not claimed yet, and month by bank what became of what was."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, Final

from django.db.models import Count, F, QuerySet, Sum

from mall.banks.scope import sees_every_unit, units_for
from mall.claims.admin.reading import yuan
from mall.claims.models import SubsidyClaim
from mall.claims.months import first_of, month_before
from mall.claims.names import campaigns_of, giver_names
from mall.claims.services.drafting import unclaimed_months
from payments.api import business_date, last_sealed_day, subsidy_balances

_MONTHS: Final = 6


def overview(user: Any, claims: QuerySet[SubsidyClaim]) -> dict[str, Any]:
    """Return what stands above the list of claims this person may see."""
    today = business_date()
    since = first_of(today)
    for _step in range(_MONTHS - 1):
        since = month_before(since)
    names = giver_names()
    return {
        "unclaimed": _unclaimed(user, names, since=since, today=today),
        "months": _months(claims.filter(month__gte=since), names),
        "owed": _owed(names) if sees_every_unit(user) else [],
    }


def _unclaimed(
    user: Any, names: dict[str, str], *, since: date, today: date
) -> list[dict[str, Any]]:
    found = list(unclaimed_months(since=since, until=today))
    known = campaigns_of(month.campaign for month in found)
    if not sees_every_unit(user):
        units = set(units_for(user).values_list("pk", flat=True))
        found = [month for month in found if known[month.campaign].owner_id in units]
    drafts = {
        (draft.giver, draft.campaign, draft.month): draft
        for draft in SubsidyClaim.objects.filter(status=SubsidyClaim.Status.DRAFT)
    }
    sealed = last_sealed_day()
    return [
        {
            "month": month.month,
            "giver": month.giver,
            "giver_name": names.get(month.giver, month.giver),
            "campaign": month.campaign,
            "name": known[month.campaign].name,
            "given": yuan(month.given_minor),
            "returned": yuan(-month.returned_minor) if month.returned_minor else "–",
            "net": yuan(month.net_minor),
            "is_running": month.month == first_of(today),
            "draft": drafts.get((month.giver, month.campaign, month.month)),
            "is_closed": sealed is not None and first_of(sealed) > month.month,
        }
        for month in sorted(found, key=lambda one: (one.month, one.giver, one.campaign))
    ]


def _months(claims: QuerySet[SubsidyClaim], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return a row per month and giver: how many claims in which state, and their sums."""
    states = dict(SubsidyClaim.Status.choices)
    rows: defaultdict[tuple[date, str], dict[str, Any]] = defaultdict(
        lambda: {"states": [], "amount": 0, "received": 0, "disputed": 0}
    )
    sums = claims.order_by().values("month", "giver", "status")
    for found in sums.annotate(
        count=Count("pk"),
        amount=Sum("amount_minor"),
        received=Sum("received_minor"),
        disputed=Sum("disputed_minor"),
    ).order_by(F("month").desc(), "giver", "status"):
        row = rows[found["month"], found["giver"]]
        row["states"].append((found["status"], states[found["status"]], found["count"]))
        for name in ("amount", "received", "disputed"):
            row[name] += found[name]
    return [
        {
            "month": month,
            "giver": giver,
            "giver_name": names.get(giver, giver),
            "states": row["states"],
            "amount": yuan(row["amount"]),
            "received": yuan(row["received"]),
            "disputed": yuan(row["disputed"]) if row["disputed"] else "–",
            "due": yuan(row["amount"] - row["received"] - row["disputed"]),
        }
        for (month, giver), row in rows.items()
    ]


def _owed(names: dict[str, str]) -> list[dict[str, str]]:
    """Return what each giver owes by the books, and what it has paid in advance."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for (giver, _campaign), (owed, advanced) in subsidy_balances().items():
        sums[giver][0] += owed
        sums[giver][1] += advanced
    return [
        {"name": names.get(giver, giver), "owed": yuan(owed), "advanced": yuan(advanced)}
        for giver, (owed, advanced) in sorted(sums.items())
        if owed or advanced
    ]
