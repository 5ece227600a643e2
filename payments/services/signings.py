"""A card was signed for: what the acquirer says of it is kept, compared and told, once."""

from __future__ import annotations

from typing import Any

from payments.acquiring.contract import AgreementResult, AgreementStatus
from payments.kernel.clock import now
from payments.models import CardAgreement, CardBin
from payments.outbox import publish
from payments.services.card_bins import BinFacts, find_bin
from payments.services.first_ties import note_tie
from payments.services.tying_limits import note_success

BinCheck = CardAgreement.BinCheck


def note_signing(agreement: CardAgreement, result: AgreementResult) -> bool:
    """Write a signing down when a statement proves one; True for the first statement that does.

    Statements come in any order: one that says "revoked" before any said "signed" proves the
    signing too. So whether a card was signed for is noted beside the state, exactly once.
    """
    if not _proves_signing(result):
        return False
    rows = CardAgreement.objects.filter(pk=agreement.pk, signed_at__isnull=True)
    columns = card_columns(result) | compared(result)
    if not rows.update(signed_at=result.signed_at or now(), **columns):
        return False
    agreement.refresh_from_db()
    note_success(agreement.owner_ref)
    _tell_signed(agreement)
    return True


def _proves_signing(result: AgreementResult) -> bool:
    """A card with a token was signed for, whatever became of it; a bare refusal proves nothing."""
    is_over = result.status in {
        AgreementStatus.REVOKED_BY_USER,
        AgreementStatus.REVOKED_BY_ISSUER,
        AgreementStatus.EXPIRED,
        AgreementStatus.SUSPENDED,
    }
    is_signed = result.status == AgreementStatus.ACTIVE or (
        is_over and result.signed_at is not None
    )
    return is_signed and bool(result.token)


def card_columns(result: AgreementResult) -> dict[str, Any]:
    """Return what is kept of a card: never its number, and only the first eight digits."""
    known = find_bin(result.bin)
    return {
        "token": result.token,
        "last4": result.last4[-4:],
        "bin": result.bin[:8],
        "issuer_code": (result.issuer_code or (known.issuer_code if known else ""))[:16],
        "issuer_name": (result.issuer_name or (known.issuer_name if known else ""))[:60],
        "kind": (result.kind or (known.kind if known else ""))[:16],
        "scheme": (result.scheme or _scheme_of(known))[:32],
        "fingerprint": result.fingerprint[:128],
        "holder_mask": result.holder_mask[:40],
        "phone_mask": result.phone_mask[:40],
        "expires_at": result.expires_at,
        "ended_at": None,
        "failure_code": "",
    }


def _scheme_of(known: BinFacts | None) -> str:
    """Digits prove UnionPay alone; which other marks a card bears they do not tell."""
    return known.mark if known and known.mark == CardBin.Mark.SINGLE else ""


def compared(result: AgreementResult) -> dict[str, Any]:
    """Compare the acquirer's words with our table; nothing is refused for it.

    The acquirer is believed: it has seen the card. Staff see where our table says otherwise.
    """
    if not result.bin:
        return {"bin_check": BinCheck.UNCHECKED}
    known = find_bin(result.bin)
    if known is None:
        return {"bin_check": BinCheck.UNKNOWN}
    return {
        "bin_check": BinCheck.AGREES if _agree(result, known) else BinCheck.DIFFERS,
        "table_issuer_code": known.issuer_code,
        "table_kind": known.kind,
        "table_mark": known.mark,
    }


def _agree(result: AgreementResult, known: BinFacts) -> bool:
    if known.is_doubtful:
        return True
    is_single = result.scheme == CardBin.Mark.SINGLE
    return (
        result.issuer_code in {"", known.issuer_code}
        and result.kind in {"", known.kind}
        and (not result.scheme or is_single == (known.mark == CardBin.Mark.SINGLE))
    )


def _tell_signed(agreement: CardAgreement) -> None:
    """Tell the floors above of a card that was tied, and what it was the first of."""
    firsts = note_tie(agreement)
    publish(
        "agreement.signed",
        key=f"agreement.signed:{agreement.agreement_no}",
        aggregate=agreement.owner_ref,
        payload={
            "agreement_no": agreement.agreement_no,
            "owner_ref": agreement.owner_ref,
            "issuer_code": agreement.issuer_code,
            "kind": agreement.kind,
            "scheme": agreement.scheme,
            "is_first": firsts.of_kind,
            "is_first_of_bank": firsts.of_bank,
        },
    )
