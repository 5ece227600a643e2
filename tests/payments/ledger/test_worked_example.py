"""The example of the design, E1 to E16: every figure, event by event, in both funds modes."""

from __future__ import annotations

from collections import Counter

import pytest
import time_machine

from payments.kernel.money import Money, part_of_share, spread
from payments.kernel.tenders import Funder, TenderPart
from payments.ledger import recipes
from payments.ledger.accounts import (
    BANK,
    LEADER_IN_TRANSIT,
    LEADER_PAYABLE,
    SUPPLIER_IN_TRANSIT,
)
from payments.ledger.balances import balance, trial_balance
from payments.ledger.posting import Leg, post
from payments.models import JournalEntry

pytestmark = pytest.mark.django_db

FEE_RATE_BP = 38  # 0.38 %


def fee_on(minor):
    """Half up, on what remains of the payment."""
    return (minor * FEE_RATE_BP + 5000) // 10000


def tenders(payer, bank):
    return [
        TenderPart(funder=Funder.PAYER, amount=Money(payer)),
        TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(bank)),
    ]


class Books:
    """Writes the events and sees which accounts each of them moved."""

    def __init__(self):
        self.seen = 0

    def moved(self):
        """What the journals since the last look did to each account, debit positive."""
        new = JournalEntry.objects.filter(pk__gt=self.seen).order_by("pk")
        moves: Counter = Counter()
        for leg in new:
            self.seen = leg.pk
            moves[leg.account] += leg.amount_minor
        return {account: minor for account, minor in sorted(moves.items()) if minor}

    def steps(self):
        """The same, journal by journal."""
        found: dict = {}
        for leg in JournalEntry.objects.filter(pk__gt=self.seen).order_by("pk"):
            self.seen = leg.pk
            found.setdefault(leg.transaction_id, {})[leg.account] = leg.amount_minor
        return list(found.values())


@pytest.fixture
def books():
    return Books()


@pytest.fixture(params=["SPLIT", "SELF_OPERATED"], autouse=True)
def mode(request, settings):
    """Selling for others, and selling our own."""
    settings.LINLI_FUNDS_MODE = request.param
    with time_machine.travel("2026-03-15T04:00:00Z", tick=False):
        yield request.param


# What differs between the two: whose the goods are decides what is revenue, cost and expense.
COLLECTED = {
    "SPLIT": {"2101": 17800, "2201": -14240, "2301": -1780, "6001": -1780},
    "SELF_OPERATED": {
        "2101": 17800,
        "2201": -14240,
        "2301": -1780,
        "5001": 14240,
        "6001": -17800,
        "6402": 1780,
    },
}
TOO_LIGHT = {
    "SPLIT": {"1131": -23, "2111": -277, "2201": 240, "2301": 30, "6001": 30},
    "SELF_OPERATED": {
        "1131": -23,
        "2111": -277,
        "2201": 240,
        "2301": 30,
        "5001": -240,
        "6001": 300,
        "6402": -30,
    },
}
GONE_BAD = {
    "SPLIT": {"2111": -4523, "2131": -377, "2201": 3920, "2301": 490, "6001": 490},
    "SELF_OPERATED": {
        "2111": -4523,
        "2131": -377,
        "2201": 3920,
        "2301": 490,
        "5001": -3920,
        "6001": 4900,
        "6402": -490,
    },
}
EARNED = {
    "SPLIT": {"6001": -1260},
    "SELF_OPERATED": {"5001": 10080, "6001": -12600, "6402": 1260},
}


def refund(no, stage, value_shares, supplier=0, bank_money=recipes.BankMoney.OWED):
    """Ask for a refund of (to the resident, to the bank) and have it confirmed; return both."""
    payer, bank = value_shares
    if stage == "before_pickup":
        recipes.refund_before_pickup(
            refund_no=no, order_ref="M1", tenders=tenders(payer, bank), bank_money=bank_money
        )
    else:
        recipes.refund_after_pickup(
            refund_no=no,
            tenders=tenders(payer, bank),
            supplier_parts=[("farm", Money(supplier))],
            bank_money=bank_money,
        )


def refund_arrived(no, payer, fee_back):
    recipes.refund_succeeded(refund_no=no, account_code="ccb", amount=Money(payer))
    recipes.fee_returned(refund_no=no, account_code="ccb", fee=Money(fee_back))


def test_goods_below_cost_are_handed_over_at_our_loss(books, settings):
    settings.LINLI_FUNDS_MODE = "SPLIT"
    costs = [("farm", Money(1100))]
    recipes.goods_collected(key="M1:1", order_ref="M1", goods=Money(1000), costs=costs)

    assert books.moved() == {"2101": 1000, "2201": -1100, "6001": 100}


