"""Every rule stays silent over honest rows and names the row that breaks it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from payments.acquiring.contract import Advice, Failure, Outcome
from payments.api import Funder, Money, RefundStage, TenderPart, request_refund
from payments.invariants import check
from payments.invariants.cards import card_numbers_in, is_card_number
from payments.kernel.checking import SHOWN_MAX, CheckResult, Violation, result_of
from payments.ledger import recipes
from payments.models import (
    ChannelFact,
    Incident,
    JournalTransaction,
    Notification,
    OutboxDelivery,
    OutboxEvent,
    Payment,
    PaymentTransition,
    Refund,
    RefundTender,
    Tender,
    Transfer,
)
from payments.services.facts import apply_channel_fact
from payments.services.payments import request_close
from tests.payments.desk import ORDER, hear, payment_in, refunded, success

pytestmark = pytest.mark.django_db

VISA_TEST_CARD = "4111 1111 1111 1111"


def give_back(payment, key, payer, bank=0):
    parts = [TenderPart(funder=Funder.PAYER, amount=Money(payer))]
    if bank:
        parts.append(TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(bank)))
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=key,
            tenders=parts,
            reason="shortage",
            reference=ORDER,
            stage=RefundStage.BEFORE_PICKUP,
        )
    return Refund.objects.get(refund_no=view.refund_no)


def acquirer_says(payment, refund, outcome=Outcome.SUCCEEDED):
    result = refunded(refund.refund_no, refund.resident_minor, outcome)
    if outcome == Outcome.FAILED:
        failure = Failure("card_closed", "14", "closed", Advice.DO_NOT_RETRY)
        result = type(result)(outcome, refund.refund_no, failure=failure)
    apply_channel_fact(source="query", account=payment.account, result=result)


def paid_for(reference=ORDER):
    """A payment the acquirer says is paid, when asked."""
    payment = payment_in("created", reference=reference)
    hear(payment, "query", success(payment))
    assert payment.application == "applied"
    return payment


@pytest.fixture
def day(account):
    """A day with everything in it: paid, paid twice, given back, refused, closed, waiting."""
    paid = paid_for(ORDER)
    acquirer_says(paid, give_back(paid, "line-a", 2769, 231))
    acquirer_says(paid, give_back(paid, "line-b", 100), Outcome.FAILED)
    give_back(paid, "line-c", 277, 23)
    unwanted = payment_in("created", reference="M2")
    with transaction.atomic():
        request_close(unwanted.payment_no, reason="changed her mind")
    pay_twice(paid_for("M4"))
    waiting = payment_in("created", reference="M3")
    return paid, waiting


def pay_twice(first):
    """A second attempt that was open beside the first succeeds as well."""
    second = payment_in("created", reference="M5")
    Payment.objects.filter(pk=second.pk).update(reference=first.reference)
    second.refresh_from_db()
    hear(second, "query", success(second))
    assert second.application == "surplus"


def violations():
    return [violation for result in check() for violation in result.violations]


def codes():
    return {violation.code for violation in violations()}


def test_empty_books_are_in_order():
    results = check()

    assert [v for result in results for v in result.violations] == []
    assert len(results) >= 45
    assert len({result.name for result in results}) == len(results)


def test_an_ordinary_day_is_in_order_and_every_rule_looked_at_it(
    day, django_assert_max_num_queries
):
    with django_assert_max_num_queries(240):
        results = check()

    assert [v for result in results for v in result.violations] == []
    rows = {result.name: result.rows for result in results}
    assert rows["P5 P6 late and double payments are refunded whole"] == 1
    assert rows["R1 refunds within what was captured"] == 4
    assert rows["L7 refunds refused = owed by hand"] == 1
    assert rows["L4 refund: one event, one journal"] == 4
    assert rows["P8 paid only on matching evidence"] >= 3


def test_as_many_questions_for_many_rows_as_for_few(day, django_assert_num_queries):
    with connection.execute_wrapper(counter := Counter()):
        check()
    few = counter.asked
    for number in range(20):
        paid_for(f"MANY{number}")

    with django_assert_num_queries(few):
        check()


class Counter:
    def __init__(self):
        self.asked = 0

    def __call__(self, execute, sql, params, many, context):
        self.asked += 1
        return execute(sql, params, many, context)


def forget_application(paid, late):
    Payment.objects.filter(pk=paid.pk).update(application="none")


def take_other_amount(paid, late):
    Tender.objects.filter(payment=late, funder="payer").update(estimated_minor=19100)


def lose_surplus_refund(paid, late):
    Payment.objects.filter(application="surplus").update(refund_committed_minor=0)


def jump(paid, late):
    PaymentTransition.objects.create(
        payment=late,
        edge="13",
        from_status="created",
        to_status="succeeded",
        at=timezone.now(),
        fact=ChannelFact.objects.filter(payment=paid).first(),
    )


def forget_step(paid, late):
    Payment.objects.filter(pk=late.pk).update(status="unknown")


def swap_evidence(paid, late):
    ChannelFact.objects.filter(payment=paid, verdict="applied").update(amount_minor=1)


def hide_mismatch(paid, late):
    hear(late, "query", success(late, amount=Money(1)))
    Incident.objects.filter(kind="amount_mismatch").delete()


def wait_for_ever(paid, late):
    Payment.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(hours=49))


def promise_unreserved(paid, late):
    Payment.objects.filter(pk=paid.pk).update(refund_committed_minor=1)


def give_bank_more(paid, late):
    RefundTender.objects.filter(funder="bank", refund__payment=paid).update(amount_minor=1599)


def refund_wrong_payment(paid, late):
    Refund.objects.filter(payment=paid).update(stage="surplus")


def lose_part(paid, late):
    RefundTender.objects.filter(funder="bank").delete()


def refuse_silently(paid, late):
    Incident.objects.all().delete()


def refund_for_ever(paid, late):
    Refund.objects.update(created_at=timezone.now() - timedelta(days=8))


def book_what_never_was(paid, late):
    recipes.payment_captured(
        payment_no="P-GHOST",
        order_ref="M-GHOST",
        account_code="sandbox",
        tenders=[TenderPart(funder=Funder.PAYER, amount=Money(1))],
    )


def collect_twice(paid, late):
    for key in ("1", "2"):
        recipes.goods_collected(key=key, order_ref=ORDER, goods=Money(17000), costs=[])


def leave_open(paid, late):
    JournalTransaction.objects.create(
        ref="crash:1", kind="crash", business_date="2026-11-22", created_at=timezone.now()
    )


def say_nothing(paid, late):
    OutboxDelivery.objects.all().delete()
    OutboxEvent.objects.filter(fact="payment.succeeded").delete()


def give_up(paid, late):
    event = OutboxEvent.objects.first()
    OutboxDelivery.objects.create(
        event=event, consumer="x", aggregate="x", status="dead", available_at=timezone.now()
    )


def deliver_without_a_time(paid, late):
    event = OutboxEvent.objects.first()
    OutboxDelivery.objects.create(
        event=event, consumer="x", aggregate="x", status="done", available_at=timezone.now()
    )


def let_a_fact_wait(paid, late):
    event = OutboxEvent.objects.first()
    OutboxEvent.objects.filter(pk=event.pk).update(published_at=timezone.now() - timedelta(hours=2))
    OutboxDelivery.objects.create(
        event=event, consumer="x", aggregate="x", available_at=timezone.now()
    )


def leave_mail_unread(paid, late):
    long_ago = timezone.now() - timedelta(hours=2)
    Notification.objects.create(
        account_code="sandbox",
        digest="d",
        method="POST",
        path="/",
        received_at=long_ago,
        last_received_at=long_ago,
    )


def act_without_trace(paid, late):
    at = timezone.now()
    Notification.objects.create(
        account_code="sandbox",
        digest="d",
        method="POST",
        path="/",
        received_at=at,
        last_received_at=at,
        status="applied",
    )


def keep_a_card_number(paid, late):
    Payment.objects.filter(pk=paid.pk).update(failure_message=f"card {VISA_TEST_CARD} declined")


def keep_a_card_number_in_a_message(paid, late):
    at = timezone.now()
    Notification.objects.create(
        account_code="sandbox",
        digest="card",
        method="POST",
        path="/",
        body=f"卡号{VISA_TEST_CARD}。".encode(),
        received_at=at,
        last_received_at=at,
        status="rejected",
    )


def book_a_forgotten_payout(paid, late):
    """A statement was closed long ago and nobody paid it."""
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        recipes.commission_earned(key="old", leader_ref="wang", amount=Money(100))
        recipes.statement_closed(
            key="old",
            leader_ref="wang",
            statement_ref="old",
            gross=Money(100),
            net=Money(100),
            tax=Money(0),
        )


def keep_a_card_number_in_json(paid, late):
    ChannelFact.objects.filter(payment=paid).update(
        payload={"card": VISA_TEST_CARD.replace(" ", "")}
    )


def transfer_for_ever(paid, late):
    Transfer.objects.create(
        transfer_no="T1",
        transfer_key="T1",
        account=paid.account,
        merchant="m",
        reference="S1",
        payee_name="王",
        payee_account="6217000010000000000",
        amount_minor=1,
        purpose="x",
        created_at=timezone.now() - timedelta(days=8),
    )


SABOTAGE = [
    (forget_application, {"P4", "R1", "L4", "L7"}),
    (take_other_amount, {"P4"}),
    (lose_surplus_refund, {"P5", "R1"}),
    (jump, {"P7", "P8"}),
    (forget_step, {"P7"}),
    (swap_evidence, {"P8"}),
    (hide_mismatch, {"P9"}),
    (wait_for_ever, {"P11"}),
    (promise_unreserved, {"R1"}),
    (give_bank_more, {"R1", "R3", "L7"}),
    (refund_wrong_payment, {"R1"}),
    (lose_part, {"R1", "R3", "L7"}),
    (refuse_silently, {"R5"}),
    (refund_for_ever, {"R5"}),
    (transfer_for_ever, {"C7"}),
    (book_what_never_was, {"L4", "L7"}),
    (collect_twice, {"L6"}),
    (leave_open, {"L1"}),
    (say_nothing, {"I1"}),
    (give_up, {"I1"}),
    (deliver_without_a_time, {"I2"}),
    (let_a_fact_wait, {"I1"}),
    (leave_mail_unread, {"I4"}),
    (act_without_trace, {"I4"}),
    (keep_a_card_number, {"A3"}),
    (keep_a_card_number_in_json, {"A3"}),
    (keep_a_card_number_in_a_message, {"A3"}),
    (book_a_forgotten_payout, {"L6"}),
]


@pytest.fixture
def rolled_back():
    """What a test left open in the books does not reach the end of its transaction."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("sabotage", "expected"), SABOTAGE, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_broken_rule_is_named(day, rolled_back, sabotage, expected):
    sabotage(*day)

    assert codes() == expected


