"""Tying a card at UnionPay, asking how it stands, charging it, ending it."""

from __future__ import annotations

from dataclasses import replace

from payments.acquiring.contract import (
    AgreementPay,
    AgreementRef,
    AgreementResult,
    AgreementStatus,
    AlreadyDoneError,
    BindRequest,
    BindResult,
    DeclinedError,
    NextStep,
    Outcome,
    PayRef,
    PayResult,
    StepKind,
)
from payments.adapters.unionpay import cards, codes, messages
from payments.adapters.unionpay.line import BACK, UnionPayLine
from payments.kernel.clock import wall_now


class CardMethods(UnionPayLine):
    """The part of the adapter that ties cards."""

    def bind_card(self, request: BindRequest) -> BindResult:
        """Sign the form that opens UnionPay's page, where the card's number is typed."""
        sealing = self._keys.sealing
        fields = {
            "txnType": "79",
            "txnSubType": "00",
            "bizType": messages.TOKEN,
            "channelType": "08",
            "orderId": request.agreement_no,
            "txnTime": messages.stamp(None),
            "frontUrl": request.return_url,
            "backUrl": request.notify_url,
            "tokenPayData": cards.token_data(trId=self._profile.tr_id, tokenType=cards.TOKEN_TYPE),
            "customerInfo": cards.customer_info(phone=request.holder_phone, sealing=sealing),
            "encryptCertId": self._sealing_serial(),
        }
        signed = self._signed(fields)
        step = NextStep(StepKind.FORM_POST, self._page_url, signed)
        waiting = AgreementResult(
            AgreementStatus.PENDING_FORM, request.agreement_no, merchant_id=self.merchant_id
        )
        return BindResult(waiting, step)

    def _sealing_serial(self) -> str:
        sealing = self._keys.sealing
        return "" if sealing is None else str(sealing.serial_number)

    def query_agreement(self, ref: AgreementRef) -> AgreementResult:
        """Ask by the number the card was opened under: a token has no other question."""
        said = self._ask(BACK, self._card_fields("78", "02", ref.agreement_no))
        code = said.get("respCode", "")
        if code in codes.TOKEN_GONE:
            said = {**said, "activateStatus": "0"}
        elif code == codes.NOT_FOUND:
            return AgreementResult(
                AgreementStatus.NOT_FOUND, ref.agreement_no, raw=messages.kept(said)
            )
        elif code not in codes.DONE:
            self._refused(said)
        return cards.read_opening(said, number=ref.agreement_no, keys=self._keys, token=ref.token)

    def unbind(self, ref: AgreementRef) -> AgreementResult:
        """Delete the token; deleting it twice is the same end.

        One that was never opened has no token to delete: how it stands is all there is to say.
        """
        token = ref.token or self.query_agreement(ref).token
        if not token:
            return AgreementResult(AgreementStatus.NOT_FOUND, ref.agreement_no)
        fields = self._card_fields("74", "01", ref.agreement_no)
        fields["tokenPayData"] = cards.token_data(token=token, trId=self._profile.tr_id)
        said = self._ask(BACK, fields)
        if said.get("respCode") not in codes.DONE | codes.TOKEN_GONE:
            self._refused(said)
        return AgreementResult(
            AgreementStatus.REVOKED_BY_USER,
            ref.agreement_no,
            token=token,
            merchant_id=self.merchant_id,
            raw=messages.kept(said),
        )

    def _card_fields(self, kind: str, sub_kind: str, number: str) -> dict[str, str]:
        return {
            "txnType": kind,
            "txnSubType": sub_kind,
            "bizType": messages.TOKEN,
            "channelType": "07",
            "orderId": number,
            "txnTime": messages.stamp(None),
        }

    def pay_with_agreement(self, request: AgreementPay) -> PayResult:
        """Charge a tied card, after its owner typed a code where the account wants one.

        The first paper asks UnionPay to send her the code (a SMS_CODE step); the same paper with
        `code` charges. Cards whose bank sends no codes are charged at once.
        """
        request = replace(request, sent_at=request.sent_at or wall_now())
        try:
            if self._profile.asks_for_code and not request.code:
                asked = self._ask_for_code(request)
                if asked is not None:
                    return asked
            self._charge(request)
        except AlreadyDoneError:
            return self._known_charge(request)
        # Accepted is not paid: only the answer to a question is.
        told = self._told(request)
        if told.outcome in {Outcome.NOT_FOUND, Outcome.UNKNOWN}:
            return PayResult(Outcome.PENDING, request.payment_no, amount=request.amount)
        if told.outcome is Outcome.FAILED and told.failure is not None:
            no = told.failure
            raise DeclinedError(
                no.message,
                code=no.code,
                acquirer_code=no.acquirer_code,
                advice=no.advice,
                raw=told.raw,
            )
        messages.expect_amount(told.amount, request.amount, request.payment_no)
        return told

    def _charge_fields(self, request: AgreementPay) -> dict[str, str]:
        fields = {
            **messages.order_fields(request),
            "txnSubType": "01",
            "bizType": messages.TOKEN,
            "channelType": "07",
            "tokenPayData": cards.token_data(token=request.token, trId=self._profile.tr_id),
        }
        if request.code:
            typed = "".join(request.code.split())
            fields["customerInfo"] = cards.customer_info(code=typed, sealing=None)
        return fields

    def _ask_for_code(self, request: AgreementPay) -> PayResult | None:
        """Have a code sent to the card's owner; None where her bank sends none."""
        fields = {**self._charge_fields(request), "txnType": "77", "txnSubType": "02"}
        said = self._ask(BACK, fields)
        if said.get("respCode") == codes.NO_CODE_FOR_THIS_CARD:
            return None
        if said.get("respCode") not in codes.DONE:
            self._refused(said)
        step = NextStep(StepKind.SMS_CODE, expires_at=request.expires_at)
        return messages.waiting(request, step, said)

    def _charge(self, request: AgreementPay) -> None:
        said = self._ask(BACK, self._charge_fields(request))
        if said.get("respCode") not in codes.DONE | codes.ACCEPTED:
            self._refused(said)

    def _told(self, request: AgreementPay) -> PayResult:
        return self.query(PayRef(request.payment_no, sent_at=request.sent_at))

    def _known_charge(self, request: AgreementPay) -> PayResult:
        """The number is used: by this very charge, or by another; AlreadyDoneError then."""
        told = self._told(request)
        if told.amount != request.amount:
            raise AlreadyDoneError("this number stands for another payment", acquirer_code="12")
        return told
