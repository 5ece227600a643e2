"""A bill issued anew: what people proposed, decided and booked by the first one stays true."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payments.ledger.balances import balance
from payments.models import ChannelFact, Incident
from payments.reconciliation import invariants
from payments.reconciliation.asking import believe_line
from payments.reconciliation.deciding import NotPossibleError, approve, propose
from payments.reconciliation.models import ReconciliationCase, SettlementBatch
from payments.reconciliation.questions import question_about
from tests.payments.reconciliation.paperbank import Line, noon
from tests.payments.reconciliation.takings import (
    DAY,
    FEE,
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

STRANGE = Line("pay", "PSTRANGE", 500, 2, at=noon(DAY))
NET = 19200 - FEE


def nothing_is_wrong() -> bool:
    return [v for result in invariants.check() for v in result.violations] == []


def decide(case: ReconciliationCase, action: str) -> ReconciliationCase:
    propose(case.case_no, action=action, reason="checked with the bank", by="xiaomei")
    return approve(case.case_no, by="laowang")


@pytest.fixture
def issue(bank, time_machine):
    """Let the paper bank print a day's bill, once more each time, and let the jobs run."""
    time_machine.move_to(noon(DAY))

    def print_it(*lines: Line, kind: str = "trade") -> None:
        is_again = (DAY, kind) in bank.papers
        bank.issue(DAY, kind, list(lines))
        if is_again:
            time_machine.shift(timedelta(hours=25))
        else:
            next_noon(time_machine)
        jobs_until_quiet(time_machine)

    return print_it


def test_what_hangs_is_not_swept_away_while_its_return_is_proposed(issue):
    row = paid("ORDER1")
    issue(line_of(row), STRANGE)
    hung = decide(the_case("PSTRANGE"), "hang_up")
    propose(hung.case_no, action="return_money", reason="sent back", by="xiaomei")

    issue(line_of(row))

    hung.refresh_from_db()
    assert (the_bill().version, the_bill().matched_at is not None) == (2, True)
    assert (hung.state, hung.hung_minor) == ("proposed", 498)
    assert approve(hung.case_no, by="laowang").state == "closed"
    assert balance("2901") == 0
    assert nothing_is_wrong()


def test_a_decision_that_is_to_be_taken_back_can_still_be(issue):
    row = paid("ORDER1")
    issue(line_of(row), STRANGE)
    case = decide(the_case("PSTRANGE"), "accept_bill")
    propose(case.case_no, action="reverse", reason="a slip", by="xiaomei")

    issue(line_of(row))

    assert approve(case.case_no, by="laowang").state == "open"
    assert balance("6499") == 0
    assert nothing_is_wrong()


def test_missing_money_that_hangs_is_found_while_its_end_is_proposed(issue, bank, time_machine):
    row = paid("ORDER1")
    bank.issue(NEXT_DAY, "trade", [])
    issue()
    next_noon(time_machine, NEXT_DAY)
    jobs_until_quiet(time_machine)
    hung = decide(ReconciliationCase.objects.get(discrepancy="ours_only"), "hang_up")
    propose(hung.case_no, action="write_off", reason="gone", by="xiaomei")

    third = NEXT_DAY + timedelta(days=1)
    bank.issue(third, "trade", [line_of(row, at=noon(third))])
    next_noon(time_machine, third)
    jobs_until_quiet(time_machine)

    hung.refresh_from_db()
    assert the_bill(third).matched_at is not None
    assert (hung.state, hung.hung_minor) == ("proposed", -NET)


def test_a_proposal_falls_when_the_figures_it_was_made_for_change(issue):
    row = paid("ORDER1")
    issue(line_of(row, amount=19199))
    propose(the_case(row.payment_no).case_no, action="accept_bill", reason="a fen", by="xiaomei")

    issue(line_of(row, amount=9200))

    case = the_case(row.payment_no)
    assert (case.state, case.proposed_by, case.bill_amount_minor) == ("open", "", 9200)
    with pytest.raises(NotPossibleError):
        approve(case.case_no, by="laowang")
    assert balance("6499") == 0


def test_a_booked_decision_does_not_cover_what_a_newer_bill_says(issue):
    row = paid("ORDER1")
    issue(line_of(row, amount=19199))
    decide(the_case(row.payment_no), "accept_bill")

    issue(line_of(row, amount=9200))

    case = the_case(row.payment_no)
    assert (case.state, case.bill_amount_minor, balance("6499")) == ("closed", 19199, 1)
    assert the_bill().state == "matched"
    assert the_bill().closing["holds"] is False
    assert decide(case, "reverse").state == "open"


def test_what_was_waved_through_is_looked_at_again_when_its_figures_change(issue):
    row = paid("ORDER1")
    issue(line_of(row), STRANGE)
    decide(the_case("PSTRANGE"), "ignore_known")

    issue(line_of(row), Line("pay", "PSTRANGE", 50000, 2, at=noon(DAY)))

    case = the_case("PSTRANGE")
    assert (case.state, case.resolution, case.bill_amount_minor) == ("open", "", 50000)


def test_a_loss_that_was_booked_is_said_to_be_none_any_more(issue):
    row = paid("ORDER1")
    issue(line_of(row, amount=19100))
    case = decide(the_case(row.payment_no), "accept_bill")

    issue(line_of(row))

    told = Incident.objects.get(kind="contradiction", subject_no=case.case_no)
    assert told.resolved_at is None
    assert decide(case, "reverse").state == "open"
    assert balance("6499") == 0


def test_fen_of_rounding_are_booked_once_for_all_versions(issue):
    rows = [paid(f"ORDER{n}") for n in range(2)]
    issue(*(line_of(row, fee=FEE + 1) for row in rows))
    assert balance("6499") == 2

    issue(*(line_of(row, fee=FEE + 1, party="again") for row in rows))
    assert (the_bill().version, balance("6499")) == (2, 2)

    issue(*(line_of(row) for row in rows))
    assert (the_bill().version, balance("6499")) == (3, 0)
    assert nothing_is_wrong()


def test_a_batch_that_a_newer_bill_names_otherwise_is_booked_once(issue, bank, account_with):
    account_with("trade", "fund")
    row = paid("ORDER1")
    batch = Line("settlement", "", NET - 100, acquirer_no="SC1", at=noon(NEXT_DAY))
    bank.issue(DAY, "fund", [batch])
    issue(line_of(row))
    assert ReconciliationCase.objects.get(acquirer_no="SC1").state == "open"
    assert SettlementBatch.objects.get().booked_at is None

    right = Line("settlement", "", NET, acquirer_no="SC2", at=noon(NEXT_DAY))
    issue(right, kind="fund")

    assert SettlementBatch.objects.get(batch_no="SC1").booked_at is None
    assert SettlementBatch.objects.get(batch_no="SC2").booked_at is not None
    assert (balance("1001"), balance("1101")) == (NET, 0)
    assert ReconciliationCase.objects.get(acquirer_no="SC1").state == "closed"
    assert nothing_is_wrong()


def test_a_line_of_a_replaced_bill_is_believed_no_more(issue):
    row = waiting("ORDER1")
    issue(line_of(row, acquirer_no="A77", amount=19200, outcome="pending", at=noon(DAY)))
    issue(line_of(row, acquirer_no="A77", at=noon(DAY)))
    case = the_case(row.payment_no)
    type(the_bill()).objects.filter(pk=the_bill().pk).update(is_current=False)
    case.refresh_from_db()
    before = ChannelFact.objects.filter(source="bill").count()

    assert believe_line(case, question_about("pay", row.payment_no)) is None
    assert ChannelFact.objects.filter(source="bill").count() == before