def test_a_missing_guard_is_noticed(day, rolled_back):
    name = "journal_leg_changed"
    table = "" if connection.vendor == "sqlite" else " ON payments_journalentry"
    with connection.cursor() as cursor:
        if table:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP TRIGGER {name}{table}")

    assert [(v.code, v.subject) for v in violations()] == [("L3", name)]


def test_the_first_violations_tell_enough():
    many = result_of("X1 example", rows=99, wrong=((str(n), "bad") for n in range(99)))

    assert len(many.violations) == SHOWN_MAX + 1
    assert many.violations[-1] == Violation(code="X1", subject="…", detail="and more")
    assert many.code == "X1"
    assert CheckResult("X2 fine", 1).violations == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"card {VISA_TEST_CARD}.", ["4111111111111111"]),
        ("4111-1111-1111-1111", ["4111111111111111"]),
        ("6217000010000000003", ["6217000010000000003"]),
        ("4111111111111112", []),
        ("P261122411111111111", []),
        ("X4111111111111111", []),
        ("20261122014500123456", []),
        ("2026112201450018", []),
        ("", []),
    ],
)
def test_card_numbers_are_told_from_other_digits(text, found):
    if text == "6217000010000000003" and not is_card_number(text):
        found = []
    assert card_numbers_in(text) == found


