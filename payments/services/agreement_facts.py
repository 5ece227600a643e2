"""What acquirers say about tied cards: signed, suspended, ended."""

from __future__ import annotations

from typing import Any

from payments.acquiring.contract import AgreementResult, AgreementStatus
from payments.incidents import report_incident
from payments.kernel.clock import now
from payments.kernel.state import advance
from payments.models import CardAgreement, ChannelFact, Incident
from payments.outbox import publish
from payments.selectors import UnknownNumberError
from payments.services.evidence import Heard, keep

Status = CardAgreement.Status
Verdict = ChannelFact.Verdict

_TARGETS = {
    AgreementStatus.ACTIVE: Status.ACTIVE,
    AgreementStatus.SUSPENDED: Status.SUSPENDED,
    AgreementStatus.REVOKED_BY_USER: Status.ENDED,
    AgreementStatus.REVOKED_BY_ISSUER: Status.ENDED,
    AgreementStatus.EXPIRED: Status.ENDED,
    AgreementStatus.FAILED: Status.FAILED,
}


def hear_of_agreement(heard: Heard, result: AgreementResult) -> ChannelFact:
    """Note a statement about a tied card and do what follows from it. UnknownNumberError."""
    rows = CardAgreement.objects.select_for_update(no_key=True).filter(
        agreement_no=result.agreement_no, account__code=heard.account.code
    )
    agreement = rows.first()
    if agreement is None:
        raise UnknownNumberError(agreement_no=result.agreement_no)
    if result.merchant_id and result.merchant_id != heard.account.merchant_id:
        return _hold(heard, agreement)
    came_from = agreement.status
    moved = _move(agreement, result)
    verdict = Verdict.APPLIED if moved else Verdict.REPEATED
    fact = keep(heard, verdict=verdict, agreement=agreement)
    if moved:
        _after(agreement, came_from)
    return fact


def _hold(heard: Heard, agreement: CardAgreement) -> ChannelFact:
    fact = keep(heard, verdict=Verdict.MISMATCHED, edge="22", agreement=agreement)
    report_incident(
        Incident.Kind.AMOUNT_MISMATCH,
        key=f"{agreement.agreement_no}:merchant",
        subject_no=agreement.agreement_no,
        reason="merchant",
        fact=fact.pk,
    )
    return fact


def _move(agreement: CardAgreement, result: AgreementResult) -> bool:
    to = _TARGETS.get(result.status)
    if to is None or to not in CardAgreement.EDGES[agreement.status]:
        return False
    if to == Status.ACTIVE and not result.token:
        return False
    changes = _changes(agreement, to, result)
    return advance(agreement, CardAgreement.EDGES, to, came_from=[agreement.status], **changes)


def _changes(agreement: CardAgreement, to: str, result: AgreementResult) -> dict[str, Any]:
    at = now()
    changes: dict[str, Any] = {"next_action_at": None, "tries": 0}
    if to == Status.ACTIVE:
        return changes | _card(result) | {"signed_at": result.signed_at or at}
    changes["is_default"] = False
    if to == Status.ENDED:
        return changes | {
            "ended_at": at,
            "end_reason": agreement.end_reason or str(result.status),
        }
    if to == Status.FAILED:
        code = result.failure.code if result.failure else "not_signed"
        return changes | {"ended_at": at, "failure_code": code[:64]}
    return changes


def _card(result: AgreementResult) -> dict[str, Any]:
    return {
        "token": result.token,
        "last4": result.last4[-4:],
        "bin": result.bin[:8],
        "issuer_code": result.issuer_code[:16],
        "issuer_name": result.issuer_name[:60],
        "kind": result.kind[:16],
        "scheme": result.scheme[:32],
        "fingerprint": result.fingerprint[:128],
        "holder_mask": result.holder_mask[:40],
        "phone_mask": result.phone_mask[:40],
        "expires_at": result.expires_at,
        "ended_at": None,
        "failure_code": "",
    }


def _after(agreement: CardAgreement, came_from: str) -> None:
    """Keep one default card per owner, and tell the floors above of a card that is gone."""
    if agreement.status == Status.ENDED and came_from in {Status.ACTIVE, Status.SUSPENDED}:
        tell_revoked(agreement)
    ensure_default(agreement.owner_ref)


def ensure_default(owner_ref: str) -> None:
    """Make the owner's newest card the default where she has none."""
    rows = CardAgreement.objects.filter(owner_ref=owner_ref, status=Status.ACTIVE)
    if rows.filter(is_default=True).exists():
        return
    newest = rows.order_by("-signed_at", "-pk").first()
    if newest is not None:
        rows.filter(pk=newest.pk).update(is_default=True)


def tell_revoked(agreement: CardAgreement) -> None:
    """Tell the floors above that a card can no longer be charged."""
    publish(
        "agreement.revoked",
        key=f"agreement.revoked:{agreement.agreement_no}",
        aggregate=agreement.owner_ref,
        payload={
            "agreement_no": agreement.agreement_no,
            "owner_ref": agreement.owner_ref,
            "reason": agreement.end_reason,
        },
    )
