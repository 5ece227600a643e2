"""The recipes the worked example does not need: who funded what, refusals, money by hand."""

from __future__ import annotations

import pytest

from payments.kernel.money import Money
from payments.kernel.tenders import Funder, TenderPart
from payments.ledger import recipes
from payments.ledger.posting import UnbalancedJournalError
from payments.models import JournalEntry, JournalTransaction

pytestmark = pytest.mark.django_db


def part(funder, minor, ref=""):
    return TenderPart(funder=funder, ref=ref, amount=Money(minor))


def legs():
    """The legs of the newest journal: account, labels, amount."""
    journal = JournalTransaction.objects.order_by("-pk").first()
    rows = journal.entries.order_by("pk").values_list(
        "account", "party", "reference", "amount_minor"
    )
    return journal.ref, list(rows)


def capture(*tenders, payment_no="P1"):
    return recipes.payment_captured(
        payment_no=payment_no, order_ref="M1", account_code="sandbox", tenders=tenders
    )


def test_every_funder_has_a_drawer():
    capture(
        part(Funder.PAYER, 100),
        part(Funder.BANK, 16, "CCB:minus16"),
        part(Funder.GOVERNMENT, 8, "county"),
        part(Funder.PLATFORM, 4, "welcome"),
        part(Funder.SUPPLIER, 2, "farm"),
        part(Funder.LEADER, 1, "wang"),
    )

    assert legs() == (
        "capture:P1",
        [
            ("1101", "sandbox", "", 100),
            ("1131", "CCB", "minus16", 16),
            ("1131", "county", "county", 8),
            ("6005", "", "welcome", 4),
            ("2201", "farm", "", 2),
            ("2301", "wang", "", 1),
            ("2101", "", "M1", -131),
        ],
    )


@pytest.mark.parametrize(
    ("ref", "party", "campaign"),
    [("", "unnamed", "unnamed"), (":x", "unnamed", "x"), ("CCB:", "CCB", "CCB:")],
)
def test_captured_money_is_booked_whatever_its_label(ref, party, campaign):
    capture(part(Funder.PAYER, 100), part(Funder.BANK, 16, ref))

    assert legs()[1][1] == ("1131", party, campaign, 16)


def test_a_payment_without_tenders_is_refused():
    with pytest.raises(ValueError, match="at least one tender"):
        capture()


def test_the_stage_decides_which_drawer_a_refund_comes_from(settings):
    settings.LINLI_FUNDS_MODE = "SELF_OPERATED"
    common = {"payment_no": "P1", "order_ref": "M1"}
    tenders = [part(Funder.PAYER, 277), part(Funder.BANK, 23, "CCB")]

    recipes.refund_requested(refund_no="R1", stage="before_pickup", tenders=tenders, **common)
    assert legs() == (
        "refund:R1",
        [("2101", "", "M1", 300), ("2111", "", "R1", -277), ("1131", "CCB", "CCB", -23)],
    )

    recipes.refund_requested(refund_no="R2", stage="surplus", tenders=tenders[:1], **common)
    assert legs()[1] == [("2112", "", "P1", 277), ("2111", "", "R2", -277)]

    recipes.refund_requested(
        refund_no="R3",
        stage="after_pickup",
        tenders=tenders,
        supplier_parts=[("farm", Money(240))],
        **common,
    )
    assert legs()[1] == [
        ("6001", "", "", 300),
        ("2201", "farm", "", 240),
        ("2111", "", "R3", -277),
        ("1131", "CCB", "CCB", -23),
        ("5001", "", "", -240),
    ]

    recipes.refund_requested(refund_no="R4", stage="goodwill", tenders=tenders, **common)
    assert legs()[1] == [
        ("6403", "", "", 300),
        ("2111", "", "R4", -277),
        ("1131", "CCB", "CCB", -23),
    ]

    with pytest.raises(ValueError, match="no stage 'whim'"):
        recipes.refund_requested(refund_no="R5", stage="whim", tenders=tenders, **common)


def test_a_refused_refund_is_owed_by_hand_until_somebody_pays_it():
    recipes.refund_of_surplus(refund_no="R1", payment_no="P1", amount=Money(500))
    recipes.refund_failed(refund_no="R1", amount=Money(500))
    assert legs() == ("refund_fail:R1", [("2111", "", "R1", 500), ("2113", "", "R1", -500)])

    recipes.refund_paid_by_hand(refund_no="R1", amount=Money(500))
    assert legs() == ("refund_hand:R1", [("2113", "", "R1", 500), ("1001", "main", "", -500)])


