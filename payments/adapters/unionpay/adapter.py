"""UnionPay's gateway behind the common face: pages, codes, refunds, tied cards, notifications."""

from __future__ import annotations

from datetime import time, timedelta
from typing import ClassVar, Final

from payments.acquiring.capabilities import Purse
from payments.acquiring.contract import (
    AgreementMode,
    AlreadyDoneError,
    BillKind,
    Capabilities,
    CloseMode,
    ConfigError,
    Evidence,
    HttpReply,
    NextStep,
    NotificationRejectedError,
    NotifiedEvent,
    NotifyKind,
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
    StepKind,
    Verified,
)
from payments.acquiring.setup import Setup
from payments.adapters.unionpay import codes, messages, notices
from payments.adapters.unionpay.bill_methods import BillMethods
from payments.adapters.unionpay.line import APP, BACK, QUESTION
from payments.adapters.unionpay.setup import SETUP
from payments.adapters.unionpay.tying import CardMethods
from payments.kernel.clock import now, wall_now

# So long after its time limit a payment that nobody knows of is not coming any more.
LATE: Final = timedelta(minutes=2)
# A signing is told; that somebody ended it at UnionPay is not, so AGREEMENT is no promise of ours.
CAPABILITIES: Final = Capabilities(
    scenes=frozenset({Scene.H5, Scene.NATIVE_QR, Scene.APP, Scene.CARD_TOKEN}),
    purses=frozenset({Purse.BANK, Purse.UNIONPAY}),
    close=CloseMode.LOCAL_TIMEOUT_ONLY,
    refund_mode=RefundMode.ASYNC,
    partial_refund=True,
    multi_refund=True,
    refund_window_days=330,
    notify_kinds=frozenset({NotifyKind.PAY, NotifyKind.REFUND}),
    bill_kinds=frozenset({BillKind.TRADE}),
    bill_ready_local_time=time(9, 0),
    bill_retention_days=30,
    agreement=AgreementMode.TOKEN,
    # The interface takes 40, but a statement shows 32.
    order_no=OrderNoRule(r"[A-Za-z0-9]{8,32}", 32),
    query_needs=frozenset({"sent_at"}),
)