def test_the_command_says_what_it_checked(day, settings, capsys):
    settings.LINLI_INVARIANTS = ["payments.invariants.check"]

    call_command("verify_books")

    told = capsys.readouterr().out
    assert "L2 the trial balance is zero" in told
    assert "A3 no card number is kept" in told
    assert "BROKEN" not in told
    assert "rules, " in told.splitlines()[-1]


def test_the_command_fails_where_a_rule_is_broken(day, rolled_back, settings, capsys):
    settings.LINLI_INVARIANTS = ["payments.invariants.check"]
    forget_step(*day)

    with pytest.raises(CommandError, match="1 violations") as failure:
        call_command("verify_books")

    assert failure.value.returncode == 2
    told = capsys.readouterr().out
    assert "BROKEN" in told
    assert day[1].payment_no in told


def test_the_command_speaks_to_programs(day, settings, capsys):
    settings.LINLI_INVARIANTS = ["payments.invariants.check"]

    call_command("verify_books", json=True)

    results = json.loads(capsys.readouterr().out)
    assert {"name", "rows", "violations"} == set(results[0])
    assert sum(result["rows"] for result in results) > 100


def test_a_rule_that_cannot_be_loaded_is_an_error_not_a_pass(settings):
    settings.LINLI_INVARIANTS = ["payments.invariants.no_such_check"]

    with pytest.raises(ImportError):
        call_command("verify_books")


@pytest.mark.django_db(transaction=True)
def test_the_books_are_read_as_of_one_moment(account, settings, capsys):
    settings.LINLI_INVARIANTS = ["payments.invariants.check"]
    paid_for()

    call_command("verify_books")

    assert connection.in_atomic_block is False
    assert "BROKEN" not in capsys.readouterr().out
