"""The rows of points: the programme's versions, accounts with their lots, uses and earnings."""

from __future__ import annotations

from mall.loyalty.models.accounts import LotMove, PointsAccount, PointsEntry, PointsLot
from mall.loyalty.models.adjustments import PointsAdjustment
from mall.loyalty.models.orders import EarningDay, OrderEarning, PointsUse
from mall.loyalty.models.programmes import PointsProgramme

__all__ = [
    "EarningDay",
    "LotMove",
    "OrderEarning",
    "PointsAccount",
    "PointsAdjustment",
    "PointsEntry",
    "PointsLot",
    "PointsProgramme",
    "PointsUse",
]
