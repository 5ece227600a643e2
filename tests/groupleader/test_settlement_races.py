"""Two at the same moment: statements cut, lines freed and taken back, corrected, charged, taxed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F

from groupleader.models import CommissionAccrual, Correction, Deduction, Leader
from groupleader.services import accruals, correcting, issuing
from groupleader.services.correcting import Wish, approve_correction, propose_correction
from groupleader.services.deducting import charge_case
from groupleader.services.issuing import cut_statement
from groupleader.services.periods import Period
from groupleader.services.taxes import IncomeSoFar
from groupleader.settlement_checks import tax_is_the_years
from payments.api import (
    IllegalTransitionError,
    balance,
    now,
    post_commission_earned,
    transact,
)
from tests.factories.crowd import all_at_once
from tests.groupleader.making import Order, line, make_leader, make_user, settled_order
from tests.groupleader.paying import broken_rules

pytestmark = pytest.mark.django_db(transaction=True)


def cut(leader: Leader, label: str = "now") -> Any:
    period = Period(label, now() + timedelta(seconds=30))
    return lambda: cut_statement(party=Leader.objects.get(pk=leader.pk), period=period)


def same_amount_in_books(leader: Leader) -> bool:
    """What 2301 owes her is the sum of her lines that were earned."""
    lines = CommissionAccrual.objects.filter(leader=leader).exclude(status="estimated")
    return -balance("2301", party=leader.ref) == sum(each.amount_minor for each in lines)


def test_one_period_cut_by_three_at_once_is_one_statement_with_each_deduction_once():
    leader = make_leader()
    settled_order(leader, [line("A", 20_800)])
    charge_case(leader=leader, case_no="A1", order_no="M1", amount_minor=5_000)

    ends = all_at_once([cut(leader)] * 3)

    assert len({end.pk for end in ends}) == 1
    assert (ends[0].gross_minor, ends[0].deductions_minor, ends[0].net_minor) == (2_080, 2_080, 0)
    assert Deduction.objects.get(statement=None).amount_minor == 5_000 - 2_080
    assert broken_rules() == []


def test_two_statements_of_a_month_at_once_are_taxed_one_after_the_other():
    """Whichever comes second counts the first one's income (C9)."""
    leader = make_leader()
    settled_order(leader, [line("A", 9_000_000)])
    first = cut(leader, "1")()
    settled_order(leader, [line("B", 9_000_000)])
    propose(leader, 900_000, by=make_user("财务", is_staff=True), boss=make_user("主管"))

    ends = all_at_once([cut(leader, "2"), cut(leader, "3")])

    made = [end for end in ends if not isinstance(end, Exception)]
    assert len(made) == 1, ends
    assert first.tax_minor == 6_600  # 9,000.00: (7,200.00 - 5,000.00) * 3 %
    assert made[0].tax_minor == 43_200  # 27,000.00 in the month, less 66.00
    assert tax_is_the_years().violations == ()


def test_a_year_read_before_her_turn_taxes_too_little_and_the_rule_finds_it(monkeypatch):
    """Negative control: who looks at the year before it is her turn misses what came between."""
    leader = make_leader()
    settled_order(leader, [line("A", 9_000_000)])
    cut(leader, "1")()
    settled_order(leader, [line("B", 9_000_000)])
    monkeypatch.setattr(issuing, "income_so_far", lambda *_who, **_when: IncomeSoFar())

    cut(leader, "2")()

    assert [str(each) for each in tax_is_the_years().violations] != []


@pytest.mark.parametrize("fact", ["closed", "refunded"])
def test_a_line_freed_or_taken_back_while_a_statement_is_cut_is_counted_once(fact):
    leader = make_leader()
    orders = [Order(leader, [line(f"L{n}", 10_000)]) for n in range(3)]
    for order in orders:
        order.becomes("placed", "paid", "collected")
        if fact == "refunded":
            order.becomes("closed")
    settled_order(leader, [line("sure", 50_000)])

    def told(n: int) -> Any:
        if fact == "closed":
            return lambda: orders[n].becomes("closed")
        return lambda: orders[n].refunds_line(f"L{n}", 5_000, f"R{n}")

    ends = all_at_once([cut(leader), *[told(n) for n in range(3)]])

    statement = ends[0]
    lines = statement.accruals.values_list("amount_minor", flat=True)
    assert statement.gross_minor == sum(lines)
    later = cut(leader, "later")() if fact == "closed" and sum(lines) < 8_000 else None
    earned = 8_000 if fact == "closed" else 6_500
    assert sum(CommissionAccrual.objects.values_list("amount_minor", flat=True)) == earned
    assert later is None or statement.gross_minor + later.gross_minor == 8_000
    assert same_amount_in_books(leader)
    assert broken_rules() == []


