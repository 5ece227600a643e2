"""Moving a cut-off later: by the mall until the goods are ordered, by a leader once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from mall.groupbuy.errors import NotReadyError, ProlongError
from mall.groupbuy.filling import is_full
from mall.groupbuy.lifecycle import locked_buy, move_buy, tell_all
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.groupbuy.pickup_times import require_before_pickup
from payments.api import now, transact

LEADER_AT_MOST: Final = timedelta(hours=24)


@transact()
def extend(*, group_buy_id: int, closes_at: datetime) -> GroupBuy:
    """Move the cut-off later; a closed or formed group buy opens again. The pickup day stays.

    NotReadyError where the new cut-off is not later or the pickup begins before it, where the sale
    is full, or where people were already told what their cases and prices came to;
    IllegalTransitionError once the purchase orders were sent.
    """
    return _extend(locked_buy(group_buy_id), closes_at)


@transact()
def prolong_by_leader(*, group_id: int, leader_id: int, closes_at: datetime) -> GroupBuy:
    """Let a leader move the cut-off of her group once, by a day at most, before it is decided.

    LeaderGroup.DoesNotExist for another's group. ProlongError where others take part in the same
    group buy (their neighbours' goods would wait for hers), where she did it before, for more than
    a day, and once it is decided; NotReadyError as extend().
    """
    group = LeaderGroup.objects.get(pk=group_id, leader_id=leader_id)
    group_buy = locked_buy(group.group_buy_id)
    if group_buy.state not in {State.OPEN, State.CLOSED}:
        raise ProlongError(_("Only before it is decided whether your group forms."))
    if group_buy.groups.exclude(leader_id=leader_id).exists():
        raise ProlongError(
            _("Other leaders take part in this sale. Please ask the mall to prolong it for all.")
        )
    if closes_at > group_buy.closes_at + LEADER_AT_MOST:
        raise ProlongError(_("You can prolong your group by a day at most."))
    if not group_buy.groups.filter(prolonged_at=None).update(prolonged_at=now()):
        raise ProlongError(_("You have prolonged this group once already."))
    return _extend(group_buy, closes_at)


def _extend(group_buy: GroupBuy, closes_at: datetime) -> GroupBuy:
    at = now()
    if closes_at <= max(group_buy.closes_at, at):
        raise NotReadyError(_("The new cut-off must be later than the present one and than now."))
    require_before_pickup(
        closes_at, pickup_on=group_buy.pickup_on, pickup_from=group_buy.pickup_from
    )
    group_buy.filled_at = None
    if is_full(group_buy):
        raise NotReadyError(_("This sale is full: let it take more orders before prolonging it."))
    changes = {
        "closes_at": closes_at,
        "filled_at": None,
        "closing_told_at": None,
        "prolonged_at": at,
    }
    if group_buy.state in {State.SCHEDULED, State.OPEN}:
        GroupBuy.objects.filter(pk=group_buy.pk).update(**changes)
        group_buy.refresh_from_db()
    else:
        _reopen(group_buy, **changes)
    tell_all("groupbuy.prolonged", group_buy, at=at)
    return group_buy


def _reopen(group_buy: GroupBuy, **changes: datetime | None) -> None:
    fixed = group_buy.items.filter(final_quantity__isnull=False)
    by_quantity = ~Q(tiers=[]) | Q(case_size__gt=1) | Q(minimum_quantity__gt=0)
    if fixed.exists() and group_buy.items.filter(by_quantity).exists():
        raise NotReadyError(
            _("Residents have been told what their cases and prices came to: open a new sale.")
        )
    fixed.update(final_price_minor=None, final_quantity=None)
    nothing_decided = {"closed_at": None, "formed_at": None, "cut_at": None}
    move_buy(group_buy, State.OPEN, came_from=group_buy.state, **nothing_decided, **changes)
    tell_all("groupbuy.opened", group_buy, at=now())