def test_a_refund_that_came_back_is_owed_by_hand():
    recipes.refund_returned(refund_no="R1", account_code="sandbox", amount=Money(500))

    assert legs() == ("refund_back:R1", [("1101", "sandbox", "", 500), ("2113", "", "R1", -500)])


def test_a_refund_done_after_it_was_refused_clears_what_was_owed_by_hand():
    recipes.refund_succeeded_after_refusal(
        refund_no="R1", account_code="sandbox", amount=Money(500)
    )

    assert legs() == ("refund_ok:R1", [("2113", "", "R1", 500), ("1101", "sandbox", "", -500)])


def test_the_books_open_with_the_operators_own_money():
    recipes.platform_funding(key="opening", amount=Money(5_000_000))

    assert legs() == (
        "funding:opening",
        [("1001", "main", "", 5_000_000), ("3001", "", "", -5_000_000)],
    )


def test_a_statement_whose_parts_do_not_make_the_whole_is_not_closed():
    with pytest.raises(UnbalancedJournalError):
        recipes.statement_closed(
            key="L1",
            leader_ref="wang",
            statement_ref="L1",
            gross=Money(100),
            net=Money(90),
            tax=Money(9),
        )

    assert JournalEntry.objects.exists() is False


def test_what_a_statement_keeps_lowers_the_cost_it_was_meant_for():
    kept = recipes.Kept(responsibility=Money(500), transfer_fee=Money(100))
    recipes.statement_closed(
        key="L1",
        leader_ref="wang",
        statement_ref="L1",
        gross=Money(2_000),
        net=Money(1_300),
        tax=Money(100),
        kept=kept,
    )

    _ref, rows = legs()
    assert rows[0] == ("2301", "wang", "", 2_000)
    assert rows[1] == ("2302", "wang", "L1", -1_300)
    assert rows[2][::3] == ("2401", -100)
    assert rows[3:] == [("6403", "", "", -500), ("6401", "transfers", "", -100)]


def test_a_supplier_is_paid_what_its_statement_lists_less_the_service_fee():
    recipes.supplier_statement_closed(
        key="S1",
        supplier_ref="supplier:5",
        statement_ref="S1",
        amount=Money(1_000),
        kept=recipes.Kept(service_fee=Money(80)),
    )

    assert legs()[1] == [
        ("2201", "supplier:5", "", 1_000),
        ("2202", "supplier:5", "S1", -920),
        ("6001", "", "", -80),
    ]
    with pytest.raises(ValueError, match="other side"):
        recipes.supplier_statement_closed(
            key="S2",
            supplier_ref="supplier:5",
            statement_ref="S2",
            amount=Money(10),
            kept=recipes.Kept(service_fee=Money(80)),
        )


@pytest.mark.parametrize(("mode", "ours"), [("SELF_OPERATED", "5001"), ("SPLIT", "6001")])
def test_what_a_supplier_is_owed_is_corrected_either_way(settings, mode, ours):
    settings.LINLI_FUNDS_MODE = mode
    recipes.supplier_corrected(key="C1", supplier_ref="supplier:5", minor=300)
    assert legs()[1] == [(ours, "", "", 300), ("2201", "supplier:5", "", -300)]

    recipes.supplier_corrected(key="C2", supplier_ref="supplier:5", minor=-300)
    assert legs()[1] == [("2201", "supplier:5", "", 300), (ours, "", "", -300)]


def test_subsidy_paid_for_goods_that_came_back_is_returned():
    recipes.subsidy_returned(giver="CCB", campaign="minus16", receipt_no="1", amount=Money(377))

    assert legs()[1] == [("2131", "CCB", "minus16", 377), ("1001", "main", "", -377)]


def test_a_payment_missing_from_the_acquirers_file_waits_for_a_later_one():
    recipes.missing_receipt(case_no="C1", account_code="sandbox", amount=Money(500))
    assert legs()[1] == [("1901", "", "C1", 500), ("1101", "sandbox", "", -500)]

    recipes.missing_receipt_found(case_no="C1", account_code="sandbox", amount=Money(500))
    assert legs()[1] == [("1101", "sandbox", "", 500), ("1901", "", "C1", -500)]


def test_a_difference_in_our_favour_is_booked_the_other_way():
    recipes.difference_approved(case_no="C1", account_code="sandbox", loss=Money(-1))

    assert legs()[1] == [("1101", "sandbox", "", 1), ("6499", "", "C1", -1)]


def test_parts_of_another_currency_are_refused():
    with pytest.raises(ValueError, match="do not add"):
        recipes.goods_collected(
            key="M1", order_ref="M1", goods=Money(2), costs=[("farm", Money(1, "USD"))]
        )
