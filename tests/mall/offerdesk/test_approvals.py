"""Two people for what spends a bank's money, and only what they both saw."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from mall.offerdesk.drafting import NoDraftError, keep_draft
from mall.promotions import approvals
from mall.promotions.approval_checks import check
from mall.promotions.approvals import Action, approve, propose, refuse, waive
from mall.promotions.errors import OfferRuleError
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.offer_approvals import OFFER
from payments.api import IllegalTransitionError, SecondPersonError, Violation, now, travelling
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db


def _draft(**changes: object) -> BankOffer:
    return make_offer(**{"state": BankOffer.State.DRAFT, "budget_minor": 100_000, **changes})


def _proposed(offer: BankOffer, action: str = Action.LAUNCH, **more: object) -> Proposal:
    return propose(action, kind=OFFER, pk=offer.pk, by="editor", **more)


def test_nothing_happens_until_a_second_person_approves():
    offer = _draft()

    proposal = _proposed(offer)

    offer.refresh_from_db()
    assert offer.state == BankOffer.State.DRAFT

    approve(proposal, by="approver")

    offer.refresh_from_db()
    assert offer.state == BankOffer.State.ACTIVE
    assert Proposal.objects.get().status == Proposal.Status.APPROVED


def test_nobody_approves_her_own_proposal():
    offer = _draft()
    proposal = _proposed(offer)

    with pytest.raises(SecondPersonError):
        approve(proposal, by="editor")
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(status="approved", decided_by="editor")

    offer.refresh_from_db()
    assert offer.state == BankOffer.State.DRAFT


def test_what_changed_since_is_not_approved():
    offer = _draft()
    proposal = _proposed(offer)
    BankOffer.objects.filter(pk=offer.pk).update(discount_minor=1900)

    with pytest.raises(approvals.ProposalVoidError):
        approve(proposal, by="approver")

    offer.refresh_from_db()
    assert offer.state == BankOffer.State.DRAFT
    assert Proposal.objects.get().status == Proposal.Status.VOID


def test_a_draft_that_is_changed_lets_its_proposal_fall():
    offer = _draft()
    _proposed(offer)
    offer.name = "满200减16（修订）"

    keep_draft(offer)

    assert Proposal.objects.get().status == Proposal.Status.VOID


def test_a_launched_offer_is_no_draft_any_more_whoever_still_has_it_open():
    offer = _draft()
    opened_before = BankOffer.objects.get(pk=offer.pk)
    approve(_proposed(offer), by="approver")
    opened_before.discount_minor = 9900

    with pytest.raises(NoDraftError):
        keep_draft(opened_before)

    offer.refresh_from_db()
    assert (offer.state, offer.discount_minor) == (BankOffer.State.ACTIVE, 1600)


def test_the_same_waits_once_and_is_decided_once():
    offer = _draft()
    proposal = _proposed(offer)

    with pytest.raises(approvals.AlreadyProposedError):
        _proposed(offer)
    approve(proposal, by="approver")
    with pytest.raises(approvals.AlreadyDecidedError):
        approve(proposal, by="another")


def test_a_refusal_says_why_and_taking_back_need_not():
    offer = _draft()
    proposal = _proposed(offer)

    with pytest.raises(approvals.ReasonMissingError):
        refuse(proposal, by="approver", answer=" ")
    refuse(proposal, by="approver", answer="预算太高")
    refuse(_proposed(offer), by="editor", answer="")

    assert [row.status for row in Proposal.objects.order_by("pk")] == ["refused", "withdrawn"]


def test_what_nobody_decides_lapses():
    proposal = _proposed(_draft(ends_at=now() + timedelta(days=90)))

    with travelling(now() + timedelta(days=8)):
        with pytest.raises(approvals.AlreadyDecidedError):
            approve(proposal, by="approver")
        assert approvals.expire_due(10) == {"expired": 1}

    proposal.refresh_from_db()
    assert proposal.status == Proposal.Status.EXPIRED


def test_another_budget_needs_two_as_well():
    offer = make_offer(budget_minor=100_000)

    proposal = _proposed(offer, Action.BUDGET, budget_minor=500_000)
    offer.refresh_from_db()
    assert (offer.budget_minor, proposal.budget_from_minor) == (100_000, 100_000)
    approve(proposal, by="approver")

    offer.refresh_from_db()
    assert offer.budget_minor == 500_000


@pytest.mark.parametrize("budget", [100_000, 49_999])
def test_a_budget_that_makes_no_sense_is_not_proposed(budget):
    offer = make_offer(budget_minor=100_000, used_minor=50_000)

    with pytest.raises(OfferRuleError):
        _proposed(offer, Action.BUDGET, budget_minor=budget)


def test_only_a_draft_that_is_not_over_is_launched():
    with pytest.raises(IllegalTransitionError):
        _proposed(make_offer())
    over = _draft(
        code="over", starts_at=now() - timedelta(days=3), ends_at=now() - timedelta(days=1)
    )
    with pytest.raises(OfferRuleError):
        _proposed(over)


def test_what_is_done_without_a_second_person_is_kept_as_such():
    offer = _draft()

    waive(Action.LAUNCH, kind=OFFER, pk=offer.pk, by="demo", reason="演示")

    offer.refresh_from_db()
    assert offer.state == BankOffer.State.ACTIVE
    assert Proposal.objects.get().status == Proposal.Status.WAIVED


def test_the_books_find_a_launch_without_a_proposal_and_a_rule_that_is_not_the_approved_one():
    approved, alone = _draft(), _draft(code="alone")
    approve(_proposed(approved), by="approver")
    assert _found() == []

    BankOffer.objects.filter(pk=alone.pk).update(state=BankOffer.State.SCHEDULED)
    BankOffer.objects.filter(pk=approved.pk).update(budget_minor=900_000)
    Proposal.objects.update(snapshot={"discount_minor": 1700, "budget_minor": 100_000})

    assert [violation.code for violation in _found()] == ["A1", "A2", "A2", "A2"]


def _found() -> list[Violation]:
    return [violation for result in check() for violation in result.violations]
