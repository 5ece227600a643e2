"""Group buys in the admin: planned, opened, cut off and copied there."""

from __future__ import annotations

from mall.groupbuy.admin.assortments import AssortmentAdmin, OwnSaleAdmin
from mall.groupbuy.admin.buys import GroupBuyAdmin
from mall.groupbuy.admin.consents import BelowCostConsentAdmin
from mall.groupbuy.admin.groups import (
    CaptureInboxAdmin,
    EntryAdmin,
    LeaderGroupAdmin,
    WaitingPlaceAdmin,
)
from mall.groupbuy.admin.items import GroupBuyItemAdmin
from mall.groupbuy.admin.schedules import SaleScheduleAdmin

__all__ = [
    "AssortmentAdmin",
    "BelowCostConsentAdmin",
    "CaptureInboxAdmin",
    "EntryAdmin",
    "GroupBuyAdmin",
    "GroupBuyItemAdmin",
    "LeaderGroupAdmin",
    "OwnSaleAdmin",
    "SaleScheduleAdmin",
    "WaitingPlaceAdmin",
]
