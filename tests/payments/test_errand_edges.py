"""Each edge of the tables of refunds, transfers, splits and returns, by its number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from payments.acquiring.contract import Outcome, ShareResult
from payments.api import (
    Funder,
    IllegalTransitionError,
    InTransit,
    Money,
    RefundStage,
    SecondPersonError,
    TenderPart,
    approve_transfer,
    cancel_transfer,
    create_transfer,
    request_refund,
)
from payments.ledger.balances import balance
from payments.models import Decision, ErrandStep, Incident, Refund, SplitReturn, Transfer
from payments.services import errands
from payments.services.decisions import carry_out
from payments.services.errand_machines import (
    REFUNDS,
    SHARE_RETURNS,
    SPLITS,
    TABLES,
    TRANSFERS,
)
from payments.services.proposals import propose_paid_by_hand
from payments.services.refund_desk import retry_refund
from payments.services.share_sending import retry_return
from tests.payments.desk import told
from tests.payments.errand_desk import (
    HER,
    LATER,
    paid,
    put,
    refund_in,
    return_in,
    say_of_refund,
    say_of_return,
    say_of_split,
    say_of_transfer,
    say_plainly_of_split,
    split_in,
    steps,
    transfer_in,
)

pytestmark = pytest.mark.django_db
O = Outcome  # noqa: E741 - the tables below are read by their columns
OK, NO, SO_FAR = O.SUCCEEDED, O.FAILED, O.PENDING

# fmt: off
SAID_OF_REFUNDS = [
    # no    from                    heard     said          to
    ("R8",  "sent",                 "create", O.PENDING,    "processing"),
    ("R8",  "unknown",              "query",  O.PENDING,    "processing"),
    ("R9",  "created",              "notify", O.SUCCEEDED,  "succeeded"),
    ("R9",  "sent",                 "create", O.SUCCEEDED,  "succeeded"),
    ("R9",  "processing",           "notify", O.SUCCEEDED,  "succeeded"),
    ("R9",  "unknown",              "query",  O.SUCCEEDED,  "succeeded"),
    ("R10", "created",              "notify", O.FAILED,     "failed"),
    ("R10", "sent",                 "create", O.FAILED,     "failed"),
    ("R10", "processing",           "notify", O.FAILED,     "failed"),
    ("R10", "unknown",              "bill",   O.FAILED,     "failed"),
    ("R11", "processing",           "query",  O.CLOSED,     "closed"),
    ("R12", "processing",           "notify", O.ABNORMAL,   "abnormal"),
    ("R14", "unknown",              "query",  O.NOT_FOUND,  "unknown"),
    ("R16", "succeeded",            "notify", O.FAILED,     "failed_after_success"),
    ("R16", "succeeded",            "query",  O.CLOSED,     "failed_after_success"),
    ("R16", "succeeded",            "query",  O.ABNORMAL,   "failed_after_success"),
    ("R19", "failed",               "query",  O.SUCCEEDED,  "succeeded"),
    ("R19", "abnormal",             "query",  O.SUCCEEDED,  "succeeded"),
    ("R20", "closed",               "notify", O.SUCCEEDED,  "closed"),
    ("R20", "failed",               "bill",   O.SUCCEEDED,  "failed"),
    ("R21", "succeeded",            "notify", O.SUCCEEDED,  "succeeded"),
    ("R21", "failed",               "notify", O.FAILED,     "failed"),
    ("R22", "failed_after_success", "query",  O.SUCCEEDED,  "failed_after_success"),
    ("R22", "paid_by_hand",         "query",  O.SUCCEEDED,  "paid_by_hand"),
    ("R22", "taking_back",          "notify", O.SUCCEEDED,  "taking_back"),
]
SAID_OF_TRANSFERS = [
    ("T6",  "sent",                 "create", O.REQUIRES_ACTION, "wait_user_confirm"),
    ("T6",  "unknown",              "query",  O.REQUIRES_ACTION, "wait_user_confirm"),
    ("T7",  "sent",                 "create", O.PENDING,    "processing"),
    ("T7",  "wait_user_confirm",    "notify", O.PENDING,    "processing"),
    ("T8",  "approved",             "notify", O.SUCCEEDED,  "succeeded"),
    ("T8",  "wait_user_confirm",    "notify", O.SUCCEEDED,  "succeeded"),
    ("T8",  "processing",           "query",  O.SUCCEEDED,  "succeeded"),
    ("T9",  "sent",                 "create", O.FAILED,     "failed"),
    ("T9",  "unknown",              "query",  O.FAILED,     "failed"),
    ("T11", "unknown",              "query",  O.NOT_FOUND,  "unknown"),
    ("T14", "wait_user_confirm",    "notify", O.CLOSED,     "cancelled"),
    ("T15", "succeeded",            "notify", O.FAILED,     "returned"),
    ("T15", "succeeded",            "notify", O.CLOSED,     "returned"),
    ("T16", "failed",               "query",  O.SUCCEEDED,  "succeeded"),
    ("T16", "cancelled",            "query",  O.SUCCEEDED,  "succeeded"),
    ("T17", "failed",               "notify", O.SUCCEEDED,  "failed"),
    ("T18", "succeeded",            "notify", O.SUCCEEDED,  "succeeded"),
    ("T18", "returned",             "notify", O.FAILED,     "returned"),
    ("T19", "created",              "notify", O.SUCCEEDED,  "created"),
    ("T19", "returned",             "query",  O.SUCCEEDED,  "returned"),
]
SAID_OF_SPLITS = [
    ("S5",  "sent",                 "create", (OK, SO_FAR), "processing"),
    ("S6",  "created",              "notify", (OK, OK),     "succeeded"),
    ("S6",  "unknown",              "query",  (OK, OK),     "succeeded"),
    ("S7",  "processing",           "notify", (OK, NO),     "partial"),
    ("S8",  "sent",                 "create", (NO, NO),     "failed"),
    ("S12", "succeeded",            "notify", (OK, OK),     "succeeded"),
    ("S12", "partial",              "notify", (OK, NO),     "partial"),
    ("S12", "failed",               "query",  (NO, NO),     "failed"),
    ("S13", "failed",               "query",  (OK, OK),     "failed"),
    ("S13", "succeeded",            "query",  (OK, NO),     "succeeded"),
    ("S13", "partial",              "query",  (NO, NO),     "partial"),
]
SAID_OF_RETURNS = [
    ("B8",  "sent",                 "create", O.PENDING,    "processing"),
    ("B9",  "created",              "notify", O.SUCCEEDED,  "succeeded"),
    ("B9",  "unknown",              "query",  O.SUCCEEDED,  "succeeded"),
    ("B10", "sent",                 "create", O.FAILED,     "failed"),
    ("B10", "processing",           "notify", O.CLOSED,     "failed"),
    ("B12", "unknown",              "query",  O.NOT_FOUND,  "unknown"),
    ("B15", "failed",               "query",  O.SUCCEEDED,  "succeeded"),
    ("B16", "failed",               "notify", O.SUCCEEDED,  "failed"),
    ("B17", "succeeded",            "notify", O.SUCCEEDED,  "succeeded"),
    ("B17", "failed",               "notify", O.FAILED,     "failed"),
    ("B18", "waiting",              "notify", O.SUCCEEDED,  "waiting"),
    ("B18", "void",                 "notify", O.SUCCEEDED,  "void"),
    ("B18", "succeeded",            "query",  O.FAILED,     "succeeded"),
]
# fmt: on
# What we did or what a person did: each has a test of its own below.
DONE_BY_US = {
    *("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R13", "R15", "R17", "R18", "R23"),
    *("T1", "T2", "T3", "T4", "T5", "T10", "T12", "T13", "T20"),
    *("S1", "S2", "S3", "S4", "S9", "S10", "S11", "S14"),
    *("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B11", "B13", "B14", "B19"),
}
CONTRADICTORY = {"R20", "R22", "T17", "T19", "S13", "B16", "B18"}


def test_every_number_is_in_a_table_and_has_its_test():
    numbers = {edge.no for table in TABLES.values() for edge in table.edges}
    rows = (SAID_OF_REFUNDS, SAID_OF_TRANSFERS, SAID_OF_SPLITS, SAID_OF_RETURNS)

    assert numbers == DONE_BY_US | {row[0] for table in rows for row in table}
    for letter, count in (("R", 23), ("T", 20), ("S", 14), ("B", 19)):
        assert {no for no in numbers if no[0] == letter} == {
            f"{letter}{n}" for n in range(1, count + 1)
        }


@pytest.mark.parametrize("table", [REFUNDS, TRANSFERS, SPLITS, SHARE_RETURNS])
def test_an_event_in_a_state_means_one_edge_at_most(table):
    for status in {source for edge in table.edges for source in edge.sources}:
        for heard in ("create", "query", "notify", "bill", None):
            events = [
                edge.event
                for edge in table.edges
                if status in edge.sources and (edge.heard is None or heard in edge.heard)
            ]
            assert len(events) == len(set(events))


@pytest.mark.parametrize(("no", "status", "heard", "said", "to"), SAID_OF_REFUNDS)
def test_what_is_heard_of_a_refund_leads_where_the_table_says(account, no, status, heard, said, to):
    refund = refund_in(status)
    reported = Incident.objects.filter(kind=Incident.Kind.CONTRADICTION)

    fact = say_of_refund(refund, said, heard)

    assert (refund.status, fact.edge) == (to, no)
    assert reported.exists() is (no in CONTRADICTORY)


@pytest.mark.parametrize(("no", "status", "heard", "said", "to"), SAID_OF_TRANSFERS)
def test_what_is_heard_of_a_transfer_leads_where_the_table_says(
    account, no, status, heard, said, to
):
    transfer = transfer_in(status)

    fact = say_of_transfer(transfer, said, heard)

    assert (transfer.status, fact.edge) == (to, no)
    reported = Incident.objects.filter(kind=Incident.Kind.CONTRADICTION)
    assert reported.exists() is (no in CONTRADICTORY)


@pytest.mark.parametrize(("no", "status", "heard", "said", "to"), SAID_OF_SPLITS)
def test_what_is_heard_of_a_split_leads_where_the_table_says(account, no, status, heard, said, to):
    split = split_in(status)

    fact = say_of_split(split, *said, heard)

    assert (split.status, fact.edge) == (to, no)
    reported = Incident.objects.filter(kind=Incident.Kind.CONTRADICTION)
    assert reported.exists() is (no in CONTRADICTORY)


@pytest.mark.parametrize(("no", "status", "heard", "said", "to"), SAID_OF_RETURNS)
def test_what_is_heard_of_a_return_leads_where_the_table_says(account, no, status, heard, said, to):
    found = return_in(status)

    fact = say_of_return(found, said, heard)

    assert (found.status, fact.edge) == (to, no)
    reported = Incident.objects.filter(kind=Incident.Kind.CONTRADICTION)
    assert reported.exists() is (no in CONTRADICTORY)


@pytest.mark.parametrize(
    ("make", "sendable", "numbers"),
    [
        (refund_in, "created", ["R1", "R5", "R6", "R5", "R7"]),
        (transfer_in, "approved", ["T1", "T2", "T3", "T4", "T3", "T5"]),
        (split_in, "created", ["S1", "S2", "S3", "S2", "S4"]),
        (return_in, "created", ["B1", "B5", "B6", "B5", "B7"]),
    ],
)
def test_sending_is_claimed_put_back_and_may_find_silence(account, make, sendable, numbers):
    errand = make(sendable)

    claims = [errands._claim(errand), errands._claim(type(errand).objects.get(pk=errand.pk))]
    errands._put_back(errand, at=timezone.now(), why=ConnectionError())
    back = errand.status
    errands._claim(errand)
    errands._note_silence(errand, why=TimeoutError())

    assert claims == [True, False]
    assert (back, errand.status, errand.tries) == (sendable, "unknown", 0)
    assert steps(errand) == numbers


@pytest.mark.parametrize(
    ("make", "say", "sendable", "no"),
    [
        (refund_in, say_of_refund, "created", "R13"),
        (transfer_in, say_of_transfer, "approved", "T10"),
        (split_in, say_plainly_of_split, "created", "S9"),
        (return_in, say_of_return, "created", "B11"),
    ],
)
def test_a_refusal_for_now_is_sent_again_later_under_the_same_number(
    account, make, say, sendable, no
):
    errand = make("sent")

    fact = say(errand, O.FAILED, "create", failure=LATER)

    assert (errand.status, fact.edge) == (sendable, no)
    assert errand.next_action_at > timezone.now() + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("make", "say", "sendable", "numbers"),
    [
        (refund_in, say_of_refund, "created", ("R14", "R15")),
        (transfer_in, say_of_transfer, "approved", ("T11", "T12")),
        (split_in, say_plainly_of_split, "created", ("S10", "S11")),
        (return_in, say_of_return, "created", ("B12", "B13")),
    ],
)
def test_what_never_arrived_is_sent_again_under_its_number_but_not_too_early(
    account, make, say, sendable, numbers
):
    errand = make("unknown", sent=10)
    number = str(errand)

    early = say(errand, O.NOT_FOUND)
    put(errand, "unknown", sent=61)
    late = say(errand, O.NOT_FOUND)

    assert (early.edge, late.edge) == numbers
    assert (errand.status, str(errand)) == (sendable, number)


@pytest.mark.parametrize(
    ("make", "say", "no"),
    [
        (refund_in, say_of_refund, "R23"),
        (transfer_in, say_of_transfer, "T20"),
        (return_in, say_of_return, "B19"),
    ],
)
@pytest.mark.parametrize("said", [{"amount": Money(1)}, {"merchant_id": "M002"}])
def test_another_amount_or_merchant_changes_nothing_and_calls_a_person(
    account, make, say, no, said
):
    errand = make("processing")

    fact = say(errand, O.SUCCEEDED, "notify", **said)

    assert (errand.status, fact.edge, fact.verdict) == ("processing", no, "mismatched")
    assert Incident.objects.filter(kind=Incident.Kind.AMOUNT_MISMATCH).count() == 1


@pytest.mark.parametrize(
    "said", [{"merchant_id": "M002"}, {"payment_no": "P-ANOTHER"}, {"receiver": "ACC-OTHER"}]
)
def test_edge_s14_another_merchant_payment_or_receiver_changes_nothing(account, said):
    split = split_in("processing")
    if "receiver" in said:
        share = split.shares.order_by("pk")[0]
        said = {"shares": (ShareResult(share.share_no, "ACC-OTHER", share.amount, OK),)}

    fact = say_of_split(split, OK, OK, "notify", **said)

    assert (split.status, fact.edge) == ("processing", "S14")
    assert balance("2201", party="SUP-1") == 0
    assert Incident.objects.get().kind == Incident.Kind.AMOUNT_MISMATCH


def test_edge_s11_a_yes_that_speaks_of_half_the_shares_is_half_a_request_lost(account):
    split = split_in("unknown", sent=61)
    share = split.shares.order_by("pk")[0]
    half = (ShareResult(share.share_no, share.receiver, share.amount, OK),)

    fact = say_plainly_of_split(split, OK, shares=half)

    assert (split.status, fact.edge) == ("created", "S11")
    assert balance("2201", party="SUP-1") == 0


def test_edge_r2_and_r3_a_refund_waits_until_every_share_is_back(account):
    split = split_in("succeeded")
    with transaction.atomic():
        view = request_refund(
            payment_no=split.payment.payment_no,
            refund_key="half",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(9600))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )
    refund = Refund.objects.get(refund_no=view.refund_no)
    backs = list(SplitReturn.objects.order_by("pk"))

    seen = [refund.status]
    for back in backs:
        say_of_return(back, O.SUCCEEDED, "notify")
        refund.refresh_from_db()
        seen.append(refund.status)

    assert [back.amount_minor for back in backs] == [2000, 500]
    assert seen == ["taking_back", "taking_back", "created"]
    assert steps(refund) == ["R2", "R3"]
    assert refund.next_action_at <= timezone.now()


def test_edge_r4_nothing_for_the_payer_needs_no_acquirer(account):
    with transaction.atomic():
        view = request_refund(
            payment_no=paid().payment_no,
            refund_key="bank-only",
            tenders=[TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(231))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )

    assert steps(Refund.objects.get(refund_no=view.refund_no)) == ["R4"]
    assert view.status == "succeeded"


@pytest.mark.parametrize("status", ["failed", "closed", "abnormal"])
def test_edge_r17_a_person_sends_a_refused_refund_again_and_the_books_follow(account, status):
    refund = refund_in(status)
    owed = balance("2113", reference=refund.refund_no)

    view = retry_refund(refund.refund_no, by="anna")
    on_its_way = balance("2111", reference=refund.refund_no)
    say_of_refund(refund, O.FAILED, "notify")

    assert (view.status, owed, on_its_way) == ("created", -2769, -2769)
    assert balance("2111", reference=refund.refund_no) == 0
    assert balance("2113", reference=refund.refund_no) == -2769
    assert (refund.status, refund.refusals) == ("failed", 2)
    assert told("refund.failed") == ["refund.failed"] * 2
    assert Incident.objects.filter(resolved_at__isnull=True).count() == 1
    step = ErrandStep.objects.get(edge="R17")
    assert (step.by, step.to_status) == ("anna", "created")


def test_edge_r17_what_is_sent_again_is_asked_about_by_our_number_alone(account):
    """The acquirer may number the second try anew; about the first one it says "failed"."""
    refund = refund_in("failed")
    Refund.objects.update(acquirer_refund_no="RF1")

    retry_refund(refund.refund_no, by="anna")

    assert Refund.objects.get().acquirer_refund_no == ""


def test_edge_r23_an_acquirers_number_stands_for_one_refund_only(account):
    refund = refund_in("unknown")
    with transaction.atomic():
        other = request_refund(
            payment_no=refund.payment.payment_no,
            refund_key="line-b",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(1))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )
    Refund.objects.filter(refund_no=other.refund_no).update(acquirer_refund_no="RF1")

    fact = say_of_refund(refund, O.SUCCEEDED, acquirer_refund_no="RF1")

    assert (fact.verdict, fact.edge, refund.status) == ("mismatched", "R23", "unknown")
    assert Incident.objects.get(kind="amount_mismatch").data["reason"] == "acquirer_no"


@pytest.mark.parametrize("status", ["created", "succeeded", "failed_after_success"])
def test_edge_r17_only_what_was_refused_is_sent_again(account, status):
    refund = refund_in(status)

    with pytest.raises(IllegalTransitionError):
        retry_refund(refund.refund_no, by="anna")


@pytest.mark.parametrize("status", ["failed", "closed", "abnormal", "failed_after_success"])
def test_edge_r18_paid_by_hand_takes_two_people(account, status):
    refund = refund_in(status)
    decision = propose_paid_by_hand(refund.refund_no, reason="receipt 42", by="anna")

    with pytest.raises(SecondPersonError):
        carry_out(decision.decision_no, by="anna")
    with pytest.raises(IllegalTransitionError):
        retry_refund(refund.refund_no, by="bo")
    before = refund.status
    carry_out(decision.decision_no, by="bo")
    with pytest.raises(IllegalTransitionError):
        carry_out(decision.decision_no, by="cid")

    refund.refresh_from_db()
    assert (before, refund.status) == (status, "paid_by_hand")
    assert balance("2113", reference=refund.refund_no) == 0
    assert balance("1001", party="main") == -2769
    assert told("refund.succeeded") == ["refund.succeeded"]
    assert Decision.objects.get().decided_by == "bo"
    assert Incident.objects.filter(resolved_at__isnull=True).exists() is False


def test_edge_t2_above_the_limit_somebody_else_lets_it_go(account, settings):
    settings.LINLI_PAYOUT_FOUR_EYES_MINOR = 2999
    with transaction.atomic():
        view = create_transfer(
            transfer_key="statement-1",
            payee=HER,
            amount=Money(3000),
            reference="ST-1",
            purpose="commission",
            ledger=InTransit.of_leader("L1", "ST-1"),
            created_by="anna",
            approved_by="anna",
        )

    assert view.status == "created"
    with pytest.raises(SecondPersonError):
        approve_transfer(view.transfer_no, by="anna")
    assert approve_transfer(view.transfer_no, by="bo").status == "approved"
    transfer = Transfer.objects.get()
    assert (transfer.created_by, transfer.approved_by) == ("anna", "bo")
    assert steps(transfer) == ["T1", "T2"]


@pytest.mark.django_db(transaction=True)
def test_edge_t13_what_was_not_sent_is_taken_back_at_once(account):
    transfer = transfer_in("approved")

    view = cancel_transfer(transfer.transfer_no, by="anna")

    assert (view.status, view.failure_code) == ("cancelled", "cancelled_by_us")
    assert told() == ["transfer.failed"]
    with pytest.raises(IllegalTransitionError):
        cancel_transfer(transfer.transfer_no, by="anna")


def test_edge_b3_a_return_waits_for_its_share(account):
    waiting = return_in("waiting")

    say_of_split(waiting.share.split, OK, OK)

    waiting.refresh_from_db()
    assert (waiting.status, steps(waiting)) == ("created", ["B2", "B3"])


def test_edge_b4_a_share_that_never_went_out_needs_no_return(account):
    void = return_in("void")

    payment = void.share.split.payment
    payment.refresh_from_db()
    assert steps(void) == ["B2", "B4"]
    assert payment.split_committed_minor == 1000
    assert balance("2201", party="SUP-1") == 1000


def test_edge_b14_a_refused_return_is_asked_for_again(account):
    found = return_in("failed")
    advanced = balance("1141", party="ACC-H1", reference="S1")

    retry_return(found.return_no, by="anna")
    say_of_return(found, O.SUCCEEDED, "notify")

    assert (advanced, found.status) == (1500, "succeeded")
    assert balance("1141", party="ACC-H1", reference="S1") == 0
    assert balance("2201", party="SUP-1") == 5000 - 1500
    assert steps(found) == ["B1", "B10", "B14", "B9"]
