"""Points in the admin: the rules by version, accounts to look up, corrections by two people."""

from __future__ import annotations

from mall.loyalty.admin.adjustments import PointsAdjustmentAdmin
from mall.loyalty.admin.programme import PointsProgrammeAdmin
from mall.loyalty.admin.rows import (
    OrderEarningAdmin,
    PointsAccountAdmin,
    PointsEntryAdmin,
    PointsLotAdmin,
    PointsUseAdmin,
)

__all__ = [
    "OrderEarningAdmin",
    "PointsAccountAdmin",
    "PointsAdjustmentAdmin",
    "PointsEntryAdmin",
    "PointsLotAdmin",
    "PointsProgrammeAdmin",
    "PointsUseAdmin",
]
