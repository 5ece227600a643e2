"""Each edge of the design's table, by its number: from, what was heard, to, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from payments.acquiring.contract import AcquirerTender, Outcome, Scene
from payments.api import (
    Funder,
    Money,
    NotInTransactionError,
    RefundStage,
    TenderPart,
    create_payment,
    request_close,
    request_refund,
)
from payments.ledger.balances import balance
from payments.models import (
    ChannelFact,
    Incident,
    JournalTransaction,
    OutboxEvent,
    Payment,
    PaymentTransition,
    Refund,
)
from payments.services import asking, sending
from payments.services.facts import apply_channel_fact
from payments.services.notifications import probe_open_payments
from tests.payments.desk import (
    ORDER,
    PAID,
    WITH_BANK,
    Shop,
    answer,
    edges,
    hear,
    open_payment,
    payment_in,
    success,
    told,
)

pytestmark = pytest.mark.django_db
S = Payment.Status
O = Outcome  # noqa: E741 - the table below is read by its columns


def test_edge_1_begin_keeps_the_number_before_anything_is_sent(account):
    view = open_payment()

    payment = Payment.objects.get(payment_no=view.payment_no)
    assert (payment.status, payment.amount, payment.sent_at) == (S.CREATED, PAID, None)
    assert [part.amount.minor for part in view.tenders] == [19200, 1600]
    assert edges(payment) == ["1"]
    assert told() == []


# fmt: off
TABLE = [
    # no     from         heard     said                 to
    ("3",    S.SENT,      "create", O.PENDING,           S.PENDING),
    ("3",    S.SENT,      "create", O.REQUIRES_ACTION,   S.PENDING),
    ("3",    S.UNKNOWN,   "query",  O.PENDING,           S.PENDING),
    ("4",    S.SENT,      "create", O.SUCCEEDED,         S.SUCCEEDED),
    ("5",    S.SENT,      "create", O.FAILED,            S.FAILED),
    ("8",    S.SENT,      "notify", O.SUCCEEDED,         S.SUCCEEDED),
    ("8",    S.CREATED,   "notify", O.SUCCEEDED,         S.SUCCEEDED),
    ("9",    S.UNKNOWN,   "query",  O.SUCCEEDED,         S.SUCCEEDED),
    ("9",    S.UNKNOWN,   "create", O.SUCCEEDED,         S.SUCCEEDED),
    ("9",    S.PENDING,   "notify", O.SUCCEEDED,         S.SUCCEEDED),
    ("12",   S.UNKNOWN,   "query",  O.FAILED,            S.FAILED),
    ("12",   S.PENDING,   "notify", O.FAILED,            S.FAILED),
    ("12",   S.SENT,      "notify", O.FAILED,            S.FAILED),
    ("14",   S.CLOSING,   "close",  O.CLOSED,            S.CLOSED),
    ("14",   S.CLOSING,   "query",  O.FAILED,            S.CLOSED),
    ("14",   S.PENDING,   "query",  O.CLOSED,            S.CLOSED),
    ("15",   S.CLOSING,   "close",  O.SUCCEEDED,         S.SUCCEEDED),
    ("15",   S.CLOSING,   "notify", O.SUCCEEDED,         S.SUCCEEDED),
    ("16",   S.CLOSING,   "query",  O.PENDING,           S.CLOSING),
    ("18",   S.CLOSED,    "notify", O.SUCCEEDED,         S.SUCCEEDED),
    ("18",   S.FAILED,    "query",  O.SUCCEEDED,         S.SUCCEEDED),
    ("18",   S.CLOSED,    "bill",   O.SUCCEEDED,         S.SUCCEEDED),
    ("26",   S.UNKNOWN,   "bill",   O.SUCCEEDED,         S.SUCCEEDED),
    ("26",   S.UNKNOWN,   "bill",   O.FAILED,            S.FAILED),
]
# fmt: on
TOLD = {
    S.SUCCEEDED: ["payment.succeeded"],
    S.FAILED: ["payment.failed"],
    S.CLOSED: ["payment.closed"],
}


@pytest.mark.parametrize(("no", "status", "heard", "said", "to"), TABLE)
def test_edges_3_to_26_what_is_heard_leads_where_the_table_says(
    account, no, status, heard, said, to
):
    payment = payment_in(status)

    fact = hear(payment, heard, answer(payment, said))

    assert (payment.status, fact.edge) == (to, no)
    assert told() == TOLD.get(to, [])
    if to == S.SUCCEEDED:
        assert payment.application == "applied"
        assert edges(payment)[-2:] == [no, "20"]


def test_edge_2_send_is_committed_before_the_first_byte_and_claimed_once(account):
    payment = payment_in(S.CREATED)

    claims = [sending._claim(payment.payment_no), sending._claim(payment.payment_no)]

    payment.refresh_from_db()
    assert [claim is not None for claim in claims] == [True, False]
    assert (payment.status, payment.tries) == (S.SENT, 1)
    assert payment.next_action_at > timezone.now()
    assert edges(payment) == ["1", "2"]


def test_edge_6_not_sent_goes_back_and_gives_up_after_a_few_times(account):
    payment = payment_in(S.CREATED)

    states = []
    for _ in range(5):
        sending._claim(payment.payment_no)
        sending._put_back(payment.payment_no, wait=None, why=ConnectionError())
        payment.refresh_from_db()
        states.append(payment.status)

    assert states == [S.CREATED] * 4 + [S.FAILED]
    assert payment.failure_code == "acquirer_unreachable"
    assert edges(payment)[-1] == "6"
    assert told() == ["payment.failed"]


def test_edge_7_no_answer_is_unknown_and_not_failed(account):
    payment = payment_in(S.SENT)

    sending.note_silence(payment.payment_no, why=TimeoutError())

    payment.refresh_from_db()
    assert payment.status == S.UNKNOWN
    assert timedelta(0) < payment.next_action_at - timezone.now() <= timedelta(seconds=5)
    assert edges(payment)[-1] == "7"
    assert told() == []


def test_edge_8_a_late_answer_fills_in_and_never_downgrades(account):
    payment = payment_in(S.SENT)
    hear(payment, "notify", success(payment))

    fact = hear(payment, "create", answer(payment, O.REQUIRES_ACTION))

    assert (payment.status, payment.application, fact.edge) == (S.SUCCEEDED, "applied", "24")
    assert told() == ["payment.succeeded"]


def test_edge_8_a_payment_that_waits_gets_its_page_from_a_later_answer(account):
    payment = payment_in(S.PENDING)

    hear(payment, "create", answer(payment, O.REQUIRES_ACTION))

    assert payment.step_url == "https://bank.example/cashier"
    assert payment.status == S.PENDING


def test_edge_10_not_found_too_early_changes_nothing(account):
    payment = payment_in(S.UNKNOWN, sent=10)

    fact = hear(payment, "query", answer(payment, O.NOT_FOUND))

    assert (payment.status, fact.edge) == (S.UNKNOWN, "10")


def test_edge_11_not_found_in_time_is_sent_again_under_its_number(account):
    payment = payment_in(S.UNKNOWN, sent=61)
    number = payment.payment_no

    fact = hear(payment, "query", answer(payment, O.NOT_FOUND))

    assert (payment.status, fact.edge, payment.payment_no) == (S.CREATED, "11", number)
    assert payment.next_action_at <= timezone.now()
    assert told() == []


def test_edge_11_not_found_after_its_time_has_failed(account):
    payment = payment_in(S.UNKNOWN, sent=61, expires_at=timezone.now())

    fact = hear(payment, "query", answer(payment, O.NOT_FOUND))

    assert (payment.status, fact.edge) == (S.FAILED, "11")
    assert told() == ["payment.failed"]


@pytest.mark.parametrize("status", [S.SENT, S.PENDING, S.UNKNOWN])
def test_edge_13_what_was_sent_is_closed_by_the_acquirer_only(account, status):
    payment = payment_in(status)

    with transaction.atomic():
        view = request_close(payment.payment_no, reason="cancelled")

    assert view.status == S.CLOSING
    assert told() == []


def test_edge_13_what_was_never_sent_is_closed_at_once(account):
    payment = payment_in(S.CREATED)

    with transaction.atomic():
        view = request_close(payment.payment_no, reason="cancelled")

    assert (view.status, view.close_reason) == (S.CLOSED, "cancelled")
    assert told() == ["payment.closed"]


def test_edge_13_what_was_sent_and_came_back_may_still_be_there(account):
    payment = payment_in(S.CREATED, sent_at=timezone.now())

    with transaction.atomic():
        view = request_close(payment.payment_no, reason="cancelled")

    assert view.status == S.CLOSING


def test_edge_14_a_number_the_acquirer_never_saw_is_closed_when_it_can_no_longer_come(account):
    early, late = payment_in(S.CLOSING, sent=10), payment_in(S.CLOSING, "M2", sent=61)

    facts = [hear(p, "close", answer(p, O.NOT_FOUND)) for p in (early, late)]

    assert [(p.status, f.edge) for p, f in zip((early, late), facts, strict=True)] == [
        (S.CLOSING, "16"),
        (S.CLOSED, "14"),
    ]
    assert told() == ["payment.closed"]


@pytest.mark.parametrize(("minutes", "status"), [(-2, S.CLOSED), (+2, S.CLOSING)])
def test_edge_17_without_a_close_only_time_closes(account, minutes, status):
    expires_at = timezone.now() + timedelta(minutes=minutes)
    payment = payment_in(S.CLOSING, expires_at=expires_at)

    asking._close_by_time(payment.payment_no)

    payment.refresh_from_db()
    assert payment.status == status


@pytest.mark.parametrize("status", [S.CLOSED, S.FAILED])
def test_edge_18_late_money_for_a_closed_order_goes_back_by_itself(account, status):
    payment = payment_in(status)
    Shop.closed.add(ORDER)

    hear(payment, "notify", success(payment))

    refund = Refund.objects.get(payment=payment)
    assert (payment.status, payment.application) == (S.SUCCEEDED, "surplus")
    assert (refund.resident_minor, refund.reason, refund.stage) == (
        19200,
        "late_payment",
        "surplus",
    )
    assert payment.refund_committed_minor == 19200
    assert Incident.objects.get().kind == Incident.Kind.LATE_PAYMENT
    assert edges(payment)[-2:] == ["18", "21"]
    assert OutboxEvent.objects.get(fact="payment.succeeded").payload["applied"] is False
    assert balance("1101", party="sandbox") == 19200
    assert balance("2111", reference=refund.refund_no) == -19200


def test_edge_19_the_same_success_again_changes_nothing(account):
    payment = payment_in(S.SUCCEEDED)
    said = success(payment)

    fact = hear(payment, "notify", said)

    assert (fact.edge, fact.verdict) == ("19", "repeated")
    assert told() == ["payment.succeeded"]
    assert JournalTransaction.objects.count() == 1
    assert edges(payment) == ["1", "8", "20"]


def test_edge_19b_a_second_transaction_under_one_number_calls_a_person(account):
    payment = payment_in(S.SUCCEEDED)

    fact = hear(payment, "notify", success(payment, acquirer_no="ANOTHER"))

    assert (fact.edge, payment.acquirer_no != "ANOTHER") == ("19b", True)
    assert Incident.objects.get().kind == Incident.Kind.DOUBLE_TXN
    assert told() == ["payment.succeeded"]


def test_edge_20_money_that_is_wanted_is_booked_and_told_once(account):
    payment = payment_in(S.SUCCEEDED)

    assert payment.application == "applied"
    assert OutboxEvent.objects.get().payload == {
        "payment_no": payment.payment_no,
        "reference": ORDER,
        "amount_minor": 19200,
        "currency": "CNY",
        "applied": True,
        "tenders": [
            {"funder": "payer", "ref": "", "minor": 19200},
            {"funder": "bank", "ref": "CCB:minus16", "minor": 1600},
        ],
    }
    assert balance("1101", party="sandbox") == 19200
    assert balance("1131", party="CCB", reference="minus16") == 1600
    assert balance("2101", reference=ORDER) == -20800


def test_what_the_bank_really_gave_is_booked_and_a_difference_is_reported(account):
    payment = payment_in(S.PENDING)
    gave = AcquirerTender("bank", "CCB:minus5", Money(500))

    hear(payment, "notify", success(payment, tenders=(gave,)))

    booked = {(part.funder, part.ref): part.actual_minor for part in payment.tenders.all()}
    assert booked == {
        ("payer", ""): 18700,
        ("bank", "CCB:minus16"): 1600,
        ("bank", "CCB:minus5"): 500,
    }
    assert Incident.objects.get().kind == Incident.Kind.TENDER_MISMATCH
    assert balance("1131", party="CCB", reference="minus5") == 500


def test_edge_20_other_open_attempts_are_closed_when_one_is_applied(account):
    first = payment_in(S.PENDING)
    second = payment_in(S.SENT, scene=Scene.NATIVE_QR)

    hear(second, "create", success(second))

    first.refresh_from_db()
    assert (first.status, first.close_reason) == (S.CLOSING, "paid_otherwise")


def test_edge_21_the_second_of_two_paid_attempts_goes_back_by_itself(account):
    first, second = payment_in(S.PENDING), payment_in(S.PENDING, scene=Scene.NATIVE_QR)
    hear(first, "notify", success(first))

    second.refresh_from_db()
    hear(second, "notify", success(second))

    assert (first.application, second.application) == ("applied", "surplus")
    assert Refund.objects.get().reason == "double_payment"
    assert Incident.objects.get().kind == Incident.Kind.DOUBLE_PAYMENT
    assert edges(second)[-1] == "21"
    assert balance("2101", reference=ORDER) == -20800


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"amount": Money(19201)}, "amount"),
        ({"amount": Money(1)}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": Money(19200, "USD")}, "currency"),
        ({"merchant_id": "M002"}, "merchant"),
        ({"merchant_id": ""}, "merchant"),
    ],
)
def test_edge_22_a_genuine_message_that_differs_pays_nothing(account, said, reason):
    payment = payment_in(S.PENDING)

    fact = hear(payment, "notify", success(payment, **said))

    assert (payment.status, payment.application) == (S.PENDING, "held")
    assert (fact.edge, fact.verdict) == ("22", "mismatched")
    assert Incident.objects.get().data["reason"] == reason
    assert told() == []
    assert JournalTransaction.objects.exists() is False


def test_edge_22_an_acquirers_number_stands_for_one_payment_only(account):
    known, other = payment_in(S.SUCCEEDED), payment_in(S.PENDING, "M2")

    fact = hear(other, "notify", success(other, acquirer_no=known.acquirer_no))

    assert (other.status, other.application, fact.edge) == (S.PENDING, "held", "22")


def test_edge_22_held_money_is_applied_when_the_acquirer_says_it_right(account):
    payment = payment_in(S.PENDING)
    hear(payment, "notify", success(payment, amount=Money(1)))

    hear(payment, "query", success(payment))

    assert (payment.status, payment.application) == (S.SUCCEEDED, "applied")


def test_edge_23_false_messages_make_us_ask_at_most_once_a_minute(account):
    payment = payment_in(S.PENDING, next_action_at=timezone.now() + timedelta(hours=1))

    asked = [probe_open_payments("sandbox"), probe_open_payments("sandbox")]

    payment.refresh_from_db()
    assert asked == [1, 0]
    assert payment.status == S.PENDING
    assert payment.next_action_at <= timezone.now()


@pytest.mark.parametrize("said", [O.FAILED, O.CLOSED, O.PENDING, O.NOT_FOUND])
@pytest.mark.parametrize("heard", ["create", "query", "notify", "close"])
def test_edge_24_nothing_undoes_a_success(account, said, heard):
    payment = payment_in(S.SUCCEEDED)

    fact = hear(payment, heard, answer(payment, said))

    assert (payment.status, payment.application, fact.edge) == (S.SUCCEEDED, "applied", "24")
    assert told() == ["payment.succeeded"]


def test_edge_24_what_is_said_to_be_over_makes_us_ask_about_its_refunds(account):
    payment = payment_in(S.SUCCEEDED)
    with transaction.atomic():
        request_refund(
            payment_no=payment.payment_no,
            refund_key="all",
            tenders=[TenderPart(funder=Funder.PAYER, amount=PAID)],
            reason="cancelled",
            stage=RefundStage.BEFORE_PICKUP,
        )
    later = timezone.now() + timedelta(hours=1)
    Refund.objects.update(status="processing", sent_at=timezone.now(), next_action_at=later)

    fact = hear(payment, "query", answer(payment, O.CLOSED))

    assert fact.edge == "24"
    assert Refund.objects.get().next_action_at <= timezone.now()
    assert Incident.objects.exists() is False


def test_edge_24_an_end_nobody_asked_for_calls_a_person(account):
    payment = payment_in(S.SUCCEEDED)

    hear(payment, "notify", answer(payment, O.CLOSED))
    silent = Incident.objects.exists()
    hear(payment, "query", answer(payment, O.CLOSED))

    assert silent is False
    assert Incident.objects.get().kind == Incident.Kind.CONTRADICTION


@pytest.mark.parametrize("status", [S.UNKNOWN, S.PENDING, S.CLOSING])
def test_edge_26_what_a_bill_leaves_out_is_no_word_against_a_payment(account, status):
    payment = payment_in(status, sent=90_000, expires_at=timezone.now() - timedelta(hours=24))

    hear(payment, "bill", answer(payment, O.NOT_FOUND))

    assert payment.status == status
    assert told() == []


def test_edge_26_only_when_the_acquirer_too_knows_nothing_of_it_it_has_failed(account):
    payment = payment_in(S.UNKNOWN, sent=90_000, expires_at=timezone.now() - timedelta(hours=24))
    hear(payment, "bill", answer(payment, O.NOT_FOUND))

    fact = hear(payment, "query", answer(payment, O.NOT_FOUND))

    assert (payment.status, fact.edge) == (S.FAILED, "11")
    assert told() == ["payment.failed"]


def test_edge_25_a_number_we_never_gave_out_is_kept_and_reported(account):
    payment = payment_in(S.PENDING)
    result = replace(success(payment), payment_no="P261122NOBODY")

    fact = apply_channel_fact(source="notify", account=account, result=result)

    payment.refresh_from_db()
    assert (fact.edge, fact.verdict, fact.payment) == ("25", "orphaned", None)
    assert Incident.objects.get().kind == Incident.Kind.ORPHAN_NOTIFY
    assert payment.status == S.PENDING
    assert told() == []


def test_a_success_has_evidence_or_does_not_exist(account):
    payment = payment_in(S.PENDING)

    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentTransition.objects.create(
            payment=payment, edge="9", to_status=S.SUCCEEDED, at=timezone.now()
        )

    assert ChannelFact.objects.exists() is False


def test_a_payment_is_opened_inside_its_callers_transaction_only(account, transactional_db):
    with pytest.raises(NotInTransactionError):
        create_payment(
            reference=ORDER,
            payer_ref="7",
            tenders=WITH_BANK,
            scene="h5",
            expires_at=timezone.now(),
            subject="",
            continue_url="/",
        )

    assert Payment.objects.exists() is False
