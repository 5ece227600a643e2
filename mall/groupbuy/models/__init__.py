"""Group buys, the groups of leaders, their sign-up chains and the baskets of residents."""

from __future__ import annotations

from mall.groupbuy.models.assortments import Assortment, AssortmentItem, OwnSale
from mall.groupbuy.models.baskets import GroupBasket
from mall.groupbuy.models.buys import GroupBuy
from mall.groupbuy.models.capture import CaptureInbox, CaptureLine
from mall.groupbuy.models.consents import BelowCostConsent
from mall.groupbuy.models.groups import Entry, LeaderGroup
from mall.groupbuy.models.items import GroupBuyItem
from mall.groupbuy.models.schedules import SaleSchedule
from mall.groupbuy.models.states import EDGES, Sharing, State
from mall.groupbuy.models.waiting import WaitingPlace

__all__ = [
    "EDGES",
    "Assortment",
    "AssortmentItem",
    "BelowCostConsent",
    "CaptureInbox",
    "CaptureLine",
    "Entry",
    "GroupBasket",
    "GroupBuy",
    "GroupBuyItem",
    "LeaderGroup",
    "OwnSale",
    "SaleSchedule",
    "Sharing",
    "State",
    "WaitingPlace",
]