def test_a_refund_judged_by_an_old_look_would_change_a_closed_statement(monkeypatch):
    """Negative control: without asking for the state, only the database's trigger says no."""
    leader = make_leader()
    settled_order(leader, [line("A", 10_000)])
    accrual = CommissionAccrual.objects.get()
    cut(leader)()

    def careless(row: CommissionAccrual, taken: int, **_: Any) -> bool:
        rows = CommissionAccrual.objects.filter(pk=row.pk)
        return bool(rows.update(reduced_minor=F("reduced_minor") + taken))

    monkeypatch.setattr(accruals, "_shrink", careless)
    with pytest.raises(DatabaseError, match=r"settled|closed|statement"), transaction.atomic():
        accruals.take_back_line(line_id="A", value_minor=5_000, refund_key="R", at=now())

    accrual.refresh_from_db()
    assert accrual.amount_minor == 1_000


def propose(leader: Leader, minor: int, *, by: Any, boss: Any = None, key: str = "k") -> Correction:
    wish = Wish(amount_minor=minor, reason="漏了一单")
    correction = propose_correction(party=leader, wish=wish, by=by, key=key)
    if boss is not None:
        approve_correction(correction=correction, by=boss)
    return correction


def test_a_correction_clicked_and_approved_three_times_at_once_counts_once():
    leader, clerk = make_leader(), make_user("财务", is_staff=True)
    bosses = [make_user(f"主管{n}", is_staff=True) for n in range(3)]

    proposed = all_at_once([lambda: propose(leader, 50_000, by=clerk)] * 3)
    assert len({each.pk for each in proposed}) == 1
    ends = all_at_once(
        [
            lambda boss=boss: approve_correction(
                correction=Correction.objects.get(key="k"), by=boss
            )
            for boss in bosses
        ]
    )

    assert sorted(type(end).__name__ for end in ends) == [
        "IllegalTransitionError",
        "IllegalTransitionError",
        "NoneType",
    ]
    assert balance("2301", party=leader.ref) == -50_000
    assert broken_rules() == []


def careless_post(*, key: str, **said: Any) -> None:
    """Book under a number that was never used."""
    post_commission_earned(key=f"{key}:again", **said)


def test_without_the_states_only_the_books_stop_a_second_approval(monkeypatch):
    """Negative control: approved again without looking, only the books' own number holds."""
    leader, clerk = make_leader(), make_user("财务", is_staff=True)
    boss = make_user("主管", is_staff=True)
    correction = propose(leader, 50_000, by=clerk, boss=boss)
    with pytest.raises(IllegalTransitionError):
        approve_correction(correction=correction, by=boss)
    monkeypatch.setattr(correcting, "advance", lambda *_row, **_changes: True)

    approve_correction(correction=correction, by=boss)
    assert balance("2301", party=leader.ref) == -50_000
    monkeypatch.setattr(correcting, "post_commission_earned", careless_post)

    approve_correction(correction=correction, by=boss)
    assert balance("2301", party=leader.ref) == -100_000
    assert broken_rules() != []


def test_one_case_told_four_times_at_once_is_charged_once():
    leader = make_leader()

    def charge() -> Deduction:
        told = {"case_no": "A1", "order_no": "M1", "amount_minor": 900}
        return transact()(charge_case)(leader=leader, **told)

    ends = all_at_once([charge] * 4)

    assert len({end.pk for end in ends}) == 1
    assert Deduction.objects.get().amount_minor == 900


def test_cut_and_charged_at_once_the_charge_is_in_this_statement_or_waits():
    leader = make_leader()
    settled_order(leader, [line("A", 20_800)])
    told = {"case_no": "A1", "order_no": "M1", "amount_minor": 900}

    statement, _charge = all_at_once(
        [cut(leader), lambda: transact()(charge_case)(leader=leader, **told)]
    )

    deduction = Deduction.objects.get()
    is_in = deduction.statement_id == statement.pk
    assert statement.deductions_minor == (900 if is_in else 0)
    assert broken_rules() == []
