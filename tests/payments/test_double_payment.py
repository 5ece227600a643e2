"""Two attempts that were both paid at the real bank: one pays, the other goes back, either way."""

from __future__ import annotations

import pytest

from payments.acquiring.contract import RefundRef
from payments.api import Money, Scene, payment_view, refresh_payment, refunds_of, send_payment
from payments.jobs import run_refunds
from payments.models import Incident
from tests.payments.desk import ORDER, open_payment


@pytest.mark.parametrize("late", [False, True], ids=["as paid", "the other way round"])
def test_the_second_money_goes_back_in_full(acquirer, late):
    page, code = open_payment(), open_payment(scene=Scene.NATIVE_QR)
    for view in (page, code):
        send_payment(view.payment_no)
        acquirer.sim_pay(view.payment_no)
    first, second = (code, page) if late else (page, code)

    refresh_payment(first.payment_no)
    refresh_payment(second.payment_no)
    run_refunds()

    assert payment_view(first.payment_no).application == "applied"
    assert payment_view(second.payment_no).application == "surplus"
    assert refunds_of(first.payment_no) == []
    (refund,) = refunds_of(second.payment_no)
    assert (refund.amount, refund.reason) == (Money(19200), "double_payment")
    there = acquirer.adapter().query_refund(RefundRef(refund.refund_no, second.payment_no))
    assert there.amount == Money(19200)
    incident = Incident.objects.get(kind="double_payment")
    assert (incident.subject_no, incident.data["reference"]) == (second.payment_no, ORDER)
