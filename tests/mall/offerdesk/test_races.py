"""Approving, editing, proposing at one moment: launched once, and only what was approved."""

from __future__ import annotations

import pytest

from mall.offerdesk import drafting
from mall.promotions import approvals
from mall.promotions.approval_checks import launched_as_approved
from mall.promotions.approvals import Action, approve, propose
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.offer_approvals import OFFER
from payments.api import LinliError
from tests.factories.crowd import all_at_once
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db(transaction=True)


def _tried(act):
    """Say what became of it: done, or the code of the refusal."""

    def run():
        try:
            act()
        except LinliError as refusal:
            return refusal.code
        return "done"

    return run


def _proposed() -> Proposal:
    draft = make_offer(state=BankOffer.State.DRAFT, budget_minor=100_000)
    return propose(Action.LAUNCH, kind=OFFER, pk=draft.pk, by="editor")


def _edit_and_approve(rounds: int) -> list[list[str]]:
    """Let an editor keep a dearer draft while another approves what was proposed; many times."""
    told = []
    for _round in range(rounds):
        proposal = _proposed_anew()
        opened = BankOffer.objects.get(pk=proposal.subject_pk)
        opened.budget_minor = 900_000
        told.append(
            all_at_once(
                [
                    _tried(lambda p=proposal: approve(p, by="approver")),
                    _tried(lambda o=opened: drafting.keep_draft(o)),
                ]
            )
        )
    return told


def _proposed_anew() -> Proposal:
    number = BankOffer.objects.count()
    draft = make_offer(code=f"race-{number}", state=BankOffer.State.DRAFT, budget_minor=100_000)
    return propose(Action.LAUNCH, kind=OFFER, pk=draft.pk, by="editor")


def test_of_many_who_approve_at_once_one_does():
    proposal = _proposed()

    told = all_at_once(
        [
            _tried(lambda n=n: approve(Proposal.objects.get(pk=proposal.pk), by=f"approver-{n}"))
            for n in range(6)
        ]
    )

    assert sorted(told) == ["already_decided"] * 5 + ["done"]
    assert BankOffer.objects.get().state == BankOffer.State.ACTIVE


def test_the_same_is_proposed_once_however_many_press():
    draft = make_offer(state=BankOffer.State.DRAFT)

    told = all_at_once(
        [
            _tried(lambda n=n: propose(Action.LAUNCH, kind=OFFER, pk=draft.pk, by=f"editor-{n}"))
            for n in range(6)
        ]
    )

    assert sorted(told) == ["already_proposed"] * 5 + ["done"]


def test_who_edits_while_another_approves_never_launches_what_nobody_approved():
    for approved, kept in _edit_and_approve(4):
        assert (approved, kept) in {
            ("done", "no_draft"),
            ("proposal_void", "done"),
            ("already_decided", "done"),
        }

    assert launched_as_approved().violations == ()


def test_control_without_the_comparison_a_dearer_rule_is_launched(monkeypatch):
    """Were the digest not compared, an edit just before the approval would run."""
    monkeypatch.setattr(approvals, "digest_of", lambda _facts: "")
    proposal = _proposed()
    opened = BankOffer.objects.get(pk=proposal.subject_pk)
    opened.budget_minor = 900_000

    drafting.keep_draft(opened)
    approve(proposal, by="approver")

    assert launched_as_approved().violations != ()
