"""Giving money back through the outreach client: ask whether it was done, then do it (5W1004).

The bank does not promise that one REFUND_CODE is one refund, so each request is preceded by the
question (5W1003) whether that code has a flow already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from payments.acquiring.contract import (
    AcquirerError,
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Failure,
    Outcome,
    OutcomeUnknownError,
    RefundRef,
    RefundRequest,
    RefundResult,
)
from payments.acquiring.errors import Advice
from payments.adapters.ccb.asking import SETTLED, UNSETTLED, flow_wish
from payments.adapters.ccb.codes import DONE, REFUND_STATES, raise_refusal
from payments.adapters.ccb.documents import fields_of, instant_of
from payments.adapters.ccb.line import CcbLine
from payments.adapters.ccb.refund_codes import short_code
from payments.kernel.money import Money

_KEPT: Final = ("ORDER_NUMBER", "REFUND_CODE", "REFUNDEMENT_AMOUNT", "STATUS", "REFUND_DATE")
_FAILED: Final = Failure("refund_rejected", "0", "the bank's flow failed", Advice.RETRY_LATER)


class RefundMethods(CcbLine):
    """The part of the adapter that gives money back."""

    def refund(self, request: RefundRequest) -> RefundResult:
        """Give money back, once per number.

        AlreadyDoneError where the number stands for another refund; what codes.py raises.
        """
        self._require_sidecar("refund")
        code = _code(request.refund_no)
        known = self._find_refund(request.payment_no, code)
        if known:
            result = self._read_refund(known, request.refund_no, request.payment_no)
            if result.amount != request.amount:
                raise AlreadyDoneError("this number stands for another refund", acquirer_code=code)
            return result
        self._demand_refund(request, code)
        return self._after_demand(request, code)

    def _after_demand(self, request: RefundRequest, code: str) -> RefundResult:
        """Say how a refund the bank has accepted stands; PENDING where that cannot be told yet."""
        try:
            flow = self._find_refund(request.payment_no, code)
        except AcquirerError:
            flow = {}
        if flow:
            return self._read_refund(flow, request.refund_no, request.payment_no)
        return RefundResult(
            Outcome.PENDING,
            request.refund_no,
            request.payment_no,
            amount=request.amount,
            merchant_id=self.merchant_id,
            raw={"REFUND_CODE": code},
        )

    def query_refund(self, ref: RefundRef) -> RefundResult:
        """Ask by our refund number, among the order's refunds."""
        self._require_sidecar("query_refund")
        flow = self._find_refund(ref.payment_no, _code(ref.refund_no))
        if not flow:
            return RefundResult(Outcome.NOT_FOUND, ref.refund_no, ref.payment_no)
        return self._read_refund(flow, ref.refund_no, ref.payment_no)

    def _require_sidecar(self, what: str) -> None:
        if self._sidecar is None:
            self._no(f"{what} without an outreach client")

    def _demand_refund(self, request: RefundRequest, code: str) -> None:
        info = {
            "MONEY": request.amount.to_major_str(),
            "ORDER": request.payment_no,
            "REFUND_CODE": code,
            "SIGN_INFO": "",
            "SIGNCERT": "",
        }
        returned, message, tx = self._tell("5W1004", info)
        if returned != DONE:
            raise_refusal(returned, message)
        found = tx.find("TX_INFO")
        said = fields_of(found) if found is not None else {}
        order, amount = said.get("ORDER_NUM"), said.get("AMOUNT")
        if order != request.payment_no or amount != request.amount.to_major_str():
            raise OutcomeUnknownError("the outreach client answered about another refund")

    def _find_refund(self, payment_no: str, code: str) -> dict[str, str]:
        """Return the flow of a refund among the unsettled, then the settled ones; {} for none."""
        for kind in (UNSETTLED, SETTLED):
            try:
                flows = self._flows("5W1003", flow_wish(payment_no, kind))
            except DeclinedError as error:
                if error.code == "payment_not_found":
                    continue
                raise
            for flow in flows:
                if flow.get("ORDER_NUMBER") != payment_no:
                    raise OutcomeUnknownError("the outreach client answered about another order")
                if flow.get("REFUND_CODE") == code:
                    return flow
        return {}

    def _read_refund(
        self, flow: Mapping[str, str], refund_no: str, payment_no: str
    ) -> RefundResult:
        try:
            outcome = REFUND_STATES[flow["STATUS"]]
            amount = Money.from_major_str(flow["REFUNDEMENT_AMOUNT"])
        except (KeyError, ValueError) as error:
            raise OutcomeUnknownError("the bank's refund cannot be read") from error
        return RefundResult(
            outcome=outcome,
            refund_no=refund_no,
            payment_no=payment_no,
            acquirer_refund_no=flow.get("OriOvrlsttnEV_Trck_No", "")[:64],
            amount=amount,
            merchant_id=self.merchant_id,
            refunded_at=instant_of(flow.get("REFUND_DATE", "")),
            failure=_FAILED if outcome is Outcome.FAILED else None,
            raw={name: flow.get(name, "") for name in _KEPT},
        )


def _code(refund_no: str) -> str:
    try:
        return short_code(refund_no)
    except ValueError as error:
        raise ConfigError(f"{refund_no} cannot be written in fifteen characters") from error
