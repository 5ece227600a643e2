"""Writing a draft down: only while it is a draft, whoever was faster."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mall.promotions.approvals import void_changed
from mall.promotions.models import BankOffer
from mall.promotions.offer_approvals import OFFER, facts_of
from payments.api import LinliError, now, transact


class NoDraftError(LinliError):
    """Somebody launched or deleted it while it was being edited."""

    code = "no_draft"
    message = _("This is no longer a draft: somebody launched or deleted it meanwhile.")


@transact()
def keep_draft(offer: BankOffer) -> BankOffer:
    """Write a draft, new or changed; a proposal about what it was is void then. NoDraftError."""
    if offer.pk is None:
        (kept,) = BankOffer.objects.bulk_create([offer])
        return kept
    drafts = BankOffer.objects.filter(pk=offer.pk, state=BankOffer.State.DRAFT)
    worked_out = {"most_minor": offer.most_minor}
    if not drafts.update(**facts_of(offer), **worked_out, changed_at=now()):
        raise NoDraftError(offer=offer.pk)
    void_changed(OFFER, offer.pk)
    return offer
