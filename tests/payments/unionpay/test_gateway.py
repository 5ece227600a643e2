"""The adapter at the sandbox's gateway: lost answers, wrong answers, codes, cards, voids."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import requests

from payments.acquiring.contract import (
    AgreementRef,
    AgreementStatus,
    AlreadyDoneError,
    BillKind,
    BillReadiness,
    ConfigError,
    DeclinedError,
    NotifyKind,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    RefundRef,
    Scene,
    StepKind,
)
from payments.kernel.clock import business_date, now
from payments.kernel.money import Money
from tests.acquirer import CCB_CREDIT, CCB_DEBIT
from tests.contract.papers import bind_request, charge_request, pay_request, refund_request
from tests.contract.paying import paid, ref_of, succeeded
from tests.waiting import until

UNTRUE = (
    "drop_after_execute",
    "http_500_after_execute",
    "garbage_body",
    "bad_response_signature",
    "response_for_other_order",
)


def told_events(unionpay, adapter, number: str) -> list:
    raws = until(lambda: unionpay.messages(number))
    verified = [adapter.verify_notification(raw) for raw in raws]
    return [event for one in verified for event in adapter.parse_notification(one)]


@pytest.mark.parametrize("fault", UNTRUE)
def test_a_charge_whose_answer_is_lost_or_untrue_is_unknown_and_found_by_asking(unionpay, fault):
    adapter = unionpay.adapter(charge_code="false")
    paid(unionpay, adapter)
    request = charge_request(unionpay, unionpay.tie_card(adapter))

    misbehaving = unionpay.bank.fault(fault, number=request.payment_no, count=1)
    with misbehaving, pytest.raises(OutcomeUnknownError):
        adapter.pay_with_agreement(request)

    told = until(
        lambda: (
            (got := adapter.query(PayRef(request.payment_no, sent_at=request.sent_at))).outcome
            is Outcome.SUCCEEDED
            and got
        )
    )
    assert told.amount == request.amount


def test_a_refund_whose_answer_is_lost_is_one_refund(unionpay, adapter):
    request = refund_request(unionpay, paid(unionpay, adapter), 2769)
    misbehaving = unionpay.bank.fault("drop_after_execute", number=request.refund_no, count=1)
    with misbehaving, pytest.raises(OutcomeUnknownError):
        adapter.refund(request)

    told = adapter.query_refund(
        RefundRef(request.refund_no, request.payment_no, sent_at=request.sent_at)
    )
    again = adapter.refund(request)

    assert (told.outcome, told.amount) == (Outcome.SUCCEEDED, Money(2769))
    assert again.acquirer_refund_no == told.acquirer_refund_no


def test_a_refund_nobody_heard_of_stays_unknown_so_that_it_is_never_sent_twice(unionpay, adapter):
    request = refund_request(unionpay, paid(unionpay, adapter), 100)
    misbehaving = unionpay.bank.fault("drop_before_execute", number=request.refund_no, count=1)
    with misbehaving, pytest.raises(OutcomeUnknownError):
        adapter.refund(request)

    ref = RefundRef(request.refund_no, request.payment_no, sent_at=request.sent_at)
    assert adapter.query_refund(ref).outcome is Outcome.UNKNOWN
    assert adapter.query_refund(replace(ref, sent_at=None)).outcome is Outcome.UNKNOWN


def test_a_refund_the_card_takes_not_is_abnormal(unionpay, adapter):
    request = refund_request(unionpay, paid(unionpay, adapter), 100)
    with unionpay.bank.fault("refund_abnormal", number=request.refund_no, args={"seconds": 0}):
        assert adapter.refund(request).outcome is Outcome.PENDING

    ref = RefundRef(request.refund_no, request.payment_no, sent_at=request.sent_at)
    told = until(lambda: (got := adapter.query_refund(ref)).outcome is Outcome.ABNORMAL and got)
    assert told.failure.acquirer_code == "63"


def test_a_refund_is_told(unionpay, adapter):
    request = refund_request(unionpay, paid(unionpay, adapter), 2769)
    adapter.refund(request)

    (event,) = told_events(unionpay, adapter, request.refund_no)

    assert (event.kind, event.result.outcome) == (NotifyKind.REFUND, Outcome.SUCCEEDED)
    assert (event.result.refund_no, event.result.amount) == (request.refund_no, Money(2769))


def test_the_key_is_number_and_instant_together(unionpay, adapter):
    ref = paid(unionpay, adapter)

    assert adapter.query(ref).outcome is Outcome.SUCCEEDED
    other = replace(ref, sent_at=ref.sent_at - timedelta(seconds=1))
    assert adapter.query(other).outcome is Outcome.NOT_FOUND
    assert adapter.query(replace(ref, sent_at=None)).outcome is Outcome.UNKNOWN


def test_nobody_is_told_that_a_payment_is_not_there_while_it_may_still_come(unionpay, adapter):
    request = pay_request(unionpay)
    opened = adapter.create(request)
    ref = replace(ref_of(opened), expires_at=request.expires_at)

    assert adapter.query(ref).outcome is Outcome.UNKNOWN
    over = replace(ref, expires_at=now() - timedelta(minutes=3))
    assert adapter.query(over).outcome is Outcome.NOT_FOUND


def test_a_form_somebody_changed_opens_nothing(unionpay, adapter):
    step = adapter.create(pay_request(unionpay)).step

    for changed in ({"txnAmt": "1"}, {"merId": "777290058119999"}, {"signature": "AAAA"}):
        answer = requests.post(step.url, data={**step.fields, **changed}, timeout=10)
        assert (answer.status_code, answer.text[:2]) == (400, "11")


def test_a_code_and_an_apps_number_are_opened_by_us(unionpay, adapter):
    code = adapter.create(pay_request(unionpay, Scene.NATIVE_QR))
    app = adapter.create(pay_request(unionpay, Scene.APP))

    assert (code.step.kind, app.step.kind) == (StepKind.QR_CODE, StepKind.SDK_PAYLOAD)
    assert app.step.fields["mode"] == "01"
    unionpay.pay(app)
    assert succeeded(adapter, app)


def test_an_unpaid_payment_lapses_by_its_own_time_limit(unionpay, adapter):
    request = pay_request(unionpay, Scene.NATIVE_QR)
    opened = adapter.create(request)
    assert adapter.query(ref_of(opened)).outcome is Outcome.PENDING

    with unionpay.bank.clock_at(3600):
        told = adapter.query(ref_of(opened))

    assert (told.outcome, told.failure.code) == (Outcome.FAILED, "expired")


def test_what_a_bank_took_off_is_said_by_whom(unionpay, adapter):
    with unionpay.bank.campaign("unionpay5", threshold_minor=19200, discount_minor=500):
        ref = paid(unionpay, adapter)

    told = adapter.query(ref)
    (event,) = told_events(unionpay, adapter, ref.payment_no)

    assert told.amount == event.result.amount == Money(19200)
    assert [(part.funder, part.ref, part.amount) for part in told.tenders] == [
        ("bank", "CCB:unionpay5", Money(500))
    ]
    assert event.result.tenders == told.tenders


def test_a_wrong_code_may_be_typed_anew_and_the_right_one_pays_once(unionpay, adapter):
    card = unionpay.tie_card(adapter, "asks")
    request = charge_request(unionpay, card)
    assert adapter.pay_with_agreement(request).step.kind is StepKind.SMS_CODE
    code = unionpay.bank.last_code("13800138000")
    wrong = "000000" if code != "000000" else "111111"

    with pytest.raises(DeclinedError) as caught:
        adapter.pay_with_agreement(replace(request, code=wrong))
    assert (caught.value.code, caught.value.acquirer_code) == ("wrong_code", "71")

    first = adapter.pay_with_agreement(replace(request, code=code))
    again = adapter.pay_with_agreement(replace(request, code=code))
    assert [first.outcome, again.outcome] == [Outcome.SUCCEEDED] * 2
    assert first.acquirer_no == again.acquirer_no


def test_a_charged_number_never_stands_for_another_amount(unionpay, adapter):
    request = charge_request(unionpay, unionpay.tie_card(adapter))
    adapter.pay_with_agreement(request)

    with pytest.raises(AlreadyDoneError):
        adapter.pay_with_agreement(replace(request, amount=Money(1)))


def test_an_account_without_codes_charges_at_once(unionpay):
    adapter = unionpay.adapter(charge_code="false")
    request = charge_request(unionpay, unionpay.tie_card(adapter))

    assert adapter.pay_with_agreement(request).outcome is Outcome.SUCCEEDED


def test_a_tied_card_is_told_with_its_token_and_no_number(unionpay, adapter):
    request = replace(bind_request(unionpay), holder_phone="13800138000")
    step = adapter.bind_card(request).step
    assert "13800138000" not in repr(step.fields)
    unionpay.bank.tie_card(unionpay.post_form(step), CCB_DEBIT)

    (event,) = told_events(unionpay, adapter, request.agreement_no)

    card = event.result
    assert (event.kind, card.status) == (NotifyKind.AGREEMENT, AgreementStatus.ACTIVE)
    assert (card.last4, card.bin, card.kind) == (CCB_DEBIT[-4:], CCB_DEBIT[:8], "debit")
    assert (card.scheme, card.phone_mask) == ("unionpay_single", "138****8000")
    assert card.issuer_name == "中国建设银行"
    assert card.expires_at > now()
    asked = adapter.query_agreement(AgreementRef(request.agreement_no))
    assert (asked.token, asked.fingerprint) == (card.token, card.fingerprint)
    for kept in (card.raw, asked.raw):
        assert CCB_DEBIT not in repr(kept)
        assert card.token not in repr(kept)


def test_an_owner_who_ended_it_at_the_bank_is_found_by_asking(unionpay, adapter):
    number, token = unionpay.tie_card(adapter)
    merchant = unionpay.merchant_id

    unionpay.bank.told(f"/_sim/revoke/{number}?merchant={merchant}")

    told = adapter.query_agreement(AgreementRef(number, token))
    assert told.status is AgreementStatus.REVOKED_BY_USER
    with pytest.raises(DeclinedError) as caught:
        adapter.pay_with_agreement(charge_request(unionpay, (number, token)))
    assert caught.value.code == "agreement_not_active"


def test_an_opening_nobody_finished_waits(unionpay, adapter):
    request = bind_request(unionpay)
    unionpay.post_form(adapter.bind_card(request).step)

    told = adapter.query_agreement(AgreementRef(request.agreement_no))

    assert (told.status, told.token) == (AgreementStatus.PENDING_FORM, "")


def test_without_the_fingerprint_key_a_card_is_known_by_its_token(unionpay):
    account = unionpay.account()
    keys = {name: file for name, file in account.keys.items() if name != "fingerprint_key"}
    adapter = type(unionpay.adapter()).from_account(replace(account, keys=keys))

    number, token = unionpay.tie_card(adapter)

    card = adapter.query_agreement(AgreementRef(number, token))
    assert (card.fingerprint, card.last4) == (token, CCB_CREDIT[-4:])


def test_a_whole_payment_of_today_can_be_undone(unionpay, monkeypatch):
    adapter = unionpay.adapter(void_same_day=True)
    noon = now().astimezone().replace(hour=4, minute=0)
    monkeypatch.setattr("payments.adapters.unionpay.notices.wall_now", lambda: noon)
    payment = paid(unionpay, adapter)
    today = replace(payment, payment_no=f"P{noon:%y%m%d}{payment.payment_no[7:]}")
    request = refund_request(unionpay, today, 19_200)

    adapter.refund(request)

    (event,) = told_events(unionpay, adapter, request.refund_no)
    assert event.result.outcome is Outcome.SUCCEEDED
    (raw, *_) = unionpay.messages(request.refund_no)
    assert b"txnType=31" in raw.body


def test_a_refund_without_their_number_is_our_fault(unionpay, adapter):
    request = replace(refund_request(unionpay, PayRef("P1"), 100), acquirer_no="")

    with pytest.raises(ConfigError):
        adapter.refund(request)


def test_a_day_that_is_not_over_has_no_statement_yet(unionpay, adapter):
    told = adapter.bill_available(business_date(), BillKind.TRADE)

    assert told.readiness is BillReadiness.NOT_YET
    assert told.retry_at > now()


def test_no_file_means_late_for_a_day_and_empty_then(unionpay, adapter):
    with unionpay.end_the_day():
        late = adapter.bill_available(business_date() - timedelta(days=1), BillKind.TRADE)
        past = adapter.bill_available(business_date() - timedelta(days=20), BillKind.TRADE)

    assert late.readiness in {BillReadiness.READY, BillReadiness.NOT_YET}
    assert past.readiness is BillReadiness.EMPTY


def test_a_message_signed_with_a_certificate_that_ran_out_is_refused(unionpay, adapter):
    request = pay_request(unionpay, Scene.NATIVE_QR)
    unionpay.bank.told("/_keys/rotate-bank")
    with unionpay.bank.fault("notify_old_key", number=request.payment_no, args={"tries": 1}):
        unionpay.pay(adapter.create(request))
        raws = until(lambda: (got := unionpay.messages(request.payment_no)) and got)

    with pytest.raises(Exception, match="not in force"):
        adapter.verify_notification(raws[0])
