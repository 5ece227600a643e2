"""The sandbox acquirer behind the common face: papers from messages.py, proof from wire.py."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any, ClassVar, Final

from payments.acquiring.contract import (
    AgreementMode,
    AgreementPay,
    AgreementRef,
    AgreementResult,
    AgreementStatus,
    BillDelivery,
    BillKind,
    BindRequest,
    BindResult,
    Capabilities,
    CloseMode,
    CloseOutcome,
    CloseResult,
    DeclinedError,
    Evidence,
    HttpReply,
    NotificationRejectedError,
    NotifiedEvent,
    OrderNoRule,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    PayResult,
    RawHttp,
    RefundMode,
    RefundRef,
    RefundRequest,
    RefundResult,
    Scene,
    SplitMode,
    TransferMode,
    TransferRef,
    TransferRequest,
    TransferResult,
    Verified,
)
from payments.acquiring.masking import redacted
from payments.acquiring.registry import AccountSpec
from payments.acquiring.setup import Setup
from payments.acquiring.signing import read_key_file
from payments.adapters.sandbox import messages, wire
from payments.adapters.sandbox.bill_methods import BillMethods
from payments.adapters.sandbox.codes import EVENT_KINDS
from payments.adapters.sandbox.setup import SETUP
from payments.adapters.sandbox.split_messages import read_split, read_split_return
from payments.adapters.sandbox.split_methods import SplitMethods
from payments.kernel.clock import wall_now

ACCEPTED: Final = b'{"code":"SUCCESS"}'
CAPABILITIES: Final = Capabilities(
    scenes=frozenset({Scene.NATIVE_QR, Scene.H5, Scene.CARD_TOKEN}),
    close=CloseMode.API,
    refund_mode=RefundMode.ASYNC,
    partial_refund=True,
    multi_refund=True,
    refund_window_days=365,
    notify_kinds=frozenset(EVENT_KINDS.values()),
    bill_kinds=frozenset(BillKind),
    bill_ready_local_time=time(1, 0),
    bill_retention_days=365,
    bill_delivery=BillDelivery.PULL,
    agreement=AgreementMode.TOKEN,
    split=SplitMode.AFTER_PAY,
    split_max_percent=30,
    split_max_receivers=50,
    split_return=True,
    transfer=TransferMode.DIRECT,
    transfer_cancel=True,
    order_no=OrderNoRule(r"[A-Za-z0-9_-]{6,40}", 40),
)


def sandbox_account(
    *, base_url: str, keys_folder: Path, code: str = "sandbox", **settings: object
) -> AccountSpec:
    """Describe an account at a sandbox: its address, the folder it laid our keys in, time limits.

    Further settings: connect_seconds, read_seconds, total_seconds. ConfigError without the folder.
    """
    facts = json.loads(read_key_file(keys_folder / "merchant.json"))
    names = ("merchant_private_key", "sandbox_public_key", "aead_key")
    known = ("merchant_id", "merchant_serial", "sandbox_serial", "fee_rate")
    return AccountSpec(
        code=code,
        adapter="sandbox",
        settings={"base_url": base_url, **{name: facts[name] for name in known}, **settings},
        keys={name: str(keys_folder / facts[name]) for name in names},
    )


class SandboxAdapter(BillMethods, SplitMethods):
    """Speaks docs/protocols/sandbox.md, version 1."""

    caps: Capabilities = CAPABILITIES
    setup: ClassVar[Setup] = SETUP

    def create(self, request: PayRequest) -> PayResult:
        """Open an order at the cashier (H5) or for scanning (NATIVE_QR)."""
        self._require_scene(request.scene)
        data = self._demand("POST", "/v1/orders", messages.order_paper(request))
        result = messages.read_payment(data, scene=request.scene, lang=request.lang)
        return messages.expect_payment(result, payment_no=request.payment_no, amount=request.amount)

    def query(self, ref: PayRef) -> PayResult:
        """Ask by our number."""
        status, data = self._ask("GET", f"/v1/orders/{ref.payment_no}")
        if status == 404 and data.get("code") == "ORDER_NOT_FOUND":
            return messages.not_found_payment(ref.payment_no)
        if status != 200:
            self._refused(data)
        result = messages.read_payment(data)
        return messages.expect_payment(result, payment_no=ref.payment_no, amount=None)

    def close(self, ref: PayRef) -> CloseResult:
        """Close by our number; an order that was paid says so and brings its result."""
        status, data = self._ask("POST", f"/v1/orders/{ref.payment_no}/close", {})
        number, code = ref.payment_no, data.get("code")
        if status == 404 and code == "ORDER_NOT_FOUND":
            return CloseResult(CloseOutcome.NOT_FOUND, number)
        if status == 409 and code == "ORDER_PAID":
            paid = messages.read_payment(data["detail"]["order"])
            paid = messages.expect_payment(paid, payment_no=number, amount=None)
            return CloseResult(CloseOutcome.ALREADY_PAID, number, paid=paid)
        if status != 200:
            self._refused(data)
        result = messages.read_payment(data)
        messages.expect_payment(result, payment_no=number, amount=None)
        if result.outcome not in {Outcome.CLOSED, Outcome.FAILED}:
            raise OutcomeUnknownError(
                f"the sandbox says {number} is {result.outcome} after a close"
            )
        return CloseResult(CloseOutcome.CLOSED, number, raw=result.raw)

    def refund(self, request: RefundRequest) -> RefundResult:
        """Give money back."""
        data = self._demand("POST", "/v1/refunds", messages.refund_paper(request))
        return messages.expect_refund(
            messages.read_refund(data), refund_no=request.refund_no, amount=request.amount
        )

    def query_refund(self, ref: RefundRef) -> RefundResult:
        """Ask by our refund number."""
        status, data = self._ask("GET", f"/v1/refunds/{ref.refund_no}")
        if status == 404 and data.get("code") == "REFUND_NOT_FOUND":
            return RefundResult(Outcome.NOT_FOUND, ref.refund_no, ref.payment_no)
        if status != 200:
            self._refused(data)
        return messages.expect_refund(
            messages.read_refund(data), refund_no=ref.refund_no, amount=None
        )

    def bind_card(self, request: BindRequest) -> BindResult:
        """Start a signing on the sandbox's page."""
        data = self._demand("POST", "/v1/agreements", messages.bind_paper(request))
        agreement = messages.expect_agreement(messages.read_agreement(data), request.agreement_no)
        return BindResult(agreement, messages.signing_step(data, request.lang))

    def query_agreement(self, ref: AgreementRef) -> AgreementResult:
        """Ask how an agreement stands."""
        status, data = self._ask("GET", f"/v1/agreements/{ref.agreement_no}")
        if status == 404 and data.get("code") == "AGREEMENT_NOT_FOUND":
            return AgreementResult(AgreementStatus.NOT_FOUND, ref.agreement_no)
        if status != 200:
            self._refused(data)
        return messages.expect_agreement(messages.read_agreement(data), ref.agreement_no)

    def unbind(self, ref: AgreementRef) -> AgreementResult:
        """End an agreement."""
        data = self._demand("POST", f"/v1/agreements/{ref.agreement_no}/unbind", {})
        return messages.expect_agreement(messages.read_agreement(data), ref.agreement_no)

    def pay_with_agreement(self, request: AgreementPay) -> PayResult:
        """Charge a tied card; its owner may have to type a code on the sandbox's page first."""
        path, paper = "/v1/agreement-payments", messages.charge_paper(request)
        status, data = self._ask("POST", path, paper)
        number = request.payment_no
        if status == 200:
            result = messages.read_payment(data, lang=request.lang)
            return messages.expect_payment(result, payment_no=number, amount=request.amount)
        declined = data.get("detail", {}).get("order")
        if declined is not None:
            result = messages.read_payment(declined)
            messages.expect_payment(result, payment_no=number, amount=request.amount)
        try:
            self._refused(data)
        except DeclinedError as error:
            error.raw.update(redacted(declined or {}))
            raise

    def transfer(self, request: TransferRequest) -> TransferResult:
        """Pay somebody out of the merchant's balance."""
        data = self._demand("POST", "/v1/transfers", messages.transfer_paper(request))
        return messages.expect_transfer(
            messages.read_transfer(data), transfer_no=request.transfer_no, amount=request.amount
        )

    def query_transfer(self, ref: TransferRef) -> TransferResult:
        """Ask by our transfer number."""
        status, data = self._ask("GET", f"/v1/transfers/{ref.transfer_no}")
        if status == 404 and data.get("code") == "TRANSFER_NOT_FOUND":
            return TransferResult(Outcome.NOT_FOUND, ref.transfer_no)
        if status != 200:
            self._refused(data)
        return messages.expect_transfer(
            messages.read_transfer(data), transfer_no=ref.transfer_no, amount=None
        )

    def cancel_transfer(self, ref: TransferRef) -> TransferResult:
        """Take back what its payee has not confirmed; what is too late to cancel says how it is."""
        status, data = self._ask("POST", f"/v1/transfers/{ref.transfer_no}/cancel", {})
        if status == 404 and data.get("code") == "TRANSFER_NOT_FOUND":
            return TransferResult(Outcome.NOT_FOUND, ref.transfer_no)
        if status == 409 and data.get("code") == "TRANSFER_NOT_CANCELLABLE":
            data = data["detail"]["transfer"]
        elif status != 200:
            self._refused(data)
        return messages.expect_transfer(
            messages.read_transfer(data), transfer_no=ref.transfer_no, amount=None
        )

    def send_text(self, *, phone: str, text: str, sender: str) -> None:
        """Put a text message on the demo's telephone (the sandbox's message page)."""
        self._demand("POST", "/v1/messages", {"phone": phone, "text": text, "sender": sender})

    def check_notification(self, raw: RawHttp) -> Evidence:
        """Check a notification as docs/protocols/sandbox.md says; NotificationRejectedError."""
        return wire.open_notification(self._keys, raw, wall_now())

    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]:
        """Read a proven notification; one event each."""
        try:
            return [read_event(json.loads(verified.content))]
        except (OutcomeUnknownError, KeyError, TypeError, ValueError) as error:
            raise NotificationRejectedError("cannot be read", reason="format") from error

    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        """Answer 200 with exactly {"code":"SUCCESS"}, or 400: then the sandbox sends again."""
        if accepted:
            return HttpReply(200, ACCEPTED, "application/json")
        body = wire.as_json({"code": "FAIL", "message": reason or "refused"})
        return HttpReply(400, body, "application/json")


_READERS: Final[Mapping[str, Callable[..., Any]]] = {
    "payment": messages.read_payment,
    "refund": messages.read_refund,
    "agreement": messages.read_agreement,
    "transfer": messages.read_transfer,
    "split": read_split,
    "split_return": read_split_return,
}


def read_event(content: Mapping[str, Any]) -> NotifiedEvent:
    """Read the clear content of a notification; KeyError for a type nobody knows."""
    about = str(content["event_type"]).partition(".")[0]
    occurred_at = datetime.fromisoformat(content["created_at"])
    result = _READERS[about](content["resource"])
    return NotifiedEvent(EVENT_KINDS[about], str(content["event_id"]), occurred_at, result)
