"""Selling below cost: one person asks with a reason, another one agrees."""

from __future__ import annotations

from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.groupbuy.errors import ConsentError
from mall.groupbuy.models import BelowCostConsent, GroupBuyItem
from mall.groupbuy.readiness import needs_consent
from payments.api import now, transact


@transact()
def ask_below_cost(*, item_id: int, by: User, reason: str) -> BelowCostConsent:
    """Ask to sell an item at its present price; ConsentError without need or without a reason.

    Asked again for the same price and cost it returns the first request.
    """
    item = GroupBuyItem.objects.get(pk=item_id)
    if not needs_consent(item):
        raise ConsentError(_("This item is not sold below cost."))
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise ConsentError(_("Please give the reason for selling below cost."))
    consent, _is_new = BelowCostConsent.objects.get_or_create(
        item=item,
        price_minor=item.lowest_minor,
        cost_minor=item.cost_minor,
        defaults={"reason": reason, "asked_by": by, "asked_at": now()},
    )
    return consent


@transact()
def agree_below_cost(*, consent_id: int, by: User) -> bool:
    """Agree as the second person; False where somebody has. ConsentError for who asked herself."""
    waiting = BelowCostConsent.objects.filter(pk=consent_id, agreed_at=None)
    if waiting.filter(asked_by=by).exists():
        raise ConsentError(_("A second person has to agree."))
    return bool(waiting.update(agreed_by=by, agreed_at=now()))
