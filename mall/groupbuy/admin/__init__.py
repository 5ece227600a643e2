"""Group buys in the admin: planned, opened, cut off and copied there."""

from __future__ import annotations

from mall.groupbuy.admin.buys import GroupBuyAdmin
from mall.groupbuy.admin.groups import EntryAdmin, LeaderGroupAdmin

__all__ = ["EntryAdmin", "GroupBuyAdmin", "LeaderGroupAdmin"]