def test_the_worked_example(books, mode):
    shares = spread(1600, [3000, 9800, 8000])
    assert shares == [231, 754, 615]
    paid_by_line = [3000 - 231, 9800 - 754, 8000 - 615]
    assert paid_by_line == [2769, 9046, 7385]
    assert sum(paid_by_line) == 19200

    # 0: the leader's other orders of the month
    post(
        ref="opening:1",
        kind="opening",
        debits=[Leg(BANK, Money(898250), party="main")],
        credits_=[Leg(LEADER_PAYABLE, Money(898250), party="wang")],
    )
    assert books.moved() == {"1001": 898250, "2301": -898250}

    # E1, E2, E3: captured, the fee, the acquirer's batch
    recipes.payment_captured(
        payment_no="P1", order_ref="M1", account_code="ccb", tenders=tenders(19200, 1600)
    )
    assert books.moved() == {"1101": 19200, "1131": 1600, "2101": -20800}
    assert fee_on(19200) == 73
    recipes.fee_charged(payment_no="P1", account_code="ccb", fee=Money(73))
    assert books.moved() == {"1101": -73, "6401": 73}
    recipes.acquirer_batch(account_code="ccb", batch_no="1", net=Money(19127))
    assert books.moved() == {"1001": 19127, "1101": -19127}

    # E4: line A is short, 30.00 back before pick-up
    assert fee_on(19200 - 2769) == 62
    refund("R1", "before_pickup", (2769, 231))
    refund_arrived("R1", 2769, 73 - 62)
    assert books.steps() == [
        {"2101": 3000, "2111": -2769, "1131": -231},
        {"2111": 2769, "1101": -2769},
        {"1101": 11, "6401": -11},
    ]

    # E5: B and C are collected, 178.00
    recipes.goods_collected(
        key="M1", order_ref="M1", goods=Money(17800), costs=[("farm", Money(14240))]
    )
    recipes.commission_earned(key="M1", leader_ref="wang", amount=Money(1780))
    assert books.moved() == COLLECTED[mode]
    assert balance("2101") == 0

    # E6: C weighs 3.85 kg instead of 4.00
    to_bank = part_of_share(615, done=0, now=300, whole=8000)
    assert to_bank == 23
    assert fee_on(16431 - 277) == 61
    refund("R2", "after_pickup", (277, to_bank), supplier=240)
    recipes.commission_reversed(key="R2", leader_ref="wang", amount=Money(30))
    assert books.moved() == TOO_LIGHT[mode]
    refund_arrived("R2", 277, 62 - 61)
    assert books.moved() == {"1101": -276, "2111": 277, "6401": -1}

    # E7: a batch with a negative net
    recipes.acquirer_batch(account_code="ccb", batch_no="2", net=Money(-2769 + 11 - 277 + 1))
    assert books.moved() == {"1001": -3034, "1101": 3034}

    # E8: the bank pays its subsidy
    recipes.subsidy_received(
        giver="CCB", campaign="minus16", receipt_no="202604", amount=Money(1600 - 231 - 23)
    )
    assert books.moved() == {"1001": 1346, "1131": -1346}
    assert balance("1131", party="CCB", reference="minus16") == 0

    # E9: the supplier's statement and payout
    recipes.supplier_statement_closed(
        key="S1", supplier_ref="farm", statement_ref="S1", amount=Money(7840 + 6400 - 240)
    )
    assert books.moved() == {"2201": 14000, "2202": -14000}
    to_farm = Leg(SUPPLIER_IN_TRANSIT, Money(14000), party="farm", reference="S1")
    recipes.transfer_succeeded(transfer_no="T1", in_transit=to_farm)
    assert books.moved() == {"1001": -14000, "2202": 14000}

    # E10: the leader's statement; the first payout comes back, the second arrives
    recipes.statement_closed(
        key="L3",
        leader_ref="wang",
        statement_ref="L3",
        gross=Money(900000),
        net=Money(893400),
        tax=Money(6600),
    )
    assert books.moved() == {"2301": 900000, "2302": -893400, "2401": -6600}
    to_wang = Leg(LEADER_IN_TRANSIT, Money(893400), party="wang", reference="L3")
    recipes.transfer_succeeded(transfer_no="T2", in_transit=to_wang)
    assert books.moved() == {"1001": -893400, "2302": 893400}
    recipes.transfer_returned(transfer_no="T2", in_transit=to_wang)
    assert books.moved() == {"1001": 893400, "2302": -893400}
    recipes.transfer_succeeded(transfer_no="T3", in_transit=to_wang)
    assert books.moved() == {"1001": -893400, "2302": 893400}

    # E11: the tax is remitted
    recipes.tax_remitted(month="2026-03", leaders=[("wang", Money(6600))])
    assert books.moved() == {"1001": -6600, "2401": 6600}

    # E12: after settlement one unit of B is bad, 49.00; the bank has already paid
    to_bank = part_of_share(754, done=0, now=1, whole=2)
    assert to_bank == 377
    assert fee_on(16154 - 4523) == 44
    refund("R3", "after_pickup", (4523, to_bank), 3920, recipes.BankMoney.PAID)
    recipes.commission_reversed(key="R3", leader_ref="wang", amount=Money(490))
    assert books.moved() == GONE_BAD[mode]
    refund_arrived("R3", 4523, 61 - 44)
    assert books.moved() == {"1101": -4506, "2111": 4523, "6401": -17}

    # E13, E14: the file returned 16 where we booked 17; the batch
    recipes.difference_approved(case_no="C1", account_code="ccb", loss=Money(1))
    assert books.moved() == {"1101": -1, "6499": 1}
    recipes.acquirer_batch(account_code="ccb", batch_no="3", net=Money(-4523 + 16))
    assert books.moved() == {"1001": -4507, "1101": 4507}

    # E15: another 192.00 after expiry, and its way back
    recipes.payment_surplus(payment_no="P2", account_code="ccb", amount=Money(19200))
    assert books.moved() == {"1101": 19200, "2112": -19200}
    recipes.refund_of_surplus(refund_no="R4", payment_no="P2", amount=Money(19200))
    recipes.refund_succeeded(refund_no="R4", account_code="ccb", amount=Money(19200))
    assert books.moved() == {"1101": -19200, "2112": 19200}

    # E16: 5.00 without an order, returned
    recipes.unidentified_receipt(case_no="C2", account_code="ccb", amount=Money(500))
    assert books.moved() == {"1101": 500, "2901": -500}
    recipes.unidentified_returned(case_no="C2", account_code="ccb", amount=Money(500))
    assert books.moved() == {"1101": -500, "2901": 500}

    rows = trial_balance()
    left = {row.code: row.balance.minor for row in rows if row.balance}
    assert (
        left
        == {
            "1001": -2818,
            "2131": -377,
            "2201": 3920,
            "2301": 490,
            "6401": 44,
            "6499": 1,
        }
        | EARNED[mode]
    )
    assert sum(row.balance.minor for row in rows) == 0
    assert -sum(EARNED[mode].values()) == 1260
    profit = 1260 - 44 - 1
    assert profit == 1215 == -2818 + 4410 - 377
    resident, bank = 19200 - 2769 - 277 - 4523, 1600 - 231 - 23 - 377
    assert (resident, bank) == (11631, 969)
    assert resident + bank == 20800 - 3000 - 300 - 4900 == 12600
    for nothing_left in ("1101", "1131", "2101", "2111", "2112", "2202", "2302", "2401", "2901"):
        assert balance(nothing_left) == 0


