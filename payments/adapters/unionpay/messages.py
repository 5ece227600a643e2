"""UnionPay's papers: ours written in its fields, its fields read into ours. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from payments.acquiring.contract import (
    AcquirerTender,
    AgreementPay,
    NextStep,
    Outcome,
    OutcomeUnknownError,
    PayRequest,
    PayResult,
    RefundRequest,
    RefundResult,
)
from payments.acquiring.masking import redacted
from payments.adapters.unionpay import codes, wire
from payments.kernel.clock import SHANGHAI, local, wall_now
from payments.kernel.money import Money

CNY: Final = "156"
GATEWAY: Final = "000201"
SCANNED: Final = "000000"
TOKEN: Final = "000902"  # noqa: S105  the name of a business, not a secret
UNIONPAYS_OWN: Final = "00010000"
DESCRIPTION_BYTES_MAX: Final = 32
# What is never kept of a message, in whatever form: names, phones, card numbers, proofs, files.
_NOT_KEPT: Final = frozenset(
    {"customerInfo", "accNo", "payCardNo", wire.SIGNATURE, wire.CERTIFICATE, "fileContent"}
)
_STAMP: Final = re.compile(r"[0-9]{14}")
_TRACE: Final = re.compile(r"[0-9]{10}")
_FEN: Final = re.compile(r"0|[1-9][0-9]{0,11}")
_NOT_DESCRIBED: Final = re.compile(r"[&={}\[\]\"'<>\\\x00-\x1f]")

Fields = Mapping[str, str]


def stamp(at: datetime | None) -> str:
    """Write an instant as txnTime: Shanghai, YYYYMMDDhhmmss; now where there is none."""
    return f"{local(at or wall_now()):%Y%m%d%H%M%S}"


def kept(fields: Fields) -> dict[str, object]:
    """Return what may be kept of a message as evidence."""
    return redacted({name: value for name, value in fields.items() if name not in _NOT_KEPT})


def described(subject: str) -> str:
    """Write what is paid for: no sign their answers stumble over, cut by bytes."""
    raw = _NOT_DESCRIBED.sub(" ", subject).encode()[:DESCRIPTION_BYTES_MAX]
    return raw.decode(errors="ignore").strip()


def order_fields(request: PayRequest | AgreementPay) -> dict[str, str]:
    """Write what opening a payment has in every form: number, instant, amount, time limit."""
    return {
        "txnType": "01",
        "orderId": request.payment_no,
        "txnTime": stamp(request.sent_at),
        "txnAmt": str(request.amount.minor),
        "currencyCode": CNY,
        "backUrl": request.notify_url,
        "payTimeout": stamp(request.expires_at),
    }


def page_fields(request: PayRequest) -> dict[str, str]:
    """Write what the payer's browser posts to open UnionPay's page."""
    return {
        **order_fields(request),
        "txnSubType": "01",
        "bizType": GATEWAY,
        "channelType": "08",
        "frontUrl": request.return_url,
        "orderDesc": described(request.subject),
    }


def code_fields(request: PayRequest) -> dict[str, str]:
    """Write the request for a code that her UnionPay app scans."""
    return {
        **order_fields(request),
        "txnSubType": "07",
        "bizType": SCANNED,
        "channelType": "08",
        "orderDesc": described(request.subject),
    }


def app_fields(request: PayRequest) -> dict[str, str]:
    """Write the request for a number an app's own kit pays by."""
    return {
        **order_fields(request),
        "txnSubType": "01",
        "bizType": GATEWAY,
        "channelType": "08",
        "orderDesc": described(request.subject),
    }


def refund_fields(request: RefundRequest, *, is_void: bool) -> dict[str, str]:
    """Write a refund, or the undoing of a whole payment of today."""
    return {
        "txnType": "31" if is_void else "04",
        "txnSubType": "00",
        "bizType": GATEWAY,
        "channelType": "07",
        "orderId": request.refund_no,
        "txnTime": stamp(request.sent_at),
        "origQryId": request.acquirer_no,
        "txnAmt": str(request.amount.minor),
        "currencyCode": CNY,
        "backUrl": request.notify_url,
    }


def question_fields(number: str, sent_at: datetime) -> dict[str, str]:
    """Write the question what became of a number; its key is number and instant together."""
    return {
        "txnType": "00",
        "txnSubType": "00",
        "bizType": "000000",
        "orderId": number,
        "txnTime": stamp(sent_at),
    }


def amount_of(fields: Fields) -> Money | None:
    """Read txnAmt, whole fen; None where it is not said. OutcomeUnknownError for no amount."""
    text = fields.get("txnAmt", "")
    if not text:
        return None
    if not _FEN.fullmatch(text) or fields.get("currencyCode", CNY) != CNY:
        raise OutcomeUnknownError("UnionPay's amount cannot be read")
    return Money(int(text))


