"""Codes of the payer's that we scanned (被扫): PAY100 pays, PAY101 and PAY102 ask, PAY103 cancels.

One ORDERID has one PAY100. PAY101 (PAY102 for WeChat and Alipay) may be asked every five seconds,
the sixth question ends it at the bank; PAY103 never at the same time.
"""

from __future__ import annotations

from typing import Any, Final

from payments.acquiring.contract import (
    CloseOutcome,
    CloseResult,
    ConfigError,
    Failure,
    NotificationRejectedError,
    Outcome,
    OutcomeUnknownError,
    PayRequest,
    PayResult,
)
from payments.acquiring.errors import Advice
from payments.adapters.ccb.cipher import ccb_param
from payments.adapters.ccb.codes import (
    CANCEL_ALREADY_PAID,
    CANCEL_NEVER_CAME,
    SCAN_NEVER_CAME,
    SCAN_RESULTS,
    raise_definite_no,
)
from payments.adapters.ccb.line import SCANS, CcbLine, read_json
from payments.adapters.ccb.seals import check_seal
from payments.kernel.money import Money

QUESTIONS_MAX: Final = 6
_SIGNED: Final = {
    "PAY100": ("RESULT", "ORDERID", "AMOUNT", "WAITTIME", "TRACEID"),
    "PAY101": ("RESULT", "ORDERID", "AMOUNT", "WAITTIME"),
    "PAY102": ("RESULT", "ORDERID", "AMOUNT", "WAITTIME"),
}


def kind_of_code(code: str) -> str:
    """Tell whose code was scanned: 1 the bank's own, 2 WeChat, 3 Alipay, 4 UnionPay.

    ConfigError for what is no payment code at all.
    """
    length = len(code)
    if not (code.isascii() and code.isdecimal()):
        raise ConfigError("a payment code has digits only")
    if length == 18 and "10" <= code[:2] <= "15":
        return "2"
    if 16 <= length <= 23 and "20" <= code[:2] <= "33":
        return "3"
    if length == 19 and code.startswith("62"):
        return "1" if code[3:7] == "0105" else "4"
    raise ConfigError("this is no payment code")


class ScanMethods(CcbLine):
    """The part of the adapter for scanned codes."""

    def pay_scanned(self, request: PayRequest) -> PayResult:
        """Charge the scanned code, once per number; what is not certain is PENDING.

        DeclinedError for a definite no; OutcomeUnknownError.
        """
        kind_of_code(request.auth_code)
        said = {
            "ORDERID": request.payment_no,
            "QRCODE": request.auth_code,
            "AMOUNT": request.amount.to_major_str(),
        }
        data = self._scan("PAY100", said)
        result = self._read_scan(data, request.payment_no)
        if result.outcome is Outcome.FAILED:
            raise_definite_no(str(data.get("ERRCODE") or ""), str(data.get("ERRMSG") or ""))
        if result.outcome is Outcome.SUCCEEDED and result.amount != request.amount:
            raise OutcomeUnknownError("the bank took another amount")
        return result

    def ask_scanned(self, payment_no: str, *, auth_code: str, times: int) -> PayResult:
        """Ask what became of a scan for the `times`-th time (1 to 6)."""
        if not 1 <= times <= QUESTIONS_MAX:
            raise ConfigError(f"a scan is asked about at most {QUESTIONS_MAX} times")
        kind = kind_of_code(auth_code)
        said = {"ORDERID": payment_no, "QRYTIME": str(times), "QRCODETYPE": kind}
        data = self._scan("PAY102" if kind in {"2", "3"} else "PAY101", said)
        if data.get("RESULT") == "N" and data.get("ERRCODE") == SCAN_NEVER_CAME:
            return PayResult(outcome=Outcome.NOT_FOUND, payment_no=payment_no)
        return self._read_scan(data, payment_no)

    def cancel_scanned(self, payment_no: str, *, auth_code: str) -> CloseResult:
        """Cancel a scan nobody finished; one that was paid says so."""
        said = {"ORDERID": payment_no, "QRCODETYPE": kind_of_code(auth_code)}
        data = self._scan("PAY103", said)
        code = str(data.get("ERRCODE") or "")
        if data.get("RESULT") == "Y":
            return CloseResult(CloseOutcome.CLOSED, payment_no)
        if code == CANCEL_ALREADY_PAID:
            return CloseResult(CloseOutcome.ALREADY_PAID, payment_no)
        if code == CANCEL_NEVER_CAME:
            return CloseResult(CloseOutcome.NOT_FOUND, payment_no)
        return CloseResult(CloseOutcome.UNKNOWN, payment_no)

    def _scan(self, tx_code: str, said: dict[str, str]) -> dict[str, Any]:
        """Ask one question; return its answer, which is about this order and, if sealed, theirs."""
        place = self._place()
        fields = {
            "MERFLAG": "1",
            "MERCHANTID": place["MERCHANTID"],
            "POSID": place["POSID"],
            "TERMNO1": "",
            "TERMNO2": "",
            "BRANCHID": place["BRANCHID"],
            **said,
            "TXCODE": tx_code,
        }
        text = "&".join(f"{name}={value}" for name, value in fields.items())
        sealed = ccb_param(self._keys.pub, text)
        # ccbParam is percent-encoded already, and is sent as it is.
        query = "&".join(
            [*(f"{name}={value}" for name, value in place.items()), f"ccbParam={sealed}"]
        )
        data = read_json(self._post_raw(SCANS, query))
        self._check_scan(tx_code, data, said["ORDERID"])
        return data

    def _check_scan(self, tx_code: str, data: dict[str, Any], payment_no: str) -> None:
        if data.get("RESULT") not in SCAN_RESULTS or data.get("ORDERID") not in {
            payment_no,
            None,
            "",
        }:
            raise OutcomeUnknownError("the bank answered about another scan")
        names = _SIGNED.get(tx_code)
        if names is None:
            return  # what a cancellation's signature covers is not published
        sign = str(data.get("SIGN") or "")
        if data["RESULT"] == "Y" and not (sign and data.get("ORDERID")):
            raise OutcomeUnknownError("a success nobody signed")
        if sign:
            text = "&".join(f"{name}={data.get(name) or ''}" for name in names)
            try:
                check_seal(self._keys.public, text.encode("gb18030"), sign)
            except NotificationRejectedError as error:
                raise OutcomeUnknownError("the bank's answer is not signed by it") from error

    def _read_scan(self, data: dict[str, Any], payment_no: str) -> PayResult:
        outcome = SCAN_RESULTS[str(data["RESULT"])]
        amount = None
        if data.get("AMOUNT"):
            try:
                amount = Money.from_major_str(str(data["AMOUNT"]))
            except ValueError as error:
                raise OutcomeUnknownError("the bank's amount cannot be read") from error
        code = str(data.get("ERRCODE") or "")
        return PayResult(
            outcome=outcome,
            payment_no=payment_no,
            amount=amount,
            merchant_id=self.merchant_id,
            failure=Failure("failed", code, code, Advice.NEW_METHOD)
            if outcome is Outcome.FAILED
            else None,
            raw={
                name: str(data.get(name) or "")
                for name in ("RESULT", "ORDERID", "AMOUNT", "ERRCODE")
            },
        )