class UnionPayAdapter(BillMethods, CardMethods):
    """Speaks ACP 5.1.0 with certificates."""

    caps: Capabilities = CAPABILITIES
    setup: ClassVar[Setup] = SETUP

    def create(self, request: PayRequest) -> PayResult:
        """Open a payment: a form for her browser (H5), a code (NATIVE_QR), a number (APP).

        The form is only signed here: UnionPay hears of it when her browser posts it.
        """
        self._require_scene(request.scene)
        if request.scene is Scene.H5:
            fields = self._signed(messages.page_fields(request))
            step = NextStep(StepKind.FORM_POST, self._page_url, fields, request.expires_at)
            return messages.waiting(request, step, {"txnTime": fields["txnTime"]})
        if request.scene is Scene.NATIVE_QR:
            said = self._demand(BACK, messages.code_fields(request))
            step = NextStep(StepKind.QR_CODE, said.get("qrCode", ""), {}, request.expires_at)
        elif request.scene is Scene.APP:
            said = self._demand(APP, messages.app_fields(request))
            mode = "01" if self.is_test else "00"
            number = {"tn": said.get("tn", ""), "mode": mode}
            step = NextStep(StepKind.SDK_PAYLOAD, "", number, request.expires_at)
        else:
            self._no(f"a page for the scene {request.scene}")
        if not (step.url or step.fields.get("tn")):
            raise OutcomeUnknownError("UnionPay's answer does not say where to pay")
        return messages.waiting(request, step, said)

    def query(self, ref: PayRef) -> PayResult:
        """Ask by number and the instant it was sent at; without that, nobody can be asked.

        "No such transaction" is NOT_FOUND only when its time limit is over: until then a form may
        still be posted, or a charge be under way, and sent anew it would be another transaction.
        """
        if ref.sent_at is None:
            return PayResult(Outcome.UNKNOWN, ref.payment_no)
        said = self._ask(QUESTION, messages.question_fields(ref.payment_no, ref.sent_at))
        if said.get("respCode") == codes.NOT_FOUND:
            is_early = ref.expires_at is not None and now() < ref.expires_at + LATE
            absent = Outcome.UNKNOWN if is_early else Outcome.NOT_FOUND
            return PayResult(absent, ref.payment_no, raw=messages.kept(said))
        if said.get("respCode") not in codes.DONE:
            self._not_told(said)
        code, words = said.get("origRespCode", ""), said.get("origRespMsg", "")
        return messages.paid_result(said, number=ref.payment_no, code=code, words=words)

    def _not_told(self, said: dict[str, str]) -> None:
        """A question that was refused says nothing about the money, whatever the refusal says."""
        code = said.get("respCode", "")
        if code in codes.OUR_FAULT or code == codes.TOO_OFTEN:
            self._refused(said)
        raise OutcomeUnknownError("UnionPay did not tell", acquirer_code=code)

    def refund(self, request: RefundRequest) -> RefundResult:
        """Give money back; UnionPay accepts it now and says later what became of it."""
        if not request.acquirer_no:
            raise ConfigError("a refund at UnionPay needs its number of the payment (queryId)")
        is_void = self._profile.voids_same_day and notices.is_whole_and_of_today(request)
        fields = messages.refund_fields(request, is_void=is_void)
        try:
            said = self._ask(BACK, fields)
            if said.get("respCode") not in codes.DONE | codes.ACCEPTED:
                self._refused(said)
        except AlreadyDoneError:
            return self._known_refund(request)
        messages.expect_amount(messages.amount_of(said), request.amount, request.refund_no)
        code = next(iter(codes.ACCEPTED))
        return messages.refund_result(said, number=request.refund_no, code=code, words="")

    def _known_refund(self, request: RefundRequest) -> RefundResult:
        """The number is used: by this very refund, or by another; AlreadyDoneError then."""
        told = self.query_refund(
            RefundRef(request.refund_no, request.payment_no, sent_at=request.sent_at)
        )
        if told.amount != request.amount:
            raise AlreadyDoneError("this number stands for another refund", acquirer_code="12")
        return told

    def query_refund(self, ref: RefundRef) -> RefundResult:
        """Ask what became of a refund.

        "No such transaction" is UNKNOWN here and never NOT_FOUND: sent again under another instant
        it could be a second refund, so the statement decides.
        """
        if ref.sent_at is None:
            return RefundResult(Outcome.UNKNOWN, ref.refund_no, ref.payment_no)
        said = self._ask(QUESTION, messages.question_fields(ref.refund_no, ref.sent_at))
        if said.get("respCode") == codes.NOT_FOUND:
            return RefundResult(Outcome.UNKNOWN, ref.refund_no, ref.payment_no)
        if said.get("respCode") not in codes.DONE:
            self._not_told(said)
        code, words = said.get("origRespCode", ""), said.get("origRespMsg", "")
        return messages.refund_result(said, number=ref.refund_no, code=code, words=words)

    def check_notification(self, raw: RawHttp) -> Evidence:
        """Check certificate, signature, merchant and age; NotificationRejectedError."""
        trust = self._keys.trust
        return notices.prove(raw, trust=trust, merchant_id=self.merchant_id, at=wall_now())

    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]:
        """Read a proven notification; one event each."""
        try:
            return [notices.read_event(verified, self._keys)]
        except (OutcomeUnknownError, KeyError, ValueError) as error:
            raise NotificationRejectedError("cannot be read", reason="format") from error

    def kept_form(self, raw: RawHttp) -> RawHttp:
        """Take card, holder and token out of a message before it is kept for good."""
        return notices.without_secrets(raw)

    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        """Answer 200: UnionPay wants no words; or 400, and it sends again."""
        body = b"ok" if accepted else f"refused: {reason}".encode()
        return HttpReply(200 if accepted else 400, body, "text/plain")