def test_every_payout_of_the_example_found_its_money(books, mode):
    """What the payout check would have seen: only the last batch, no payout, went below nothing."""
    bank = 898250 + 19127 - 3034 + 1346
    assert bank >= 14000
    bank -= 14000
    assert bank == 901689 >= 893400 + 6600
    bank -= 893400 + 6600
    assert bank == 1689
    assert bank - 4507 == -2818


def test_a_threshold_that_is_missed_afterwards_forfeits_the_whole_discount(books):
    """THRESHOLD_RECHECK at E4: 178.00 stay below 200.00, so the bank gets its 16.00 back."""
    recipes.payment_captured(
        payment_no="P1", order_ref="M1", account_code="ccb", tenders=tenders(19200, 1600)
    )
    recipes.fee_charged(payment_no="P1", account_code="ccb", fee=Money(fee_on(19200)))
    books.moved()
    left = 20800 - 3000
    assert left < 20000
    to_bank = 1600
    to_resident = 3000 - to_bank
    assert (to_resident, to_resident + to_bank) == (1400, 3000)

    refund("R1", "before_pickup", (to_resident, to_bank))
    assert fee_on(19200 - to_resident) == 68
    refund_arrived("R1", to_resident, 73 - 68)

    assert books.steps() == [
        {"2101": 3000, "2111": -1400, "1131": -1600},
        {"2111": 1400, "1101": -1400},
        {"1101": 5, "6401": -5},
    ]
    assert balance("1131") == 0
    assert -balance("2101") == left == 19200 - to_resident
