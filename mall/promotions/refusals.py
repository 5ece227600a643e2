"""Counting why offers were refused at the checkout; never at a page view, never in the way.

Called once per order, after it: by the worker that hears of a placed one, and where an order is
refused because an offer has just gone. A counter is never worth an order.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import F

from mall.promotions.models import OfferRefusal
from payments.api import now

logger = logging.getLogger(__name__)


def note_refusals(reasons: Mapping[int, str], *, at: datetime | None = None) -> None:
    """Count, for each offer, the code of the reason it was refused for; errors stay here."""
    hour = (at or now()).replace(minute=0, second=0, microsecond=0)
    try:
        with transaction.atomic():
            for offer_id, reason in sorted(reasons.items()):
                _count(offer_id, reason, hour)
    except DatabaseError:
        logger.warning("offer.refusals_not_counted offers=%s", sorted(reasons))


def _count(offer_id: int, reason: str, hour: datetime) -> None:
    row = OfferRefusal.objects.filter(offer_id=offer_id, hour=hour, reason=reason)
    if row.update(count=F("count") + 1):
        return
    OfferRefusal.objects.bulk_create(
        [OfferRefusal(offer_id=offer_id, hour=hour, reason=reason)], ignore_conflicts=True
    )
    row.update(count=F("count") + 1)
