"""We ask the whole amount and the bank takes its part off by itself: what it gave is booked."""

from __future__ import annotations

import pytest
from django.db import transaction

from payments.api import (
    Funder,
    IdempotencyConflictError,
    Money,
    Scene,
    TenderPart,
    payment_view,
    refresh_payment,
    request_refund,
    send_payment,
    send_refund,
)
from payments.invariants import check
from payments.ledger.balances import balance
from payments.models import Incident, OutboxEvent, Payment
from payments.services.returning import RefundStage
from tests.payments.desk import open_payment
from tests.payments.wallet import tie

ASKED = (TenderPart(funder=Funder.PAYER, amount=Money(20800)),)
FROM_BANK = (TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(1600)),)
PAYER, BANK = (Funder.PAYER, ""), (Funder.BANK, "CCB:minus16")


def ask(reference: str = "M-BANK", **wish):
    """A payment of 208.00, of which the bank is expected to give 16.00."""
    return open_payment(reference, tenders=ASKED, expected=FROM_BANK, **wish)


def parts(number: str) -> dict[tuple[str, str], int]:
    """Who gave what, as booked."""
    rows = Payment.objects.get(payment_no=number).tenders.all()
    return {(row.funder, row.ref): row.actual_minor for row in rows}


def nothing_broken() -> None:
    """Every rule of the small bank holds."""
    assert [wrong for rule in check() for wrong in rule.violations] == []


def paid(acquirer, **wish) -> str:
    """A payment made with a CCB credit card and heard of by a question."""
    number = ask(**wish).payment_no
    send_payment(number)
    acquirer.sim_pay(number)
    refresh_payment(number)
    return number


def test_the_whole_amount_is_asked_and_the_forecast_is_kept_apart(account):
    view = ask()

    assert view.amount == Money(20800)
    assert {(p.funder, p.ref): p.amount.minor for p in view.tenders} == {PAYER: 19200, BANK: 1600}
    assert (view.expected, view.asked) == (FROM_BANK, ASKED)


def test_the_same_wish_is_the_same_attempt_and_another_forecast_is_refused(account):
    first = ask()

    assert ask().payment_no == first.payment_no
    with pytest.raises(IdempotencyConflictError):
        open_payment("M-BANK", tenders=ASKED)


@pytest.mark.parametrize(
    "expected",
    [
        [TenderPart(funder=Funder.BANK, ref="CCB:a", amount=Money(20800))],
        [TenderPart(funder=Funder.BANK, ref="CCB:a", amount=Money(0))],
        [TenderPart(funder=Funder.PAYER, ref="", amount=Money(100))],
        [*FROM_BANK, *FROM_BANK],
    ],
    ids=["all of it", "nothing", "the payer's", "twice"],
)
def test_a_forecast_that_cannot_be_is_refused(account, expected):
    with pytest.raises(ValueError, match="acquirer takes off"):
        open_payment("M-BANK", tenders=ASKED, expected=expected)

    assert not Payment.objects.exists()


def test_what_the_bank_gave_as_expected_is_booked_like_a_discount_of_ours(acquirer):
    with acquirer.campaign():
        number = paid(acquirer)

    view = payment_view(number)
    assert (view.status, view.application) == ("succeeded", "applied")
    assert Payment.objects.get(payment_no=number).captured_minor == 19200
    assert parts(number) == {PAYER: 19200, BANK: 1600}
    assert balance("1131", party="CCB", reference="minus16") == 1600
    assert balance("2101") == -20800
    assert not Incident.objects.exists()
    nothing_broken()


def test_a_tied_card_is_charged_what_its_bank_leaves(acquirer):
    with acquirer.campaign(kinds=["credit"]):
        number = ask(scene=Scene.CARD_TOKEN, agreement_no=tie(acquirer)).payment_no
        step = send_payment(number)

    assert step.kind == "done"
    assert parts(number) == {PAYER: 19200, BANK: 1600}


@pytest.mark.parametrize(
    ("given", "booked"),
    [
        (None, {PAYER: 20800, BANK: 0}),
        ({"discount_minor": 500}, {PAYER: 20300, BANK: 500}),
        ({"code": "other"}, {PAYER: 19200, BANK: 0, (Funder.BANK, "CCB:other"): 1600}),
    ],
    ids=["nothing", "less", "by another campaign"],
)
def test_what_the_bank_gave_otherwise_is_booked_and_calls_a_person(acquirer, given, booked):
    if given is None:
        number = paid(acquirer)
    else:
        with acquirer.campaign(**given):
            number = paid(acquirer)

    assert parts(number) == booked
    assert payment_view(number).application == "applied"
    incident = Incident.objects.get(kind=Incident.Kind.TENDER_MISMATCH)
    assert incident.subject_no == number
    told = OutboxEvent.objects.get(fact="payment.succeeded").payload
    assert told["amount_minor"] == booked[PAYER]
    assert sum(part["minor"] for part in told["tenders"]) == 20800
    nothing_broken()


def test_a_campaign_out_of_budget_or_for_other_cards_gives_nothing(acquirer):
    with acquirer.campaign("spent", budget_minor=1600):
        assert parts(paid(acquirer, reference="M-1"))[PAYER] == 20800 - 1600
        assert parts(paid(acquirer, reference="M-2"))[PAYER] == 20800
    with acquirer.campaign("debit-only", kinds=["debit"]):
        assert parts(paid(acquirer, reference="M-3"))[PAYER] == 20800


def test_a_refund_returns_to_payer_and_bank_what_each_gave(acquirer):
    with acquirer.campaign():
        number = paid(acquirer)
    with transaction.atomic():
        refund = request_refund(
            payment_no=number,
            refund_key="shortage",
            tenders=[
                TenderPart(funder=Funder.PAYER, amount=Money(2769)),
                TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(231)),
            ],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )
    send_refund(refund.refund_no)

    assert balance("1131", party="CCB", reference="minus16") == 1369
    assert balance("2101") == -17800
    nothing_broken()


def test_a_second_charge_of_what_is_owed_goes_back_as_it_was_charged(acquirer):
    first, second = (ask(scene=scene).payment_no for scene in (Scene.H5, Scene.NATIVE_QR))
    with acquirer.campaign():
        for serial, number in enumerate((first, second), start=1):
            send_payment(number)
            acquirer.sim_pay(number, card={"bin": "622168", "serial": serial})
    for number in (first, second):
        refresh_payment(number)

    assert payment_view(first).application == "applied"
    assert payment_view(second).application == "surplus"
    assert payment_view(second).refund_committed == Money(19200)
    nothing_broken()
