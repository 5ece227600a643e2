"""Helpers at a pickup point: they receive, sort and hand over there, and see no money."""

from __future__ import annotations

from mall.pickup.models import PointHelper


def helped_points(user_id: int) -> dict[int, str]:
    """Return the names of the points in use where somebody helps now, by their numbers."""
    rows = PointHelper.objects.filter(
        user=user_id, since__isnull=False, ended_at=None, point__active=True
    )
    return dict(rows.order_by("point").values_list("point", "point__name"))


def helps_at(point_id: int, user_id: int) -> bool:
    """Tell whether somebody helps at a point now."""
    return point_id in helped_points(user_id)
