"""Where neighbours live, where their goods wait for them, and who keeps the key."""

from __future__ import annotations

from mall.pickup.models.keepers import PointHelper, PointTenure
from mall.pickup.models.places import Community, PickupPoint, PointDay

__all__ = ["Community", "PickupPoint", "PointDay", "PointHelper", "PointTenure"]
