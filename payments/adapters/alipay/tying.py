"""Agreements at Alipay (商家扣款): signed in its app, ended there or by us, charged by us."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from payments.acquiring.contract import (
    AgreementRef,
    AgreementResult,
    AgreementStatus,
    BindRequest,
    BindResult,
    OutcomeUnknownError,
)
from payments.adapters.alipay.codes import AGREEMENT_STATES, NO_AGREEMENT
from payments.adapters.alipay.line import Line, Return
from payments.adapters.alipay.messages import expect, kept, time_of
from payments.adapters.alipay.profile import Profile

ISSUER_NAME: Final = "支付宝"


def bind(line: Line, request: BindRequest) -> BindResult:
    """Return the page on which she signs, in Alipay's app; Alipay hears of it only there."""
    profile = line.profile
    paper: dict[str, object] = {
        "personal_product_code": profile.personal_product_code,
        "product_code": profile.product_code,
        "sign_scene": profile.sign_scene,
        "external_agreement_no": request.agreement_no,
        "access_params": {"channel": profile.channel},
    }
    back = Return(request.notify_url, request.return_url)
    step = line.page("alipay.user.agreement.page.sign", paper, back)
    unsigned = AgreementResult(AgreementStatus.PENDING_FORM, request.agreement_no)
    return BindResult(unsigned, step)


def _named(line: Line, ref: AgreementRef) -> dict[str, object]:
    """Name an agreement: by Alipay's number once it has one, else by ours and what was signed."""
    if ref.token:
        return {"agreement_no": ref.token}
    return {
        "personal_product_code": line.profile.personal_product_code,
        "sign_scene": line.profile.sign_scene,
        "external_agreement_no": ref.agreement_no,
    }


def query(line: Line, ref: AgreementRef) -> AgreementResult:
    """Ask how an agreement stands.

    Alipay forgets an agreement that has ended: one that was signed (we know its number) and is not
    there any more has been ended, one nobody signed is not found.
    """
    answer = line.ask("alipay.user.agreement.query", _named(line, ref))
    if answer.reason in NO_AGREEMENT:
        return _gone(ref)
    result = read_agreement(answer.good(), line.profile)
    expect("agreement", said=result.agreement_no, asked=ref.agreement_no)
    return result


def unbind(line: Line, ref: AgreementRef) -> AgreementResult:
    """End an agreement; one that is gone is ended."""
    answer = line.ask("alipay.user.agreement.unsign", _named(line, ref))
    if answer.reason not in NO_AGREEMENT:
        answer.good()
    elif not ref.token:
        return _gone(ref)
    return AgreementResult(AgreementStatus.REVOKED_BY_USER, ref.agreement_no, token=ref.token)


def _gone(ref: AgreementRef) -> AgreementResult:
    status = AgreementStatus.REVOKED_BY_USER if ref.token else AgreementStatus.NOT_FOUND
    return AgreementResult(status, ref.agreement_no, token=ref.token)


def read_agreement(data: Mapping[str, Any], profile: Profile) -> AgreementResult:
    """Read an agreement; OutcomeUnknownError when it cannot be read.

    There is no card in it: it is the person's Alipay account, whatever she pays from inside.
    """
    try:
        status = AGREEMENT_STATES[data["status"]]
        return AgreementResult(
            status=status,
            agreement_no=data["external_agreement_no"],
            token=data["agreement_no"],
            issuer_name=ISSUER_NAME,
            kind="wallet",
            scheme="alipay",
            fingerprint=_fingerprint(data),
            holder_mask=str(data.get("alipay_logon_id", ""))[:40],
            merchant_id=profile.seller_id,
            signed_at=time_of(data, "sign_time", "valid_time"),
            expires_at=time_of(data, "invalid_time"),
            raw=kept(data),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("Alipay's agreement cannot be read") from error


def _fingerprint(data: Mapping[str, Any]) -> str:
    """Tell one person's agreements from another's without keeping who she is."""
    names = ("principal_open_id", "principal_id", "alipay_open_id", "alipay_user_id")
    who = next((str(data[name]) for name in names if data.get(name)), "")
    return hashlib.sha256(f"alipay:{who}".encode()).hexdigest() if who else ""
