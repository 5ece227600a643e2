"""One proposes, another decides; only then the books move, once each, and can be turned back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from payments.acquiring.contract import Outcome, PayResult
from payments.kernel.numbers import new_number
from payments.ledger.balances import balance
from payments.models import JournalTransaction, Payment
from payments.reconciliation import invariants
from payments.reconciliation.deciding import (
    NotPossibleError,
    ReasonMissingError,
    TwoPeopleError,
    allowed_actions,
    approve,
    note_case,
    propose,
    reject,
    take_case,
)
from payments.reconciliation.matching import match_bill
from payments.reconciliation.models import CaseStep, ReconciliationCase
from payments.reconciliation.selectors import case_paper, day_equation, hung_balances
from payments.services.hooks import is_disputed
from tests.payments.reconciliation.paperbank import Line, noon
from tests.payments.reconciliation.takings import (
    DAY,
    NEXT_DAY,
    jobs_until_quiet,
    line_of,
    next_noon,
    paid,
    the_bill,
    the_case,
    waiting,
)

pytestmark = pytest.mark.django_db


def decide(case: ReconciliationCase, action: str) -> ReconciliationCase:
    propose(case.case_no, action=action, reason="checked with the bank", by="xiaomei")
    return approve(case.case_no, by="laowang")


def nothing_is_wrong() -> bool:
    return [v for result in invariants.check() for v in result.violations] == []


@pytest.fixture
def orphan(bank, time_machine) -> ReconciliationCase:
    """Money without an order: 5.00, of which the bank kept 0.02."""
    time_machine.move_to(noon(DAY))
    row = paid("ORDER1")
    bank.issue(DAY, "trade", [line_of(row), Line("pay", "PSTRANGE", 500, 2, at=noon(DAY))])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)
    return the_case("PSTRANGE")


@pytest.fixture
def short(bank, time_machine) -> ReconciliationCase:
    """A payment of ours that no bill has."""
    time_machine.move_to(noon(DAY))
    paid("ORDER1")
    bank.issue(DAY, "trade", [])
    bank.issue(NEXT_DAY, "trade", [])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)
    next_noon(time_machine, NEXT_DAY)
    jobs_until_quiet(time_machine)
    return ReconciliationCase.objects.get(discrepancy="ours_only")


def test_who_proposes_does_not_decide(orphan):
    propose(orphan.case_no, action="hang_up", reason="nobody knows it", by="xiaomei")

    with pytest.raises(TwoPeopleError):
        approve(orphan.case_no, by="xiaomei")
    with pytest.raises(IntegrityError), transaction.atomic():
        ReconciliationCase.objects.filter(pk=orphan.pk).update(decided_by="xiaomei")

    assert the_case("PSTRANGE").state == "proposed"
    assert balance("2901") == 0


def test_money_without_an_order_hangs_until_it_went_back(orphan):
    assert allowed_actions(orphan) == ["hang_up", "accept_bill", "ignore_known"]

    hung = decide(orphan, "hang_up")

    assert (hung.state, hung.hung_minor) == ("hung", 498)
    assert balance("2901", reference=orphan.case_no) == -498
    assert hung_balances() == {"2901": 498, "1901": 0}
    assert nothing_is_wrong()

    over = decide(hung, "return_money")

    assert (over.state, over.resolution, over.hung_minor) == ("closed", "decided", 0)
    assert balance("2901") == 0
    assert nothing_is_wrong()
    assert [step.what for step in over.steps.all()] == [
        *("found", "proposed", "decided", "proposed", "decided"),
    ]


def test_what_hangs_can_be_written_off(orphan):
    over = decide(decide(orphan, "hang_up"), "write_off")

    assert over.state == "closed"
    assert balance("2901") == 0
    assert balance("6499", reference=orphan.case_no) == -498  # a gain
    assert nothing_is_wrong()


def test_missing_money_hangs_as_a_receivable_and_blocks_what_it_would_pay(short):
    assert short.state == "open"
    assert is_disputed(short.own_no)

    hung = decide(short, "hang_up")

    assert hung.hung_minor == -(19200 - 73)
    assert balance("1901", reference=short.case_no) == 19127
    assert is_disputed(short.own_no)
    assert nothing_is_wrong()
    assert day_equation("paper", DAY, "trade").ours["pay"].hung == (1, 19200)

    over = decide(hung, "found_later")

    assert balance("1901") == 0
    assert over.state == "closed"
    assert not is_disputed(short.own_no)
    assert nothing_is_wrong()


def test_a_difference_of_amount_is_booked_as_ours_once(bank, time_machine):
    time_machine.move_to(noon(DAY))
    row = paid("ORDER1")
    bank.issue(DAY, "trade", [line_of(row, amount=19100, fee=70)])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)
    case = the_case(row.payment_no)
    clearing = balance("1101")

    over = decide(case, "accept_bill")

    assert over.state == "closed"
    assert balance("6499", reference=case.case_no) == 97  # 1.00 less, of which 0.03 less fee
    assert balance("1101") - clearing == -97
    with pytest.raises(NotPossibleError):
        approve(case.case_no, by="laowang")
    match_bill(the_bill().pk)
    assert the_case(row.payment_no).state == "closed"
    assert nothing_is_wrong()
    jobs_until_quiet(time_machine, rounds=1)
    assert the_bill().state == "closed"
    assert the_bill().closing["holds"] is True


def test_a_decision_can_be_taken_back_and_made_again(orphan):
    decided = decide(orphan, "accept_bill")
    assert decided.state == "closed"
    assert balance("6499", reference=orphan.case_no) == -498

    again = decide(decided, "reverse")

    assert (again.state, again.round) == ("open", 1)
    assert balance("6499") == 0
    decide(again, "hang_up")
    assert balance("2901", reference=orphan.case_no) == -498
    refs = JournalTransaction.objects.filter(ref__contains=orphan.case_no).order_by("pk")
    assert list(refs.values_list("ref", flat=True)) == [
        f"recon:{orphan.case_no}",
        f"undo:recon:{orphan.case_no}",
        f"recon:{orphan.case_no}:1",
    ]
    assert nothing_is_wrong()


def test_the_bill_is_believed_against_the_acquirers_own_answer_only_by_two_people(
    bank, time_machine
):
    time_machine.move_to(noon(DAY))
    row = waiting("ORDER1")
    bank.issue(DAY, "trade", [line_of(row, acquirer_no="A77", at=noon(DAY))])
    bank.answers[row.payment_no] = PayResult(Outcome.FAILED, row.payment_no)
    next_noon(time_machine)
    jobs_until_quiet(time_machine)
    case = the_case(row.payment_no)
    assert (case.state, case.discrepancy, case.answer["said"]) == ("open", "acq_only", "failed")
    assert allowed_actions(case)[0] == "believe_bill"

    over = decide(case, "believe_bill")

    row.refresh_from_db()
    assert (row.status, row.acquirer_no) == ("succeeded", "A77")
    assert row.transitions.filter(edge="18", fact__source="bill").exists()
    assert over.state == "closed"
    assert nothing_is_wrong()


def test_a_rejected_proposal_leaves_the_case_where_it_was(orphan):
    propose(orphan.case_no, action="accept_bill", reason="small", by="xiaomei")

    case = reject(orphan.case_no, by="laowang", reason="ask the bank first")

    assert (case.state, case.action, case.proposed_by) == ("open", "", "")
    assert balance("6499") == 0


def test_a_proposal_says_why_and_fits_the_case(orphan):
    with pytest.raises(ReasonMissingError):
        propose(orphan.case_no, action="hang_up", reason=" ", by="xiaomei")
    with pytest.raises(NotPossibleError):
        propose(orphan.case_no, action="found_later", reason="why not", by="xiaomei")


def test_numbers_of_our_own_trials_are_known(bank, time_machine):
    time_machine.move_to(noon(DAY))
    paid("ORDER1")
    trial = new_number("C")
    bank.issue(DAY, "trade", [Line("pay", trial, 1, 0, at=noon(DAY))])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)

    assert allowed_actions(the_case(trial))[0] == "ignore_known"
    assert decide(the_case(trial), "ignore_known").state == "closed"
    assert not JournalTransaction.objects.filter(kind="recon").exists()


def test_a_story_is_never_changed(orphan):
    take_case(orphan.case_no, by="xiaomei")
    note_case(orphan.case_no, by="xiaomei", note="called the bank")
    step = orphan.steps.last()

    with pytest.raises(IntegrityError), transaction.atomic():
        CaseStep.objects.filter(pk=step.pk).update(note="never called")
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseStep.objects.filter(pk=step.pk).delete()

    paper = case_paper(orphan.case_no)
    assert [one.what for one in paper.steps] == ["found", "taken", "noted"]
    assert (paper.case.owner, paper.shown_class) == ("xiaomei", "orphan")
    assert paper.line.amount_minor == 500


def test_an_approved_case_is_not_touched_by_another_comparison(orphan, time_machine):
    decide(orphan, "hang_up")

    for _ in range(2):
        match_bill(the_bill().pk)

    assert the_case("PSTRANGE").state == "hung"
    assert Payment.objects.count() == 1


def test_the_return_of_money_decided_here_is_no_new_riddle(orphan, bank, time_machine):
    decide(decide(orphan, "hang_up"), "return_money")
    back = Line("refund", "RETURN1", 500, -2, at=noon(NEXT_DAY), related="PSTRANGE")
    bank.issue(NEXT_DAY, "trade", [back])

    next_noon(time_machine, NEXT_DAY)
    jobs_until_quiet(time_machine)

    assert the_case("RETURN1").resolution == "returned"
    assert the_bill(NEXT_DAY).state == "closed"
    assert balance("2901") == 0
    assert nothing_is_wrong()
