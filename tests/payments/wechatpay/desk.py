"""Papers for WeChat Pay, and a payer at the sandbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from payments.acquiring.contract import (
    PayRef,
    PayRequest,
    RefundRequest,
    Scene,
    TransferRequest,
)
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests.payments.wechatpay.theirs import MERCHANT

BACK = "http://127.0.0.1:1/back?order=7&x=荔枝"
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


def order(scene: Scene = Scene.NATIVE_QR, **more) -> PayRequest:
    asked = PayRequest(
        payment_no=new_number("P"),
        amount=Money(20800),
        subject="荔枝, 2 斤",
        scene=scene,
        expires_at=now() + timedelta(minutes=20),
        notify_url="http://127.0.0.1:1/notify",
        return_url=BACK,
    )
    return replace(asked, **more)


def pay(bank, number: str) -> None:
    bank.told(f"/_sim/pay/{number}?merchant={MERCHANT}")


def paid(bank, adapter) -> PayRef:
    opened = adapter.create(order())
    pay(bank, opened.payment_no)
    return PayRef(opened.payment_no, adapter.query(PayRef(opened.payment_no)).acquirer_no)


def giving_back(payment: PayRef, minor: int) -> RefundRequest:
    return RefundRequest(
        new_number("R"), payment.payment_no, Money(minor), Money(19200), "shortage", ""
    )


def transfer(minor: int) -> TransferRequest:
    return TransferRequest(new_number("T"), Money(minor), "王姐", OPENID, "佣金", "")
