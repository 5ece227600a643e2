"""Papers to hand to an adapter: what the core would ask, with numbers of our own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from payments.acquiring.contract import (
    AgreementPay,
    AgreementRef,
    BindRequest,
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
    TransferRef,
    TransferRequest,
)
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests.contract.bench import Bench

# When each number was sent, as the core would keep it with the number.
SENT: dict[str, datetime] = {}

BACK = "http://127.0.0.1:1/back"
PRICE_MINOR = 19_200


def price(bench: Bench, minor: int = PRICE_MINOR) -> Money:
    """An amount in the bench's currency."""
    return Money(minor, bench.currency)


def sent(number: str) -> datetime:
    """The instant a number was (first) sent at."""
    return SENT.setdefault(number, now())


def pay_request(bench: Bench, scene: Scene = Scene.H5, **more: Any) -> PayRequest:
    """Please collect 192.00."""
    number = new_number("P")
    asked = PayRequest(
        payment_no=number,
        amount=price(bench),
        subject="荔枝 2 斤",
        scene=scene,
        expires_at=now() + timedelta(minutes=40),
        notify_url=bench.notify_url,
        return_url=BACK,
        sent_at=sent(number),
    )
    return replace(asked, **more)


def charge_request(bench: Bench, agreement: tuple[str, str], **more: Any) -> AgreementPay:
    """Please charge 192.00 to this card."""
    agreement_no, token = agreement
    number = new_number("P")
    asked = AgreementPay(
        payment_no=number,
        agreement_no=agreement_no,
        token=token,
        amount=price(bench),
        subject="荔枝 2 斤",
        expires_at=now() + timedelta(minutes=40),
        notify_url=bench.notify_url,
        return_url=BACK,
        sent_at=sent(number),
    )
    return replace(asked, **more)


def refund_request(bench: Bench, payment: PayRef, minor: int, **more: Any) -> RefundRequest:
    """Please give this much of a payment back."""
    number = new_number("R")
    asked = RefundRequest(
        refund_no=number,
        payment_no=payment.payment_no,
        amount=price(bench, minor),
        paid=price(bench),
        reason="shortage",
        notify_url=bench.notify_url,
        acquirer_no=payment.acquirer_no,
        sent_at=sent(number),
    )
    return replace(asked, **more)


def bind_request(bench: Bench) -> BindRequest:
    """Please let her tie a card."""
    return BindRequest(new_number("A"), "resident-7", BACK, bench.notify_url)


def transfer_request(bench: Bench, **more: Any) -> TransferRequest:
    """Please pay a leader 20.80."""
    asked = TransferRequest(
        transfer_no=new_number("T"),
        amount=price(bench, 2080),
        payee_name="王姐",
        payee_account="6217000000000001",
        purpose="佣金",
        notify_url=bench.notify_url,
    )
    return replace(asked, **more)


def split_request(payment: PayRef, receiver: SplitReceiver, amount: Money) -> SplitRequest:
    """Please give one receiver this much of a payment."""
    share = SplitShare(new_number("S"), receiver.account, amount, "货款")
    return SplitRequest(new_number("S"), payment.payment_no, payment.acquirer_no, (share,))


def return_request(bench: Bench, split: SplitRequest, minor: int = 100) -> SplitReturn:
    """Please take so much of a split's first share back."""
    share = split.shares[0]
    return SplitReturn(
        return_no=new_number("B"),
        split_no=split.split_no,
        receiver=share.receiver,
        amount=price(bench, minor),
        share_no=share.share_no,
        payment_no=split.payment_no,
    )


def asked_of_everything(bench: Bench) -> dict[str, tuple[object, ...]]:
    """For each method that talks to the acquirer, arguments that are well formed."""
    payment = PayRef(new_number("P"), sent_at=now())
    paid = PayRef(new_number("P"), acquirer_no="their-number", sent_at=now())
    split = SplitRef(new_number("S"), payment.payment_no)
    receiver = SplitReceiver("8000000001", "绿源果业")
    agreement = AgreementRef(new_number("A"), bench.nobodys_token)
    return {
        "create": (pay_request(bench, _first_scene(bench)),),
        "query": (payment,),
        "close": (payment,),
        "refund": (refund_request(bench, paid, 100),),
        "query_refund": (RefundRef(new_number("R"), payment.payment_no, sent_at=now()),),
        "bind_card": (bind_request(bench),),
        "query_agreement": (agreement,),
        "unbind": (agreement,),
        "pay_with_agreement": (charge_request(bench, ("A0", bench.nobodys_token)),),
        "add_receiver": (receiver,),
        "remove_receiver": (receiver,),
        "split": (split_request(paid, receiver, price(bench, 100)),),
        "query_split": (split,),
        "split_return": (return_request(bench, split_request(paid, receiver, price(bench, 100))),),
        "unfreeze": (split,),
        "transfer": (transfer_request(bench),),
        "query_transfer": (TransferRef(new_number("T")),),
        "cancel_transfer": (TransferRef(new_number("T")),),
    }


def _first_scene(bench: Bench) -> Scene:
    """The first of the scenes that ask the acquirer something."""
    asking = bench.caps.scenes - bench.local_scenes
    return next((s for s in (Scene.H5, Scene.NATIVE_QR) if s in asking), Scene.H5)
