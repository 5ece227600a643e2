"""What acquirers say about tied cards: signed, suspended, ended."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from payments.acquiring.contract import AgreementResult, AgreementStatus
from payments.incidents import report_incident
from payments.kernel.clock import now
from payments.kernel.state import advance
from payments.models import CardAgreement, ChannelFact, Incident
from payments.outbox import publish
from payments.selectors import UnknownNumberError
from payments.services.evidence import Heard, keep
from payments.services.signings import card_columns, note_signing
from payments.services.tying_limits import note_failure

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
    signed = note_signing(agreement, result)
    moved = _move(agreement, result)
    extended = not moved and _extend(agreement, result)
    verdict = Verdict.APPLIED if signed or moved or extended else Verdict.REPEATED
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
    to = _target(agreement, result)
    if to is None or to not in CardAgreement.EDGES[agreement.status]:
        return False
    if to == Status.ACTIVE and not result.token:
        return False
    changes = _changes(agreement, to, result)
    return advance(agreement, CardAgreement.EDGES, to, came_from=[agreement.status], **changes)


def _target(agreement: CardAgreement, result: AgreementResult) -> str | None:
    """Return the state a statement leads to; what ended before it was signed has failed."""
    to = _TARGETS.get(result.status)
    if to == Status.ENDED and agreement.signed_at is None and agreement.status != Status.UNBINDING:
        return Status.FAILED
    return to


def _changes(agreement: CardAgreement, to: str, result: AgreementResult) -> dict[str, Any]:
    at = now()
    changes: dict[str, Any] = {"next_action_at": None, "tries": 0}
    if to == Status.ACTIVE:
        return changes | card_columns(result)
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


def _extend(agreement: CardAgreement, result: AgreementResult) -> bool:
    """Take a later end of an agreement in force; True when it was news."""
    if result.status != AgreementStatus.ACTIVE or agreement.status != Status.ACTIVE:
        return False
    rows = CardAgreement.objects.filter(pk=agreement.pk, status=Status.ACTIVE)
    later = result.expires_at
    if later is None or not rows.filter(expires_at__lt=later).update(expires_at=later):
        return False
    agreement.refresh_from_db()
    return True


def _after(agreement: CardAgreement, came_from: str) -> None:
    """Keep one default card per owner, and tell the floors above of a card that is gone."""
    if agreement.status == Status.ENDED and came_from != Status.UNBINDING:
        tell_revoked(agreement)
    if agreement.status == Status.FAILED:
        note_failure(agreement.owner_ref)
    ensure_default(agreement.owner_ref)


def ensure_default(owner_ref: str) -> None:
    """Make the owner's newest card the default where she has none."""
    rows = CardAgreement.objects.filter(owner_ref=owner_ref, status=Status.ACTIVE)
    if rows.filter(is_default=True).exists():
        return
    newest = rows.order_by("-signed_at", "-pk").first()
    if newest is None:
        return
    try:
        with transaction.atomic():
            rows.filter(pk=newest.pk).update(is_default=True)
    except IntegrityError:
        return  # another signing of hers at the same moment has made its card the default


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
