"""Rules of shares, errands' steps, held money and fees: silent over honest rows, loud otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from payments.acquiring.contract import Outcome
from payments.api import Funder, Money, RefundStage, TenderPart, request_refund
from payments.invariants import check
from payments.ledger import recipes
from payments.models import (
    AcquirerAccount,
    ErrandStep,
    Incident,
    Payment,
    Refund,
    SplitReturn,
    SplitShare,
)
from tests.payments.errand_desk import say_of_refund, say_of_return, split_in

pytestmark = pytest.mark.django_db


def give_back(payment, key, minor):
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=key,
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(minor))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )
    return Refund.objects.get(refund_no=view.refund_no)


@pytest.fixture
def day(account):
    """Shared out, taken back once well and once not, given back, refused, and one under way."""
    AcquirerAccount.objects.update(settings={"fee_rate": "0.0038"})
    payment = split_in("succeeded").payment
    done = give_back(payment, "half", 9600)
    well, badly = SplitReturn.objects.order_by("pk")
    say_of_return(well, Outcome.SUCCEEDED)
    say_of_return(badly, Outcome.FAILED)
    done.refresh_from_db()
    say_of_refund(done, Outcome.SUCCEEDED)
    refused = give_back(payment, "refused", 100)
    for found in SplitReturn.objects.filter(refund=refused):
        say_of_return(found, Outcome.SUCCEEDED)
    refused.refresh_from_db()
    say_of_refund(refused, Outcome.FAILED)
    give_back(payment, "under way", 1000)
    payment.refresh_from_db()
    return payment


def codes():
    return {violation.code for result in check() for violation in result.violations}


def test_a_day_of_shares_is_in_order_and_every_rule_looked_at_it(day):
    results = check()

    assert [v for result in results for v in result.violations] == []
    rows = {result.name: result.rows for result in results}
    assert rows["R1 shares and refunds within what was captured"] == 1
    assert rows["R4 shares are taken back before the refund"] == 3
    assert rows["R5 a refused share calls a person"] == 1
    assert rows["L4 share advanced: one event, one journal"] == 1
    assert rows["P7 every errand's step is in its table"] >= 10
    assert rows["L7 fees by contract = fees booked"] == 1


def share_without_reserving(payment):
    Payment.objects.filter(pk=payment.pk).update(split_committed_minor=0)


def forget_what_came_back(payment):
    SplitShare.objects.filter(receiver="ACC-H1").update(back_committed_minor=0)


def send_before_the_shares_are_back(payment):
    waiting = Refund.objects.get(status="taking_back")
    Refund.objects.filter(pk=waiting.pk).update(status="created")
    ErrandStep.objects.create(
        errand_no=waiting.refund_no,
        edge="R3",
        from_status="taking_back",
        to_status="created",
        at=timezone.now(),
    )


def forget_who_waits(payment):
    SplitReturn.objects.filter(refund__status="taking_back").update(refund=None)


def refuse_a_share_silently(payment):
    Incident.objects.filter(kind="split_return_failed").delete()


def take_back_for_ever(payment):
    long_ago = timezone.now() - timedelta(days=8)
    SplitReturn.objects.filter(status="created").update(created_at=long_ago)


def pay_a_share_beside_the_books(payment):
    SplitShare.objects.filter(receiver="ACC-H1").update(amount_minor=4001)


def advance_beside_the_books(payment):
    SplitReturn.objects.filter(status="succeeded").update(advanced_at=timezone.now())


def step_beside_the_table(payment):
    refund = Refund.objects.get(status="taking_back")
    ErrandStep.objects.create(
        errand_no=refund.refund_no,
        edge="R9",
        from_status="failed",
        to_status="taking_back",
        at=timezone.now(),
    )


def move_without_a_step(payment):
    Refund.objects.filter(status="failed").update(status="abnormal")


def pay_by_hand_beside_the_books(payment):
    refund = Refund.objects.get(status="failed")
    Refund.objects.filter(pk=refund.pk).update(status="paid_by_hand")
    ErrandStep.objects.create(
        errand_no=refund.refund_no,
        edge="R18",
        from_status="failed",
        to_status="paid_by_hand",
        at=timezone.now(),
    )


def return_what_nobody_held(payment):
    refund = Refund.objects.get(status="taking_back")
    Refund.objects.filter(pk=refund.pk).update(stage="held", of_acquirer_no="NOBODYS")


def keep_too_much_fee(payment):
    recipes.fee_charged(payment_no="P-GHOST", account_code="sandbox", fee=Money(1))


SABOTAGE = [
    (share_without_reserving, {"R1"}),
    (forget_what_came_back, {"R1"}),
    (send_before_the_shares_are_back, {"R4"}),
    (forget_who_waits, {"R4"}),
    (refuse_a_share_silently, {"R5"}),
    (take_back_for_ever, {"R5"}),
    (pay_a_share_beside_the_books, {"R1", "L7"}),
    (advance_beside_the_books, {"L4", "L7"}),
    (step_beside_the_table, {"P7"}),
    (move_without_a_step, {"P7"}),
    (pay_by_hand_beside_the_books, {"L4", "L7"}),
    (return_what_nobody_held, {"R1", "R6", "L7"}),
    (keep_too_much_fee, {"L7"}),
]


@pytest.mark.parametrize(
    ("sabotage", "expected"), SABOTAGE, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_broken_rule_is_named(day, sabotage, expected):
    sabotage(day)

    assert codes() == expected
