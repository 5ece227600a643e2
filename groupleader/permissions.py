"""Who may enter the portal: active leaders, each to her own rows only."""

from __future__ import annotations

from typing import Any

from groupleader.models import Leader


def leader_of(user: Any) -> Leader | None:
    """Return the person's leader row whatever its status, or None."""
    if not user.is_authenticated:
        return None
    return Leader.objects.filter(user=user).first()


def is_active_leader(leader: Leader | None) -> bool:
    """Tell whether this leader may use the portal."""
    return leader is not None and leader.status == Leader.Status.ACTIVE
