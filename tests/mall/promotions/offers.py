"""Bank offers and tied cards as tests need them."""

from __future__ import annotations

from datetime import timedelta

from mall.promotions.approvals import digest_of
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.models.figures import settle
from mall.promotions.offer_approvals import OFFER
from payments.api import AgreementView, now


def make_offer(**changes) -> BankOffer:
    """The first offer of the mall: CCB credit, single mark, spend 200 save 16, running."""
    at = now()
    fields = {
        "code": "ccb-200-16",
        "name": "满200减16",
        "state": BankOffer.State.ACTIVE,
        "funder_ref": "CCB",
        "issuers": ["CCB"],
        "kinds": ["credit"],
        "marks": BankOffer.Marks.SINGLE,
        "threshold_minor": 20000,
        "discount_minor": 1600,
        "starts_at": at - timedelta(days=1),
        "ends_at": at + timedelta(days=30),
    }
    offer = BankOffer(**{**fields, **changes})
    settle(offer)
    offer.save()
    if offer.state != BankOffer.State.DRAFT:
        _keep_as_launched_alone(offer)
    return offer


def _keep_as_launched_alone(offer: BankOffer) -> None:
    """Rows made by hand had no second person: the books want that to be said."""
    at = now()
    Proposal.objects.create(
        action=Proposal.Action.LAUNCH,
        subject_kind=OFFER,
        subject_pk=offer.pk,
        subject_name=offer.name,
        owner=offer.owner,
        snapshot={},
        digest=digest_of({}),
        status=Proposal.Status.WAIVED,
        proposed_by="test",
        proposed_at=at,
        expires_at=at,
        decided_at=at,
    )


def tied_card(agreement_no="A1", **changes) -> AgreementView:
    """A tied CCB credit card with UnionPay's mark only."""
    fields = {
        "owner_ref": "resident:1",
        "status": "active",
        "last4": "0016",
        "bin": "625362",
        "issuer_code": "CCB",
        "issuer_name": "建设银行",
        "kind": "credit",
        "scheme": "unionpay_single",
        "fingerprint": f"card-{agreement_no}",
        "is_default": False,
        "signed_at": None,
        "expires": None,
        "failure_code": "",
    }
    return AgreementView(agreement_no=agreement_no, **{**fields, **changes})
