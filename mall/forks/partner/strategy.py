"""Overrides Oscar's Selector: nothing is for sale outside a group; its price counts inside."""

from __future__ import annotations

from typing import Any

from oscar.apps.partner.strategy import Selector as CoreSelector

from mall.groupbuy.models import GroupBuyItem
from mall.groupbuy.strategy import GroupStrategy


class Selector(CoreSelector):
    """Gives Oscar's own code the strategy of one group buy, or one that sells nothing."""

    def strategy(
        self, request: Any = None, user: Any = None, *, group_buy_id: int | None = None, **_: Any
    ) -> GroupStrategy:
        """Read the items of the group buy, if one is named."""
        del request, user
        if group_buy_id is None:
            return GroupStrategy([])
        items = GroupBuyItem.objects.filter(group_buy_id=group_buy_id)
        return GroupStrategy(items.select_related("stockrecord"))
