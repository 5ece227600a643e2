"""The sandbox acquirer's papers: ours written in its words, its words read into ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payments.acquiring.contract import (
    AcquirerTender,
    AgreementPay,
    AgreementResult,
    AgreementStatus,
    BindRequest,
    FurtherPayment,
    NextStep,
    Outcome,
    OutcomeUnknownError,
    PayRequest,
    PayResult,
    RefundRequest,
    RefundResult,
    Scene,
    StepKind,
    TransferRequest,
    TransferResult,
)
from payments.acquiring.masking import redacted
from payments.adapters.sandbox.codes import (
    AGREEMENT_STATES,
    REFUND_STATES,
    TRADE_STATES,
    TRANSFER_STATES,
    failure_of,
)
from payments.kernel.money import Money

Paper = dict[str, object]


def instant(at: datetime) -> str:
    """Write an instant as the protocol wants it: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def amount_paper(money: Money) -> Paper:
    """Write an amount."""
    return {"minor": money.minor, "currency": money.currency}


def order_paper(request: PayRequest) -> Paper:
    """Write POST /v1/orders."""
    return {
        "our_no": request.payment_no,
        "amount": amount_paper(request.amount),
        "subject": request.subject,
        "expires_at": instant(request.expires_at),
        "notify_url": request.notify_url,
        "return_url": request.return_url,
    }


def charge_paper(request: AgreementPay) -> Paper:
    """Write POST /v1/agreement-payments."""
    return {
        "our_no": request.payment_no,
        "agreement_token": request.token,
        "amount": amount_paper(request.amount),
        "subject": request.subject,
        "expires_at": instant(request.expires_at),
        "notify_url": request.notify_url,
        "return_url": request.return_url,
    }


def refund_paper(request: RefundRequest) -> Paper:
    """Write POST /v1/refunds."""
    return {
        "refund_no": request.refund_no,
        "our_no": request.payment_no,
        "amount": amount_paper(request.amount),
        "reason": request.reason,
        "notify_url": request.notify_url,
    }


def bind_paper(request: BindRequest) -> Paper:
    """Write POST /v1/agreements."""
    return {
        "agreement_no": request.agreement_no,
        "owner_ref": request.owner_ref,
        "holder_phone": request.holder_phone,
        "return_url": request.return_url,
        "notify_url": request.notify_url,
    }


def transfer_paper(request: TransferRequest) -> Paper:
    """Write POST /v1/transfers."""
    return {
        "transfer_no": request.transfer_no,
        "amount": amount_paper(request.amount),
        "payee_name": request.payee_name,
        "payee_account": request.payee_account,
        "payee_bank": request.payee_bank,
        "purpose": request.purpose,
        "notify_url": request.notify_url,
    }


