"""Everything the adapter says is published: one tour through all of its calls."""

from __future__ import annotations

import os
from datetime import timedelta

from payments.acquiring.contract import (
    AcquirerError,
    AgreementPay,
    AgreementRef,
    BillKind,
    BindRequest,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    RefundRef,
    RefundRequest,
    Scene,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitReturn,
    SplitShare,
)
from payments.acquiring.registry import make_adapter
from payments.kernel.clock import business_date, now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests.localstripe import stripe_account
from tests.payments.stripe.published import (
    CALLS,
    call_of,
    missing_parameters,
    unknown_parameters,
)

PAID = Money(19200)
BACK = "https://linli.example/back"
# Only a server of the lenient profile is asked to tie a card to its customer.
LENIENT_ONLY = {("POST", "/v1/payment_methods/[^/]+/attach")}


def tour(stripe, strict, folder) -> None:
    """Use every ability of an account once."""
    expires_at = now() + timedelta(minutes=15)
    bind = BindRequest(new_number("A"), "resident-1", BACK, "")
    stripe.bind_card(bind)
    pages = strict.all("checkout.session")
    strict.sign_page(pages[0]["id"])
    card = stripe.query_agreement(AgreementRef(bind.agreement_no))
    charge = AgreementPay(new_number("P"), "", card.token, PAID, "荔枝", expires_at, "", BACK)
    paid = stripe.pay_with_agreement(charge)
    stripe.query(PayRef(paid.payment_no, acquirer_no=paid.acquirer_no))
    asking = f"cus_1:{strict.card('cus_1', 'asks')}"
    asked = AgreementPay(new_number("P"), "", asking, PAID, "荔枝", expires_at, "", BACK)
    waiting = stripe.pay_with_agreement(asked)
    stripe.close(PayRef(waiting.payment_no, acquirer_no=waiting.acquirer_no))
    for scene in (Scene.H5, Scene.APP):
        opened = PayRequest(new_number("P"), PAID, "荔枝", scene, expires_at, "", BACK)
        stripe.create(opened)
        stripe.query(PayRef(opened.payment_no, sent_at=now()))
        stripe.close(PayRef(opened.payment_no, sent_at=now()))
    page = stripe.create(PayRequest(new_number("P"), PAID, "荔枝", Scene.H5, expires_at, "", BACK))
    stripe.query(PayRef(page.payment_no, acquirer_no=page.acquirer_no))
    _give_back(stripe, paid)
    _share_out(stripe, strict, paid)
    for kind in (BillKind.TRADE, BillKind.SPLIT):
        stripe.download_bill(business_date(), kind, into=folder / str(kind))
    stripe.unbind(AgreementRef(bind.agreement_no, token=card.token))


def _give_back(stripe, paid) -> None:
    no, number = new_number("R"), paid.payment_no
    wish = RefundRequest(no, number, Money(100), PAID, "shortage", "", acquirer_no=paid.acquirer_no)
    done = stripe.refund(wish)
    stripe.query_refund(RefundRef(no, number, acquirer_refund_no=done.acquirer_refund_no))
    stripe.query_refund(RefundRef(no, number, acquirer_no=paid.acquirer_no))
    stripe.query_refund(RefundRef(no, number))


def _share_out(stripe, strict, paid) -> None:
    receiver = "acct_known_supplier"
    strict.things[receiver] = {
        "id": receiver,
        "object": "account",
        "capabilities": {"transfers": "active"},
    }
    stripe.add_receiver(SplitReceiver(receiver, "果园"))
    share = SplitShare(new_number("H"), receiver, Money(500))
    split = SplitRequest(new_number("S"), paid.payment_no, paid.acquirer_no, (share,))
    stripe.split(split)
    stripe.query_split(SplitRef(split.split_no, split.payment_no))
    taken = SplitReturn(
        new_number("T"),
        split.split_no,
        receiver,
        Money(500),
        share_no=share.share_no,
        payment_no=paid.payment_no,
    )
    for _ in range(2):
        stripe.split_return(taken)


def test_a_tour_makes_exactly_the_published_calls(stripe, strict, tmp_path):
    plain = make_adapter(stripe_account(base_url=strict.url))
    plain.bind_card(BindRequest(new_number("A"), "resident-1", BACK, ""))
    plain.query_agreement(AgreementRef(new_number("A")))
    number = next(one["metadata"]["linli_no"] for one in strict.all("setup_intent"))
    plain.unbind(AgreementRef(number))

    tour(stripe, strict, tmp_path)

    made = {call_of(method, path) for method, path, _data in strict.calls}
    assert made == set(CALLS) - LENIENT_ONLY
    refused = [known for _said, status, known in strict.answers.values() if status == 400]
    assert refused == []


def test_a_parameter_that_is_not_published_is_noticed():
    page = call_of("POST", "/v1/checkout/sessions")

    for name in ("colour", "line_items[0][price_data][colour]", "stripe_account", "api_key"):
        assert unknown_parameters(page, ["mode", name]) == [name]
    assert missing_parameters(call_of("POST", "/v1/payment_intents"), ["amount"]) == ["currency"]
    assert call_of("POST", "/v1/charges") is None


def test_a_stripe_mock_takes_every_call():
    """Where STRIPE_MOCK_URL names one; it validates parameters and remembers nothing."""
    for url in os.environ.get("STRIPE_MOCK_URL", "").split():
        facts = {"base_url": url, "secret_key": "sk_test_123", "connect": True}
        for hosted_pages in (False, True):
            adapter = make_adapter(stripe_account(hosted_pages=hosted_pages, **facts))
            assert _complaints(adapter) == []


def _complaints(adapter) -> list[str]:
    """Those of the calls that were refused, rather than answered about something else."""
    expires_at, number = now() + timedelta(minutes=15), new_number("P")
    share = SplitShare(new_number("H"), "acct_1", Money(500))
    scene = Scene.H5 if Scene.H5 in adapter.caps.scenes else Scene.APP
    pay = PayRequest(number, PAID, "荔枝", scene, expires_at, "", BACK)
    charge = AgreementPay(number, "", "cus_1:pm_1", PAID, "荔枝", expires_at, "", BACK)
    refund = RefundRequest(number, number, PAID, PAID, "shortage", "", acquirer_no="pi_1")
    calls = [
        lambda: adapter.create(pay),
        lambda: adapter.pay_with_agreement(charge),
        lambda: adapter.query(PayRef(number, sent_at=now())),
        lambda: adapter.close(PayRef(number, acquirer_no="pi_1")),
        lambda: adapter.refund(refund),
        lambda: adapter.query_refund(RefundRef(number, number, acquirer_no="pi_1")),
        lambda: adapter.bind_card(BindRequest(new_number("A"), "resident-1", BACK, "")),
        lambda: adapter.query_agreement(AgreementRef(new_number("A"))),
        lambda: adapter.unbind(AgreementRef("A1", token="cus_1:pm_1")),
        lambda: adapter.split(SplitRequest(number, number, "pi_1", (share,))),
        lambda: adapter.query_split(SplitRef(number, number)),
        lambda: adapter.add_receiver(SplitReceiver("acct_1", "果园")),
    ]
    return [str(error) for call in calls if (error := _error_of(call)) is not None]


def _error_of(call) -> AcquirerError | None:
    try:
        call()
    except OutcomeUnknownError:
        return None  # a fixture about another number
    except AcquirerError as error:
        return error if error.raw.get("status") in {400, 404} else None
    return None
