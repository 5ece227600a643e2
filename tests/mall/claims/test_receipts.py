"""The bank pays: all, a part, too much, in advance; what comes back afterwards must go back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from mall.claims.errors import (
    ClaimDiffersError,
    DisputesOpenError,
    NotDisputableError,
    ReceiptDoesNotFitError,
    ReceiptKnownError,
    SecondPersonNeededError,
)
from mall.claims.jobs import draft_due
from mall.claims.models import ReceiptPart, SubsidyClaim, SubsidyReceipt
from mall.claims.services.disputing import dispute_line, settle_dispute
from mall.claims.services.drafting import draft_claim
from mall.claims.services.issuing import check_claim, close_claim, issue_claim
from mall.claims.services.receiving import confirm_receipt, match_bank_line, propose_receipt
from payments.api import balance, business_date, free_bank_lines, now
from payments.models import JournalEntry
from payments.reconciliation.models import BankLine, BankStatement
from payments.reconciliation.other_receipts import BankLineTakenError
from tests.mall.claims.october import (
    CAMPAIGN,
    GIVER,
    NOVEMBER,
    broken,
    issued,
    on,
    paid,
    refund,
    seal,
)

pytestmark = pytest.mark.django_db
DECEMBER = NOVEMBER.replace(month=12)


def receive(minor, number="R1", *, wish=(), campaign=CAMPAIGN, giver=GIVER):
    receipt = propose_receipt(
        giver=giver,
        campaign=campaign,
        receipt_no=number,
        day=business_date(),
        minor=minor,
        by="clerk",
        wish=wish,
    )
    return confirm_receipt(receipt, by="chief")


def legs(ref):
    rows = JournalEntry.objects.filter(transaction__ref=ref).order_by("pk")
    return [(row.account, row.reference, row.amount_minor) for row in rows]


def test_the_worked_example_comes_out_to_the_fen(account):
    """Design 05, E1, E4, E6, E8 and E12, through claim, receipt and refund."""
    with on(10, 5):
        order = paid()
        refund(order, 2769, 231)
        refund(order, 277, 23, after=True)
    with on(11, 2):
        claim = issued()
        assert claim.amount_minor == 1346
        receive(1346)
        assert legs("subsidy:CCB:R1") == [("1001", "", 1346), ("1131", "minus16", -1346)]
        claim.refresh_from_db()
        assert (claim.status, claim.due_minor) == ("paid", 0)
        number = refund(order, 4523, 377, after=True)
        moved = [leg for leg in legs(f"refund:{number}") if leg[0] in {"2111", "1131", "2131"}]
        assert moved == [("2111", number, -4523), ("2131", "minus16", -377)]
        assert (balance("1131"), balance("2131")) == (0, -377)
        paid(9000, 800)
    with on(12, 1):
        after = issued(NOVEMBER)
        # What lay in 2131 is deducted in the next claim, in the books too.
        assert after.amount_minor == 800 - 377
        assert legs(f"claim:{after.claim_no}") == [
            ("2131", "minus16", 377),
            ("1131", "minus16", -377),
        ]
        assert (balance("1131"), balance("2131")) == (423, 0)
        receive(423, "R2")
    assert (balance("1131"), balance("2131"), broken()) == (0, 0, [])


def test_before_the_bank_has_paid_a_refund_lowers_what_it_owes(account):
    with on(10, 5):
        order = paid()
    with on(11, 2):
        claim = issued()
        receive(1000)
        claim.refresh_from_db()
        assert (claim.status, claim.due_minor) == ("part_paid", 600)
        refund(order, 2769, 231)
    assert (balance("1131"), balance("2131"), broken()) == (600 - 231, 0, [])


def test_what_is_too_much_is_credit_for_the_next_claim(account):
    with on(10, 5):
        paid()
    with on(11, 2):
        issued()
        receipt = receive(2000)
        assert (receipt.over_minor, receipt.left_minor) == (400, 400)
        assert balance("2132", party="CCB", reference="minus16") == -400
        paid(9000, 900)
    with on(12, 1):
        claim = issued(NOVEMBER)
        assert (claim.amount_minor, claim.received_minor, claim.due_minor) == (900, 400, 500)
        assert claim.status == "part_paid"
    receipt.refresh_from_db()
    assert (receipt.left_minor, balance("2132"), broken()) == (0, 0, [])


def test_money_in_advance_pays_claims_as_they_are_issued(account):
    with on(9, 1):
        receive(5000, "GOV1", giver="GOV-HZ", campaign="double11")
    with on(10, 5):
        order = paid(8000, 700, ref="GOV-HZ:double11")
    with on(11, 2):
        claim = issued(giver="GOV-HZ", campaign="double11")
        assert (claim.status, claim.received_minor) == ("paid", 700)
        assert (balance("1131"), balance("2132")) == (0, -4300)
        refund(order, 4000, 350, ref="GOV-HZ:double11")
        assert balance("2131", party="GOV-HZ") == -350
        # What is left over of it goes back.
        receive(-4300, "GOV2", giver="GOV-HZ", campaign="double11")
        with pytest.raises(ReceiptDoesNotFitError):
            receive(-1, "GOV3", giver="GOV-HZ", campaign="double11")
    assert (balance("2132"), broken()) == (0, [])


def test_a_claim_in_the_banks_favour_is_set_off_with_another_or_paid_back(account):
    with on(10, 5):
        order, other = paid(), paid(9000, 900, ref="CCB:debit5")
    with on(11, 2):
        issued()
        receive(1600)
        refund(order, 4523, 377)
    with on(12, 1):
        against = issued(NOVEMBER)
        debit = issued(campaign="debit5")
        assert (against.amount_minor, against.status) == (-377, "issued")
        # The bank transfers the difference of the two.
        receive(900 - 377, "R2", campaign="debit5")
        against.refresh_from_db()
        debit.refresh_from_db()
        assert (against.status, debit.status) == ("paid", "paid")
        refund(other, 1000, 100, ref="CCB:debit5")
    assert (balance("1131"), balance("2131"), broken()) == (0, -100, [])


def test_two_persons_or_the_banks_own_file(account):
    with on(10, 5):
        paid()
    with on(11, 2):
        claim = issued()
        entered = propose_receipt(
            giver=GIVER,
            campaign=CAMPAIGN,
            receipt_no="R1",
            day=business_date(),
            minor=1600,
            by="clerk",
        )
        with pytest.raises(SecondPersonNeededError):
            confirm_receipt(entered, by="clerk")
        with pytest.raises(ReceiptKnownError):
            receive(1600)
        with pytest.raises(IntegrityError), transaction.atomic():
            SubsidyReceipt.objects.filter(pk=entered.pk).update(
                status="confirmed", decided_by="clerk"
            )
        assert balance("1001") == 0

        line = a_booking(1600)
        assert [found.bank_ref for found in free_bank_lines(search="建设")] == ["F1"]
        receipt = match_bank_line(line.pk, giver=GIVER, campaign=CAMPAIGN, by="clerk")
        assert (receipt.status, receipt.receipt_no) == ("confirmed", "F1")
        claim.refresh_from_db()
        assert (claim.status, balance("1001")) == ("paid", 1600)
        assert free_bank_lines() == []
        with pytest.raises(BankLineTakenError):
            match_bank_line(line.pk, giver=GIVER, campaign=CAMPAIGN, by="clerk")
    assert (balance("1001"), broken()) == (1600, [])
    with pytest.raises(IntegrityError), transaction.atomic():
        ReceiptPart.objects.update(minor=1)


def a_booking(minor):
    statement = BankStatement.objects.create(
        bank_account="main", file_name="a.csv", sha256="0", path="", size=1, imported_at=now()
    )
    return BankLine.objects.create(
        statement=statement,
        bank_account="main",
        bank_ref="F1",
        day=business_date(),
        amount_minor=minor,
        counterparty="中国建设银行",
    )


def test_more_than_is_due_is_put_on_no_claim(account):
    with on(10, 5):
        paid()
    with on(11, 2):
        claim = issued()
        with pytest.raises(ReceiptDoesNotFitError):
            receive(2000, wish=[(claim.pk, 1601)])
        claim.refresh_from_db()
        assert (claim.received_minor, balance("1001")) == (0, 0)


@pytest.fixture
def disputed(account):
    """The bank pays for one of two orders and disputes the other."""
    with on(10, 5):
        first, second = paid(), paid(9000, 800)
    with on(11, 2):
        claim = issued()
        line = claim.lines.get(subject_no=second.payment_no)
        dispute = dispute_line(line, reason="card was closed", by="clerk")
        receive(1600)
        claim.refresh_from_db()
        assert (claim.status, claim.disputed_minor, claim.due_minor) == ("paid", 800, 0)
    return claim, dispute, first, second


def test_a_disputed_line_is_claimed_again_in_the_next_month(disputed):
    claim, dispute, first, second = disputed
    with on(11, 3):
        with pytest.raises(DisputesOpenError):
            close_claim(claim, by="chief")
        settle_dispute(dispute, to="again", by="clerk", settlement="statement sent")
        close_claim(claim, by="chief")
        # The first was paid for, the second never was.
        refund(first, 2769, 231)
        refund(second, 1000, 100)
        assert (balance("1131"), balance("2131")) == (800 - 100, -231)
    with on(12, 1):
        later = issued(NOVEMBER)
        again = later.lines.get(kind="again")
        assert (again.net_minor, again.note) == (800, f"{claim.claim_no} / 2")
        assert later.amount_minor == 800 - 231 - 100
        dispute.refresh_from_db()
        assert (dispute.state, dispute.again_in) == ("claimed", later)
        receive(later.amount_minor, "R2")
        refund(second, 1000, 100)
    assert (balance("1131"), balance("2131"), broken()) == (0, -100, [])


def test_a_disputed_line_is_in_one_later_claim_whichever_is_issued_first(disputed):
    _claim, dispute, _first, _second = disputed
    with on(11, 3):
        paid(5000, 300)
        settle_dispute(dispute, to="again", by="clerk")
    with on(12, 2):
        paid(5000, 200)
        draft_claim(giver=GIVER, campaign=CAMPAIGN, month=DECEMBER)
        assert issued(NOVEMBER).amount_minor == 300 + 800
    with on(1, 4, year=2027):
        seal()
        december = SubsidyClaim.objects.get(month=DECEMBER)
        with pytest.raises(ClaimDiffersError):
            check_claim(december, by="clerk")
        assert draft_due() == {"drafted": 1}
        assert issued(DECEMBER).amount_minor == 200
    assert broken() == []


def test_a_draft_from_before_a_dispute_was_settled_leaves_no_line_behind(disputed):
    _claim, dispute, _first, _second = disputed
    with on(11, 3):
        paid(5000, 300)
    with on(12, 2):
        seal()
        draft = check_claim(draft_claim(giver=GIVER, campaign=CAMPAIGN, month=NOVEMBER), by="clerk")
        settle_dispute(dispute, to="again", by="clerk")
        with pytest.raises(ClaimDiffersError):
            issue_claim(draft, by="chief")
        dispute.refresh_from_db()
        assert dispute.state == "again"
        assert issued(NOVEMBER).amount_minor == 300 + 800


def test_two_persons_let_the_mall_bear_a_line_and_a_refund_of_it_is_ours(disputed):
    _claim, dispute, _first, second = disputed
    with on(11, 3):
        with pytest.raises(SecondPersonNeededError):
            settle_dispute(dispute, to="borne", by="clerk")
        settle_dispute(dispute, to="borne", by="chief", settlement="our mistake")
        assert (balance("1131"), balance("6005", reference="minus16")) == (0, 800)
        refund(second, 1000, 100)
        assert (balance("1131"), balance("2131"), balance("6005")) == (0, 0, 700)
        paid(1000, 50)
    with on(12, 1):
        assert issued(NOVEMBER).amount_minor == 50
    assert broken() == []


def test_what_came_back_before_the_mall_bore_a_line_is_the_malls(disputed):
    _claim, dispute, _first, second = disputed
    with on(11, 3):
        refund(second, 1000, 100)
        settle_dispute(dispute, to="borne", by="chief")
        assert (balance("1131"), balance("2131"), balance("6005")) == (0, 0, 700)
        refund(second, 1000, 50)
        assert (balance("1131"), balance("6005")) == (0, 650)
        paid(1000, 30)
    with on(12, 1):
        assert issued(NOVEMBER).amount_minor == 30
    assert broken() == []


def test_what_came_back_in_an_earlier_month_is_claimed_once_the_mall_bears_it(disputed):
    _claim, dispute, _first, second = disputed
    with on(11, 3):
        refund(second, 1000, 100)
        paid(5000, 300)
    with on(12, 2):
        assert issued(NOVEMBER).amount_minor == 300 - 100
        settle_dispute(dispute, to="borne", by="chief")
        assert (balance("1131"), balance("6005")) == (300, 700)
    with on(1, 4, year=2027):
        assert issued(DECEMBER).amount_minor == 100
    assert broken() == []


def test_the_bank_pays_after_all(disputed):
    claim, dispute, _first, second = disputed
    with on(11, 4):
        settle_dispute(dispute, to="withdrawn", by="clerk")
        claim.refresh_from_db()
        assert (claim.status, claim.due_minor) == ("part_paid", 800)
        receive(800, "R2")
        claim.refresh_from_db()
        assert claim.status == "paid"
        refund(second, 1000, 100)
        with pytest.raises(NotDisputableError):
            dispute_line(claim.lines.get(number=1), reason="too late", by="clerk")
    assert (balance("1131"), balance("2131"), broken()) == (0, -100, [])