def read_amount(data: Mapping[str, Any]) -> Money:
    """Read the amount of a paper; KeyError, TypeError or ValueError."""
    return Money(data["amount"]["minor"], data["amount"]["currency"])


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def read_payment(data: Mapping[str, Any], *, scene: Scene = Scene.H5, lang: str = "") -> PayResult:
    """Read an order; OutcomeUnknownError when a field is missing or a state is unknown."""
    try:
        return PayResult(
            outcome=TRADE_STATES[data["trade_state"]],
            payment_no=data["our_no"],
            acquirer_no=data["acquirer_no"],
            amount=read_amount(data),
            merchant_id=data["merchant_id"],
            paid_at=_at(data["paid_at"]),
            expires_at=_at(data["expires_at"]),
            step=_step(data, scene, lang),
            # Messages written before banks decided at the sandbox have no such field.
            tenders=tuple(_tender(part) for part in data.get("discounts", ())),
            further=tuple(_further(part) for part in data.get("further_payments", ())),
            agreement_no=data["agreement_no"],
            failure=failure_of(data["failure_code"]),
            raw=redacted(data),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("the sandbox's payment cannot be read") from error


def _tender(part: Mapping[str, Any]) -> AcquirerTender:
    return AcquirerTender(funder=part["funder"], ref=part["ref"], amount=read_amount(part))


def _further(part: Mapping[str, Any]) -> FurtherPayment:
    return FurtherPayment(acquirer_no=part["acquirer_no"], amount=read_amount(part))


def _step(data: Mapping[str, Any], scene: Scene, lang: str) -> NextStep | None:
    expires_at = _at(data["expires_at"])
    suffix = "?lang=en" if lang.lower().startswith("en") else ""
    if data["action_url"]:
        return NextStep(StepKind.REDIRECT, data["action_url"] + suffix, expires_at=expires_at)
    if data["qr_url"] and scene is Scene.NATIVE_QR:
        return NextStep(StepKind.QR_CODE, data["qr_url"], expires_at=expires_at)
    if data["cashier_url"]:
        return NextStep(StepKind.REDIRECT, data["cashier_url"] + suffix, expires_at=expires_at)
    return None


def read_refund(data: Mapping[str, Any]) -> RefundResult:
    """Read a refund; OutcomeUnknownError when it cannot be read."""
    try:
        return RefundResult(
            outcome=REFUND_STATES[data["refund_state"]],
            refund_no=data["refund_no"],
            payment_no=data["our_no"],
            acquirer_refund_no=data["acquirer_refund_no"],
            amount=read_amount(data),
            merchant_id=data["merchant_id"],
            refunded_at=_at(data["refunded_at"]),
            failure=failure_of(data["failure_code"]),
            raw=redacted(data),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknownError("the sandbox's refund cannot be read") from error


def read_transfer(data: Mapping[str, Any]) -> TransferResult:
    """Read a transfer; OutcomeUnknownError when it cannot be read."""
    try:
        return TransferResult(
            outcome=TRANSFER_STATES[data["transfer_state"]],
            transfer_no=data["transfer_no"],
            acquirer_transfer_no=data["acquirer_transfer_no"],
            amount=read_amount(data),
            merchant_id=data["merchant_id"],
            completed_at=_at(data["completed_at"]),
            failure=failure_of(data["failure_code"]),
            raw=redacted(data),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknownError("the sandbox's transfer cannot be read") from error


def read_agreement(data: Mapping[str, Any]) -> AgreementResult:
    """Read an agreement; OutcomeUnknownError when it cannot be read."""
    try:
        card = data["card"] or {}
        return AgreementResult(
            status=_agreement_status(data),
            agreement_no=data["agreement_no"],
            token=data["token"],
            last4=card.get("last4", ""),
            bin=card.get("bin", ""),
            issuer_code=card.get("issuer_code", ""),
            issuer_name=card.get("issuer_name", ""),
            kind=card.get("kind", ""),
            scheme=card.get("scheme", ""),
            fingerprint=card.get("fingerprint", ""),
            holder_mask=data["holder_mask"],
            phone_mask=data["phone_mask"],
            merchant_id=data["merchant_id"],
            signed_at=_at(data["signed_at"]),
            expires_at=_at(data["expires_at"]),
            raw=redacted(data),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("the sandbox's agreement cannot be read") from error


def _agreement_status(data: Mapping[str, Any]) -> AgreementStatus:
    """Read an agreement's state; one the card's own bank revoked is told apart."""
    if data["status"] == "REVOKED" and data.get("ended_by") == "issuer":
        return AgreementStatus.REVOKED_BY_ISSUER
    return AGREEMENT_STATES[data["status"]]


def signing_step(data: Mapping[str, Any], lang: str) -> NextStep | None:
    """Read where the card's owner signs; None when there is nothing left to sign."""
    url = str(data.get("sign_url", ""))
    suffix = "?lang=en" if lang.lower().startswith("en") else ""
    return NextStep(StepKind.REDIRECT, url + suffix) if url else None


def expect_payment(result: PayResult, *, payment_no: str, amount: Money | None) -> PayResult:
    """Pass a payment on when it is the one asked about; OutcomeUnknownError for any other."""
    _expect("payment", said=result.payment_no, asked=payment_no)
    if amount is not None and result.amount != amount:
        raise OutcomeUnknownError(f"the sandbox answered another amount for {payment_no}")
    return result


def expect_refund(result: RefundResult, *, refund_no: str, amount: Money | None) -> RefundResult:
    """Pass a refund on when it is the one asked about; OutcomeUnknownError for any other."""
    _expect("refund", said=result.refund_no, asked=refund_no)
    if amount is not None and result.amount != amount:
        raise OutcomeUnknownError(f"the sandbox answered another amount for {refund_no}")
    return result


def expect_transfer(
    result: TransferResult, *, transfer_no: str, amount: Money | None
) -> TransferResult:
    """Pass a transfer on when it is the one asked about; OutcomeUnknownError for any other."""
    _expect("transfer", said=result.transfer_no, asked=transfer_no)
    if amount is not None and result.amount != amount:
        raise OutcomeUnknownError(f"the sandbox answered another amount for {transfer_no}")
    return result


def expect_agreement(result: AgreementResult, agreement_no: str) -> AgreementResult:
    """Pass an agreement on when it is the one asked about; OutcomeUnknownError for any other."""
    _expect("agreement", said=result.agreement_no, asked=agreement_no)
    return result


def _expect(what: str, *, said: str, asked: str) -> None:
    if said != asked:
        raise OutcomeUnknownError(f"the sandbox answered about another {what} than {asked}")


def not_found_payment(payment_no: str) -> PayResult:
    """Say that the acquirer has never heard of a payment."""
    return PayResult(outcome=Outcome.NOT_FOUND, payment_no=payment_no)
