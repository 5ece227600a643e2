"""Asking the bank what became of a payment: the gateway's flows (410408), told apart by state.

The bank has flows of money only: an order nobody has paid yet, and one it never heard of, both have
none. So "no flow" is never "not found" here; the order's own time limit ends it (decision 0127).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

from payments.acquiring.contract import (
    AcquirerError,
    AcquirerTender,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayResult,
)
from payments.adapters.ccb.codes import DONE, PAY_STATES, raise_refusal
from payments.adapters.ccb.documents import fields_of, instant_of, read_xml, text_of
from payments.adapters.ccb.line import GATEWAY, CcbLine
from payments.adapters.ccb.mac import mac
from payments.kernel.clock import business_date, now
from payments.kernel.money import Money
from payments.kernel.tenders import Funder

UNSETTLED: Final = "0"
SETTLED: Final = "1"
_ANY_STATE: Final = "3"
_DONE_ONLY: Final = "1"
_KEPT: Final = ("ORDERID", "ORDERDATE", "ACCDATE", "AMOUNT", "STATUSCODE", "REFUND")
_DISCOUNT_REF: Final = "CCB"


class AskMethods(CcbLine):
    """The part of the adapter that asks about payments."""

    def query(self, ref: PayRef) -> PayResult:
        """Ask by our number; PENDING where the bank knows of no money (yet).

        Where there is an outreach client, a success is completed with the bank's own serial number
        and the discounts it gave.
        """
        found = self._ask_gateway(ref.payment_no, UNSETTLED)
        if not _is_paid(found) and _may_be_settled(ref):
            found = found or self._ask_gateway(ref.payment_no, SETTLED)
        if not found:
            return PayResult(Outcome.PENDING, ref.payment_no, raw={"flows": "0"})
        result = self._read_flow(found, ref.payment_no)
        if result.outcome is Outcome.SUCCEEDED and self._sidecar is not None:
            return self._completed(result)
        return result

    def _ask_gateway(self, payment_no: str, kind: str) -> dict[str, str]:
        """Return the flow of an order among the unsettled (0) or settled (1); {} for none."""
        fields = {
            **self._place(),
            **dict.fromkeys(("ORDERDATE", "OPERATOR", "CHANNEL"), ""),
            "BEGORDERTIME": "00:00:00",
            "ENDORDERTIME": "23:59:59",
            "QUPWD": self._keys.query_password,
            "TXCODE": "410408",
            "TYPE": "0",
            "KIND": kind,
            "STATUS": _ANY_STATE if kind == UNSETTLED else _DONE_ONLY,
            "SEL_TYPE": "3",
            "PAGE": "1",
            "ORDERID": payment_no,
        }
        if self._profile.query_form == "range":
            fields |= {"BEGORDERID": payment_no, "ENDORDERID": payment_no}
        fields["MAC"] = mac(f"410408:{self._profile.query_form}", fields)
        root = read_xml(self._post(GATEWAY, fields).body)
        return _best(self._orders(root, payment_no))

    def _orders(self, root: ET.Element, payment_no: str) -> list[dict[str, str]]:
        code = text_of(root, "RETURN_CODE")
        if code in self._profile.no_record:
            return []
        if root.tag != "DOCUMENT" or not code:
            raise OutcomeUnknownError("the bank's answer is about something else")
        if code != DONE:
            raise_refusal(code, text_of(root, "RETURN_MSG"))
        orders = [fields_of(order) for order in root.findall("QUERYORDER")]
        place = {**self._place(), "ORDERID": payment_no}
        for order in orders:
            if any(order.get(name) != value for name, value in place.items()):
                raise OutcomeUnknownError("the bank answered about another order")
        return orders

    def _read_flow(self, order: Mapping[str, str], payment_no: str) -> PayResult:
        try:
            outcome = PAY_STATES[order["STATUSCODE"]]
            amount = Money.from_major_str(order["AMOUNT"])
        except (KeyError, ValueError) as error:
            raise OutcomeUnknownError("the bank's flow cannot be read") from error
        return PayResult(
            outcome=outcome,
            payment_no=payment_no,
            amount=amount,
            merchant_id=self.merchant_id,
            paid_at=instant_of(order.get("ORDERDATE", "")) or now()
            if outcome is Outcome.SUCCEEDED
            else None,
            raw={name: order.get(name, "") for name in _KEPT},
        )

    def _completed(self, result: PayResult) -> PayResult:
        """Add what only the outreach client tells; a success stays one without it.

        ORIGINAL and settled amounts that do not add up are not believed: OutcomeUnknownError.
        """
        try:
            flow = self._flow_of(result.payment_no)
        except AcquirerError:
            return result
        if not flow:
            return result
        return PayResult(
            outcome=result.outcome,
            payment_no=result.payment_no,
            acquirer_no=flow.get("OriOvrlsttnEV_Trck_No", "")[:64],
            amount=result.amount,
            merchant_id=result.merchant_id,
            paid_at=result.paid_at,
            tenders=_tenders(flow, result.amount),
            raw={**result.raw, "PAY_MODE": flow.get("PAY_MODE", "")},
        )

    def _flow_of(self, payment_no: str) -> dict[str, str]:
        for kind in (UNSETTLED, SETTLED):
            wish = flow_wish(payment_no, kind)
            for flow in self._flows("5W1002", wish):
                is_ours = flow.get("ORDER") == payment_no
                if is_ours and PAY_STATES.get(flow.get("ORDER_STATUS", "")) is Outcome.SUCCEEDED:
                    return flow
        return {}


def flow_wish(payment_no: str, kind: str) -> dict[str, str]:
    """Write what flows (5W1002, 5W1003) are asked for: one order's; times do not matter then."""
    nothing = ("START", "STARTHOUR", "STARTMIN", "END", "ENDHOUR", "ENDMIN", "ACCOUNT", "MONEY")
    return {
        **dict.fromkeys(nothing[:6], ""),
        "KIND": kind,
        "ORDER": payment_no,
        **dict.fromkeys(nothing[6:7], ""),
        "DEXCEL": "1",
        **dict.fromkeys(nothing[7:], ""),
        "NORDERBY": "1",
        "PAGE": "1",
        "POS_CODE": "",
        "STATUS": _ANY_STATE if kind == UNSETTLED else _DONE_ONLY,
    }


def _best(orders: list[dict[str, str]]) -> dict[str, str]:
    """Choose the flow that tells most: a success before a failed try."""
    for order in orders:
        if _is_paid(order):
            return order
    return orders[0] if orders else {}


def _is_paid(order: Mapping[str, str]) -> bool:
    return PAY_STATES.get(order.get("STATUSCODE", "")) is Outcome.SUCCEEDED


def _may_be_settled(ref: PayRef) -> bool:
    """Today's flows are never settled yet."""
    return ref.sent_at is None or business_date(ref.sent_at) < business_date()


def _tenders(flow: Mapping[str, str], amount: Money | None) -> tuple[AcquirerTender, ...]:
    """Read what the bank took off by itself; OutcomeUnknownError for what cannot be."""
    text = flow.get("Discount_Amt") or "0"
    try:
        discount = Money.from_major_str(text)
    except ValueError as error:
        raise OutcomeUnknownError("the bank's discount cannot be read") from error
    if not discount:
        return ()
    if amount is None or discount.minor >= amount.minor:
        raise OutcomeUnknownError("the bank's discount leaves nothing to pay")
    return (AcquirerTender(funder=str(Funder.BANK), ref=_DISCOUNT_REF, amount=discount),)