def moment_of(fields: Fields) -> datetime | None:
    """Read when the money moved: traceTime has no year, so that of txnTime nearest to it."""
    sent, trace = fields.get("txnTime", ""), fields.get("traceTime", "")
    if not _STAMP.fullmatch(sent) or not _TRACE.fullmatch(trace):
        return None
    try:
        begun = datetime.strptime(sent, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
        moved = datetime.strptime(f"{sent[:4]}{trace}", "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
    # Begun before midnight of a new year, paid after it.
    return moved.replace(year=moved.year + 1) if moved < begun - timedelta(days=180) else moved


def tenders_of(
    fields: Fields, charged: Money | None
) -> tuple[Money | None, tuple[AcquirerTender, ...]]:
    """Return the amount asked for, and who gave what of it (couponInfo, origTxnAmt).

    OutcomeUnknownError where the parts do not make up the difference: nobody may guess who paid.
    """
    text = fields.get("couponInfo", "")
    if charged is None or not (text and fields.get("origTxnAmt")):
        return charged, ()
    try:
        parts = [_part(one) for one in json.loads(base64.b64decode(text, validate=True))]
        asked = Money(_fen(fields["origTxnAmt"]))
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknownError("UnionPay's discounts cannot be read") from error
    if charged.minor + sum(part.amount.minor for part in parts) != asked.minor:
        raise OutcomeUnknownError("UnionPay's discounts do not add up")
    return asked, tuple(parts)


def _part(one: Mapping[str, object]) -> AcquirerTender:
    """Read one discount: UnionPay's own is the platform's, any other sponsor's a bank's."""
    funder = "platform" if one["spnsrId"] == UNIONPAYS_OWN else "bank"
    return AcquirerTender(funder, str(one["id"]), Money(_fen(str(one["offstAmt"]))))


def _fen(text: str) -> int:
    if not _FEN.fullmatch(text):
        raise ValueError("not an amount")
    return int(text)


def paid_result(fields: Fields, *, number: str, code: str, words: str) -> PayResult:
    """Read what became of a payment; `code` is the code that decides."""
    outcome = outcome_of(code)
    asked, tenders = tenders_of(fields, amount_of(fields))
    return PayResult(
        outcome=outcome,
        payment_no=number,
        acquirer_no=fields.get("queryId", "") if outcome is Outcome.SUCCEEDED else "",
        amount=asked,
        tenders=tenders if outcome is Outcome.SUCCEEDED else (),
        merchant_id=fields.get("merId", ""),
        paid_at=moment_of(fields) if outcome is Outcome.SUCCEEDED else None,
        failure=codes.failure_of(code, words) if outcome is Outcome.FAILED else None,
        raw=kept(fields),
    )


def refund_result(fields: Fields, *, number: str, code: str, words: str) -> RefundResult:
    """Read what became of a refund; one the payer's card takes no money for is ABNORMAL."""
    outcome = outcome_of(code)
    if outcome is Outcome.FAILED and code in codes.CARD_GONE:
        outcome = Outcome.ABNORMAL
    is_no = outcome in {Outcome.FAILED, Outcome.ABNORMAL}
    return RefundResult(
        outcome=outcome,
        refund_no=number,
        acquirer_refund_no=fields.get("queryId", ""),
        amount=amount_of(fields),
        merchant_id=fields.get("merId", ""),
        refunded_at=moment_of(fields) if outcome is Outcome.SUCCEEDED else None,
        failure=codes.failure_of(code, words) if is_no else None,
        raw=kept(fields),
    )


def outcome_of(code: str) -> Outcome:
    """Say what a deciding code means for money; one nobody knows is UNKNOWN."""
    if code in codes.DONE:
        return Outcome.SUCCEEDED
    if code in codes.ACCEPTED:
        return Outcome.PENDING
    return Outcome.FAILED if codes.is_definite(code) else Outcome.UNKNOWN


def expect_amount(said: Money | None, asked: Money, number: str) -> None:
    """Believe an answer that names another amount in nothing; OutcomeUnknownError."""
    if said is not None and said != asked:
        raise OutcomeUnknownError(f"UnionPay answered another amount for {number}")


def waiting(request: PayRequest | AgreementPay, step: NextStep, fields: Fields) -> PayResult:
    """Say that the payer comes next."""
    return PayResult(
        outcome=Outcome.REQUIRES_ACTION,
        payment_no=request.payment_no,
        amount=request.amount,
        expires_at=request.expires_at,
        step=step,
        raw=kept(fields),
    )
