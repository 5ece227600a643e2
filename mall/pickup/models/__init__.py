"""Where neighbours live, where their goods wait for them, and who keeps the key."""

from __future__ import annotations

from mall.pickup.models.keepers import PointHandover, PointHelper, PointTenure
from mall.pickup.models.places import Community, PickupPoint, PointBreak, PointDay

__all__ = [
    "Community",
    "PickupPoint",
    "PointBreak",
    "PointDay",
    "PointHandover",
    "PointHelper",
    "PointTenure",
]
