"""What must always be true of group buys, whatever raced: counted again from the rows."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Max, Q, Sum

from mall.groupbuy.models import Entry, GroupBuyItem, LeaderGroup
from mall.groupbuy.sale_rules import check_terms
from payments.api import CheckResult, one_moment, result_of


def check() -> list[CheckResult]:
    """Return one result per rule; a rule without violations holds."""
    with one_moment():
        return [_within_quota(), _progress(), _numbers(), *check_terms()]


def _within_quota() -> CheckResult:
    """S1: never more held and sold than the quota, never less than nothing."""
    over = Q(quota__isnull=False, quota__lt=F("held") + F("sold"))
    broken = GroupBuyItem.objects.filter(over | Q(held__lt=0) | Q(sold__lt=0))
    wrong = (
        (f"item {item.pk}", f"held {item.held}, sold {item.sold}, quota {item.quota}")
        for item in broken.iterator()
    )
    rows = GroupBuyItem.objects.count()
    return result_of("S1 items stay within their quota", rows=rows, wrong=wrong)


def _progress() -> CheckResult:
    """G1: a group's progress is what its live entries say."""
    live = {
        row["group"]: row
        for row in Entry.objects.filter(withdrawn_at=None)
        .order_by()
        .values("group")
        .annotate(
            joined_count=Count("resident", distinct=True),
            order_count=Count("pk"),
            pieces=Sum("quantity"),
            minor=Sum("amount_minor"),
        )
    }
    rows = LeaderGroup.objects.count()
    return result_of("G1 progress equals the chain", rows=rows, wrong=_unequal(live))


def _unequal(live: dict[int, dict[str, int]]) -> Iterator[tuple[str, str]]:
    for group in LeaderGroup.objects.iterator():
        row = live.get(group.pk, {})
        counted = tuple(
            row.get(name, 0) for name in ("joined_count", "order_count", "pieces", "minor")
        )
        kept = (group.joined_count, group.order_count, group.quantity, group.amount_minor)
        if kept != counted:
            yield group.share_code, f"keeps {kept}, its chain says {counted}"


def _numbers() -> CheckResult:
    """G2: the chain of a group is numbered from one without gaps."""
    counted = LeaderGroup.objects.annotate(n=Count("entries"), last=Max("entries__number"))
    broken = counted.filter(~Q(last_number=F("n")) | Q(n__gt=0) & ~Q(last=F("n")))
    wrong = (
        (group.share_code, f"{group.n} entries, last number {group.last_number}")
        for group in broken.iterator()
    )
    rows = Entry.objects.count()
    return result_of("G2 the chain has no gaps", rows=rows, wrong=wrong)
