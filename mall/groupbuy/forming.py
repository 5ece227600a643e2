"""After the cut-off: which groups reached what they needed, once no order is still being paid."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from mall.groupbuy.lifecycle import tell
from mall.groupbuy.models import EDGES, GroupBuy, LeaderGroup, State
from payments.api import advance, now, transact

# An order that was being placed at the cut-off has committed, or failed, long before this.
_SETTLED: Final = timedelta(seconds=30)


@transact()
def form_if_due(*, group_buy_id: int) -> bool:
    """Decide a closed group buy; say whether this call did it.

    It waits until nothing is held by unpaid orders, at the longest until the grace has run out:
    no order is paid after that. Groups below their minimum fail, the others form; the group buy
    fails only where no group formed.
    """
    group_buy = GroupBuy.objects.select_for_update(no_key=True).get(pk=group_buy_id)
    at = now()
    if group_buy.state != State.CLOSED or not _is_decidable(group_buy, at):
        return False
    groups = list(group_buy.groups.filter(state=State.CLOSED).order_by("pk"))
    formed = [group.pk for group in groups if has_formed(group)]
    failed = [group.pk for group in groups if group.pk not in formed]
    group_buy.groups.filter(pk__in=formed).update(state=State.FORMED)
    group_buy.groups.filter(pk__in=failed).update(state=State.FAILED)
    to = State.FORMED if formed else State.FAILED
    advance(group_buy, EDGES, to, field="state", formed_at=at)
    if formed:
        tell("groupbuy.formed", group_buy, at=at, groups=formed)
    if failed:
        tell("groupbuy.failed", group_buy, at=at, groups=failed)
    return True


def has_formed(group: LeaderGroup) -> bool:
    """Tell whether a group reached its minimum; one without a minimum always does."""
    reached = {
        LeaderGroup.Minimum.NONE: 0,
        LeaderGroup.Minimum.PEOPLE: group.joined_count,
        LeaderGroup.Minimum.QUANTITY: group.quantity,
        LeaderGroup.Minimum.AMOUNT: group.amount_minor,
    }
    if group.minimum_kind == LeaderGroup.Minimum.NONE:
        return True
    return reached[LeaderGroup.Minimum(group.minimum_kind)] >= group.minimum_value


def _is_decidable(group_buy: GroupBuy, at: datetime) -> bool:
    if at >= group_buy.pay_until:
        return True
    is_settled = at >= group_buy.closes_at + _SETTLED
    return is_settled and not group_buy.items.filter(held__gt=0).exists()
