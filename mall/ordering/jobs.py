"""What happens to orders by the clock; every job is bounded and may run twice."""

from __future__ import annotations

from mall.ordering.cutoff import cut_due
from mall.ordering.ending import expire_due
from mall.ordering.settling import confirm_batch, refund_failed

__all__ = ["confirm_due", "cut_due", "expire_due", "refund_due"]


def confirm_due(limit: int) -> dict[str, int]:
    """Confirm paid orders of groups that formed."""
    return {"confirmed": confirm_batch(limit)}


def refund_due(limit: int) -> dict[str, int]:
    """Promise residents of groups that did not form their money back."""
    return refund_failed(limit)
