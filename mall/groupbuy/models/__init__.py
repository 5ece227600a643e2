"""Group buys, the groups of leaders, their sign-up chains and the baskets of residents."""

from __future__ import annotations

from mall.groupbuy.models.baskets import GroupBasket
from mall.groupbuy.models.buys import GroupBuy, GroupBuyItem
from mall.groupbuy.models.groups import Entry, LeaderGroup
from mall.groupbuy.models.states import EDGES, Sharing, State

__all__ = [
    "EDGES",
    "Entry",
    "GroupBasket",
    "GroupBuy",
    "GroupBuyItem",
    "LeaderGroup",
    "Sharing",
    "State",
]
