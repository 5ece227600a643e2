"""What must always be true of points, checked against all rows."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce

from mall.loyalty.models import (
    EarningDay,
    LotMove,
    OrderEarning,
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointsUse,
)
from payments.api import CheckResult, result_of

Wrong = Iterator[tuple[str, str]]
Kind = PointsEntry.Kind


def check() -> list[CheckResult]:
    """Check every rule of points (PT)."""
    return [rule() for rule in RULES]


def balances_are_entries() -> CheckResult:
    """PT1: what a resident has less what she owes is the sum of her entries, and of her lots."""
    entries = {
        row["account_id"]: row
        for row in PointsEntry.objects.order_by()
        .values("account_id")
        .annotate(points=Sum("points"), n=Count("pk"), last=Max("number"))
    }
    lots = dict(PointsLot.objects.order_by().values_list("account_id").annotate(left=Sum("left")))
    nothing = {"points": 0, "n": 0, "last": 0}

    def wrong() -> Wrong:
        for account in PointsAccount.objects.order_by("pk").iterator():
            found = entries.get(account.pk, nothing)
            if account.balance - account.debt != found["points"]:
                yield (
                    f"account {account.pk}",
                    f"has {account.balance}, owes {account.debt}, entries {found['points']}",
                )
            if account.balance != lots.get(account.pk, 0):
                yield f"account {account.pk}", f"has {account.balance}, lots {lots.get(account.pk)}"
            if not account.moves == found["n"] == (found["last"] or 0):
                yield (
                    f"account {account.pk}",
                    f"{account.moves} entries counted, {found['n']} there",
                )

    return result_of("PT1 points add up", rows=PointsAccount.objects.count(), wrong=wrong())


def entries_follow_each_other() -> CheckResult:
    """PT2: each entry begins where the one before it ended."""

    def wrong() -> Wrong:
        after: dict[int, int] = {}
        rows = PointsEntry.objects.order_by("account_id", "number")
        for account, number, points, told in rows.values_list(
            "account_id", "number", "points", "after"
        ).iterator():
            due = after.get(account, 0) + points
            if told != due:
                yield f"account {account}, entry {number}", f"says {told}, is {due}"
            after[account] = told

    return result_of(
        "PT2 entries follow each other", rows=PointsEntry.objects.count(), wrong=wrong()
    )


def lots_are_their_moves() -> CheckResult:
    """PT3: what is left of a lot is what entries put in less what they took."""
    lots = PointsLot.objects.annotate(moved=Coalesce(Sum("moves__points"), 0)).exclude(
        left=F("moved")
    )
    return result_of(
        "PT3 lots are what moved them",
        rows=LotMove.objects.count(),
        wrong=((f"lot {lot.pk}", f"{lot.left} left, {lot.moved} moved") for lot in lots.iterator()),
    )


def uses_are_their_entries() -> CheckResult:
    """PT4: points on an order are the entry that took them, and came back as the use says."""
    back = dict(
        PointsEntry.objects.filter(kind=Kind.RETURN)
        .order_by()
        .values_list("order_no")
        .annotate(points=Sum("points"))
    )
    said = dict(
        PointsUse.objects.order_by().values_list("order_no").annotate(n=Sum("returned_points"))
    )

    def wrong() -> Wrong:
        for use in PointsUse.objects.exclude(points=-F("entry__points")).iterator():
            yield use.order_no, f"{use.points} points, entry {use.entry_id}"
        ended = Q(state__in=[PointsUse.State.RELEASED, PointsUse.State.RETURNED])
        whole = Q(returned_points=F("points"), returned_minor=F("minor"))
        for use in PointsUse.objects.filter(ended & ~whole).iterator():
            yield use.order_no, f"{use.state} with {use.returned_points} of {use.points} back"
        for order_no in sorted({*back, *said}):
            if back.get(order_no, 0) != said.get(order_no, 0):
                yield order_no, f"{back.get(order_no, 0)} back, the use says {said.get(order_no)}"

    return result_of("PT4 points on orders add up", rows=PointsUse.objects.count(), wrong=wrong())


def earned_once() -> CheckResult:
    """PT5: an order's entries are what it earned less what was taken; none earns for money back."""
    sums = {
        row["order_no"]: row
        for row in PointsEntry.objects.filter(kind__in=[Kind.EARN, Kind.CLAWBACK])
        .order_by()
        .values("order_no")
        .annotate(points=Sum("points"))
    }

    def wrong() -> Wrong:
        known = set()
        for earning in OrderEarning.objects.select_related("programme").order_by("pk").iterator():
            known.add(earning.order_no)
            found = sums.get(earning.order_no, {"points": 0})["points"]
            # what expired unused was lost without being taken, also by hand-overs undone before
            if found < earning.granted - earning.taken or (
                earning.turn == 1 and found != earning.granted - earning.taken
            ):
                yield earning.order_no, f"kept {earning.granted - earning.taken}, entries {found}"
            kept = earning.granted - earning.lost
            paid = earning.base_minor - earning.back_minor
            if kept * 100 * earning.programme.paid_minor_per_point > paid * earning.percent:
                yield earning.order_no, f"{kept} points for {paid} fen"
        for order_no in sorted(set(sums) - known):
            yield order_no, "points of no order"

    return result_of("PT5 earned once", rows=OrderEarning.objects.count(), wrong=wrong())


def days_are_within_the_cap() -> CheckResult:
    """PT6: what a day earned is what its orders keep, and not above its cap."""
    kept = {
        (row["account_id"], row["day"]): row["points"]
        for row in OrderEarning.objects.order_by()
        .values("account_id", "day")
        .annotate(points=Sum(F("granted") - F("lost")))
    }

    def wrong() -> Wrong:
        for day in EarningDay.objects.order_by("pk").iterator():
            due = kept.get((day.account_id, day.day), 0)
            if day.earned != due:
                yield f"account {day.account_id} on {day.day}", f"{day.earned}, orders {due}"
            if day.most is not None and day.earned > day.most:
                yield f"account {day.account_id} on {day.day}", f"{day.earned} of {day.most}"

    return result_of("PT6 days within their cap", rows=EarningDay.objects.count(), wrong=wrong())


RULES = (
    balances_are_entries,
    entries_follow_each_other,
    lots_are_their_moves,
    uses_are_their_entries,
    earned_once,
    days_are_within_the_cap,
)
